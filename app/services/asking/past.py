"""Answers about the past: what was done, for how long, how often, and last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from app.services.activity import charts, intervals
from app.services.activity.intervals import Span
from app.services.asking import charts as answer_charts
from app.services.asking import past_aggregates
from app.services.asking.query import (
    DIMENSIONS,
    Facts,
    Query,
    Result,
    begin,
    empty,
    is_window,
    matches,
    spoken,
    windows,
)
from app.store.values.records import ActionRow
from collectors.events import EventKind, Source
from neural.language import formatting
from neural.language.facts import Chart, Fact
from neural.language.narration.templates import ACTIVE, TIME_IN
from neural.language.reading import time_ranges
from neural.language.reading.plan import Subject, SubjectKind

_APPS: Final = 8
_PROJECTS: Final = 3
_RECENT: Final = 4
_TITLE_CHARS: Final = 80


def activity(query: Query) -> Result:
    """What was done: time by application, first and last action, counts and projects."""
    if query.plan.subject is not None and query.plan.subject.name:
        return last(query)
    if past_aggregates.thinned(query):
        return past_aggregates.activity(query)
    facts = begin(query)
    rows = query.rows()
    if not rows:
        return empty(query, facts)
    facts.add("actions", len(rows), "count")
    one_day = query.one_day
    if one_day:
        end_us = max(row.event.ts_us + (row.event.duration_us or 0) for row in rows)
        facts.add("first activity", charts.clock(max(rows[0].event.ts_us, query.period.start_us), query.zone), "time")
        facts.add("last activity", charts.clock(min(end_us, query.period.end_us), query.zone), "time")
    focus = windows(rows, query.period)
    active = intervals.union(focus)
    if active:
        facts.time(ACTIVE, intervals.length_us(active))
        for name, length_us in intervals.by_name(focus)[:_APPS]:
            facts.time(TIME_IN + name, length_us)
    _count_kinds(rows, facts)
    projects = Counter(row.project for row in rows if row.project)
    for place, (project, _) in enumerate(projects.most_common(_PROJECTS), 1):
        facts.add(f"project {place}", project, "name")
    if one_day:
        return facts, _day_chart(query, rows, focus, facts)
    return facts, _by_days(query, facts, active, "Active time")


def _count_kinds(rows: Sequence[ActionRow], facts: Facts) -> None:
    counted = {
        "commands run": sum(row.event.source is Source.TERMINAL for row in rows),
        "commits made": sum(row.event.kind is EventKind.COMMIT for row in rows),
        "pages visited": sum(row.event.kind is EventKind.VISIT for row in rows),
        "files worked on": sum(row.event.source in (Source.FILES, Source.EDITOR) for row in rows),
    }
    for name, number in counted.items():
        if number:
            facts.add(name, number, "count")


def _day_chart(query: Query, rows: Sequence[ActionRow], focus: Sequence[Span], facts: Facts) -> Chart | None:
    title = f"Your time {query.period.label}"
    if focus:
        return charts.timeline(title, focus, query.zone)
    by_hour = Counter(time_ranges.local(row.event.ts_us, query.zone).hour for row in rows)
    drawn = []
    for hour in range(min(by_hour), max(by_hour) + 1):
        facts.add(f"actions from {hour:02}:00", by_hour[hour], "count")
        drawn.append((f"{hour:02}:00", float(by_hour[hour])))
    return charts.bars(f"Your actions {query.period.label}", "hour", "actions", "count", drawn)


def _by_days(query: Query, facts: Facts, spans: Sequence[Span], what: str) -> Chart | None:
    days = [(day.label, length_us) for day, length_us in intervals.by_day(spans, query.period, query.zone)]
    return answer_charts.days(query, facts, days, what)


def time(query: Query) -> Result:
    """How long: in an application, on a site, in a project; or active at all."""
    if past_aggregates.thinned(query):
        return past_aggregates.time(query)
    facts = begin(query)
    subject = query.plan.subject
    rows = query.rows()
    if not rows:
        return empty(query, facts)
    focus = windows(rows, query.period)
    active = intervals.union(focus)
    spans = active if subject is None else _time_in(query, subject, rows, facts)
    if not spans:
        if subject is not None and (own := sum(matches(row, subject) for row in rows)):
            facts.add("actions", own, "count")
        return facts, None
    total_us = intervals.length_us(spans)
    facts.time("total", total_us)
    if (
        subject is not None
        and subject.kind is SubjectKind.APP
        and active
        and "longest pause counted" not in _names(facts)
    ):
        facts.add("share of active time", round(100 * total_us / intervals.length_us(active)), "%")
    if query.one_day:
        longest = max(intervals.bridged(spans, intervals.PAUSE_IN_STRETCH_US), key=lambda span: span.length_us)
        facts.time("longest stretch", longest.length_us)
        facts.add("longest stretch began", charts.clock(longest.start_us, query.zone), "time")
        return facts, _by_hours(query, facts, spans)
    by_day = intervals.by_day(spans, query.period, query.zone)
    day, most_us = max(by_day, key=lambda item: item[1])
    facts.add(
        "day with most", f"on {time_ranges.day_label(time_ranges.local(day.start_us, query.zone).date())}", "name"
    )
    facts.time("most in a day", most_us)
    return facts, _by_days(query, facts, spans, "Active time" if subject is None else f"Time in {spoken(subject)}")


def _names(facts: Facts) -> set[str]:
    return {fact.name for fact in facts.found}


def _time_in(query: Query, subject: Subject, rows: Sequence[ActionRow], facts: Facts) -> tuple[Span, ...]:
    """Time in a subject, from durations; if none were recorded, from actions close to each other."""
    own = [row for row in rows if matches(row, subject)]
    if subject.kind is SubjectKind.APP and any(is_window(row) for row in own):
        own = [row for row in own if is_window(row)]
    measured = intervals.union(intervals.spans_of(own, query.period))
    if measured or not own:
        return measured
    moments = [Span(row.event.ts_us, row.event.ts_us, "") for row in own if row.event.ts_us >= query.period.start_us]
    spans = tuple(span for span in intervals.bridged(moments, intervals.PAUSE_COUNTED_US) if span.length_us)
    if spans:
        facts.time("longest pause counted", intervals.PAUSE_COUNTED_US, "definition")
    return spans


def _by_hours(query: Query, facts: Facts, spans: Sequence[Span]) -> Chart | None:
    what = "Active time" if query.plan.subject is None else f"Time in {spoken(query.plan.subject)}"
    return answer_charts.hours(query, facts, intervals.by_hour(spans, query.zone), what)


def top(query: Query) -> Result:
    """What was used most: applications by time, sites and projects by time or actions, commands by number."""
    facts = begin(query)
    assert query.plan.subject is not None
    kind = query.plan.subject.kind
    if kept := past_aggregates.thinned(query):
        return past_aggregates.top(query) if kind in DIMENSIONS else past_aggregates.too_thin(query, kept)
    if kind is SubjectKind.COMMAND:
        ranked = _commands(query).most_common(_APPS)
        if not ranked:
            return empty(query, facts)
        drawn = [(name, facts.add(f"actions in {name}", number, "count")) for name, number in ranked]
        return facts, _count_bars("Commands", query, drawn)
    found = _times_of(query, kind)
    if found:
        timed = [(name, facts.time(TIME_IN + name, length_us)) for name, length_us in found[:_APPS]]
        rows = [(name, answer_charts.minutes(fact)) for name, fact in timed]
        return facts, charts.bars(f"Time {query.period.label}", kind.value, "time", "min", rows)
    totals = query.reader.totals(DIMENSIONS[kind], query.period.start_us, query.period.end_us)
    ordered = sorted(
        (total for total in totals if total.key and total.actions), key=lambda each: (-each.actions, each.key)
    )
    if not ordered:
        return empty(query, facts)
    drawn = [(total.key, facts.add(f"actions in {total.key}", total.actions, "count")) for total in ordered[:_APPS]]
    return facts, _count_bars("Actions", query, drawn)


def _count_bars(what: str, query: Query, drawn: Sequence[tuple[str, Fact]]) -> Chart | None:
    rows = [(name, float(fact.value)) for name, fact in drawn]
    return charts.bars(f"{what} {query.period.label}", "name", "number", "count", rows)


def _times_of(query: Query, kind: SubjectKind) -> tuple[tuple[str, int], ...]:
    rows = query.rows()
    if kind is SubjectKind.APP:
        return intervals.by_name(windows(rows, query.period))
    groups: list[Span] = []
    for row in rows:
        name = row.site if kind is SubjectKind.SITE else row.project
        if name:
            groups.extend(Span(span.start_us, span.end_us, name) for span in intervals.spans_of([row], query.period))
    return intervals.by_name(groups)


def _commands(query: Query) -> Counter[str]:
    return Counter(
        formatting.token_name(row.token) for row in query.began() if row.event.source is Source.TERMINAL and row.token
    )


def count(query: Query) -> Result:
    """How many: commands, commits, page visits; or distinct applications, sites, projects."""
    facts = begin(query)
    assert query.plan.subject is not None
    kind = query.plan.subject.kind
    if kept := past_aggregates.thinned(query):
        return past_aggregates.too_thin(query, kept)
    began = list(query.began())
    if not began:
        return empty(query, facts)
    named: Counter[str] = Counter()
    if kind is SubjectKind.COMMAND:
        named = _commands(query)
        failed = [row for row in began if getattr(row.event.detail, "exit_status", None) not in (None, 0)]
        facts.add("counted", sum(row.event.source is Source.TERMINAL for row in began), "count")
        if failed:
            facts.add("failed", len(failed), "count")
    elif kind is SubjectKind.COMMIT:
        own = [row for row in began if row.event.kind is EventKind.COMMIT]
        named = Counter(row.project for row in own if row.project)
        facts.add("counted", len(own), "count")
    elif kind is SubjectKind.PAGE:
        own = [row for row in began if row.event.kind is EventKind.VISIT]
        named = Counter(row.site for row in own if row.site)
        facts.add("counted", len(own), "count")
    else:
        named = Counter(name for row in began if (name := _name_of(row, kind)))
        facts.add("counted", len(named), "count")
    drawn = [(name, facts.add(f"times {name}", number, "count")) for name, number in named.most_common(_APPS)]
    return facts, _count_bars(kind.value.title(), query, drawn)


def _name_of(row: ActionRow, kind: SubjectKind) -> str | None:
    if kind is SubjectKind.APP:
        return formatting.app_name(row.event.app) if row.event.app and is_window(row) else None
    return row.site if kind is SubjectKind.SITE else row.project


def last(query: Query) -> Result:
    """The latest things done in a subject, newest first; with the time in it if a period was asked for."""
    facts = begin(query)
    subject = query.plan.subject
    rows = [row for row in query.began() if subject is None or matches(row, subject)]
    if not rows:
        return empty(query, facts) if query.reader.counts().actions == 0 else (facts, None)
    newest = rows[-1]
    when = time_ranges.local(newest.event.ts_us, query.zone)
    facts.add("last on", f"on {time_ranges.day_label(when.date())}", "name")
    facts.add("last at", when.strftime("%H:%M"), "time")
    said = list(dict.fromkeys(said for row in reversed(rows[-200:]) if (said := described(row))))
    if said:
        facts.add("last thing", said[0], "name")
    for place, thing in enumerate(said[1:_RECENT], 1):
        facts.add(f"before it {place}", thing, "name")
    spans = () if subject is None or query.period.start_us == 0 else _time_in(query, subject, rows, facts)
    if not spans:
        return facts, None
    facts.time("total", intervals.length_us(spans))
    if query.one_day:
        return facts, _by_hours(query, facts, spans)
    return facts, _by_days(query, facts, spans, f"Time in {spoken(subject)}" if subject else "Active time")


def described(row: ActionRow) -> str:
    """An action in a few words: its title, command, file or page."""
    event = row.event
    text = event.title or event.target or ""
    if event.source is Source.TERMINAL:
        text = event.target or ""
    elif event.source in (Source.FILES, Source.EDITOR) and event.target:
        text = event.target.rpartition("/")[2]
    text = " ".join(text.replace('"', "'").split())
    return text if len(text) <= _TITLE_CHARS else f"{text[: _TITLE_CHARS - 1]}\u2026"
