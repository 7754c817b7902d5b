"""How long what a watcher reports really lasted: heartbeats become one event, and what lies in a hole is cut out.

A watcher of windows goes on while nobody is there, and while recording is paused. Pure: values in, values out.
Heartbeats: docs.activitywatch.net/en/latest/api/rest.html, "Heartbeat API".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from collectors.events import MAX_DURATION_US


@dataclass(frozen=True, slots=True)
class Beat:
    """What a watcher saw from a moment on, microseconds."""

    ts_us: int
    duration_us: int
    data: Mapping[str, Any]

    @property
    def end_us(self) -> int:
        """When it was last so."""
        return self.ts_us + self.duration_us


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, microseconds; the end is not part of it."""

    from_us: int
    until_us: int


def merged(last: Beat, beat: Beat, pulse_us: int) -> Beat | None:
    """The last event, longer by a heartbeat; None if the heartbeat begins another.

    Args:
        last: what was seen before.
        beat: what is seen now.
        pulse_us: how long after the end of the last one the same is still taken to have gone on.
    """
    if last.data != beat.data or not last.ts_us <= beat.ts_us <= last.end_us + pulse_us:
        return None
    longest_us = max(last.duration_us, beat.end_us - last.ts_us)
    return replace(last, duration_us=longest_us) if longest_us <= MAX_DURATION_US else None


def outside(beat: Beat, holes: Iterable[Span]) -> tuple[Span, ...]:
    """The stretches of an event that lie outside the holes, in time order; one without length stays as it is."""
    left = [Span(beat.ts_us, beat.end_us)]
    for hole in holes:
        left = [piece for span in left for piece in _without(span, hole)]
    return tuple(left)


def _without(span: Span, hole: Span) -> tuple[Span, ...]:
    if hole.until_us <= span.from_us or hole.from_us > span.until_us:
        return (span,)
    before = Span(span.from_us, min(span.until_us, hole.from_us))
    after = Span(max(span.from_us, hole.until_us), span.until_us)
    return tuple(piece for piece in (before, after) if piece.from_us < piece.until_us)
