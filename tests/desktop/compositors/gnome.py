"""GNOME Shell on a virtual screen, with buses, a logind and clients of its own; each is ended by its own number.

It refuses to run as root, so that root's tests give it to nobody; the buses and the screen take both.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from jeepney import DBusAddress

from app.integrations import gnome_extension
from collectors.desktop.bus import dbus
from collectors.desktop.bus.dbus import CallError
from tests.desktop import programs
from tests.desktop.clients import Compositor
from tests.desktop.programs import PATIENCE_S, end, start
from tests.desktop.running import until

NOBODY = 65534
SHELL = "org.gnome.Shell"
_REMOTE = "org.gnome.Mutter.RemoteDesktop"
_LEFT_SHIFT = 42  # of linux/input-event-codes.h
_OBJECT = DBusAddress("/org/gnome/Shell", SHELL, SHELL)
_LOGIND = ("/usr/bin/python3", "-m", "dbusmock", "--system", "--template", "logind")
_FOR_ALL = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
  </policy>
  <limit name="max_replies_per_connection">50000</limit>
</busconfig>
"""


def _as_nobody(command: Sequence[str]) -> list[str]:
    if os.geteuid() != 0:
        return list(command)
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]


@contextmanager
def _bus(folder: Path, name: str) -> Iterator[str]:
    """A bus that every user may use for the length of a block: its address."""
    config, path = folder / f"{name}.conf", folder / name
    config.write_text(_FOR_ALL.format(path=path))
    with programs.session_bus("dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile") as address:
        yield address


class Keyboard:
    """A keyboard of the shell's own, which it gives to whoever asks for a remote session.

    Args:
        environ: where the session's bus is looked up.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._stack = ExitStack()
        self._bus = self._stack.enter_context(dbus.session(environ))
        (path,) = self._bus.call(DBusAddress("/org/gnome/Mutter/RemoteDesktop", _REMOTE, _REMOTE), "CreateSession")
        self._session = DBusAddress(path, _REMOTE, f"{_REMOTE}.Session")
        self._bus.call(self._session, "Start")

    def press(self) -> None:
        """Press and release Shift, which no program minds."""
        for down in (True, False):
            self._bus.call(self._session, "NotifyKeyboardKeycode", "ub", (_LEFT_SHIFT, down))

    def close(self) -> None:
        self._stack.close()


class Gnome(Compositor):
    """GNOME Shell, its buses and its clients.

    Args:
        folder: for its files and sockets; nobody may enter it.
        session: the address of the session's bus.
        system: the address of the system's bus.
    """

    def __init__(self, folder: Path, session: str, system: str) -> None:
        self.home = folder / "home"
        runtime = folder / "run"
        for made in (self.home, runtime):
            made.mkdir(mode=0o700)
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        self.environ = {
            **kept,
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(runtime),
            "XDG_SESSION_TYPE": "wayland",
            "GSETTINGS_BACKEND": "keyfile",
            "DBUS_SESSION_BUS_ADDRESS": session,
            "DBUS_SYSTEM_BUS_ADDRESS": system,
            "WAYLAND_DISPLAY": f"wayland-{secrets.token_hex(4)}",
        }
        self._clients = []
        self._processes = [start(_as_nobody(_LOGIND), self.environ)]

    def install(self) -> None:
        """Put the extension in a folder in which the shell finds it, and switch it on."""
        reported = subprocess.run(["gnome-shell", "--version"], capture_output=True, check=True, timeout=PATIENCE_S)
        gnome_extension.install(self.home / ".local" / "share", reported.stdout.decode().split()[-1])
        gnome_extension.switch(self.environ, on=True)

    def own(self) -> None:
        """Give everything to the user that the shell runs as."""
        if os.geteuid() == 0:
            for path in (self.home, *self.home.rglob("*"), self.home.parent / "run"):
                os.chown(path, NOBODY, NOBODY)

    def start(self) -> subprocess.Popen[bytes]:
        """Start it, again if it was killed, and wait until windows can have the focus."""
        self.own()
        environ = {name: value for name, value in self.environ.items() if name != "WAYLAND_DISPLAY"}
        command = ["gnome-shell", "--headless", "--wayland", "--virtual-monitor", "1280x720", "--no-x11"]
        self.process = start(_as_nobody([*command, "--wayland-display", self.environ["WAYLAND_DISPLAY"]]), environ)
        self._processes.append(self.process)
        until(lambda: self._overview() is True, "the overview, with which GNOME Shell's start ends")
        until(lambda: self._overview(leave=True) is False, "the windows, without the overview")
        return self.process

    def close(self) -> None:
        for client in reversed(self._clients):
            client.close()
        for process in reversed(self._processes):
            end(process)

    def _overview(self, *, leave: bool = False) -> bool | None:
        """Whether the overview is shown, which keeps the focus to itself; None if the shell does not answer yet."""
        if self.process.poll() is not None:
            raise RuntimeError("GNOME Shell did not start")
        properties = _OBJECT.with_interface("org.freedesktop.DBus.Properties")
        try:
            with dbus.session(self.environ) as bus:
                if leave:
                    bus.call(properties, "Set", "ssv", (SHELL, "OverviewActive", ("b", False)))
                ((_, shown),) = bus.call(properties, "Get", "ss", (SHELL, "OverviewActive"))
                return bool(shown)
        except CallError:
            return None


def missing() -> list[str]:
    """What of it is not installed."""
    lacks = [name for name in ("gnome-shell", "gsettings", "setpriv", "dbus-daemon") if shutil.which(name) is None]
    mock = subprocess.run([_LOGIND[0], "-c", "import dbusmock"], capture_output=True, check=False, timeout=PATIENCE_S)
    return lacks if mock.returncode == 0 else [*lacks, "python3-dbusmock"]


def needs_gnome() -> None:
    """End the test here if a part is not installed: a failure in CI, a skip with its reason elsewhere."""
    lacks = missing()
    if lacks and os.environ.get("CI") == "true":
        pytest.fail(f"not installed: {', '.join(lacks)}")
    if lacks:
        pytest.skip(f"not installed: {', '.join(lacks)}")


@contextmanager
def gnome() -> Iterator[Gnome]:
    """GNOME Shell's surroundings for the length of a block; `start` starts it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gnome-")))
        folder.chmod(0o755)
        session, system = (stack.enter_context(_bus(folder, name)) for name in ("session", "system"))
        whole = Gnome(folder, session, system)
        stack.callback(whole.close)
        yield whole
