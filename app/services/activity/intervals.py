"""Time out of stored actions: stretches in an application, their sums by day and hour, and how focused they were.

Two sources may cover the same minute (a window and a page in it), so times are lengths of unions of intervals, never
sums of durations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from itertools import pairwise
from typing import Final

from app.store.values.records import ActionRow
from collectors.events import US_PER_HOUR, US_PER_MIN, US_PER_S
from neural.language.reading import time_ranges
from neural.language.reading.plan import Period

PAUSE_IN_STRETCH_US: Final = US_PER_MIN
"""A longer gap between two windows of one application ends a stretch of focus."""
PAUSE_COUNTED_US: Final = 5 * US_PER_MIN
"""Actions without a duration count as one piece of work while no further apart than this, a session's idle time."""
LEAST_ACTIVE_US: Final = 30 * US_PER_MIN
"""An hour of the day with less active time says nothing about focus."""


@dataclass(frozen=True, slots=True)
class Span:
    """An interval of time spent in one thing."""

    start_us: int
    end_us: int
    name: str

    @property
    def length_us(self) -> int:
        """How long it is."""
        return self.end_us - self.start_us


@dataclass(frozen=True, slots=True)
class MergedInterval:
    """Time in one thing with its short pauses bridged.

    Attributes:
        start_us, end_us: from its first moment to its last.
        name: what it was.
        active_us: the time in it without the pauses, nothing counted twice.
    """

    start_us: int
    end_us: int
    name: str
    active_us: int


@dataclass(frozen=True, slots=True)
class HourFocus:
    """How focused one hour of the day was, over all days asked about.

    Attributes:
        hour: 0 to 23, local.
        active_us: time in any window.
        focus_us: length of the stretch that a typical active moment of this hour was part of (time-weighted mean).
        switches_per_hour: changes of application per active hour.
    """

    hour: int
    active_us: int
    focus_us: float
    switches_per_hour: float


def spans_of(rows: Iterable[ActionRow], period: Period) -> Iterator[Span]:
    """The parts of actions that last, cut to a period; named by application."""
    for row in rows:
        start_us = max(row.event.ts_us, period.start_us)
        end_us = min(row.event.ts_us + (row.event.duration_us or 0), period.end_us)
        if end_us > start_us:
            yield Span(start_us, end_us, row.event.app or "")


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time with nothing counted twice: ordered, disjoint; names are dropped."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda each: each.start_us):
        if merged and span.start_us <= merged[-1].end_us:
            merged[-1] = replace(merged[-1], end_us=max(merged[-1].end_us, span.end_us))
        else:
            merged.append(replace(span, name=""))
    return tuple(merged)


def length_us(spans: Iterable[Span]) -> int:
    """Total length of disjoint spans."""
    return sum(span.length_us for span in spans)


def cut(spans: Iterable[Span], period: Period) -> tuple[Span, ...]:
    """The parts of spans inside a period."""
    return tuple(
        replace(span, start_us=max(span.start_us, period.start_us), end_us=min(span.end_us, period.end_us))
        for span in spans
        if span.end_us > period.start_us and span.start_us < period.end_us
    )


def bridged(moments: Iterable[Span], pause_us: int) -> tuple[Span, ...]:
    """Spans (a moment is one of length 0) joined across pauses no longer than `pause_us`."""
    merged: list[Span] = []
    for span in sorted(moments, key=lambda each: each.start_us):
        last = merged[-1] if merged else None
        if last is not None and span.start_us - last.end_us <= pause_us:
            if span.end_us > last.end_us:
                merged[-1] = Span(last.start_us, span.end_us, last.name)
        else:
            merged.append(span)
    return tuple(merged)


def stays(intervals: Iterable[tuple[int, int, str]], pause_us: int) -> tuple[MergedInterval, ...]:
    """Intervals (from, until, name) in time order, joined name by name across pauses no longer than `pause_us`.

    What else came between is no matter; compare `stretches`. Plain tuples come in, for a day may have 20,000.
    """
    open_stays: dict[str, list[int]] = {}
    done: list[MergedInterval] = []
    for start_us, end_us, name in intervals:
        if end_us <= start_us:
            continue
        stay = open_stays.get(name)
        if stay is None:
            open_stays[name] = [start_us, end_us, end_us - start_us]
            continue
        until_us = stay[1]
        if start_us <= until_us:
            if end_us > until_us:
                stay[1] = end_us
                stay[2] += end_us - until_us
        elif start_us - until_us <= pause_us:
            stay[1] = end_us
            stay[2] += end_us - start_us
        else:
            done.append(MergedInterval(stay[0], until_us, name, stay[2]))
            open_stays[name] = [start_us, end_us, end_us - start_us]
    done.extend(MergedInterval(begun, until, name, active) for name, (begun, until, active) in open_stays.items())
    return tuple(sorted(done, key=lambda each: each.start_us))


def by_stay(found: Iterable[MergedInterval]) -> tuple[tuple[str, int], ...]:
    """Time by name, most first; as `by_name` has it."""
    sums: dict[str, int] = {}
    for stay in found:
        sums[stay.name] = sums.get(stay.name, 0) + stay.active_us
    return tuple(
        sorted(((name, sum_us) for name, sum_us in sums.items() if name), key=lambda item: (-item[1], item[0]))
    )


def stretches(windows: Sequence[Span]) -> tuple[Span, ...]:
    """Uninterrupted time in one application: windows of the same one, in time order, without a longer pause between.

    A change of title is no interruption; a change of application is, however short.
    """
    merged: list[Span] = []
    for span in windows:
        last = merged[-1] if merged else None
        if last and last.name == span.name and span.start_us - last.end_us <= PAUSE_IN_STRETCH_US:
            merged[-1] = replace(last, end_us=max(last.end_us, span.end_us))
        else:
            merged.append(span)
    return tuple(merged)


def by_name(spans: Iterable[Span]) -> tuple[tuple[str, int], ...]:
    """Time by name, most first; within one name nothing is counted twice."""
    groups: dict[str, list[Span]] = {}
    for span in spans:
        groups.setdefault(span.name, []).append(span)
    sums = [(name, length_us(union(group))) for name, group in groups.items() if name]
    return tuple(sorted(sums, key=lambda item: (-item[1], item[0])))


def by_day(spans: Sequence[Span], period: Period, zone: tzinfo | None) -> tuple[tuple[Period, int], ...]:
    """Disjoint spans, summed by local day from the first day with any to the last.

    Args:
        spans: disjoint.
        period: that the days lie in.
        zone: of local days; None for the system's.
    """
    if not spans:
        return ()
    reach = Period(max(period.start_us, spans[0].start_us), min(period.end_us, spans[-1].end_us), "")
    return tuple((day, length_us(cut(spans, day))) for day in time_ranges.split_days(reach, zone))


def by_hour(spans: Sequence[Span], zone: tzinfo | None) -> tuple[int, ...]:
    """Disjoint spans, summed by local hour of the day: 24 values."""
    sums = [0] * 24
    for span in spans:
        for hour, part_us in _hours(span, zone):
            sums[hour] += part_us
    return tuple(sums)


def focus_by_hour(windows: Sequence[Span], zone: tzinfo | None) -> tuple[HourFocus, ...]:
    """How focused each hour of the day was.

    Each active moment belongs to one stretch (see `stretches`). An hour's focus is the mean length of the stretches
    that its active moments belong to, so one long stretch is not outweighed by the number of short ones next to it.
    Switches are changes of application with no longer pause than inside a stretch, counted at the hour they happen.

    Args:
        windows: focused windows in time order.
        zone: local time; None for the machine's own.
    """
    whole = stretches(windows)
    active, weighted, switches = [0] * 24, [0.0] * 24, [0] * 24
    for span in whole:
        for hour, part_us in _hours(span, zone):
            active[hour] += part_us
            weighted[hour] += part_us * span.length_us
    for before, after in pairwise(whole):
        if before.name != after.name and after.start_us - before.end_us <= PAUSE_IN_STRETCH_US:
            switches[time_ranges.local(after.start_us, zone).hour] += 1
    return tuple(
        HourFocus(hour, active[hour], weighted[hour] / active[hour], switches[hour] * US_PER_HOUR / active[hour])
        for hour in range(24)
        if active[hour]
    )


def _hours(span: Span, zone: tzinfo | None) -> Iterator[tuple[int, int]]:
    """A span cut at the local clock's full hours: (hour of the day, length)."""
    start_us = span.start_us
    while start_us < span.end_us:
        clock = time_ranges.local(start_us, zone)
        into_hour_us = (clock.minute * 60 + clock.second) * US_PER_S + clock.microsecond
        end_us = min(span.end_us, start_us + US_PER_HOUR - into_hour_us)
        yield clock.hour, end_us - start_us
        start_us = end_us
