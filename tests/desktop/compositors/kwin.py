"""KWin on a virtual screen, with a session bus and clients of its own; each is ended by its own number."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from jeepney import DBusAddress, Message, message_bus, new_method_call

from collectors.desktop.wayland import connection as wayland_connection
from tests.desktop import programs
from tests.desktop.clients import Compositor
from tests.desktop.programs import PATIENCE_S, end, on_bus, start
from tests.desktop.running import until

KWIN = "org.kde.KWin"
_SCRIPTING = DBusAddress("/Scripting", KWIN, "org.kde.kwin.Scripting")


class KWin(Compositor):
    """KWin and its clients on a bus.

    Args:
        folder: for its files and sockets; nobody else's.
        bus: the session bus's address.
    """

    def __init__(self, folder: Path, bus: str) -> None:
        self._folder = folder
        self._clients = []
        home, runtime = folder / "kwin-home", folder / "kwin-run"
        home.mkdir()
        runtime.mkdir(mode=0o700)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("QT_", "XDG_", "DBUS_"))}
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY"):
            kept.pop(name, None)
        self.environ = {
            **kept,
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(runtime),
            "XDG_SESSION_TYPE": "wayland",
            "DBUS_SESSION_BUS_ADDRESS": bus,
            "WAYLAND_DISPLAY": f"wayland-{secrets.token_hex(4)}",
        }
        # The installed one carries a capability that containers refuse; a copy has none.
        self._binary = shutil.copy(shutil.which("kwin_wayland") or "", folder / "kwin_wayland")
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        """Start it, again if it was killed, and wait until it is on the bus."""
        environ = {name: value for name, value in self.environ.items() if name != "WAYLAND_DISPLAY"}
        environ["KWIN_WAYLAND_NO_PERMISSION_CHECKS"] = "1"  # or nobody could move the pointer
        command = [self._binary, "--virtual", "--no-lockscreen", "--width", "1280", "--height", "720"]
        self.process = start([*command, "--socket", self.environ["WAYLAND_DISPLAY"]], environ)
        until(self._answers, "KWin on the bus")
        return self.process

    def move_pointer(self) -> None:
        """Move the pointer a little, as a user does (protocol org_kde_kwin_fake_input)."""
        with wayland_connection.connected(self.environ) as connection:
            connection.roundtrip()
            pointer = connection.bind("org_kde_kwin_fake_input", 1, lambda _opcode, _arguments: None)
            connection.request(pointer, 0, "tests", "to move the pointer")  # authenticate
            connection.request(pointer, 1, 5 << 8, 5 << 8)  # pointer_motion, in 256ths
            connection.roundtrip()

    def loaded(self, plugin: str) -> bool | None:
        """Whether a script is in KWin; None if it cannot be asked yet."""
        answer = self._ask(new_method_call(_SCRIPTING, "isScriptLoaded", "s", (plugin,)))
        return bool(answer[0]) if isinstance(answer[0], bool) else None

    def run(self, script: str, file: Path) -> None:
        """Have KWin run a script."""
        file.write_text(script)
        (number,) = self._ask(new_method_call(_SCRIPTING, "loadScript", "ss", (str(file), file.stem)))
        for path in (f"/Scripting/Script{number}", f"/{number}"):  # as Plasma 6 has it, and Plasma 5
            self._ask(new_method_call(DBusAddress(path, KWIN, "org.kde.kwin.Script"), "run"))

    def close(self) -> None:
        for client in reversed(self._clients):
            client.close()
        end(self.process)

    def _answers(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError("KWin did not start")
        # It has its name on the bus a moment before it takes scripts.
        return self._ask(message_bus.NameHasOwner(KWIN)) == (True,) and self.loaded("nothing") is False

    def _ask(self, message: Message) -> Any:
        with closing(on_bus(self.environ["DBUS_SESSION_BUS_ADDRESS"])) as bus:
            return bus.send_and_get_reply(message, timeout=PATIENCE_S).body


@contextmanager
def kwin(folder: Path) -> Iterator[KWin]:
    """KWin on a bus of its own for the length of a block."""
    with programs.session_bus() as bus:
        whole = KWin(folder, bus)
        try:
            yield whole
        finally:
            whole.close()
