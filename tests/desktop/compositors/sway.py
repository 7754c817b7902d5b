"""A real Wayland compositor of the wlroots family without a screen, and clients on it; each is ended by its own number."""

from __future__ import annotations

import json
import os
import select
import shutil
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.desktop.programs import PATIENCE_S, end, start

NEEDED = ("sway", "foot", "wtype", "setpriv")
_NOBODY = 65_534
_HEAD = struct.Struct("=6sII")
_RUN_COMMAND, _SUBSCRIBE, _GET_TREE = 0, 2, 4


class Ipc:
    """A connection to sway's own socket (sway-ipc(7))."""

    def __init__(self, path: str) -> None:
        self._link = socket.socket(socket.AF_UNIX)
        self._link.settimeout(PATIENCE_S)
        self._link.connect(path)

    def close(self) -> None:
        self._link.close()

    def ask(self, kind: int, payload: str = "") -> Any:
        body = payload.encode()
        self._link.sendall(_HEAD.pack(b"i3-ipc", len(body), kind) + body)
        return self.read()

    def read(self) -> Any:
        """The next answer, or event if some are subscribed to."""
        _, length, _ = _HEAD.unpack(self._exactly(_HEAD.size))
        return json.loads(self._exactly(length))

    def _exactly(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            chunk = self._link.recv(length - len(data))
            if not chunk:
                raise RuntimeError("sway closed its socket")
            data += chunk
        return data


@dataclass
class Terminal:
    """A foot whose title a test decides."""

    process: subprocess.Popen[bytes]
    _titles: int

    def rename(self, *titles: str) -> None:
        """Give it these titles, one after the other."""
        data = "".join(f"\x1b]2;{title}\x07" for title in titles).encode()
        while data:
            data = data[os.write(self._titles, data) :]

    def close(self) -> None:
        end(self.process)
        os.close(self._titles)


@dataclass
class Sway:
    """A sway on a socket of its own, which it chose among the free ones."""

    process: subprocess.Popen[bytes]
    folder: Path
    display: str
    ipc: Ipc
    clients: list[Terminal] = field(default_factory=list)

    @property
    def environ(self) -> dict[str, str]:
        """The environment of its clients: no X server, no bus."""
        return {**_bare(), "XDG_RUNTIME_DIR": str(self.folder), "WAYLAND_DISPLAY": self.display}

    def command(self, line: str) -> None:
        """Run a command of sway(5)."""
        answers = self.ipc.ask(_RUN_COMMAND, line)
        assert all(answer["success"] for answer in answers), answers

    def terminal(self, title: str, app: str = "foot") -> Terminal:
        """A terminal, once sway shows it, which gives it the focus."""
        titles = self.folder / f"titles-{len(self.clients)}-{time.monotonic_ns()}"
        os.mkfifo(titles)
        writing = os.open(titles, os.O_RDWR)  # for reading too, so that opening it waits for nobody
        watch = Ipc(str(self.folder / "ipc"))
        try:
            watch.ask(_SUBSCRIBE, '["window"]')
            command = ["foot", f"--title={title}", f"--app-id={app}", "--config=/dev/null", "cat", str(titles)]
            terminal = Terminal(start(command, self.environ), writing)
            self.clients.append(terminal)
            while not any(window["name"] == title for window in self.windows()):
                watch.read()
        finally:
            watch.close()
        return terminal

    def windows(self) -> list[dict[str, Any]]:
        """What sway itself knows of its windows."""
        return [node for node in _nodes(self.ipc.ask(_GET_TREE)) if node.get("pid")]

    def focus(self, title: str) -> None:
        """Give the window with a title the focus."""
        self.command(f'[title="^{title}$"] focus')

    def type(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start wtype(1)."""
        return start(["wtype", *arguments], self.environ)

    def press(self) -> None:
        """Press a key that writes nothing."""
        done = self.type("-k", "Shift_L")
        assert done.wait(PATIENCE_S) == 0

    def kill(self) -> None:
        """Let it die as in a crash."""
        self.process.kill()
        self.process.wait(PATIENCE_S)

    def close(self) -> None:
        """End the clients, newest first, then sway."""
        for client in reversed(self.clients):
            client.close()
        self.ipc.close()
        self.kill()  # asked to end while it starts, sway may wait without end
        shutil.rmtree(self.folder, ignore_errors=True)


def start_sway(folder: Path | None = None, options: Sequence[str] = ()) -> Sway:
    """Start a sway and wait until it answers.

    Args:
        folder: of one that died, to take its place; by default a new one.
        options: more lines of its configuration.
    """
    folder = folder or Path(tempfile.mkdtemp(prefix="sway-"))  # short: a socket's path must be
    folder.chmod(0o700)
    ready, config, ipc = folder / "ready", folder / "config", folder / "ipc"
    ready.unlink(missing_ok=True)
    ipc.unlink(missing_ok=True)
    os.mkfifo(ready)
    config.write_text("\n".join(["xwayland disable", *options, f"exec echo $WAYLAND_DISPLAY > {ready}"]) + "\n")
    as_nobody: list[str] = []
    if os.geteuid() == 0:  # sway refuses to run as root
        for path in (folder, ready, config):
            os.chown(path, _NOBODY, _NOBODY)
        as_nobody = ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
    environ = {
        **_bare(),
        "XDG_RUNTIME_DIR": str(folder),
        "SWAYSOCK": str(ipc),
        "WLR_BACKENDS": "headless",
        "WLR_RENDERER": "pixman",
        "WLR_LIBINPUT_NO_DEVICES": "1",
    }
    with os.fdopen(os.open(ready, os.O_RDONLY | os.O_NONBLOCK)) as answer:
        process = start([*as_nobody, "sway", "-c", str(config)], environ)
        display = answer.readline().strip() if select.select([answer], [], [], PATIENCE_S)[0] else ""
    if not display:
        end(process)
        raise RuntimeError("sway did not start")
    return Sway(process, folder, display, Ipc(str(ipc)))


@contextmanager
def sway() -> Iterator[Sway]:
    """A sway for the length of a block."""
    compositor = start_sway()
    try:
        yield compositor
    finally:
        compositor.close()


def _bare() -> dict[str, str]:
    strange = ("DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "SWAYSOCK")
    return {name: value for name, value in os.environ.items() if name not in strange}


def _nodes(node: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield dict(node)
    for child in (*node.get("nodes", ()), *node.get("floating_nodes", ())):
        yield from _nodes(child)
