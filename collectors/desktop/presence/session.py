"""The screen's lock and the machine's sleep, as the desktop and logind tell of them.

Sleep is held up for the moment it takes to note it. Of other users' sessions nothing is taken.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from jeepney import DBusAddress, HeaderFields, Message  # type: ignore[import-untyped]  # it ships no types

from collectors.desktop.bus import lock_signals
from collectors.desktop.bus.dbus import Bus, CallError
from collectors.desktop.bus.lock_signals import LOGIND, MANAGER, SCREENS, SESSION, SleepHold
from collectors.desktop.bus.refusals import Refusals
from collectors.desktop.presence.idle_events import presence_event
from collectors.events import MAX_DURATION_US, Event, EventKind
from collectors.timestamp import Timestamp, now

_LOG: Final = logging.getLogger(__name__)
_SELF: Final = DBusAddress("/org/freedesktop/login1/user/self", LOGIND, "org.freedesktop.DBus.Properties")
_PROPERTIES: Final = "org.freedesktop.DBus.Properties"


class Doings:
    """From "it is locked" and "it sleeps", reported by several at once, to events, each reported once.

    Args:
        now: the two clocks.
    """

    def __init__(self, now: Callable[[], Timestamp] = now) -> None:
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
            return presence_event(start, ts_us, 0)
        # By the clock on the wall: the other one stands still while the machine sleeps.
        away_us = ts_us - self._since_us.pop(start)
        return presence_event(end, ts_us, min(max(0, away_us), MAX_DURATION_US))


class Session:
    """Listens on both buses, as far as they are there.

    Args:
        environ: names the session to logind.
        doings: takes what is heard.
    """

    def __init__(self, environ: Mapping[str, str], doings: Doings) -> None:
        self._environ = environ
        self._doings = doings
        self._path: str | None = None
        self._sleep = SleepHold("That the machine goes to sleep is being noted")
        self.refusals = Refusals()
        """Counts what was sent here by those who have nothing to tell; entered by whoever reads the messages."""

    def listen_to_screens(self, bus: Bus) -> Event | None:
        """Have the session's bus tell here when the screen is locked; there is nothing to tell of yet."""
        for name in SCREENS:
            bus.listen(sender=name, interface=name, member=lock_signals.SCREEN)
        return None

    def listen_to_logind(self, bus: Bus) -> Event | None:
        """Have the system's bus tell here of this session and of sleep; the event of a screen locked already."""
        bus.listen(sender=LOGIND, interface=MANAGER.interface, member=lock_signals.SLEEP)
        self._sleep.take(bus)
        self._path = _own_session(bus, self._environ)
        if self._path is None:
            return None
        for member in ("Lock", "Unlock"):
            bus.listen(sender=LOGIND, interface=SESSION, member=member, path=self._path)
        bus.listen(sender=LOGIND, interface=_PROPERTIES, member="PropertiesChanged", path=self._path)
        try:
            ((_, locked),) = bus.call(
                DBusAddress(self._path, LOGIND, _PROPERTIES), "Get", "ss", (SESSION, "LockedHint")
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
        event = self._meaning(message)
        if event is None:
            return
        yield event
        if event.kind is EventKind.SUSPEND:
            self.close()  # it is noted, so sleep may come
        elif event.kind is EventKind.RESUME:
            self._sleep.take(bus)

    def _meaning(self, message: Message) -> Event | None:
        if (locked := lock_signals.screen_is_locked(message)) is not None:
            return self._doings.screen(locked=locked)
        if (asleep := lock_signals.falls_asleep(message)) is not None:
            return self._doings.machine(asleep=asleep)
        fields = message.header.fields
        if self._path is None or fields.get(HeaderFields.path) != self._path:
            return None
        locked = lock_signals.session_is_locked(message)
        if locked is None and fields.get(HeaderFields.interface) == _PROPERTIES:
            locked = _locked_hint(message.body)
        return None if locked is None else self._doings.screen(locked=locked)

    def close(self) -> None:
        """Hold sleep up no longer."""
        self._sleep.close()


def _own_session(bus: Bus, environ: Mapping[str, str]) -> str | None:
    """The path of this session in logind; None if that is not known, so that no other's is taken for it."""
    try:
        if environ.get("XDG_SESSION_ID"):
            (path,) = bus.call(MANAGER, "GetSession", "s", (environ["XDG_SESSION_ID"],))
        else:
            ((_, (name, path)),) = bus.call(_SELF, "Get", "ss", (f"{LOGIND}.User", "Display"))
            path = path if name else None
    except (CallError, TypeError, ValueError) as error:
        _LOG.info("logind does not know which session this is: %s", error)
        return None
    return path if isinstance(path, str) else None


def _locked_hint(body: tuple[Any, ...]) -> bool | None:
    """What a change of a session's properties says of its lock."""
    if len(body) != 3 or body[0] != SESSION or not isinstance(body[1], dict):  # noqa: PLR2004 - interface, changed, lost
        return None
    pair = body[1].get("LockedHint")
    return pair[1] if isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[1], bool) else None  # noqa: PLR2004
