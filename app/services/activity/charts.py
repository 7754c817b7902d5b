"""Charts of activity: bars, grouped bars and a timeline of windows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Final

from app.services.activity import intervals as activity_intervals
from app.services.activity.intervals import MergedInterval, Span
from collectors.events import US_PER_S
from neural.language.facts import Chart, ChartKind, Series
from neural.language.reading import time_ranges

_ROWS: Final = 7


def bars(title: str, x_label: str, y_label: str, unit: str, rows: Sequence[tuple[str, float]]) -> Chart | None:
    """One group of bars; None if there is nothing to draw.

    Args:
        title: of the chart.
        x_label: of the x axis.
        y_label: of the y axis.
        unit: of the values.
        rows: label and value of each bar.
    """
    if not rows:
        return None
    labels, values = zip(*rows, strict=True)
    series = Series(title, labels, tuple(float(place) for place in range(len(rows))), tuple(map(float, values)))
    return Chart(ChartKind.BARS, title, x_label, y_label, unit, (series,))


def grouped_bars(
    title: str, x_label: str, y_label: str, unit: str, groups: Sequence[tuple[str, Sequence[tuple[str, float]]]]
) -> Chart | None:
    """Several groups of bars over the same labels, one series a group.

    Args:
        title: of the chart.
        x_label: of the x axis.
        y_label: of the y axis.
        unit: of the values.
        groups: name of each series, and label and value of each of its bars.
    """
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
    """When each application had the focus: a row for each of the most used, the others in one row.

    Args:
        title: of the chart.
        windows: with the application as name.
        zone: of the times in the labels; None for the system's.
    """
    intervals = sorted((span.start_us, span.end_us, span.name) for span in windows)
    return drawn_stays(title, activity_intervals.stays(intervals, activity_intervals.PAUSE_IN_STRETCH_US), zone)


def drawn_stays(title: str, stays: Sequence[MergedInterval], zone: tzinfo | None) -> Chart | None:
    """The same of stays whose pauses are bridged already.

    Args:
        title: of the chart.
        stays: with the application as name; pauses are bridged already.
        zone: of the times in the labels; None for the system's.
    """
    if not stays:
        return None
    ranked = [name for name, _ in activity_intervals.by_stay(stays)]
    shown = ranked if len(ranked) <= _ROWS else ranked[: _ROWS - 1]
    groups: dict[str, list[Span]] = {name: [] for name in shown}
    for stay in stays:
        group = stay.name if stay.name in groups else "Other"
        groups.setdefault(group, []).append(Span(stay.start_us, stay.end_us, group))
    series = []
    for name, spans in groups.items():
        drawn = activity_intervals.bridged(spans, activity_intervals.PAUSE_IN_STRETCH_US)
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
    moment = time_ranges.local(ts_us, zone)
    return f"{moment.hour:02}:{moment.minute:02}"
