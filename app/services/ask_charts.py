"""The chart below an answer, made of the same values as its facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Final

from app.services import ask_time
from app.services.ask_query import Facts, Query
from app.services.ask_time import Span, Stay
from collectors.events import US_PER_S
from neural.language import periods
from neural.language.facts import Chart, ChartKind, Fact, Series

_ROWS: Final = 7
_DAYS: Final = 62
_MONTH_CHARS: Final = 7  # 2026-11
_SECONDS_PER_MINUTE: Final = 60


def minutes(fact: Fact) -> float:
    """A duration fact in minutes, whichever unit it is told in."""
    assert not isinstance(fact.value, str)
    return fact.value if fact.unit == "min" else fact.value / _SECONDS_PER_MINUTE


def bars(title: str, x_label: str, y_label: str, unit: str, rows: Sequence[tuple[str, float]]) -> Chart | None:
    """One group of bars; None where there is nothing to draw."""
    if not rows:
        return None
    labels, values = zip(*rows, strict=True)
    series = Series(title, labels, tuple(float(place) for place in range(len(rows))), tuple(map(float, values)))
    return Chart(ChartKind.BARS, title, x_label, y_label, unit, (series,))


def grouped_bars(
    title: str, x_label: str, y_label: str, unit: str, groups: Sequence[tuple[str, Sequence[tuple[str, float]]]]
) -> Chart | None:
    """Several groups of bars over the same labels, one series a group."""
    series = tuple(
        Series(
            name,
            tuple(label for label, _ in rows),
            tuple(float(place) for place in range(len(rows))),
            tuple(float(value) for _, value in rows),
        )
        for name, rows in groups
        if rows
    )
    return Chart(ChartKind.BARS, title, x_label, y_label, unit, series) if series else None


def timeline(title: str, windows: Sequence[Span], zone: tzinfo | None) -> Chart | None:
    """When each application had the focus: a row for each of the most used, the others in one row."""
    intervals = sorted((span.start_us, span.end_us, span.name) for span in windows)
    return drawn_stays(title, ask_time.stays(intervals, ask_time.PAUSE_IN_STRETCH_US), zone)


def drawn_stays(title: str, stays: Sequence[Stay], zone: tzinfo | None) -> Chart | None:
    """The same of stays whose pauses are bridged already."""
    if not stays:
        return None
    ranked = [name for name, _ in ask_time.by_stay(stays)]
    shown = ranked if len(ranked) <= _ROWS else ranked[: _ROWS - 1]
    groups: dict[str, list[Span]] = {name: [] for name in shown}
    for stay in stays:
        group = stay.name if stay.name in groups else "Other"
        groups.setdefault(group, []).append(Span(stay.start_us, stay.end_us, group))
    series = []
    for name, spans in groups.items():
        drawn = ask_time.bridged(spans, ask_time.PAUSE_IN_STRETCH_US)
        series.append(
            Series(
                name,
                tuple(f"{name}, {clock(span.start_us, zone)} to {clock(span.end_us, zone)}" for span in drawn),
                tuple(span.start_us / US_PER_S for span in drawn),
                tuple(span.end_us / US_PER_S for span in drawn),
            )
        )
    return Chart(ChartKind.SPANS, title, "time of day", "application", "", tuple(series), x_is_time=True)


def clock(ts_us: int, zone: tzinfo | None) -> str:
    """The local time of day of a moment: "14:05"."""
    moment = periods.local(ts_us, zone)
    return f"{moment.hour:02}:{moment.minute:02}"


def days(query: Query, facts: Facts, lengths_us: Sequence[tuple[str, int]], what: str) -> Chart | None:
    """A fact and a bar for each day (ISO date); for each month, where there are many days."""
    sums: dict[str, int] = {}
    for label, length_us in lengths_us:
        key = label if len(lengths_us) <= _DAYS else label[:_MONTH_CHARS]
        sums[key] = sums.get(key, 0) + length_us
    drawn = [(label, minutes(facts.time(f"{what.lower()}, {label}", length_us))) for label, length_us in sums.items()]
    return bars(f"{what} {query.period.label}", "day", "time", "min", drawn)


def hours(query: Query, facts: Facts, lengths_us: Sequence[int], what: str) -> Chart | None:
    """A fact and a bar for each hour of the day, 0 to 23, from the first with any time to the last."""
    used = [hour for hour, length_us in enumerate(lengths_us) if length_us]
    if not used:
        return None
    drawn = [
        (f"{hour:02}:00", minutes(facts.time(f"time from {hour:02}:00", lengths_us[hour])))
        for hour in range(used[0], used[-1] + 1)
    ]
    return bars(f"{what} {query.period.label}", "hour", "time", "min", drawn)
