"""What is found worth doing, as charts and tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from app.models.formatting import action, moment
from app.models.predictions import factor
from app.models.table import Column, RowsModel
from neural.language.facts import Chart, ChartKind, Series
from neural.reward.explaining.report_values import ARROW, RewardReport, Shift, Spike, Worth

_BARS: Final = 8
_WEEKEND: Final = "weekend "
NATS: Final = "nats"


def worth_chart(report: RewardReport) -> Chart | None:
    """The actions found most and least worth doing, as bars; None without any."""
    rows = _ends(report.actions)
    if not rows:
        return None
    labels = tuple(action(row.name) for row in rows)
    places = tuple(map(float, range(len(rows))))
    values = tuple(round(row.worth, 2) for row in rows)
    series = Series("worth", labels, places, values)
    return Chart(ChartKind.BARS, "By action", "action", "worth", NATS, (series,))


def hours_chart(report: RewardReport) -> Chart | None:
    """How worth doing was what was done, by hour of the day; None without any."""
    series = []
    for name, prefix in (("Monday to Friday", ""), ("weekend", _WEEKEND)):
        rows = sorted(
            (int(row.name.removeprefix(prefix)), row.worth)
            for row in report.hours
            if row.name.startswith(_WEEKEND) == bool(prefix)
        )
        if rows:
            hours, values = zip(*rows, strict=True)
            labels = tuple(f"{hour:02d}:00" for hour in hours)
            series.append(Series(name, labels, tuple(map(float, hours)), tuple(round(value, 2) for value in values)))
    if not series:
        return None
    return Chart(ChartKind.BARS, "By hour", "hour", "worth", NATS, tuple(series))


def projects_chart(report: RewardReport) -> Chart | None:
    """How worth doing was what was done, by project; None without at least two to compare."""
    rows = report.projects[:_BARS]
    if len(rows) < 2:  # noqa: PLR2004  # one alone compares with nothing
        return None
    places = tuple(map(float, range(len(rows))))
    series = Series("worth", tuple(row.name for row in rows), places, tuple(round(row.worth, 2) for row in rows))
    return Chart(ChartKind.BARS, "By project", "project", "worth", NATS, (series,))


def _ends(rows: Sequence[Worth]) -> Sequence[Worth]:
    """The most and the least worth, if there are more than fit."""
    return rows if len(rows) <= _BARS else (*rows[: _BARS - 3], *rows[-3:])


def sequences_model() -> RowsModel[Worth]:
    """The table of what is worth most after something else."""
    return RowsModel(
        (
            Column("In a row", lambda row: row_of_actions(row.name), tip=lambda row: row_of_actions(row.name)),
            Column("Done", lambda row: f"{row.done}", number=True),
            Column("Worth", lambda row: f"{signed(row.worth)} \u00b1 {row.error:.2f}", number=True),
        )
    )


def spikes_model() -> RowsModel[Spike]:
    """The table of the moments that stood out."""
    return RowsModel(
        (
            Column("Stood out", lambda row: moment(row.ts_us, 0), quiet=True),
            Column("What was done", lambda row: action(row.action), tip=lambda row: row.action),
            Column("After", _before, tip=_before, quiet=True),
            Column("Nats", lambda row: signed(row.gain), number=True),
        )
    )


def shifts_model() -> RowsModel[Shift]:
    """The table of what surely changed."""
    return RowsModel(
        (
            Column("Changed this month", lambda row: action(row.action), tip=lambda row: row.action),
            Column("Chosen as often", lambda row: factor(math.exp(row.reward)), number=True),
            Column("Before", lambda row: f"{row.then}", number=True),
            Column("Now", lambda row: f"{row.now}", number=True),
        )
    )


def row_of_actions(name: str) -> str:
    """The actions of a sequence in words."""
    return ", then ".join(action(token) for token in name.split(ARROW))


def signed(value: float) -> str:
    """A figure with its sign: "+0.62"."""
    return f"{value:+.2f}".replace("-", "\u2212")


def _before(row: Spike) -> str:
    return ", then ".join(action(token) for token in row.before)
