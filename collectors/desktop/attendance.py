"""A film is no absence: whether somebody without a finger on the keys is there all the same. Pure, given a clock.

The rules:

* When input stops for long enough it is asked whether something shows that somebody is there (a film, a call). Where it
  does, nothing is told, and it is asked again every quarter of a minute (no less often than an absence is long, but at
  most once a second).
* IDLE is told once neither was there for as long as input alone would have had to be away.
* A return of input of which no absence was told is nothing.
* Four hours without any input are an absence, whatever plays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from collectors.events import US_PER_S, Event, EventKind, PresenceDetail, Source, local_offset_s
from collectors.moment import Moment, now

LOOK_EVERY_S: Final = 15.0
_LOOK_LEAST_S: Final = 1.0
LONGEST_S: Final = 4 * 3_600.0
_SLACK_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class _Away:
    """There is no input.

    Attributes:
        input_s: when the last one was, on the monotonic clock.
        sign_s: when the last sign of somebody was, on the same clock.
        is_told: whether that was told.
    """

    input_s: float
    sign_s: float
    is_told: bool = False


class Attendance:
    """Decides which comings and goings of input are those of a person.

    Args:
        idle_after_ms: how long without any sign is an absence, milliseconds.
        now: the two clocks.
    """

    def __init__(self, idle_after_ms: int, now: Callable[[], Moment] = now) -> None:
        self._idle_after_s = idle_after_ms / 1_000
        self._every_s = max(_LOOK_LEAST_S, min(LOOK_EVERY_S, self._idle_after_s))
        self._now = now
        self._away: _Away | None = None
        self._look_s: float | None = None

    def take(self, event: Event) -> Event | None:
        """Take what is known of input alone: what is to be told of it, if anything."""
        at = self._now()
        if event.kind is EventKind.IDLE:
            since_s = at.mono_s - _idle_us(event) / US_PER_S
            self._away, self._look_s = _Away(since_s, since_s), at.mono_s
            return None
        if event.kind is EventKind.ACTIVE:
            away, self._away, self._look_s = self._away, None, None
            return _event(EventKind.ACTIVE, at, away.sign_s) if away is not None and away.is_told else None
        return event

    def look_in_s(self) -> float | None:
        """How long until it is to be looked whether somebody is there; None while that is known."""
        return None if self._look_s is None else max(0.0, self._look_s - self._now().mono_s)

    def looked(self, *, there: bool) -> Event | None:
        """It was looked for a sign of somebody: what is to be told now, if anything.

        Args:
            there: whether there was one.
        """
        away, at = self._away, self._now()
        if away is None or away.is_told:
            self._look_s = None
            return None
        if there and at.mono_s - away.input_s < LONGEST_S:
            self._away = _Away(away.input_s, at.mono_s)
            self._look_s = at.mono_s + self._every_s
            return None
        left_s = away.sign_s + self._idle_after_s - at.mono_s
        if left_s > _SLACK_S:
            self._look_s = at.mono_s + max(_LOOK_LEAST_S, min(left_s, self._every_s))
            return None
        self._away, self._look_s = _Away(away.input_s, away.sign_s, is_told=True), None
        return _event(EventKind.IDLE, at, away.sign_s)


def _idle_us(event: Event) -> int:
    return event.detail.idle_us if isinstance(event.detail, PresenceDetail) else 0


def _event(kind: EventKind, at: Moment, since_s: float) -> Event:
    return Event(
        ts_us=at.ts_us,
        source=Source.PRESENCE,
        kind=kind,
        utc_offset_s=local_offset_s(at.ts_us),
        detail=PresenceDetail(round((at.mono_s - since_s) * US_PER_S)),
    )
