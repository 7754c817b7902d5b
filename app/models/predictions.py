"""What the mind expects, how often it was right, and what it was trained on, as tables and one chart."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any, Final

from app.models.formatting import action, percent
from app.models.table import Column, RowsModel
from app.services.status import ActionForecast
from app.store.values.records import HitRates, TrainingRunRow
from collectors.events import US_PER_S
from neural.language.facts import Chart, ChartKind, Series
from neural.language.formatting import kind_name, number, tokens_said, two_digits
from neural.reward.actions import KindChance
from neural.reward.explaining.explanation import Reason

_NAMES: Final = {
    "model": "this model",
    "most-recent": "most recent",
    "most-frequent": "most frequent",
    "ipam": "IPAM",
    "markov-3": "Markov-3",
}
_MINUTE_S: Final = 60
_WORTH_TELLING: Final = 0.01


def forecast_model() -> RowsModel[ActionForecast]:
    """The table of the next actions."""
    return RowsModel(
        (
            Column("Next", lambda row: action(row.action), tip=lambda row: row.action),
            Column("Chance", lambda row: percent(row.probability), number=True, share=lambda row: row.probability),
            Column("Reward", lambda row: f"{row.reward:+.2f}".replace("-", "\u2212"), number=True),
            Column("Because", _because, tip=_because, quiet=True),
        )
    )


def reasons_model() -> RowsModel[Reason]:
    """The table of what the first guess rests on."""
    return RowsModel(
        (
            Column("It rests on", lambda row: row.group.value),
            Column("Odds", lambda row: factor(row.factor), number=True),
            Column("Counted", _counted, tip=_counted, quiet=True),
        )
    )


def kinds_text(kinds: Sequence[KindChance]) -> str:
    """What kind of action comes, in a sentence; empty if nothing is known."""
    worth = [chance for chance in kinds if chance.probability >= _WORTH_TELLING]
    parts = [
        f"{kind_name(chance.kind)} {percent(chance.probability)}"
        + (f" ({percent(chance.something_new)} something new)" if chance.something_new >= _WORTH_TELLING else "")
        for chance in worth
    ]
    return f"By kind: {', '.join(parts)}." if parts else ""


def factor(value: float) -> str:
    """How many times likelier something becomes: "\u00d7 5.2"; less likely: "\u00f7 1.4"."""
    return f"\u00d7 {number(two_digits(value))}" if value >= 1 else f"\u00f7 {number(two_digits(1 / value))}"


def _counted(row: Reason) -> str:
    return tokens_said(row.text)


def _because(row: ActionForecast) -> str:
    return tokens_said(row.because)


def runs_model() -> RowsModel[TrainingRunRow]:
    """The table of training runs."""
    return RowsModel(
        (
            Column("Run", _run),
            Column("Started", _started, quiet=True),
            Column("Learned from", lambda row: f"{number(int(_report(row, 'decisions')))} decisions", number=True),
            Column("First right", lambda row: percent(_report(row, "tail_top1")), number=True),
            Column("In five", lambda row: percent(_report(row, "tail_top5")), number=True),
            Column("Nats", lambda row: f"{_report(row, 'tail_nats'):.2f}", number=True),
            Column("Took", _took, quiet=True),
        )
    )


def hit_rate_chart(rates: HitRates) -> Chart:
    """Hit rates in percent: the model first, then the simple rules, the best first."""
    first, five = dict(rates.top1), dict(rates.top5)
    names = sorted(first, key=lambda name: (name != "model", -first[name]))
    labels = tuple(_NAMES.get(name, name.replace("-", " ")) for name in names)
    places = tuple(float(place) for place in range(len(names)))
    return Chart(
        kind=ChartKind.BARS,
        title="How often the next action was predicted",
        x_label="predictor",
        y_label="hit rate",
        unit="%",
        series=(
            Series("the first guess", labels, places, tuple(round(first[name] * 100, 1) for name in names)),
            Series("among the first five", labels, places, tuple(round(five.get(name, 0) * 100, 1) for name in names)),
        ),
    )


def _report(row: TrainingRunRow, field: str) -> float:
    report: dict[str, Any] = json.loads(row.report_json)
    return float(report[field])


def _run(row: TrainingRunRow) -> str:
    if row.active:
        return f"{row.id}, in use"
    beaten: bool = not json.loads(row.report_json).get("promoted", True)
    return f"{row.id}, no better" if beaten else f"{row.id}"


def _started(row: TrainingRunRow) -> str:
    return time.strftime("%d %b %H:%M", time.localtime(row.started_us / US_PER_S))


def _took(row: TrainingRunRow) -> str:
    seconds = _report(row, "seconds")
    return f"{seconds:.0f} s" if seconds < 2 * _MINUTE_S else f"{seconds / _MINUTE_S:.0f} min"
