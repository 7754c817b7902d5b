"""A key of the whole desktop, as the GlobalShortcuts portal gives it: the desktop asks the user which one.

Source: https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.GlobalShortcuts.html, version 1.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from jeepney import DBusAddress, HeaderFields, Message  # type: ignore[import-untyped]  # it ships no types

from collectors.collector import CollectorError, Stop, Unavailable
from collectors.desktop import dbus
from collectors.desktop.dbus import Bus, CallError
from collectors.desktop.notices import Refusals

_PORTAL: Final = "org.freedesktop.portal.Desktop"
_PATH: Final = "/org/freedesktop/portal/desktop"
_INTERFACE: Final = "org.freedesktop.portal.GlobalShortcuts"
_SHORTCUTS: Final = DBusAddress(_PATH, _PORTAL, _INTERFACE)
_REGISTRY: Final = DBusAddress(_PATH, _PORTAL, "org.freedesktop.host.portal.Registry")
_REQUEST: Final = "org.freedesktop.portal.Request"
_APP: Final = "kryptic"  # the name of the desktop file
_KEY: Final = "pause"
_DONE: Final = 0
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
        environ: where the session's bus is looked up.
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
        environ: where the session's bus is looked up.
        description: what the key does, for the user, whom the desktop asks.

    Raises:
        CollectorError: where there is no portal, the user chooses no key, or the portal goes away.
    """
    with dbus.session(environ) as bus:
        with suppress(CallError):  # older portals know a program by how it was started
            bus.call(_REGISTRY, "Register", "sa{sv}", (_APP, {}))
        _ask_version(bus)
        bus.follow(_PORTAL)
        portal = bus.owner(_PORTAL)
        if portal is None:
            raise CollectorError(GONE)
        try:
            session = _Portal(bus, portal, stop).bind(description)
        except CallError as error:
            raise CollectorError(_NOT_WANTED) from error
        if session is not None:
            _follow(bus, portal, session, pressed, stop)


def _ask_version(bus: Bus) -> None:
    properties = DBusAddress(_PATH, _PORTAL, "org.freedesktop.DBus.Properties")
    try:
        bus.call(properties, "Get", "ss", (_INTERFACE, "version"))
    except CallError as error:
        raise CollectorError(_NO_PORTAL) from error


def _follow(bus: Bus, portal: str, session: str, pressed: Callable[[], None], stop: Stop) -> None:
    bus.listen(sender=_PORTAL, interface=_INTERFACE, member="Activated", path=_PATH)
    with Refusals() as refusals:
        while bus.wait(stop, None):
            for message in bus.arrived():
                if refusals.strange(message, bus, portal):
                    continue
                if dbus.lost(message, portal):
                    raise CollectorError(GONE)
                if dbus.is_signal(message, _INTERFACE, "Activated") and message.body[:2] == (session, _KEY):
                    pressed()
    bus.send(DBusAddress(session, _PORTAL, "org.freedesktop.portal.Session"), "Close")


class _Portal:
    """Makes requests of the portal, each of which is answered by a signal of its own."""

    def __init__(self, bus: Bus, portal: str, stop: Stop) -> None:
        self._bus = bus
        self._portal = portal
        self._stop = stop
        self._tokens = (f"{_APP}{number}" for number in itertools.count(1))

    def bind(self, description: str) -> str | None:
        """Have the key bound: the session it belongs to; None once `stop` is set."""
        token = next(self._tokens)
        made = self._request("CreateSession", "a{sv}", {"session_handle_token": ("s", token)})
        if made is None:
            return None
        session = made.get("session_handle", ("s", None))[1]
        if not isinstance(session, str) or not session.startswith("/"):
            raise CollectorError(_NOT_WANTED)
        keys = [(_KEY, {"description": ("s", description), "preferred_trigger": ("s", "LOGO+SHIFT+p")})]
        bound = self._request("BindShortcuts", "oa(sa{sv})sa{sv}", {}, session, keys, "")
        return None if bound is None else session

    def _request(
        self, method: str, signature: str, options: Mapping[str, Any], *arguments: Any
    ) -> Mapping[str, Any] | None:
        """The results of a request; None once `stop` is set. The user may take any time to answer."""
        token = next(self._tokens)
        path = f"{_PATH}/request/{self._bus.name.removeprefix(':').replace('.', '_')}/{token}"
        self._bus.listen(sender=_PORTAL, interface=_REQUEST, member="Response", path=path)
        self._bus.call(_SHORTCUTS, method, signature, (*arguments, {**options, "handle_token": ("s", token)}))
        while self._bus.wait(self._stop, None):
            for message in self._bus.arrived():
                if dbus.lost(message, self._portal):
                    raise CollectorError(GONE)
                if self._answers(message, path):
                    return self._results(message)
        return None

    def _answers(self, message: Message, path: str) -> bool:
        is_response = dbus.is_signal(message, _REQUEST, "Response") and dbus.sender_of(message) == self._portal
        return is_response and message.header.fields.get(HeaderFields.path) == path

    def _results(self, message: Message) -> Mapping[str, Any]:
        if len(message.body) != 2 or message.body[0] != _DONE or not isinstance(message.body[1], dict):  # noqa: PLR2004 - code, results
            raise CollectorError(_NOT_WANTED)
        return message.body[1]
