"""Answers about focus, about what comes next, about how good the predictions are, and about what is recorded."""

from __future__ import annotations

from typing import Final

from app.services.activity import charts, intervals
from app.services.asking import charts as answer_charts
from app.services.asking import past_aggregates
from app.services.asking.query import Facts, Query, Result, begin, empty, windows
from neural.language import formatting
from neural.language.reading import time_ranges
from neural.reward.explaining.explanation import Explanation

_GUESSES: Final = 5
_SHOWN: Final = 8
_REASONS: Final = 4
_WORTH_TELLING: Final = 0.01
"""A candidate less likely than this is mentioned only if it is the first."""
_BYTES_PER_MB: Final = 1_000_000


def focus(query: Query) -> Result:
    """When a person is most focused, by hour of the day.

    Focus is time in one application with no switch to another and no pause over a minute. Each active moment
    belongs to one such stretch; an hour of the day is as focused as the mean length of the stretches its moments
    belong to (`app.services.activity.intervals`). Hours with under half an hour of active time in the whole period
    are left out: one quiet evening is no habit. The answer says this definition with its numbers.
    """
    if kept := past_aggregates.thinned(query):
        return past_aggregates.too_thin(query, kept)
    facts = begin(query)
    rows = query.rows()
    if not rows:
        return empty(query, facts)
    facts.add("actions", len(rows), "count")
    focused = windows(rows, query.period)
    facts.time("least active time of an hour", intervals.LEAST_ACTIVE_US, "definition")
    facts.time("longest pause inside", intervals.PAUSE_IN_STRETCH_US, "definition")
    hours = [
        hour for hour in intervals.focus_by_hour(focused, query.zone) if hour.active_us >= intervals.LEAST_ACTIVE_US
    ]
    if not hours:
        return facts, None
    ranked = sorted(hours, key=lambda hour: (-hour.focus_us, hour.hour))
    for which, hour in (("best", ranked[0]), ("worst", ranked[-1]))[: len(ranked)]:
        facts.add(f"{which} hour begins", f"{hour.hour:02}:00", "time")
        facts.add(f"{which} hour ends", f"{(hour.hour + 1) % 24:02}:00", "time")
        facts.time(f"focus at the {which} hour", hour.focus_us)
        facts.add(f"switches an active hour, {which} hour", round(hour.switches_per_hour, 1), "count")
    longest = max(intervals.stretches(focused), key=lambda span: span.length_us)
    began = time_ranges.local(longest.start_us, query.zone)
    facts.time("longest stretch", longest.length_us)
    facts.add("longest stretch in", longest.name, "name")
    facts.add("longest stretch on", f"on {time_ranges.day_label(began.date())}", "name")
    facts.add("longest stretch began", began.strftime("%H:%M"), "time")
    drawn = []
    for hour in hours:
        fact = facts.time(f"typical stretch at {hour.hour:02}:00", hour.focus_us)
        drawn.append((f"{hour.hour:02}:00", answer_charts.minutes(fact)))
    return facts, charts.bars(f"Focus {query.period.label}", "hour of the day", "typical stretch", "min", drawn)


def upcoming(query: Query) -> Result:
    """What comes next, and why: the forecast of this moment."""
    facts = Facts("forecast of now")
    if not query.forecast:
        facts.add("actions stored", query.reader.counts().actions, "count", "actions")
    drawn = []
    for place, forecast in enumerate(query.forecast[:_SHOWN]):
        if place and forecast.probability < _WORTH_TELLING:
            break
        name = formatting.token_phrase(forecast.action)
        fact = facts.add(f"probability of {name}", round(100 * forecast.probability), "%")
        drawn.append((name, fact))
        facts.add(f"reward of {name}", round(forecast.reward, 2), "nats")
        if forecast.because:
            facts.add(f"why {name}", _counted(forecast.because), "name")
    if query.why is not None and query.forecast and query.why.action == query.forecast[0].action:
        _add_reasons(facts, query.why)
    rows = [(name, float(fact.value)) for name, fact in drawn]
    return facts, charts.bars("What comes next", "action", "probability", "%", rows)


def _add_reasons(facts: Facts, why: Explanation) -> None:
    """What the first guess rests on: how many times likelier each part makes it against the others, and its count."""
    facts.add("others compared", why.others, "count")
    for chance in why.kinds:
        if chance.probability >= _WORTH_TELLING:
            name = formatting.kind_name(chance.kind)
            facts.add(f"next is {name}", round(100 * chance.probability), "%")
            if chance.something_new >= _WORTH_TELLING:
                facts.add(f"new, {name}", round(100 * chance.something_new), "%")
    for reason in why.reasons[:_REASONS]:
        speaks = "for" if reason.factor > 1 else "against"
        strength = formatting.two_digits(max(reason.factor, 1 / reason.factor))
        facts.add(f"{speaks} it, {reason.group.value}", strength, "times")
        facts.add(f"counted of {reason.group.value}", _counted(reason.text), "name")


def _counted(reason: str) -> str:
    """Put the count of a reason in brackets: "usually follows make; 7 of 9 times" ends in "(7 of 9 times)"."""
    what, separator, count = formatting.tokens_said(reason).rpartition("; ")
    return f"{what.replace(';', ',')} ({count})" if separator else count


def accuracy(query: Query) -> Result:
    """How often stored predictions were right, compared with simple methods on the same data."""
    facts = Facts("predictions")
    rates = query.reader.hit_rates(query.period.start_us)
    if not rates.scored:
        return facts, None
    facts.add("predictions scored", rates.scored, "count")
    facts.add("guesses counted", _GUESSES, "count", "definition")
    groups = []
    for title, key, values in (
        ("first guess right", "first guess right", rates.top1),
        (f"among the first {_GUESSES}", "among the first", rates.top5),
    ):
        drawn = [(name, facts.add(f"{key}, {name}", round(100 * rate), "%")) for name, rate in values]
        groups.append((title, [(name, float(fact.value)) for name, fact in drawn]))
    if rates.model_nats is not None:
        facts.add("surprise of the model, an action", round(rates.model_nats, 2), "nats")
    return facts, charts.grouped_bars("How often predictions were right", "method", "hit rate", "%", groups)


def recorded(query: Query) -> Result:
    """What is in the store."""
    facts = Facts("store")
    counts = query.reader.counts()
    facts.add("actions stored", counts.actions, "count")
    if counts.first_us is None or counts.last_us is None:
        return facts, None
    for name, ts_us in (("first day", counts.first_us), ("last day", counts.last_us)):
        facts.add(name, time_ranges.day_label(time_ranges.local(ts_us, query.zone).date()), "name")
    sources = sorted(counts.by_source, key=lambda item: (-item[1], item[0]))
    drawn = [(name, float(facts.add(f"actions from {name}", number, "count").value)) for name, number in sources]
    facts.add("sessions stored", counts.sessions, "count")
    facts.add("predictions stored", counts.predictions, "count")
    facts.add("training runs stored", counts.training_runs, "count")
    facts.add("size of the store", round(counts.file_bytes / _BYTES_PER_MB, 1), "MB")
    return facts, charts.bars("Stored actions by source", "source", "actions", "count", drawn)
