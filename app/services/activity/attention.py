"""How a time was worked through: unbroken stretches, switches, work without a rest, work late at night. Pure, derived.

Nothing is recorded for this: it is read out of the stored windows and actions, so forgetting these forgets it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import pairwise
from typing import Final, Protocol

from app.services.activity import intervals
from app.services.activity.intervals import Span
from app.store.queries.patterns import LEAST_FOCUS_US, FocusSession, Patterns
from app.store.values.records import Dimension, Outline
from collectors.events import US_PER_HOUR, US_PER_MIN
from neural.language import formatting
from neural.language.reading.plan import Period

REST_US: Final = 15 * US_PER_MIN
"""So long away from every window is a rest."""
LATE_HOURS: Final = (23, 0, 1, 2, 3, 4)
LATE: Final = "between 23:00 and 05:00"
LOOK_BACK_US: Final = 12 * US_PER_HOUR
"""Work without a rest may have begun before the time that is asked about."""


class AttentionReader(Protocol):
    """The part of `app.store.reader.Reader` that is needed here."""

    @property
    def patterns(self) -> Patterns:
        """What comes back in a life."""
        ...

    def outline(self, start_us: int, end_us: int) -> Outline:
        """The windows of a time, without text."""
        ...


@dataclass(frozen=True, slots=True)
class Attention:
    """How a time was worked through.

    Attributes:
        sessions: five minutes and more in one application, or in one project, in the order they began.
        focus_us: time in any of them.
        active_us: time in any window.
        switches: changes of application with no longer pause than inside a stretch.
        bouts: work without a rest, in order; the first may have begun before that time.
        late_us: active time late at night.
    """

    sessions: tuple[Span, ...] = ()
    focus_us: int = 0
    active_us: int = 0
    switches: int = 0
    bouts: tuple[Span, ...] = ()
    late_us: int = 0

    @property
    def switches_per_hour(self) -> float:
        """Changes of application for each active hour."""
        return self.switches * US_PER_HOUR / self.active_us if self.active_us else 0.0

    @property
    def longest_session(self) -> Span | None:
        """The longest session, the first of equals."""
        return max(self.sessions, key=lambda span: span.length_us, default=None)

    @property
    def longest_bout(self) -> Span | None:
        """The longest work without a rest, the first of equals."""
        return max(self.bouts, key=lambda span: span.length_us, default=None)

    def since_rest_us(self, now_us: int) -> int | None:
        """How long work goes on without a rest; None while resting."""
        last = self.bouts[-1] if self.bouts else None
        return last.length_us if last is not None and now_us - last.end_us < REST_US else None


NOTHING: Final = Attention()
"""Of a time of which nothing was recorded."""


@dataclass(frozen=True, slots=True)
class WindowTimeline:
    """Time in windows with what belongs together joined; everything reported of a time comes out of this.

    Attributes:
        stretches: uninterrupted time in one application within that time, in order.
        work: time in any window, nothing counted twice, in order; the first may lie before that time.
        windows: how many windows touched that time.
    """

    stretches: tuple[Span, ...] = ()
    work: tuple[Span, ...] = ()
    windows: int = 0


def read(reader: AttentionReader, period: Period, zone: tzinfo | None) -> Attention:
    """How a time was worked through, from the store.

    Args:
        reader: an open reader of the store.
        period: the time.
        zone: local time; None for the machine's own.
    """
    outline = reader.outline(max(0, period.start_us - LOOK_BACK_US), period.end_us)
    projects = reader.patterns.focus_sessions(Dimension.PROJECT, period.start_us, period.end_us)
    return attention(outline.windows, projects, period, zone)


def attention(
    windows: Iterable[tuple[int, int, str]], projects: Sequence[FocusSession], period: Period, zone: tzinfo | None
) -> Attention:
    """How a time was worked through.

    Args:
        windows: (from, until, application or "") in time order, from some hours before the period on; not cut.
        projects: unbroken times in one project within the period.
        period: the time.
        zone: local time; None for the machine's own.
    """
    return summarise(course(windows, period), projects, period, zone)


def course(windows: Iterable[tuple[int, int, str]], period: Period) -> WindowTimeline:
    """The course of a time, or of a part of it; windows as in `attention`."""
    known = [Span(start_us, min(end_us, period.end_us), name) for start_us, end_us, name in windows]
    within = intervals.cut(known, period)
    work = intervals.union(span for span in known if span.length_us > 0)
    return WindowTimeline(intervals.stretches(within), work, len(within))


def joined(parts: Sequence[WindowTimeline]) -> WindowTimeline:
    """The course of a time from those of its parts, in order: the same as of all their windows together."""
    return WindowTimeline(
        intervals.stretches([span for part in parts for span in part.stretches]),
        intervals.union(span for part in parts for span in part.work),
        sum(part.windows for part in parts),
    )


def summarise(
    found: WindowTimeline, projects: Sequence[FocusSession], period: Period, zone: tzinfo | None
) -> Attention:
    """What a course tells; the other arguments as in `attention`.

    Args:
        found: the timeline of windows.
        projects: focus sessions by project.
        period: the time that is summarised.
        zone: of local days and hours; None for the system's.
    """
    sessions = [
        Span(span.start_us, span.end_us, formatting.app_name(span.name))
        for span in found.stretches
        if span.name and span.length_us >= LEAST_FOCUS_US
    ]
    sessions += [Span(session.start_us, session.end_us, session.name) for session in projects]
    active = intervals.cut(found.work, period)
    by_hour = intervals.by_hour(active, zone)
    return Attention(
        sessions=tuple(sorted(sessions, key=lambda span: (span.start_us, -span.end_us, span.name))),
        focus_us=intervals.length_us(intervals.union(sessions)),
        active_us=intervals.length_us(active),
        switches=sum(is_switch(before, after) for before, after in pairwise(found.stretches)),
        bouts=tuple(span for span in intervals.bridged(found.work, REST_US) if span.end_us > period.start_us),
        late_us=sum(by_hour[hour] for hour in LATE_HOURS),
    )


def is_switch(before: Span, after: Span) -> bool:
    """Whether a stretch after another is a change of application, with no longer pause than inside a stretch."""
    return before.name != after.name and after.start_us - before.end_us <= intervals.PAUSE_IN_STRETCH_US
