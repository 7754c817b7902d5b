"""Answers about unbroken work and about signs of fatigue: what the store tells of them, never how somebody feels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.services.activity import attention, charts, intervals, passive_time
from app.services.activity.attention import Attention
from app.services.activity.intervals import Span
from app.services.asking import charts as answer_charts
from app.services.asking import past_aggregates
from app.services.asking.query import Facts, Query, Result, begin, empty
from app.store.queries.patterns import LEAST_FOCUS_US
from collectors.events import US_PER_DAY, US_PER_MIN
from neural.language.reading import time_ranges

_DAYS_BEFORE: Final = 28


@dataclass(frozen=True, slots=True)
class _Share:
    """A share that may go with fatigue.

    Attributes:
        whole: what is counted.
        part: what goes wrong with some of it.
        least: a share of fewer says nothing.
    """

    whole: str
    part: str
    least: int


_LEAST_TYPING_US: Final = US_PER_MIN
_FAILED: Final = _Share("commands run", "failed", 20)
_TAKEN_BACK: Final = _Share("keys pressed", "taken back", 500)


def sessions(query: Query) -> Result:
    """Time of five minutes and more in one application or project, and how often the application was changed."""
    if kept := past_aggregates.thinned(query):
        return past_aggregates.too_thin(query, kept)
    found = attention.read(query.reader, query.period, query.zone)
    facts = begin(query)
    if not found.active_us:
        return empty(query, facts)
    facts.time("least focus", LEAST_FOCUS_US, "definition")
    facts.time("active time", found.active_us)
    facts.add("focus sessions", len(found.sessions), "count")
    facts.add("switches", found.switches, "count")
    facts.add("switches an active hour", round(found.switches_per_hour, 1), "count")
    longest = found.longest_session
    if longest is None:
        return facts, None
    facts.time("time in focus", found.focus_us)
    facts.add("share in focus", min(100, round(100 * found.focus_us / found.active_us)), "%")
    facts.add("longest session in", longest.name, "name")
    _add_span(facts, "longest session", longest, query)
    if query.one_day:
        return facts, charts.timeline(f"Focus {query.period.label}", found.sessions, query.zone)
    days = intervals.by_day(intervals.union(found.sessions), query.period, query.zone)
    return facts, answer_charts.days(query, facts, [(day.label, length_us) for day, length_us in days], "Focus")


def strain(query: Query) -> Result:
    """Signs of fatigue: time without a rest, late work, and failed commands compared with before."""
    if kept := past_aggregates.thinned(query):
        return past_aggregates.too_thin(query, kept)
    period = query.period
    found = attention.read(query.reader, period, query.zone)
    facts = begin(query)
    run = query.reader.patterns.commands(period.start_us, period.end_us)
    if not found.active_us and not run.run:
        return empty(query, facts)
    facts.time("least rest", attention.REST_US, "definition")
    _add_rests(facts, found, query)
    if found.late_us:
        facts.time("late at night", found.late_us)
        facts.add("late is", attention.LATE, "name", "definition")
    keys = query.reader.patterns.keys(period.start_us, period.end_us)
    start_us = max(0, period.start_us - _DAYS_BEFORE * US_PER_DAY)
    before = query.reader.patterns.commands(start_us, period.start_us)
    keys_before = query.reader.patterns.keys(start_us, period.start_us)
    facts.add("days before", _DAYS_BEFORE, "count", "definition")
    _add_share(facts, _FAILED, (run.run, run.failed), (before.run, before.failed))
    _add_share(facts, _TAKEN_BACK, (keys.pressed, keys.corrections), (keys_before.pressed, keys_before.corrections))
    if not query.one_day:
        return facts, None
    bouts = [Span(span.start_us, span.end_us, "Without a rest") for span in found.bouts]
    return facts, charts.timeline(f"Work {period.label}", bouts, query.zone)


def typed(query: Query) -> Result:
    """How much and how fast was typed, and how much of it was taken back; never what."""
    if kept := past_aggregates.thinned(query):
        return past_aggregates.too_thin(query, kept)
    facts = begin(query)
    keys = query.reader.patterns.keys(query.period.start_us, query.period.end_us)
    if not keys.pressed and not query.reader.stored(query.period.start_us, query.period.end_us):
        return empty(query, facts)
    facts.add("keys", keys.pressed, "count")
    if keys.pressed >= _TAKEN_BACK.least:
        facts.add("share taken back", round(100 * keys.corrections / keys.pressed), "%")
    if keys.burst_us >= _LEAST_TYPING_US:  # a run of keys has one way fewer between them than it has keys
        per_minute = (keys.burst_keys - keys.bursts) * US_PER_MIN / keys.burst_us
        facts.add("keys a minute", round(per_minute), "count")
        facts.time("time typing", keys.burst_us)
    return facts, None


def seen(query: Query) -> Result:
    """How long something was watched or listened to without input, calls apart."""
    if kept := past_aggregates.thinned(query):
        return past_aggregates.too_thin(query, kept)
    facts = begin(query)
    found = passive_time.spans(query.reader, query.period)
    if not found and not query.reader.stored(query.period.start_us, query.period.end_us):
        return empty(query, facts)
    facts.time("watched", passive_time.length_us(found, passive_time.FILM, passive_time.SCREEN))
    facts.time("watched films", passive_time.length_us(found, passive_time.FILM))
    facts.time("in calls", passive_time.length_us(found, passive_time.CALL))
    if query.one_day or not found:
        return facts, None
    days = intervals.by_day(intervals.union(found), query.period, query.zone)
    return facts, answer_charts.days(query, facts, [(day.label, length_us) for day, length_us in days], "Without input")


def _add_rests(facts: Facts, found: Attention, query: Query) -> None:
    """The longest work without a rest, and, if now is asked about, how long it has been since the last one."""
    if found.longest_bout is not None:
        _add_span(facts, "longest without a rest", found.longest_bout, query)
    if not found.bouts or not query.period.start_us <= query.now_us < query.period.end_us:
        return
    since_us = found.since_rest_us(query.now_us)
    if since_us is not None:
        facts.time("since the last rest", since_us)
    else:
        facts.time("resting for", query.now_us - found.bouts[-1].end_us)


def _add_share(facts: Facts, share: _Share, now: tuple[int, int], before: tuple[int, int]) -> None:
    """The share that went wrong (of `now`), compared with the weeks before; nothing if there is too little."""
    if now[0] < share.least:
        return
    facts.add(share.whole, now[0], "count")
    facts.add(f"share {share.part}", round(100 * now[1] / now[0]), "%")
    if before[0] >= share.least:
        facts.add(f"share {share.part} before", round(100 * before[1] / before[0]), "%")


def _add_span(facts: Facts, name: str, span: Span, query: Query) -> None:
    """How long it was, and when it began."""
    began = time_ranges.local(span.start_us, query.zone)
    facts.time(name, span.length_us)
    facts.add(f"{name} on", f"on {time_ranges.day_label(began.date())}", "name")
    facts.add(f"{name} began", began.strftime("%H:%M"), "time")
