"""Answers about what is found worth doing, when, and what changed of late; from the report that is kept."""

from __future__ import annotations

import math
from typing import Final

from app.services.activity import charts
from app.services.asking.query import Facts, Query, Result
from app.services.learning.reward_report import latest_report
from neural.language import formatting
from neural.language.reading import time_ranges
from neural.reward.explaining.report_values import ARROW, RewardReport, Worth

_SHOWN: Final = 8
_WEEKEND: Final = "weekend "
_SURE_ERRORS: Final = 2.0
"""How many standard errors a figure must be away from another to be called more or less."""


def worth_doing(query: Query) -> Result:
    """What is found most and least worth doing."""
    facts, report = _begin(query)
    if report is None:
        return facts, None
    drawn = []
    for place, row in enumerate(report.actions[:_SHOWN]):
        name = formatting.token_phrase(row.name)
        drawn.append((name, _nats(facts, f"worth of {name}", row.worth)))
        facts.add(f"rank {place + 1} in worth", name, "name")
    if len(report.actions) > 1:
        name = formatting.token_phrase(report.actions[-1].name)
        facts.add("least worth", name, "name")
        if len(report.actions) > _SHOWN:
            _nats(facts, f"worth of {name}", report.actions[-1].worth)
    if len(report.projects) > 1:
        facts.add("most worth of projects", report.projects[0].name, "name")
        _nats(facts, f"worth of {report.projects[0].name}", report.projects[0].worth)
    if report.sequences:
        facts.add("most worth in a row", _in_a_row(report.sequences[0]), "name")
        _nats(facts, f"worth of {_in_a_row(report.sequences[0])}", report.sequences[0].worth)
    if report.spikes:
        spike = report.spikes[0]
        when = time_ranges.local(spike.ts_us, query.zone)
        facts.add("stood out", formatting.token_phrase(spike.action), "name")
        facts.add("stood out on", f"on {time_ranges.day_label(when.date())}", "name")
        facts.add("stood out at", when.strftime("%H:%M"), "time")
        _nats(facts, "gain of what stood out", spike.gain)
    return facts, charts.bars("What you find worth doing", "action", "worth", "nats", drawn)


def best_hour(query: Query) -> Result:
    """When what is done is most worth doing."""
    facts, report = _begin(query)
    hours = [] if report is None else [row for row in report.hours if not row.name.startswith(_WEEKEND)]
    if len(hours) < 2:  # noqa: PLR2004  # one alone is neither best nor worst
        return facts, None
    usual = sum(row.worth * row.done for row in hours) / sum(row.done for row in hours)
    _nats(facts, "worth of a usual hour", usual)
    for which, row, ahead in (("best", hours[0], 1), ("worst", hours[-1], -1)):
        if ahead * (row.worth - usual) > _SURE_ERRORS * row.error:
            facts.add(f"{which} hour begins", f"{int(row.name):02}:00", "time")
            facts.add(f"{which} hour ends", f"{(int(row.name) + 1) % 24:02}:00", "time")
            _nats(facts, f"worth at the {which} hour", row.worth)
            facts.add(f"decisions at the {which} hour", row.done, "count")
    drawn = [(f"{row.name}:00", _nats(facts, f"worth from {row.name}:00", row.worth)) for row in _by_hour(hours)]
    return facts, charts.bars("When you do what is worth doing", "hour, Monday to Friday", "worth", "nats", drawn)


def changed(query: Query) -> Result:
    """What came to be more or less worth doing than in the month before."""
    facts, report = _begin(query)
    if report is None or report.shifts is None:
        return facts, None
    facts.add("changes that are sure", len(report.shifts), "count")
    drawn = []
    for shift in report.shifts[:_SHOWN]:
        name = formatting.token_phrase(shift.action)
        kind = "more often" if shift.reward > 0 else "less often"
        facts.add(f"{kind}: {name}", formatting.two_digits(math.exp(abs(shift.reward))), "times")
        facts.add(f"times before: {name}", shift.then, "count")
        facts.add(f"times now: {name}", shift.now, "count")
        drawn.append((name, _nats(facts, f"change of {name}", shift.reward)))
    return facts, charts.bars("What changed this month", "action", "change of reward", "nats", drawn)


def _begin(query: Query) -> tuple[Facts, RewardReport | None]:
    report = latest_report(query.reader)
    facts = Facts("reward report")
    if report is None or not report.tells:
        facts.add("actions stored", query.reader.counts().actions, "count", "actions")
        return facts, None
    until = time_ranges.day_label(time_ranges.local(report.until_us, query.zone).date())
    facts.add("period", f"in the 30 days up to {until}", "name")
    facts.add("decisions weighed", report.decisions, "count")
    facts.add("days weighed", report.days, "count")
    return facts, report


def _nats(facts: Facts, name: str, value: float) -> float:
    return float(facts.add(name, round(value, 2), "nats").value)


def _in_a_row(row: Worth) -> str:
    return ", then ".join(formatting.token_phrase(token) for token in row.name.split(ARROW))


def _by_hour(hours: list[Worth]) -> list[Worth]:
    return sorted(hours, key=lambda row: row.name)
