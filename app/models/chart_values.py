"""A chart without drawing it: its values as words, as CSV, and one by one with the words that name each."""

from __future__ import annotations

import csv
import io
import time
from dataclasses import dataclass
from typing import Final

from neural.language.facts import Chart, ChartKind

_MOST_VALUES_SPOKEN: Final = 40


@dataclass(frozen=True, slots=True)
class Mark:
    """One value of a chart.

    Attributes:
        series: position of its series.
        index: position in the series.
        text: its name and value in words.
    """

    series: int
    index: int
    text: str


def value_text(value: float, unit: str) -> str:
    """A value with its unit, "1.5 h"; counts whole, nats with two decimals and no unit, which the caption names."""
    if unit == "nats":
        return f"{value:.2f}".replace("-", "\u2212")
    number = f"{value:.0f}" if unit in ("count", "") or value == round(value) else f"{value:.1f}"
    return number if unit in ("count", "") else f"{number} {unit}"


def position_text(chart: Chart, x: float) -> str:
    """A position on the x axis in words: the local time if the axis is one of time."""
    if chart.x_is_time:
        return time.strftime("%d %b %H:%M", time.localtime(x))
    return f"{x:g}"


def marks(chart: Chart) -> tuple[Mark, ...]:
    """Every value in reading order: by position, and at one position series by series."""
    found = [
        (series.x[index], number, index) for number, series in enumerate(chart.series) for index in range(len(series.x))
    ]
    return tuple(Mark(number, index, _words(chart, number, index)) for _, number, index in sorted(found))


def describe(chart: Chart) -> str:
    """The chart for somebody who does not see it: what it shows and its values, the first forty when there are more."""
    every = marks(chart)
    spoken = "; ".join(mark.text for mark in every[:_MOST_VALUES_SPOKEN])
    more = f"; and {len(every) - _MOST_VALUES_SPOKEN} more" if len(every) > _MOST_VALUES_SPOKEN else ""
    return f"{chart.title}. {spoken}{more}." if every else f"{chart.title}. No values."


def to_csv(chart: Chart) -> str:
    """The values as CSV (RFC 4180) with a heading; times are local, ISO 8601 with their offset."""
    out = io.StringIO()
    writer = csv.writer(out)
    if chart.kind is ChartKind.SPANS:
        writer.writerow(["series", "label", "start", "end"])
    else:
        writer.writerow(["series", chart.x_label or "x", f"{chart.y_label or 'value'} ({chart.unit})"])
    for series in chart.series:
        for index, (x, y) in enumerate(zip(series.x, series.y, strict=True)):
            label = series.labels[index] if series.labels else ""
            if chart.kind is ChartKind.SPANS:
                writer.writerow([series.name, label, _cell(chart, x), _cell(chart, y)])
            else:
                writer.writerow([series.name, label or _cell(chart, x), f"{y:g}"])
    return out.getvalue()


def _cell(chart: Chart, x: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(x)) if chart.x_is_time else f"{x:g}"


def _words(chart: Chart, number: int, index: int) -> str:
    series = chart.series[number]
    label = series.labels[index] if series.labels else ""
    x, y = series.x[index], series.y[index]
    if chart.kind is ChartKind.SPANS:
        name = f"{series.name}, {label}" if label and label != series.name else series.name
        start, end = (
            (time.strftime("%H:%M", time.localtime(at)) for at in (x, y)) if chart.x_is_time else (f"{x:g}", f"{y:g}")
        )
        return f"{name}: {start} to {end}"
    name = label or position_text(chart, x)
    if len(chart.series) > 1:
        name = f"{name}, {series.name}"
    return f"{name}: {value_text(y, chart.unit)}"
