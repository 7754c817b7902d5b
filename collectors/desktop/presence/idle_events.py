"""From "there is no input any more" and "there is again" to the events IDLE, WATCH and ACTIVE, each reported once."""

from __future__ import annotations

from collections.abc import Callable

from collectors.collector import Emit
from collectors.events import US_PER_MS, US_PER_S, Event, EventKind, PresenceDetail, Source, local_offset_s
from collectors.timestamp import Timestamp, now


class IdleEvents:
    """Whether somebody is there, as far as it was reported.

    `ts_us` of an event is the moment it is known; `idle_us` of IDLE is how long there had been no input by then, and of
    ACTIVE how long there was none in all. WATCH is emitted if there is no input, but something keeps the screen on.

    Args:
        emit: takes the events.
        now: the two clocks.
    """

    def __init__(self, emit: Emit, now: Callable[[], Timestamp] = now) -> None:
        self._emit = emit
        self._now = now
        self._known: tuple[Timestamp, int] | None = None
        self._is_watch = False

    def begin(self, idle_ms: int) -> None:
        """Nobody is there.

        Args:
            idle_ms: how long there has been no sign of somebody, milliseconds.
        """
        if self._known is None or self._is_watch:
            self._is_watch = False
            self._tell(EventKind.IDLE, idle_ms)

    def watch(self, idle_ms: int) -> None:
        """There is no input, but something keeps the screen on. Of one who is away already that is no sign.

        Args:
            idle_ms: how long there has been no input, milliseconds.
        """
        if self._known is None:
            self._is_watch = True
            self._tell(EventKind.WATCH, idle_ms)

    def end(self) -> None:
        """Somebody is there again."""
        if self._known is not None:
            at, (since, idle_us) = self._now(), self._known
            self._known, self._is_watch = None, False
            idle_us += round((at.mono_s - since.mono_s) * US_PER_S)
            self._emit(presence_event(EventKind.ACTIVE, at.ts_us, idle_us))

    def _tell(self, kind: EventKind, idle_ms: int) -> None:
        at, idle_us = self._now(), idle_ms * US_PER_MS
        self._known = at, idle_us
        self._emit(presence_event(kind, at.ts_us, idle_us))


def presence_event(kind: EventKind, ts_us: int, idle_us: int) -> Event:
    """What is reported of a coming or going, and of how long nobody had been there, microseconds.

    Args:
        kind: IDLE or ACTIVE.
        ts_us: microseconds since the epoch.
        idle_us: how long the user had been away.
    """
    return Event(
        ts_us=ts_us,
        source=Source.PRESENCE,
        kind=kind,
        utc_offset_s=local_offset_s(ts_us),
        detail=PresenceDetail(idle_us),
    )
