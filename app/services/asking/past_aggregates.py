"""Answers about a time of which clean-up kept one action in a hundred: from the hourly sums, which it leaves whole.

Sums know how long and how often by hour, application, site and project; they do not know single windows or commands.
"""

from __future__ import annotations

from typing import Final

from app.services.activity import charts
from app.services.asking import charts as answer_charts
from app.services.asking.query import DIMENSIONS, Facts, Query, Result, begin, empty, spoken
from app.store.values.records import Dimension, Total
from collectors.events import US_PER_DAY, Source
from neural.language import formatting
from neural.language.facts import Chart
from neural.language.narration.templates import ACTIVE, TIME_IN
from neural.language.reading import time_ranges
from neural.language.reading.plan import Period, Subject, SubjectKind

_OWN_DOING: Final = frozenset({Source.WINDOW, Source.TERMINAL, Source.GIT, Source.FILES, Source.BROWSER, Source.EDITOR})
"""Sources of the person's own actions; the others tell of the machine, or of presence."""
_APPS: Final = 8
_PROJECTS: Final = 3
_HOURS: Final = 24
_WHOLE_US: Final = US_PER_DAY
"""Clean-up never touches the latest day."""


def thinned(query: Query) -> tuple[int, int] | None:
    """(actions still stored, actions there once) of the period if clean-up took some, else None."""
    period = query.period
    if period.start_us > query.now_us - _WHOLE_US:
        return None
    once = sum(total.actions for total in query.reader.totals(Dimension.SOURCE, period.start_us, period.end_us))
    kept = query.reader.stored(period.start_us, period.end_us)
    return (kept, once) if kept < once else None


def too_thin(query: Query, kept: tuple[int, int]) -> Result:
    """What sums cannot tell: say so, with how much is left."""
    facts = begin(query)
    facts.add("actions kept", kept[0], "count")
    facts.add("actions there once", kept[1], "count")
    return facts, None


def activity(query: Query) -> Result:
    """What was done, by application, with the time of each day or hour."""
    facts = begin(query)
    facts.source = f"data_aggregates, {query.period.label}"
    totals = _totals(query, Dimension.SOURCE, query.period, None)
    by_source = {total.key: total for total in totals if total.key in _OWN_DOING}
    facts.add("actions", sum(total.actions for total in by_source.values()), "count")
    focused = by_source.get(Source.WINDOW.value)
    if focused is not None and focused.active_us:
        facts.time(ACTIVE, focused.active_us)
        for name, length_us in _spoken_apps(query)[:_APPS]:
            facts.time(TIME_IN + name, length_us)
    if Source.TERMINAL.value in by_source:
        facts.add("commands run", by_source[Source.TERMINAL.value].actions, "count")
    projects = sorted(_totals(query, Dimension.PROJECT, query.period, None), key=lambda each: -each.actions)
    for place, project in enumerate(projects[:_PROJECTS], 1):
        facts.add(f"project {place}", project.key, "name")
    return facts, _chart(query, facts, None)


def time(query: Query) -> Result:
    """How long: in an application, on a site, in a project; or active at all."""
    facts = begin(query)
    facts.source = f"data_aggregates, {query.period.label}"
    subject = query.plan.subject
    length_us, actions = _time_in(query, subject, query.period)
    if not length_us:
        if subject is None:
            return empty(query, facts)
        if actions:
            facts.add("actions", actions, "count")
        return facts, None
    facts.time("total", length_us)
    active_us, _ = _time_in(query, None, query.period)
    if subject is not None and subject.kind is SubjectKind.APP and active_us:
        facts.add("share of active time", round(100 * length_us / active_us), "%")
    return facts, _chart(query, facts, subject)


def top(query: Query) -> Result:
    """What had most of the time, or of the actions if no time is known."""
    facts = begin(query)
    facts.source = f"data_aggregates, {query.period.label}"
    assert query.plan.subject is not None
    kind = query.plan.subject.kind
    if kind is SubjectKind.APP:
        timed = _spoken_apps(query)
    else:
        totals = _totals(query, DIMENSIONS[kind], query.period, None)
        timed = [(total.key, total.active_us) for total in totals if total.active_us]
    if timed:
        drawn = [(name, answer_charts.minutes(facts.time(TIME_IN + name, length))) for name, length in timed[:_APPS]]
        return facts, charts.bars(f"Time {query.period.label}", kind.value, "time", "min", drawn)
    counted = sorted(_totals(query, DIMENSIONS[kind], query.period, None), key=lambda each: (-each.actions, each.key))
    for total in counted[:_APPS]:
        facts.add(f"actions in {total.key}", total.actions, "count")
    rows = [(total.key, float(total.actions)) for total in counted[:_APPS]]
    return facts, charts.bars(f"Actions {query.period.label}", kind.value, "actions", "count", rows)


def _totals(query: Query, dimension: Dimension, period: Period, source: Source | None) -> tuple[Total, ...]:
    return query.reader.totals(dimension, period.start_us, period.end_us, source)


def _spoken_apps(query: Query) -> list[tuple[str, int]]:
    """Time in windows by application, as a person names it, most first."""
    sums: dict[str, int] = {}
    for total in _totals(query, Dimension.APP, query.period, Source.WINDOW):
        name = formatting.app_name(total.key)
        sums[name] = sums.get(name, 0) + total.active_us
    return sorted(((name, length) for name, length in sums.items() if length), key=lambda item: (-item[1], item[0]))


def _time_in(query: Query, subject: Subject | None, period: Period) -> tuple[int, int]:
    """Time and actions in a subject, or in any window."""
    if subject is None:
        totals = _totals(query, Dimension.SOURCE, period, Source.WINDOW)
        return sum(total.active_us for total in totals), sum(total.actions for total in totals)
    source = Source.WINDOW if subject.kind is SubjectKind.APP else None
    found = [total for total in _totals(query, DIMENSIONS[subject.kind], period, source) if total.key == subject.name]
    return sum(total.active_us for total in found), sum(total.actions for total in found)


def _chart(query: Query, facts: Facts, subject: Subject | None) -> Chart | None:
    what = "Active time" if subject is None else f"Time in {spoken(subject)}"
    if not query.one_day:
        days = [
            (day.label, _time_in(query, subject, day)[0])
            for day in time_ranges.split_days(_recorded(query), query.zone)
        ]
        return answer_charts.days(query, facts, days, what)
    day = time_ranges.local(query.period.start_us, query.zone).date()
    hours = []
    for hour in range(_HOURS):
        start_us, end_us = (time_ranges.moment_us(day, at, query.zone) for at in (hour, hour + 1))
        part = Period(max(start_us, query.period.start_us), min(end_us, query.period.end_us), "")
        hours.append(_time_in(query, subject, part)[0] if part.start_us < part.end_us else 0)
    return answer_charts.hours(query, facts, hours, what)


def _recorded(query: Query) -> Period:
    """The period without the years before anything was recorded and the days to come."""
    days = _totals(query, Dimension.DAY, query.period, None)
    if not days:
        return query.period
    first, last = (time_ranges.find(f"on {key}", query.now_us, query.zone)[0] for key in (days[0].key, days[-1].key))
    assert first is not None
    assert last is not None
    return Period(max(first.start_us, query.period.start_us), min(last.end_us, query.period.end_us), query.period.label)
