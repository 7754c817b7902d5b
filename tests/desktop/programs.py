"""Real X servers, window managers and clients for tests and benchmarks; each is ended by its own number."""

from __future__ import annotations

import os
import secrets
import select
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jeepney.io.blocking import DBusConnection, open_dbus_connection
from Xlib import X, error
from Xlib.display import Display

BUS = ("dbus-daemon", f"--config-file={Path(__file__).with_name('bus.conf')}", "--nofork", "--nopidfile")
PATIENCE_S = 180  # how long a part may take before the test fails; nothing is ever waited for by time alone


def start(command: Sequence[str], environ: Mapping[str, str], pass_fds: Sequence[int] = ()) -> subprocess.Popen[bytes]:
    """Start a program without a terminal; what it prints is of no interest."""
    return subprocess.Popen(
        command,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=tuple(pass_fds),
    )


def end(process: subprocess.Popen[bytes]) -> None:
    """End a program that was started here, and wait until it is gone."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait(PATIENCE_S)


def listens(path: Path) -> bool:
    """Whether somebody takes connections at a socket; its file is there a moment before."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def missing(*names: str) -> list[str]:
    """Which of these programs are not installed."""
    return [name for name in names if shutil.which(name) is None]


@dataclass
class XServer:
    """An Xvfb on a display of its own, which it chose among the free ones."""

    process: subprocess.Popen[bytes]
    display: str

    @property
    def environ(self) -> dict[str, str]:
        """The environment of its clients: no bus, no Wayland, no display but this one."""
        kept = {name: value for name, value in os.environ.items() if name not in ("WAYLAND_DISPLAY", "XAUTHORITY")}
        return {**kept, "DISPLAY": self.display}

    def kill(self) -> None:
        """Let it die as in a crash."""
        self.process.kill()
        self.process.wait(PATIENCE_S)


def start_xserver(display: str | None = None, options: Sequence[str] = ()) -> XServer:
    """Start an Xvfb and wait until it answers.

    Args:
        display: ":7", say, to take the place of one that died; by default one that nobody else comes upon meanwhile.
        options: more of Xvfb's own.
    """
    reading, writing = os.pipe()
    with os.fdopen(reading) as answer:
        display = display or f":{100 + secrets.randbelow(50_000)}"
        command = ["Xvfb", display, "-displayfd", str(writing), "-screen", "0", "1280x800x24"]
        # No key repeats itself (-r): one that a slow machine is late to release was pressed once.
        process = start([*command, "-nolisten", "tcp", "-noreset", "-r", *options], os.environ, [writing])
        os.close(writing)
        number = answer.readline().strip() if select.select([answer], [], [], PATIENCE_S)[0] else ""
    if not number:
        end(process)
        raise RuntimeError("Xvfb did not start")
    return XServer(process, f":{number}")


@contextmanager
def xserver(display: str | None = None) -> Iterator[XServer]:
    """An Xvfb for the length of a block."""
    server = start_xserver(display)
    try:
        yield server
    finally:
        end(server.process)


@dataclass
class Desktop:
    """An X server with programs on it."""

    server: XServer
    clients: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def environ(self) -> dict[str, str]:
        return self.server.environ

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a client."""
        process = start(command, self.environ)
        self.clients.append(process)
        return process

    def manage(self) -> subprocess.Popen[bytes]:
        """Start openbox and wait until it manages windows: it then runs a command that leaves a mark on the root window."""
        with self._root() as (display, root):
            mark = display.get_atom("MANAGED")
            root.delete_property(mark)
            process = self.start("openbox", "--sm-disable", "--startup", "xprop -root -f MANAGED 8s -set MANAGED yes")
            while root.get_full_property(mark, X.AnyPropertyType) is None:
                _wait_for_notice(display)
        return process

    def xdotool(self, *arguments: str) -> str:
        """Run xdotool to its end."""
        return self._finish("xdotool", *arguments)

    def xprop(self, *arguments: str) -> str:
        """Run xprop to its end."""
        return self._finish("xprop", *arguments)

    def window(self, title: str) -> str:
        """The number of the window with a title, once it is shown."""
        with self._root() as (display, root):
            while True:
                found = next((window for window in _windows(root) if _is_shown_as(window, title)), None)
                if found is not None:
                    return str(found.id)
                _wait_for_notice(display)

    def terminal(self, title: str) -> str:
        """An xterm that keeps its title and runs nothing; the number of its window."""
        self.start("xterm", "-T", title, "-xrm", "*allowTitleOps: false", "-e", "cat")
        return self.window(title)

    def clock(self, title: str) -> str:
        """An xclock, made to take the focus, which it does not by itself; the number of its window."""
        self.start("xclock", "-title", title, "-xrm", "XClock.input: true")
        return self.window(title)

    def activate(self, window: str) -> None:
        """Give a window the focus, as a click in a task list does, and wait until it has it."""
        self.xdotool("windowactivate", "--sync", window)

    def is_on_its_own(self, window: str) -> bool:
        """Whether a window is shown, and in the frame of no manager."""
        with self._root() as (display, root):
            found = display.create_resource_object("window", int(window))
            is_shown: bool = found.get_attributes().map_state == X.IsViewable
            return is_shown and found.query_tree().parent == root

    def close(self) -> None:
        """End all clients, newest first."""
        for client in reversed(self.clients):
            end(client)

    @contextmanager
    def _root(self) -> Iterator[tuple[Any, Any]]:
        display = Display(self.server.display)
        try:
            root = display.screen().root
            root.change_attributes(event_mask=X.PropertyChangeMask | X.SubstructureNotifyMask)
            yield display, root
        finally:
            display.close()

    def _finish(self, *command: str) -> str:
        done = subprocess.run(command, env=self.environ, capture_output=True, check=True, timeout=PATIENCE_S)
        return done.stdout.decode()


def _wait_for_notice(display: Any) -> None:
    if not display.pending_events() and not select.select([display], [], [], PATIENCE_S)[0]:
        raise RuntimeError("nothing changed on the display any more")
    while display.pending_events():
        display.next_event()


def _windows(window: Any) -> Iterator[Any]:
    yield window
    for child in window.query_tree().children:
        with suppress(error.BadWindow):
            yield from _windows(child)


def _is_shown_as(window: Any, title: str) -> bool:
    try:
        return window.get_wm_name() == title and window.get_attributes().map_state == X.IsViewable
    except error.BadWindow:
        return False


@contextmanager
def desktop(*, managed: bool = True) -> Iterator[Desktop]:
    """An X server, with openbox by default, for the length of a block."""
    with xserver() as server:
        whole = Desktop(server)
        try:
            if managed:
                whole.manage()
            yield whole
        finally:
            whole.close()


def on_bus(address: str = "SESSION") -> DBusConnection:
    """A connection to a bus, also if the machine is slow to let it in: a second, as usual, is not always enough."""
    return open_dbus_connection(address, enable_fds=True, auth_timeout=PATIENCE_S)


@contextmanager
def session_bus(*how: str) -> Iterator[str]:
    """A D-Bus bus of its own for the length of a block: its address.

    Args:
        how: the command that starts it; a session's, which starts nobody, if nothing is given.
    """
    reading, writing = os.pipe()
    with os.fdopen(reading) as answer:
        process = start([*(how or BUS), f"--print-address={writing}"], os.environ, [writing])
        os.close(writing)
        address = answer.readline().strip() if select.select([answer], [], [], PATIENCE_S)[0] else ""
    try:
        if not address:
            raise RuntimeError("dbus-daemon did not start")
        yield address
    finally:
        end(process)
