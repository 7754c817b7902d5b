"""The screen's lock and the machine's sleep, as the desktop and logind tell of them.

Screens tell by the signal ActiveChanged of one of the ScreenSaver interfaces on the session's bus. logind
(org.freedesktop.login1(5)) tells on the system's bus of a session that is locked, and of sleep, which it is asked to
hold up for the moment it takes to note it. Of other users' sessions nothing is taken.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from jeepney import DBusAddress, HeaderFields, Message  # type: ignore[import-untyped]  # it ships no types

from collectors.desktop.dbus import Bus, CallError
from collectors.desktop.notices import Refusals
from collectors.events import MAX_DURATION_US, Event, EventKind, PresenceDetail, Source, local_offset_s
from collectors.moment import Moment, now

_LOG: Final = logging.getLogger(__name__)
SCREENS: Final = (
    *("org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver", "org.mate.ScreenSaver"),
    *("org.cinnamon.ScreenSaver", "org.xfce.ScreenSaver"),
)
_LOGIND: Final = "org.freedesktop.login1"
_MANAGER: Final = DBusAddress("/org/freedesktop/login1", _LOGIND, f"{_LOGIND}.Manager")
_SELF: Final = DBusAddress("/org/freedesktop/login1/user/self", _LOGIND, "org.freedesktop.DBus.Properties")
_SESSION: Final = f"{_LOGIND}.Session"
_PROPERTIES: Final = "org.freedesktop.DBus.Properties"


class Doings:
    """From "it is locked" and "it sleeps", told by several at once, to events, each told once.

    Args:
        now: the two clocks.
    """

    def __init__(self, now: Callable[[], Moment] = now) -> None:
        self._now = now
        self._since_us: dict[EventKind, int] = {}

    def screen(self, *, locked: bool) -> Event | None:
        """The screen is locked, or is not."""
        return self._turn(EventKind.LOCK, EventKind.UNLOCK, on=locked)

    def machine(self, *, asleep: bool) -> Event | None:
        """The machine goes to sleep, or woke up."""
        return self._turn(EventKind.SUSPEND, EventKind.RESUME, on=asleep)

    def _turn(self, start: EventKind, end: EventKind, *, on: bool) -> Event | None:
        if on == (start in self._since_us):
            return None
        ts_us = self._now().ts_us
        if on:
            self._since_us[start] = ts_us
            return _event(start, ts_us, 0)
        # By the clock on the wall: the other one stands still while the machine sleeps.
        away_us = ts_us - self._since_us.pop(start)
        return _event(end, ts_us, min(max(0, away_us), MAX_DURATION_US))


class Session:
    """Listens on both buses, as far as they are there.

    Args:
        environ: names the session to logind.
        doings: told of what is heard.
    """

    def __init__(self, environ: Mapping[str, str], doings: Doings) -> None:
        self._environ = environ
        self._doings = doings
        self._path: str | None = None
        self._held_up: int | None = None
        self.refusals = Refusals()
        """Counts what was sent here by those who have nothing to tell; entered by whoever reads the messages."""

    def listen_to_screens(self, bus: Bus) -> Event | None:
        """Have the session's bus tell here when the screen is locked; there is nothing to tell of yet."""
        for name in SCREENS:
            bus.listen(sender=name, interface=name, member="ActiveChanged")
        return None

    def listen_to_logind(self, bus: Bus) -> Event | None:
        """Have the system's bus tell here of this session and of sleep; the event of a screen locked already."""
        bus.listen(sender=_LOGIND, interface=_MANAGER.interface, member="PrepareForSleep")
        self._hold_up_sleep(bus)
        self._path = _own_session(bus, self._environ)
        if self._path is None:
            return None
        for member in ("Lock", "Unlock"):
            bus.listen(sender=_LOGIND, interface=_SESSION, member=member, path=self._path)
        bus.listen(sender=_LOGIND, interface=_PROPERTIES, member="PropertiesChanged", path=self._path)
        try:
            ((_, locked),) = bus.call(
                DBusAddress(self._path, _LOGIND, _PROPERTIES), "Get", "ss", (_SESSION, "LockedHint")
            )
        except (CallError, TypeError, ValueError):
            return None
        return self._doings.screen(locked=locked is True)

    def hear(self, message: Message, bus: Bus) -> Iterator[Event]:
        """What a message means, if anything."""
        fields = message.header.fields
        if HeaderFields.destination in fields:
            self.refusals.strange(message, bus)  # both tell everybody; what is sent to us alone is somebody else's
            return
        event = self._meaning(str(fields.get(HeaderFields.interface)), str(fields.get(HeaderFields.member)), message)
        if event is None:
            return
        yield event
        if event.kind is EventKind.SUSPEND:
            self.close()  # it is noted, so sleep may come
        elif event.kind is EventKind.RESUME:
            self._hold_up_sleep(bus)

    def _meaning(self, interface: str, member: str, message: Message) -> Event | None:
        body = message.body
        is_ours = self._path is not None and message.header.fields.get(HeaderFields.path) == self._path
        says = body[0] if len(body) == 1 and isinstance(body[0], bool) else None
        if interface in SCREENS and member == "ActiveChanged" and says is not None:
            return self._doings.screen(locked=says)
        if interface == _MANAGER.interface and member == "PrepareForSleep" and says is not None:
            return self._doings.machine(asleep=says)
        if interface == _SESSION and member in ("Lock", "Unlock") and is_ours:
            return self._doings.screen(locked=member == "Lock")
        hint = _locked_hint(body) if interface == _PROPERTIES and is_ours else None
        return None if hint is None else self._doings.screen(locked=hint)

    def close(self) -> None:
        """Hold sleep up no longer."""
        if self._held_up is not None:
            os.close(self._held_up)
            self._held_up = None

    def _hold_up_sleep(self, bus: Bus) -> None:
        self.close()
        wanted = ("sleep", "KrypticTrack", "That the machine goes to sleep is being noted", "delay")
        with suppress(CallError):  # without it the note of the sleep may come with the waking
            (descriptor,) = bus.call(_MANAGER, "Inhibit", "ssss", wanted)
            self._held_up = descriptor.to_raw_fd()


def _own_session(bus: Bus, environ: Mapping[str, str]) -> str | None:
    """The path of this session in logind; None where that is not known, so that no other's is taken for it."""
    try:
        if environ.get("XDG_SESSION_ID"):
            (path,) = bus.call(_MANAGER, "GetSession", "s", (environ["XDG_SESSION_ID"],))
        else:
            ((_, (name, path)),) = bus.call(_SELF, "Get", "ss", (f"{_LOGIND}.User", "Display"))
            path = path if name else None
    except (CallError, TypeError, ValueError) as error:
        _LOG.info("logind does not know which session this is: %s", error)
        return None
    return path if isinstance(path, str) else None


def _locked_hint(body: tuple[Any, ...]) -> bool | None:
    """What a change of a session's properties says of its lock."""
    if len(body) != 3 or body[0] != _SESSION or not isinstance(body[1], dict):  # noqa: PLR2004 - interface, changed, lost
        return None
    pair = body[1].get("LockedHint")
    return pair[1] if isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[1], bool) else None  # noqa: PLR2004


def _event(kind: EventKind, ts_us: int, idle_us: int) -> Event:
    return Event(
        ts_us=ts_us,
        source=Source.PRESENCE,
        kind=kind,
        utc_offset_s=local_offset_s(ts_us),
        detail=PresenceDetail(idle_us),
    )
