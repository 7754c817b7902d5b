"""A real desktop that shares its screen: sway, PipeWire, and the ScreenCast portal; each is ended by its own number."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from jeepney import DBusAddress

from collectors.desktop.bus import dbus, portal
from collectors.desktop.bus.dbus import Bus, CallError
from tests.desktop import dmabuf, programs
from tests.desktop.compositors import sway as compositor
from tests.desktop.compositors.sway import Sway
from tests.desktop.programs import end, listens, start
from tests.desktop.running import until

_PORTAL = "/usr/libexec/xdg-desktop-portal"
_BACKEND = "/usr/libexec/xdg-desktop-portal-wlr"
_PERMISSIONS = "/usr/libexec/xdg-permission-store"
NEEDED = (
    *compositor.NEEDED,
    *("dbus-daemon", "pipewire", "wireplumber", "pw-dump", "gst-launch-1.0", "od"),
    *(_PORTAL, _BACKEND, _PERMISSIONS),
)
_STORE = "org.freedesktop.impl.portal.PermissionStore"
_TOKENS = DBusAddress("/org/freedesktop/impl/portal/PermissionStore", _STORE, _STORE)
_WLR = "org.freedesktop.impl.portal.desktop.wlr"
_SCREENCAST = "org.freedesktop.portal.ScreenCast"
_SCREEN = "HEADLESS-1"
_WIRE = "wayland-wire"
_FILM = "while :; do od -An -tx1 -w48 -N4800 /dev/urandom; sleep 0.05; done"


@dataclass
class ScreenCast:
    """The desktop, and how its user answers.

    Attributes:
        sway: the compositor.
        bus: the session bus's address.
        home: of the user.
        portal: the part that all desktops share.
        backend: the part that copies the screen.
    """

    sway: Sway
    bus: str
    home: Path
    portal: subprocess.Popen[bytes] | None = None
    backend: subprocess.Popen[bytes] | None = None

    @property
    def environ(self) -> dict[str, str]:
        """The environment of its clients."""
        return {
            **self.sway.environ,
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / ".config"),
            "DBUS_SESSION_BUS_ADDRESS": self.bus,
            "XDG_CURRENT_DESKTOP": "sway",
            "XDG_SESSION_TYPE": "wayland",
            "GSETTINGS_BACKEND": "memory",
        }

    def answer(self, *, shares: bool) -> None:
        """From here on the user shares the screen when asked, or does not."""
        (self.home / "answer").write_text(f"{_SCREEN}\n" if shares else "")

    @property
    def asked(self) -> int:
        """How often the user was asked."""
        return (self.home / "asked").read_text().count("asked")

    def permissions(self) -> list[str]:
        """The tokens by which the desktop knows who may share the screen without asking."""
        with dbus.session(self.environ) as bus:
            (tokens,) = bus.call(_TOKENS, "List", "s", ("screencast",))
        return list(tokens)

    @contextmanager
    def film(self) -> Iterator[None]:
        """Something that changes all over the screen, for the length of a block."""
        player = start(["foot", "--config=/dev/null", "sh", "-c", _FILM], self.sway.environ)
        try:
            yield
        finally:
            end(player)

    def start_portal(self) -> None:
        """Start the portal, and wait until it answers."""
        self.portal = start([_PORTAL], self.environ)
        self.has_come("org.freedesktop.portal.Desktop")

    def renew_backend(self) -> None:
        """Have a new process copy the screen.

        One whose last sharing ended while nothing changed on the screen may die of the next one.
        """
        if self.backend is not None:
            end(self.backend)
            self.has_gone(_WLR)
        self.backend = start([_BACKEND], {**self.environ, "WAYLAND_DISPLAY": _WIRE})
        self.has_come(_WLR)
        if self.portal is not None:
            with dbus.session(self.environ) as bus:
                until(lambda: _can_share(bus), "a screen to share")

    def kill_portal(self) -> None:
        """Let it die as in a crash."""
        assert self.portal is not None
        self.portal.kill()
        self.portal.wait(programs.PATIENCE_S)
        self.has_gone(portal.NAME)

    def has_come(self, name: str) -> None:
        """Wait until somebody has a name on the bus."""
        with dbus.session(self.environ) as bus:
            until(lambda: bus.owner(name) is not None, name)

    def has_gone(self, name: str) -> None:
        """Wait until nobody has a name on the bus any more, which notices a death by itself."""
        with dbus.session(self.environ) as bus:
            until(lambda: bus.owner(name) is None, f"nobody is {name}")

    def close(self) -> None:
        """End what was started here."""
        for process in (self.portal, self.backend):
            if process is not None:
                end(process)


@contextmanager
def screencast() -> Iterator[ScreenCast]:
    """The desktop for the length of a block."""
    with ExitStack() as stack:
        bus = stack.enter_context(programs.session_bus())
        sway = stack.enter_context(compositor.sway())
        made = ScreenCast(sway, bus, sway.folder / "home")
        _furnish(made.home)
        made.answer(shares=True)
        for program in ("pipewire", "wireplumber"):
            stack.callback(end, start([program], made.environ))
            until(lambda: listens(sway.folder / "pipewire-0"), "PipeWire at its socket")
        stack.callback(end, start([_PERMISSIONS], made.environ))
        made.has_come(_STORE)
        stack.enter_context(dmabuf.offering(sway.folder / sway.display, sway.folder / _WIRE))
        stack.callback(made.close)
        made.renew_backend()
        made.start_portal()
        yield made


def _can_share(bus: Bus) -> bool:
    try:
        return portal.number(bus, _SCREENCAST, "AvailableSourceTypes") > 0
    except CallError:  # it asks the backend first, which may be long in coming
        return False


def _furnish(home: Path) -> None:
    """A home in which the user is asked by a script that writes it down."""
    config = home / ".config"
    wlr, portal = config / "xdg-desktop-portal-wlr", config / "xdg-desktop-portal"
    for folder in (wlr, portal):
        folder.mkdir(parents=True)
    asking = f"sh -c 'echo asked >> {home}/asked; cat {home}/answer'"
    (home / "asked").touch()
    (wlr / "config").write_text(f"[screencast]\nchooser_type=simple\nchooser_cmd={asking}\n")
    (portal / "portals.conf").write_text("[preferred]\ndefault=wlr\n")
