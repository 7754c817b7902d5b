"""What comes back in the last days: unbroken work, changes of application, rests, days in a row, what follows what.

Everything is derived from what is stored, and so goes with it. A time is read day by day, so that a long one takes no
more memory than its joined windows do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from itertools import pairwise
from typing import Final

from app.services.activity import attention, intervals
from app.services.activity.attention import LATE_HOURS, LOOK_BACK_US, NOTHING, Attention, WindowTimeline
from app.services.activity.intervals import Span
from app.store.queries.patterns import Commands, Keys, Streak, Transition
from app.store.reader import Reader
from app.store.values.records import Dimension
from collectors.clock import EPOCH_DATE
from collectors.events import US_PER_HOUR, Source
from neural.language.reading import time_ranges
from neural.language.reading.plan import Period

LEAST_STREAK_DAYS: Final = 3
LEAST_COMMANDS: Final = 20
"""The share of fewer that failed says nothing."""
LEAST_KEYS: Final = 500
"""The same for keys that took something back."""
HOURS_SHOWN: Final = 4
"""Hours without a rest that are distinguished; the last stands for all later ones."""
_STREAKS: Final = 12
_SEQUENCES: Final = 10
_STREAK_OF: Final = ((Dimension.APP, Source.WINDOW), (Dimension.SITE, Source.BROWSER), (Dimension.PROJECT, None))
"""Programs that run or connect by themselves are no streak of the user's, so that windows alone count."""


@dataclass(frozen=True, slots=True)
class DayWork:
    """One local day.

    Attributes:
        day: which.
        active_us: time in any window.
        focus_us: of that, time in focus sessions.
        bout_us: the longest work without a rest that began on it.
        late_us: active time between 23:00 and 05:00.
    """

    day: date
    active_us: int
    focus_us: int
    bout_us: int
    late_us: int


@dataclass(frozen=True, slots=True)
class HourActivity:
    """One hour of the day, over all days: time in any window, and changes of application."""

    hour: int
    active_us: int
    switches: int

    @property
    def switches_per_hour(self) -> float:
        """Changes for each active hour."""
        return self.switches * US_PER_HOUR / self.active_us if self.active_us else 0.0


@dataclass(frozen=True, slots=True)
class FatigueByHour:
    """What went wrong in one hour without a rest, the first being 0, over all work."""

    hour: int
    commands: Commands
    keys: Keys

    @property
    def failed(self) -> float | None:
        """The share of commands that failed; None if there are too few."""
        return self.commands.failed / self.commands.run if self.commands.run >= LEAST_COMMANDS else None

    @property
    def taken_back(self) -> float | None:
        """The share of keys that took something back; None if there are too few."""
        return self.keys.corrections / self.keys.pressed if self.keys.pressed >= LEAST_KEYS else None


@dataclass(frozen=True, slots=True)
class NamedStreak:
    """Days in a row with an application, a site or a project."""

    kind: Dimension
    streak: Streak


@dataclass(frozen=True, slots=True)
class Habits:
    """What comes back in a time.

    Attributes:
        first: the first day asked about.
        last: the last.
        whole_since: the first of these days whose actions are all there; all but `streaks` is of the days from it on.
        windows: how many windows it was read from.
        attention: how the time was worked through.
        days: its days, from the first with anything to the last.
        hours: the hours of the day in which anything was done.
        tired: by hours without a rest; empty if neither commands nor keys were recorded.
        streaks: days in a row, longest first.
        pairs: what follows what most often.
        triples: the same for three in a row.
    """

    first: date
    last: date
    whole_since: date
    windows: int = 0
    attention: Attention = NOTHING
    days: tuple[DayWork, ...] = ()
    hours: tuple[HourActivity, ...] = ()
    tired: tuple[FatigueByHour, ...] = ()
    streaks: tuple[NamedStreak, ...] = ()
    pairs: tuple[Transition, ...] = ()
    triples: tuple[Transition, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.windows or self.streaks or self.pairs)


def read(
    reader: Reader,
    today: date,
    days: int,
    zone: tzinfo | None = None,
    check_cancelled: Callable[[], None] = lambda: None,
) -> Habits:
    """What comes back in the last days.

    Args:
        reader: an open reader of the store.
        today: the last day.
        days: how many.
        zone: local time; None for the machine's own.
        check_cancelled: called now and then; raises if the answer is wanted no more.
    """
    first = today - timedelta(days=days - 1)
    since = _whole_since(reader, first)
    streaks = _streaks(reader, first, today)
    if since > today:
        return Habits(first, today, since, streaks=streaks)
    period = time_ranges.days(since, (today - since).days + 1, "", zone)
    course = _course(reader, period, zone, check_cancelled)
    check_cancelled()
    projects = reader.patterns.focus_sessions(Dimension.PROJECT, period.start_us, period.end_us)
    found = attention.summarise(course, projects, period, zone)
    active = intervals.cut(course.work, period)
    check_cancelled()
    tired = _tired(reader, found.bouts, period, check_cancelled)
    following = []
    for before in (1, 2):
        check_cancelled()
        following.append(reader.patterns.transitions(period.start_us, period.end_us, before, _SEQUENCES))
    return Habits(
        first=first,
        last=today,
        whole_since=since,
        windows=course.windows,
        attention=found,
        days=tuple(_days(active, found, period, zone)),
        hours=_hours(active, course.stretches, zone),
        tired=tired,
        streaks=streaks,
        pairs=following[0],
        triples=following[1],
    )


def _whole_since(reader: Reader, first: date) -> date:
    """The first day from which on no clean-up has taken anything."""
    thinned = max(reader.thinned_days(), default=None)
    return first if thinned is None else max(first, EPOCH_DATE + timedelta(days=thinned + 1))


def _streaks(reader: Reader, first: date, last: date) -> tuple[NamedStreak, ...]:
    found = [
        NamedStreak(kind, streak)
        for kind, source in _STREAK_OF
        for streak in reader.patterns.streaks(kind, first, last, least_days=LEAST_STREAK_DAYS, source=source)
    ]
    found.sort(key=lambda each: (-each.streak.days, -each.streak.last.toordinal(), each.streak.name))
    return tuple(found[:_STREAKS])


def _course(reader: Reader, period: Period, zone: tzinfo | None, check_cancelled: Callable[[], None]) -> WindowTimeline:
    """The course of the time; each window is taken with the day on which it began."""
    parts = []
    begun_us = max(0, period.start_us - LOOK_BACK_US)
    for day in time_ranges.split_days(Period(begun_us, period.end_us, ""), zone):
        check_cancelled()
        windows = reader.outline(day.start_us, day.end_us).windows
        if day.start_us > begun_us:
            windows = tuple(window for window in windows if window[0] >= day.start_us)
        parts.append(attention.course(windows, period))
    return attention.joined(parts)


def _days(active: tuple[Span, ...], found: Attention, period: Period, zone: tzinfo | None) -> Iterator[DayWork]:
    focus_us = {
        day.label: length_us for day, length_us in intervals.by_day(intervals.union(found.sessions), period, zone)
    }
    longest: dict[str, int] = {}
    for bout in found.bouts:
        day = time_ranges.local(max(bout.start_us, period.start_us), zone).date().isoformat()
        longest[day] = max(longest.get(day, 0), bout.length_us)
    for each, active_us in intervals.by_day(active, period, zone):
        by_hour = intervals.by_hour(intervals.cut(active, each), zone)
        late_us = sum(by_hour[hour] for hour in LATE_HOURS)
        day = each.label
        yield DayWork(date.fromisoformat(day), active_us, focus_us.get(day, 0), longest.get(day, 0), late_us)


def _hours(active: tuple[Span, ...], stretches: tuple[Span, ...], zone: tzinfo | None) -> tuple[HourActivity, ...]:
    switches = [0] * 24
    for before, after in pairwise(stretches):
        if attention.is_switch(before, after):
            switches[time_ranges.local(after.start_us, zone).hour] += 1
    by_hour = intervals.by_hour(active, zone)
    return tuple(HourActivity(hour, by_hour[hour], switches[hour]) for hour in range(24) if by_hour[hour])


def _tired(
    reader: Reader, bouts: tuple[Span, ...], period: Period, check_cancelled: Callable[[], None]
) -> tuple[FatigueByHour, ...]:
    """Failed commands and keys taken back by how long ago the last rest was."""
    sums = [[0, 0, 0, 0] for _ in range(HOURS_SHOWN)]
    for bout in bouts:
        check_cancelled()
        for number, start_us in enumerate(range(bout.start_us, bout.end_us, US_PER_HOUR)):
            low_us = max(start_us, period.start_us)
            high_us = min(start_us + US_PER_HOUR, bout.end_us)
            if low_us >= high_us:
                continue
            run, keys = reader.patterns.commands(low_us, high_us), reader.patterns.keys(low_us, high_us)
            hour_sums = sums[min(number, HOURS_SHOWN - 1)]
            for place, value in enumerate((run.run, run.failed, keys.pressed, keys.corrections)):
                hour_sums[place] += value
    if not any(map(any, sums)):
        return ()
    return tuple(
        FatigueByHour(hour, Commands(run, failed), Keys(pressed, taken_back))
        for hour, (run, failed, pressed, taken_back) in enumerate(sums)
    )
