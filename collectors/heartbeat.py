"""Turns a flow of heartbeats into actions that begin and grow, and ends a window's time when the user leaves it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from collectors.events import MAX_DURATION_US, Event, EventKind, PresenceDetail, Source, WindowDetail


@dataclass(frozen=True, slots=True)
class StartAction:
    """An action that is to be stored."""

    event: Event

    @property
    def stream(self) -> str:
        """What lengthens it later: its source, but for a watch, during which other reports of presence come in."""
        return self.event.kind if self.event.kind is EventKind.WATCH else self.event.source


@dataclass(frozen=True, slots=True)
class ExtendAction:
    """The last action of a stream lasted this long.

    Attributes:
        stream: of the last `StartAction` that is meant ("window", "watch").
        duration_us: its whole length so far, which replaces what was known.
    """

    stream: str
    duration_us: int


_LEAVES = {EventKind.IDLE: "idle", EventKind.LOCK: "lock", EventKind.SUSPEND: "suspend"}
# What each return proves: input proves that the machine is awake, yet it may be the typing of a password at a locked
# screen; an unlocked screen proves everything.
_RETURNS = {
    EventKind.ACTIVE: frozenset({"idle", "suspend"}),
    EventKind.RESUME: frozenset({"idle", "suspend"}),
    EventKind.UNLOCK: frozenset({"idle", "suspend", "lock"}),
}


class HeartbeatMerge:
    """Merges events of one person's live flow, in the order they were sensed.

    Focus events that name the window already in focus only lengthen it. Leaving (idle, lock, suspend) ends it at the
    moment input stopped, and coming back begins the window that is then in focus again. A watch that is reported again
    lengthens. Everything else passes.
    """

    def __init__(self) -> None:
        self._window: Event | None = None
        self._duration_us = 0
        self._away: frozenset[str] = frozenset()
        self._watch: Event | None = None
        self._last: dict[Source, Event] = {}

    def feed(self, event: Event) -> tuple[StartAction | ExtendAction, ...]:
        """What the store is to do about one event: nothing for a repetition of the last one."""
        if self._last.get(event.source) == event:
            return ()
        self._last[event.source] = event
        if event.source is Source.WINDOW and event.duration_us is None:
            return self._focus(event)
        if event.kind is EventKind.WATCH:
            return (self._go_on_watching(event),)
        if event.kind in _LEAVES:
            return (*self._leave(event), StartAction(event))
        if event.kind in _RETURNS:
            return (StartAction(event), *self._come_back(event))
        return (StartAction(event),)

    def pulse(self, now_us: int) -> tuple[StartAction | ExtendAction, ...]:
        """Lengthen the window in focus up to now, so that a crash loses little of it."""
        return () if self._away else self._lengthen(now_us)

    def lose(self, now_us: int) -> tuple[StartAction | ExtendAction, ...]:
        """End the window in focus: the focus went to something that is not recorded. Who is away stays away."""
        ended = () if self._away else self._lengthen(now_us)
        self._window = None
        self._last.pop(Source.WINDOW, None)
        return ended

    def finish(self, now_us: int) -> tuple[StartAction | ExtendAction, ...]:
        """End the window in focus, when sensing stops; what is sensed later begins afresh."""
        ended = self.lose(now_us)
        self._away = frozenset()
        self._watch = None
        self._last.clear()
        return ended

    def _focus(self, event: Event) -> tuple[StartAction | ExtendAction, ...]:
        if self._away:
            # Windows that come up while nobody is there are no action; the last one is what the user returns to.
            self._window = event
            return ()
        if self._window is not None and _same_window(self._window, event):
            before_us = self._duration_us
            lengthened = self._lengthen(event.ts_us)
            return lengthened if self._duration_us != before_us else ()
        ended = self._lengthen(event.ts_us)
        return (*ended, *self._begin(event))

    def _go_on_watching(self, event: Event) -> StartAction | ExtendAction:
        before, self._watch = self._watch, event
        if before is None or replace(before, duration_us=event.duration_us) != event:
            return StartAction(event)
        return ExtendAction(EventKind.WATCH, event.duration_us or 0)

    def _leave(self, event: Event) -> tuple[ExtendAction, ...]:
        was_away = bool(self._away)
        self._away |= {_LEAVES[event.kind]}
        if was_away or self._window is None:
            return ()
        idle_us = event.detail.idle_us if isinstance(event.detail, PresenceDetail) else 0
        left_us = event.ts_us - max(0, idle_us)
        return (ExtendAction(Source.WINDOW, min(max(0, left_us - self._window.ts_us), MAX_DURATION_US)),)

    def _come_back(self, event: Event) -> tuple[StartAction, ...]:
        was_away = bool(self._away)
        self._away -= _RETURNS[event.kind]
        if not was_away or self._away or self._window is None:
            return ()
        return self._begin(replace(self._window, ts_us=event.ts_us, utc_offset_s=event.utc_offset_s))

    def _begin(self, event: Event) -> tuple[StartAction, ...]:
        self._window = event
        self._duration_us = 0
        return (StartAction(event),)

    def _lengthen(self, now_us: int) -> tuple[ExtendAction, ...]:
        if self._window is None:
            return ()
        # A clock that was set back must not shorten what has already been lived.
        self._duration_us = min(max(self._duration_us, now_us - self._window.ts_us), MAX_DURATION_US)
        return (ExtendAction(Source.WINDOW, self._duration_us),)


def _same_window(one: Event, other: Event) -> bool:
    return (one.app, one.title, _pid(one)) == (other.app, other.title, _pid(other))


def _pid(event: Event) -> int | None:
    return event.detail.pid if isinstance(event.detail, WindowDetail) else None
