"""A real host of VS Code's extensions, driven in a real browser as a person drives it."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Playwright

from app.integrations import vscode_extension
from collectors.events import Event, FileDetail, Source
from tests.desktop.programs import PATIENCE_S
from tests.desktop.running import until
from tests.extensions.browsing import Program
from tools import editor_host

HERE = dict(os.environ)
"""Of the person who runs the tests; each test has a home of its own."""
PATIENCE_MS = 2_000 * PATIENCE_S  # a whole editor in a whole browser starts slowly on a busy machine


def host_command() -> list[str]:
    """What starts the host; if it is not installed, the test fails in CI and is skipped with its reason elsewhere."""
    command = editor_host.command(HERE)
    if command is None and HERE.get("CI") == "true":
        pytest.fail("not installed: code-server")
    if command is None:
        pytest.skip("not installed: code-server; python -m tools.editor_host installs it")
    return command


class Editor:
    """The workbench; `user` is the folder in which the editor keeps what is the user's."""

    def __init__(self, context: BrowserContext, port: int, folder: Path, user: Path) -> None:
        self.user = user
        self._context = context
        self._address = f"http://127.0.0.1:{port}/?folder={folder}"
        self.page = self._open()

    def _open(self) -> Page:
        page = self._context.new_page()
        page.goto(self._address)
        page.wait_for_selector(".monaco-workbench .part.statusbar")
        page.wait_for_selector(".statusbar-item[id*='kryptictrack']")  # its extensions run
        return page

    def run(self, command: str, *answers: str) -> None:
        """A command of the palette, with what is typed if it asks."""
        self.page.keyboard.press("F1")
        self._choose(f">{command}", command.partition(": ")[2])
        for answer in answers:
            self._box().fill(answer)
            self.page.keyboard.press("Enter")
        self.page.wait_for_selector(".quick-input-widget", state="hidden")

    def show(self, name: str) -> None:
        """A file, by its name."""
        self.page.keyboard.press("Control+p")
        self._choose(name, name)
        self.page.wait_for_selector(f".tab.active:has-text('{name}')")

    def write(self, text: str) -> None:
        """Type into the file in front."""
        self.page.locator(".editor-instance .view-lines").first.click()
        self.page.keyboard.type(text)
        self.page.wait_for_selector(".tab.active.dirty")  # or it would pass for saved before it is

    def save(self) -> None:
        """By hand."""
        self.page.keyboard.press("Control+s")
        self.page.wait_for_selector(".tab.active:not(.dirty)")

    def reported(self) -> str:
        """What the state's button says."""
        item = self.page.locator(".statusbar-item[id*='kryptictrack'] [aria-label]").first
        return item.get_attribute("aria-label") or ""

    def says(self, text: str) -> None:
        """Wait until a notice with this text is there."""
        self.page.get_by_text(text).first.wait_for()

    def _choose(self, typed: str, wanted: str) -> None:
        self._box().fill(typed)
        self.page.locator(f".quick-input-list .monaco-list-row:has-text('{wanted}')").first.click()

    def _box(self) -> Locator:
        box = self.page.locator(".quick-input-widget .quick-input-box input")
        box.wait_for(state="visible")
        return box


@contextmanager
def editor(playwright: Playwright, root: Path, project: Path, api_port: int) -> Iterator[Editor]:
    """The host over a project, with the extension, for the length of a block."""
    command = host_command()
    package = root / "kryptictrack.vsix"
    vscode_extension.pack(package)
    at = ("--extensions-dir", str(root / "extensions"), "--user-data-dir", str(root / "user"))
    environ = {
        **os.environ,
        "HOME": str(root),
        "XDG_CONFIG_HOME": str(root / "config"),
        "XDG_DATA_HOME": str(root / "data"),
    }
    line = [*command, "--install-extension", str(package), *at]
    subprocess.run(line, env=environ, check=True, capture_output=True, timeout=2 * PATIENCE_S)
    settings = root / "user" / "User" / "settings.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(
        f'{{"kryptictrack.port": {api_port}, "workbench.startupEditor": "none", "editor.autoClosingBrackets": "never",'
        ' "files.autoSave": "off", "telemetry.telemetryLevel": "off", "window.commandCenter": false,'
        ' "chat.disableAIFeatures": true, "chat.agentHost.enabled": false, "extensions.autoCheckUpdates": false}'
    )
    machine = root / "user" / "Machine" / "settings.json"
    machine.parent.mkdir(parents=True, exist_ok=True)
    machine.write_text(f'{{"kryptictrack.port": {api_port}}}')
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [*command, *_options(root, port), str(project)],
        env={
            **os.environ,
            "HOME": str(root),
            "XDG_CONFIG_HOME": str(root / "config"),
            "XDG_DATA_HOME": str(root / "data"),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        until(lambda: _listens(port), "code-server listens")
        with playwright.chromium.launch_persistent_context(
            root / "profile",
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            viewport={"width": 1_200, "height": 800},
            timeout=PATIENCE_MS,
        ) as context:
            context.set_default_timeout(PATIENCE_MS)
            yield Editor(context, port, project, root / "user" / "User")
    finally:
        os.killpg(process.pid, 15)
        process.wait(PATIENCE_S)


def _options(root: Path, port: int) -> Sequence[str]:
    return (
        *("--auth", "none", "--bind-addr", f"127.0.0.1:{port}"),
        *("--user-data-dir", str(root / "user"), "--extensions-dir", str(root / "extensions")),
        *("--config", str(root / "config.yaml"), "--disable-telemetry", "--disable-update-check"),
        "--disable-workspace-trust",
    )


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def edits_of(program: Program) -> list[Event]:
    """What the editor has reported, oldest first."""
    with program.core.store.reader() as reader:
        return [row.event for row in reader.timeline(0, 2**62) if row.event.source is Source.EDITOR]


def kinds_of(program: Program) -> list[tuple[str, str]]:
    """The same as (kind, file)."""
    return [(event.kind.value, (event.target or "").rpartition("/")[2]) for event in edits_of(program)]


def detail_of(event: Event) -> FileDetail:
    assert isinstance(event.detail, FileDetail)
    return event.detail
