"""Answers about unbroken work and about signs of fatigue: what the store tells of them, never how somebody feels."""

from __future__ import annotations

from typing import Final

from app.services import ask_charts, ask_sums, ask_time, attention
from app.services.ask_query import Facts, Query, Result, begin, empty
from app.services.ask_time import Span
from app.services.attention import Attention
from app.store.patterns import LEAST_FOCUS_US, Commands
from collectors.events import US_PER_DAY
from neural.language import periods

_DAYS_BEFORE: Final = 28
_LEAST_COMMANDS: Final = 20
"""A share of fewer says nothing."""


def sessions(query: Query) -> Result:
    """Time of five minutes and more in one application or project, and how often the application was changed."""
    if kept := ask_sums.thinned(query):
        return ask_sums.too_thin(query, kept)
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
        return facts, ask_charts.timeline(f"Focus {query.period.label}", found.sessions, query.zone)
    days = ask_time.by_day(ask_time.union(found.sessions), query.period, query.zone)
    return facts, ask_charts.days(query, facts, [(day.label, length_us) for day, length_us in days], "Focus")


def strain(query: Query) -> Result:
    """Signs of fatigue: how long without a rest, how late at night, and how many commands failed, beside before."""
    if kept := ask_sums.thinned(query):
        return ask_sums.too_thin(query, kept)
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
    if run.run >= _LEAST_COMMANDS:
        _add_failures(facts, run, query)
    if not query.one_day:
        return facts, None
    bouts = [Span(span.start_us, span.end_us, "Without a rest") for span in found.bouts]
    return facts, ask_charts.timeline(f"Work {period.label}", bouts, query.zone)


def _add_rests(facts: Facts, found: Attention, query: Query) -> None:
    """The longest work without a rest, and, where now is asked about, how long it has been since the last one."""
    if found.longest_bout is not None:
        _add_span(facts, "longest without a rest", found.longest_bout, query)
    if not found.bouts or not query.period.start_us <= query.now_us < query.period.end_us:
        return
    since_us = found.since_rest_us(query.now_us)
    if since_us is not None:
        facts.time("since the last rest", since_us)
    else:
        facts.time("resting for", query.now_us - found.bouts[-1].end_us)


def _add_failures(facts: Facts, run: Commands, query: Query) -> None:
    """Commands that failed, beside those of the weeks before."""
    facts.add("commands run", run.run, "count")
    facts.add("share failed", round(100 * run.failed / run.run), "%")
    start_us = query.period.start_us
    before = query.reader.patterns.commands(max(0, start_us - _DAYS_BEFORE * US_PER_DAY), start_us)
    if before.run >= _LEAST_COMMANDS:
        facts.add("share failed before", round(100 * before.failed / before.run), "%")
        facts.add("days before", _DAYS_BEFORE, "count", "definition")


def _add_span(facts: Facts, name: str, span: Span, query: Query) -> None:
    """How long it was, and when it began."""
    began = periods.local(span.start_us, query.zone)
    facts.time(name, span.length_us)
    facts.add(f"{name} on", f"on {periods.day_label(began.date())}", "name")
    facts.add(f"{name} began", began.strftime("%H:%M"), "time")
