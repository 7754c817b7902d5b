"""A key of the whole desktop, as the GlobalShortcuts portal gives it: the desktop asks the user which one.

Source: https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.GlobalShortcuts.html, version 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from collectors.collector import CollectorError, Stop, Unavailable
from collectors.desktop.bus import dbus, portal
from collectors.desktop.bus.dbus import Bus, CallError
from collectors.desktop.bus.portal import NotGrantedError, Portal
from collectors.desktop.bus.refusals import Refusals

_INTERFACE: Final = "org.freedesktop.portal.GlobalShortcuts"
_KEY: Final = "pause"
_NO_PORTAL: Final = Unavailable(
    "This desktop gives programs no keys (the GlobalShortcuts portal is not there).",
    "Plasma 5.27, GNOME 48 and Hyprland do. In other desktops, let a key run `kryptic pause` or `kryptic resume`.",
)
_NOT_WANTED: Final = Unavailable(
    "The desktop gave no key for pausing.", "Switch it off and on again in the settings, and choose one then."
)
GONE: Final = Unavailable("The desktop's portal went away, and with it the key for pausing.", "It is tried again.")
"""The only trouble that may pass by itself."""


def check(environ: Mapping[str, str]) -> Unavailable | None:
    """Whether the desktop gives keys.

    Args:
        environ: names the session's bus.
    """
    try:
        with dbus.session(environ) as bus:
            _ask_version(bus)
    except CollectorError as error:
        return error.unavailable
    return None


def listen(pressed: Callable[[], None], stop: Stop, environ: Mapping[str, str], description: str) -> None:
    """Have a key bound, and tell of every press of it until `stop` is set.

    Args:
        pressed: called on this thread.
        stop: ends it.
        environ: names the session's bus.
        description: what the key does, for the user, whom the desktop asks.

    Raises:
        CollectorError: if there is no portal, the user chooses no key, or the portal goes away.
    """
    with dbus.session(environ) as bus:
        portal.introduce(bus)
        _ask_version(bus)
        desktop = Portal(bus, _INTERFACE, GONE)
        try:
            session = _bind(desktop, description, stop)
        except (CallError, NotGrantedError) as error:
            raise CollectorError(_NOT_WANTED) from error
        if session is not None:
            _follow(bus, desktop, session, pressed, stop)


def _ask_version(bus: Bus) -> None:
    try:
        portal.number(bus, _INTERFACE, "version")
    except CallError as error:
        raise CollectorError(_NO_PORTAL) from error


def _bind(desktop: Portal, description: str, stop: Stop) -> str | None:
    """Have the key bound: the session it belongs to; None once `stop` is set."""
    session = desktop.session(stop)
    if session is None:
        return None
    keys = [(_KEY, {"description": ("s", description), "preferred_trigger": ("s", "LOGO+SHIFT+p")})]
    bound = desktop.request("BindShortcuts", "oa(sa{sv})sa{sv}", {}, session, keys, "", stop=stop)
    return None if bound is None else session


def _follow(bus: Bus, desktop: Portal, session: str, pressed: Callable[[], None], stop: Stop) -> None:
    bus.listen(sender=portal.NAME, interface=_INTERFACE, member="Activated", path=portal.PATH)
    with Refusals() as refusals:
        while bus.wait(stop, None):
            for message in bus.arrived():
                if refusals.strange(message, bus, desktop.owner):
                    continue
                if dbus.lost(message, desktop.owner):
                    raise CollectorError(GONE)
                if dbus.is_signal(message, _INTERFACE, "Activated") and message.body[:2] == (session, _KEY):
                    pressed()
    desktop.close(session)
