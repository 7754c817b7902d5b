"""What comes back, as charts, and under each chart and table the line that says what it was computed from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from app.models.formatting import clock, moment, percent, short_day, span
from app.services.activity.attention import LATE, REST_US
from app.services.activity.habits import (
    HOURS_SHOWN,
    LEAST_COMMANDS,
    LEAST_KEYS,
    LEAST_STREAK_DAYS,
    FatigueByHour,
    Habits,
)
from app.services.activity.intervals import Span
from app.store.queries.patterns import LEAST_FOCUS_US
from collectors.events import US_PER_HOUR, US_PER_MIN
from neural.language.facts import Chart, ChartKind, Series
from neural.language.formatting import count

RANGES: Final = ((7, "Last 7 days"), (28, "Last 28 days"), (90, "Last 90 days"))
"""The times that can be chosen: days and words."""
_LEAST_ACTIVE_US: Final = 30 * US_PER_MIN
_NO_WINDOWS: Final = "No window was recorded in this time; unbroken work, changes and rests are read from windows."


def too_little(habits: Habits) -> str:
    """Why nothing can be drawn of windows; empty if it can."""
    active_us = habits.attention.active_us
    if not habits.windows:
        return _NO_WINDOWS
    if active_us >= LEAST_FOCUS_US:
        return ""
    return f"Only {span(active_us)} in windows in this time; from {span(LEAST_FOCUS_US)} on there is something to draw."


def days_text(habits: Habits) -> str:
    """The days that are shown: "23 Oct to 20 Nov 2026"."""
    return _from_to(habits.whole_since, habits.last)


def summary(habits: Habits) -> str:
    """The time in one line; empty if there is too little."""
    found = habits.attention
    if too_little(habits):
        return ""
    focus = percent(min(1.0, found.focus_us / found.active_us))
    return f"{span(found.active_us)} active, {focus} of it in {count(len(found.sessions), 'focus session')}"


def left_out(habits: Habits) -> str:
    """Which days are not shown; empty if all are."""
    if habits.whole_since <= habits.first:
        return ""
    return (
        f"Of the days before {short_day(habits.whole_since)} the clean-up kept one action in a hundred. They count for "
        "days in a row, which come from daily sums, and for nothing else here."
    )


# --- focus


def focus_chart(habits: Habits) -> Chart | None:
    """Time in focus compared with all active time, by day; None if there is too little."""
    rows = [(short_day(each.day), each) for each in habits.days]
    if too_little(habits):
        return None
    named = (
        ("in focus", [(label, _minutes(each.focus_us)) for label, each in rows]),
        ("active", [(label, _minutes(each.active_us)) for label, each in rows]),
    )
    return _bars("Focus by day", "day", "time", "min", named)


def focus_text(habits: Habits) -> str:
    """What focus was computed from."""
    if why := too_little(habits):
        return why
    return (
        f"From {count(habits.windows, 'window')} and the actions in projects, {days_text(habits)}. A focus session is "
        f"{span(LEAST_FOCUS_US)} and more in one application, or in one project, without another in between."
    )


# --- changes


def switches_chart(habits: Habits) -> Chart | None:
    """Changes of application in an active hour, by hour of the day; None if no hour tells."""
    rows = [
        (f"{each.hour:02d}", round(each.switches_per_hour, 1))
        for each in habits.hours
        if each.active_us >= _LEAST_ACTIVE_US
    ]
    if not rows:
        return None
    return _bars("Changes of application by hour of the day", "hour", "changes an active hour", "count", (("", rows),))


def switches_text(habits: Habits) -> str:
    """What changes were computed from."""
    if why := too_little(habits):
        return why
    if switches_chart(habits) is None:
        return (
            f"{count(habits.attention.switches, 'change')} of application so far; shown by the hour once one of them "
            f"has {span(_LEAST_ACTIVE_US)} of active time."
        )
    return (
        f"From {count(habits.attention.switches, 'change')} in {span(habits.attention.active_us)} of active time, "
        f"{days_text(habits)}. Hours with less than {span(_LEAST_ACTIVE_US)} of it in all are left out."
    )


# --- rests


def rests_chart(habits: Habits) -> Chart | None:
    """The longest work without a rest compared with active time late at night, by day; None if there is too little."""
    rows = [(short_day(each.day), each) for each in habits.days]
    if too_little(habits):
        return None
    named = [("longest without a rest", [(label, _hours(each.bout_us)) for label, each in rows])]
    if not habits.attention.late_us:
        return _bars("Work without a rest", "day", "longest without a rest", "h", named)
    named.append((LATE, [(label, _hours(each.late_us)) for label, each in rows]))
    return _bars("Work without a rest, and late at night", "day", "time", "h", named)


def rests_text(habits: Habits) -> str:
    """What rests were computed from."""
    if why := too_little(habits):
        return why
    longest = habits.attention.longest_bout
    late = "" if habits.attention.late_us else f" There was none {LATE}."
    most = "" if longest is None else f" The longest was {_bout(longest)}."
    return (
        f"From {count(habits.windows, 'window')}, {days_text(habits)}. {span(REST_US)} away from every window is a "
        f"rest; a film in one counts as work.{most}{late}"
    )


def tired_chart(habits: Habits) -> Chart | None:
    """What went wrong the longer the last rest was ago; None if no two hours can be compared."""
    named = []
    for name, value in (("commands that failed", _failed), ("keys that took something back", _taken_back)):
        rows = [(_hour_words(each.hour), value(each)) for each in habits.tired]
        known = [(label, round(100 * share, 1)) for label, share in rows if share is not None]
        if len(known) > 1:
            named.append((name, known))
    if not named:
        return None
    what = named[0][0] if len(named) == 1 else "share"
    return _bars("What went wrong, by hours without a rest", "work without a rest", what, "%", named)


def fatigue_text(habits: Habits) -> str:
    """What that was computed from."""
    run = sum(each.commands.run for each in habits.tired)
    pressed = sum(each.keys.pressed for each in habits.tired)
    counted = f"{count(run, 'command')} whose end is known and {count(pressed, 'key')}"
    if tired_chart(habits) is None:
        return (
            f"What goes wrong the longer the last rest is ago is shown once two hours can be compared: from "
            f"{LEAST_COMMANDS} commands, or {LEAST_KEYS} keys, in each. So far there are {counted}."
        )
    return (
        f"From {counted}, {days_text(habits)}. An hour with fewer than {LEAST_COMMANDS} commands or {LEAST_KEYS} keys "
        "is left out. What went wrong need not come of being tired."
    )


# --- days in a row


def streaks_text(habits: Habits) -> str:
    """What days in a row were computed from."""
    if not habits.streaks:
        return f"No application, site or project was used on {LEAST_STREAK_DAYS} days in a row in this time."
    return (
        f"From daily sums, {_from_to(habits.first, habits.last)}: days without a gap with "
        "windows of an application, pages of a site, or anything in a project. What began earlier counts from "
        f"{short_day(habits.first)} on."
    )


# --- what follows what


def sequences_text(habits: Habits) -> str:
    """What rows of actions were computed from."""
    if not habits.pairs:
        return "No two actions followed each other in this time."
    return (
        f"From the actions of {days_text(habits)}, in order. Nothing follows across five minutes of nothing, a lock or "
        "sleep; the same action twice counts once."
    )


def _bars(
    title: str, x_label: str, y_label: str, unit: str, named: Sequence[tuple[str, Sequence[tuple[str, float]]]]
) -> Chart:
    labels = list(dict.fromkeys(label for _, rows in named for label, _ in rows))
    series = tuple(
        Series(
            name or y_label,
            tuple(label for label, _ in rows),
            tuple(float(labels.index(label)) for label, _ in rows),
            tuple(value for _, value in rows),
        )
        for name, rows in named
    )
    return Chart(ChartKind.BARS, title, x_label, y_label, unit, series)


def _bout(found: Span) -> str:
    return f"{span(found.length_us)}, from {moment(found.start_us, 0)} to {clock(found.end_us)}"


def _failed(found: FatigueByHour) -> float | None:
    return found.failed


def _taken_back(found: FatigueByHour) -> float | None:
    return found.taken_back


def _hour_words(hour: int) -> str:
    if hour == 0:
        return "first hour"
    return f"after {hour} h" if hour == HOURS_SHOWN - 1 else f"{hour} to {hour + 1} h"


def _from_to(first: date, last: date) -> str:
    year = "" if first.year == last.year else f" {first.year}"
    return f"{short_day(first)}{year} to {short_day(last)} {last.year}"


def _minutes(length_us: int) -> float:
    return float(round(length_us / US_PER_MIN))


def _hours(length_us: int) -> float:
    return round(length_us / US_PER_HOUR, 2)
