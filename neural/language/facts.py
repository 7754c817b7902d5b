"""What an answer is made of: typed facts, and the chart that shows them.

Every number in a text must be one of the facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is known.

    Attributes:
        name: what it is of ("focused time in firefox").
        value: the number or name itself.
        unit: "min", "h", "%", "count", "time", "name", "nats".
        source: the table or query that it came from ("data_aggregates, 2026-11-20").
    """

    name: str
    value: float | int | str
    unit: str
    source: str


class ChartKind(StrEnum):
    """How a chart is drawn."""

    BARS = "bars"
    LINE = "line"
    SPANS = "spans"


@dataclass(frozen=True, slots=True)
class Series:
    """One line, one group of bars or one row of spans.

    Attributes:
        name: for the legend and the screen reader.
        labels: [n] a label a bar (or span); empty for lines.
        x: [n] positions; seconds since the epoch if the chart's `x_is_time`; for spans the start.
        y: [n] values in the chart's unit; for spans the end.
    """

    name: str
    labels: tuple[str, ...]
    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as values: views draw it, the command line prints it."""

    kind: ChartKind
    title: str
    x_label: str
    y_label: str
    unit: str
    series: tuple[Series, ...]
    x_is_time: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question is answered with.

    Attributes:
        text: sentences; every number, name and time in them stands in `facts`.
        plan: the query that was run, as JSON-able values (None if the question was not understood).
        facts: what the text was made from.
        chart: what is drawn below the text.
        narrator: "plain", or the name of the model file that put the facts into words.
    """

    text: str
    plan: dict[str, str | None] | None
    facts: tuple[Fact, ...]
    chart: Chart | None
    narrator: str
