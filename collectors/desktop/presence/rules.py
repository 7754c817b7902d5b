"""A film is no absence: whether somebody without a finger on the keys is there all the same. Pure, given a clock.

The rules:

* When input stops for long enough it is asked whether something shows that somebody is there (a film, a call). If it
  does, that is a WATCH, and it is asked again every quarter of a minute (no less often than an absence is long, but at
  most once a second).
* A WATCH begins with the last input, and is reported again, with the same beginning and longer, once a minute and at
its
  end. The lock of the screen ends it, and so does sleep.
* IDLE is reported once there was neither for as long as input alone would have had to be away.
* A return of input of which no absence was reported is nothing.
* Four hours without any input are an absence, whatever plays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from collectors.desktop.presence.idle_events import presence_event
from collectors.desktop.presence.media import Sign
from collectors.events import MAX_DURATION_US, US_PER_S, Event, EventKind, PresenceDetail, Source, local_offset_s
from collectors.timestamp import Timestamp, now

LOOK_EVERY_S: Final = 15.0
TELL_EVERY_S: Final = 60.0
_LOOK_LEAST_S: Final = 1.0
LONGEST_S: Final = 4 * 3_600.0
_SLACK_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class _Away:
    """There is no input.

    Attributes:
        input_s: when the last one was, on the monotonic clock.
        sign_s: when the last sign of somebody was, on the same clock.
        kept_on: whether a program keeps the screen on, as far as the compositor tells.
        is_reported: whether an absence was reported.
    """

    input_s: float
    sign_s: float
    kept_on: bool = False
    is_reported: bool = False


@dataclass(frozen=True, slots=True)
class _Watch:
    """Somebody watches.

    Attributes:
        sign: what shows it.
        began: when it began.
        reported_s: when it was last reported, on the monotonic clock.
    """

    sign: Sign
    began: Timestamp
    reported_s: float


class PresenceRules:
    """Decides which comings and goings of input are those of a person.

    Args:
        idle_after_ms: how long without any sign is an absence, milliseconds.
        now: the two clocks.
    """

    def __init__(self, idle_after_ms: int, now: Callable[[], Timestamp] = now) -> None:
        self._idle_after_s = idle_after_ms / 1_000
        self._every_s = max(_LOOK_LEAST_S, min(LOOK_EVERY_S, self._idle_after_s))
        self._now = now
        self._since_s = now().mono_s  # what was before it began, in a pause say, is not reported
        self._away: _Away | None = None
        self._watch: _Watch | None = None
        self._is_locked = False
        self._look_s: float | None = None

    def take(self, event: Event) -> tuple[Event, ...]:
        """Take what is known of input alone: what is to be reported, if anything."""
        at = self._now()
        since_s = at.mono_s - _idle_us(event) / US_PER_S
        if event.kind is EventKind.WATCH:
            self._away, self._look_s = _Away(since_s, since_s, kept_on=True), at.mono_s + _LOOK_LEAST_S
            return ()
        if event.kind is EventKind.IDLE:
            away = self._away or _Away(since_s, since_s)
            self._away = replace(away, sign_s=max(away.sign_s, since_s), kept_on=False)
            self._look_s = at.mono_s
            return ()
        if event.kind is EventKind.ACTIVE:
            left, self._away, self._look_s = self._away, None, None
            if left is None or not left.is_reported:
                return self._end_watch(at, at.mono_s)
            return (_event(EventKind.ACTIVE, at, left.sign_s),)
        return (event,)

    def note(self, event: Event) -> tuple[Event, ...]:
        """Take a report about the screen or the machine; return the events to emit before it."""
        if event.kind in (EventKind.LOCK, EventKind.UNLOCK):
            self._is_locked = event.kind is EventKind.LOCK
        at = self._now()
        return self._end_watch(at, at.mono_s) if event.kind in (EventKind.LOCK, EventKind.SUSPEND) else ()

    def look_in_s(self) -> float | None:
        """How long until it is to be looked whether somebody is there; None while that is known."""
        return None if self._look_s is None else max(0.0, self._look_s - self._now().mono_s)

    def looked(self, sign: Sign | None) -> tuple[Event, ...]:
        """It was looked for a sign of somebody: what is to be reported now, if anything.

        Args:
            sign: what was found.
        """
        away, at = self._away, self._now()
        if away is None or away.is_reported:
            self._look_s = None
            return ()
        sign = sign or (Sign.SCREEN if away.kept_on else None)
        if sign is not None and at.mono_s - away.input_s < LONGEST_S:
            events = self._go_on(sign, away, at)
            self._away = replace(away, sign_s=at.mono_s)
            self._look_s = at.mono_s + self._every_s
            return events
        ended = self._end_watch(at, away.sign_s)
        left_s = away.sign_s + self._idle_after_s - at.mono_s
        if left_s > _SLACK_S:
            self._look_s = at.mono_s + max(_LOOK_LEAST_S, min(left_s, self._every_s))
            return ended
        self._away, self._look_s = replace(away, is_reported=True), None
        return (*ended, _event(EventKind.IDLE, at, away.sign_s))

    def _go_on(self, sign: Sign, away: _Away, at: Timestamp) -> tuple[Event, ...]:
        """There is a sign of somebody who watches, the first one or another."""
        if self._is_locked:
            return ()
        ended: tuple[Event, ...] = ()
        watch = self._watch
        if watch is None or watch.sign is not sign:
            # What was not looked at is not claimed, but for the time of the first look, which all of it led up to.
            first = watch is None and away.sign_s == away.input_s
            ended = self._end_watch(at, away.sign_s)
            began_s = max(away.input_s, self._since_s) if first else at.mono_s
            began = Timestamp(at.ts_us - round((at.mono_s - began_s) * US_PER_S), began_s)
            watch = _Watch(sign, began, float("-inf"))
        if at.mono_s - watch.reported_s < TELL_EVERY_S:
            return ended
        self._watch = replace(watch, reported_s=at.mono_s)
        return (*ended, _lasting(watch, at.mono_s))

    def _end_watch(self, at: Timestamp, until_s: float) -> tuple[Event, ...]:
        watch, self._watch = self._watch, None
        return () if watch is None or at.mono_s <= watch.reported_s else (_lasting(watch, until_s),)


def _idle_us(event: Event) -> int:
    return event.detail.idle_us if isinstance(event.detail, PresenceDetail) else 0


def _lasting(watch: _Watch, until_s: float) -> Event:
    """A watch as far as it is known."""
    lasted_us = round((until_s - watch.began.mono_s) * US_PER_S)
    return Event(
        ts_us=watch.began.ts_us,
        source=Source.PRESENCE,
        kind=EventKind.WATCH,
        duration_us=min(max(0, lasted_us), MAX_DURATION_US),
        utc_offset_s=local_offset_s(watch.began.ts_us),
        detail=PresenceDetail(sign=watch.sign),
    )


def _event(kind: EventKind, at: Timestamp, since_s: float) -> Event:
    return presence_event(kind, at.ts_us, round((at.mono_s - since_s) * US_PER_S))
