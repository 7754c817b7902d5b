"""A real Firefox with the packed extension, driven through Marionette, Firefox's own protocol for tests.

A message is its length in bytes, a colon, and JSON: [0, number, name, arguments] there, [1, number, error, result] back.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.desktop import programs
from tests.desktop.programs import PATIENCE_S
from tests.desktop.running import until
from tools.browser_extension import pack

_PREFERENCES = {
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.healthreport.uploadEnabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "marionette.port": 0,
    "network.dns.forceResolve": "127.0.0.1",
    "toolkit.telemetry.enabled": False,
}


class Firefox:
    """One Firefox, asked over an open connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._answers = connection.makefile("rb")
        self._number = 0
        self._read()  # its greeting
        self.ask("WebDriver:NewSession", capabilities={})

    def ask(self, name: str, **arguments: Any) -> Any:
        """Give one command; its result."""
        self._number += 1
        message = json.dumps([0, self._number, name, arguments]).encode()
        self._connection.sendall(b"%d:%s" % (len(message), message))
        _, number, error, result = self._read()
        assert number == self._number
        assert error is None, error
        return result

    def run(self, script: str, *arguments: object) -> Any:
        """Run a script in the tab in front; what it returns."""
        return self.ask("WebDriver:ExecuteScript", script=script, args=list(arguments))["value"]

    def go(self, url: str) -> None:
        self.ask("WebDriver:Navigate", url=url)

    def click(self, selector: str) -> None:
        """Click as a person does."""
        found = self.ask("WebDriver:FindElement", using="css selector", value=selector)["value"]
        [element] = found.values()
        self.ask("WebDriver:ElementClick", id=element)

    def switch(self, page: str) -> None:
        """Go over to the tab whose address holds a text, once there is one."""
        until(lambda: self._switched(page), f"there is a tab with {page}")

    def pair(self, code: str, port: int) -> str:
        """Type a code into the pairing page; what the page says then."""
        self.switch("pair.html")
        until(lambda: self.run("return document.readyState") == "complete", "the page and its script are there")
        self.run(
            "document.querySelector('#code').value = arguments[0]; document.querySelector('#port').value = arguments[1];",
            code,
            str(port),
        )
        self.click("#pair")
        reported = "return document.querySelector('#told').innerText"
        until(lambda: self.run(reported) not in ("", "Pairing…"), "the pairing page tells an outcome")
        return str(self.run(reported))

    def _switched(self, page: str) -> bool:
        for handle in self.ask("WebDriver:GetWindowHandles"):
            self.ask("WebDriver:SwitchToWindow", handle=handle, focus=True)
            if page in self.ask("WebDriver:GetCurrentURL")["value"]:
                return True
        return False

    def _read(self) -> Any:
        length = b""
        while (character := self._answers.read(1)) != b":":
            assert character, "Firefox has hung up"
            length += character
        return json.loads(self._answers.read(int(length)))


@contextmanager
def firefox(folder: Path) -> Iterator[Firefox]:
    """Firefox with a fresh profile and the extension, for the length of a block."""
    profile = folder / "profile"
    profile.mkdir()
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in _PREFERENCES.items()]
    (profile / "user.js").write_text("".join(lines))
    package = folder / "extension.xpi"
    pack("firefox", package)
    command = ["firefox-esr", "--headless", "--marionette", "--no-remote", "--profile", str(profile)]
    process = programs.start(command, {**os.environ, "HOME": str(folder)})
    try:
        port = profile / "MarionetteActivePort"
        until(lambda: port.exists() and bool(port.read_text().strip()), "Firefox listens")
        with socket.create_connection(("127.0.0.1", int(port.read_text())), timeout=2 * PATIENCE_S) as connection:
            made = Firefox(connection)
            made.ask("Addon:Install", path=str(package), temporary=True)
            yield made
            with suppress(AssertionError, OSError):
                made.ask("Marionette:Quit", flags=["eForceQuit"])
    finally:
        programs.end(process)
