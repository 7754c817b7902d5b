"""Answers about moments: those like the present one, like those of a time, or about some words."""

from __future__ import annotations

from app.services.asking.query import Facts, Query, Result, empty
from app.services.asking.similarity import SimilarityQuery, SimilarMoment
from neural.language import formatting
from neural.language.reading import time_ranges
from neural.language.reading.plan import SubjectKind


def moments(query: Query) -> Result:
    """When something alike was done, latest first, and by what it is alike."""
    facts = Facts("moments")
    subject, period = query.plan.subject, query.period
    about = subject.name if subject is not None and subject.kind is SubjectKind.WORDS else None
    everywhere = period.start_us == 0
    facts.add("period", period.label, "name", "question")
    if about is not None:
        facts.add("words asked about", about, "name", "question")
    if query.find is None:
        return empty(query, facts)
    found = query.find(SimilarityQuery(about, None if everywhere else period), query.now_us)
    if not found.compared:
        return empty(query, facts)
    facts.add("moments compared", found.compared, "count")
    if found.asked is not None:
        _add_stretch(facts, query, "asked", *found.asked)
    for place, alike in enumerate(found.alike, 1):
        _add(facts, query, f"alike {place}", alike)
    return facts, None


def _add(facts: Facts, query: Query, name: str, alike: SimilarMoment) -> None:
    _add_stretch(facts, query, name, alike.start_us, alike.end_us)
    facts.time(f"{name} lasted", alike.end_us - alike.start_us)
    if alike.app:
        facts.add(f"{name} in", formatting.app_name(alike.app), "name")
    for number, said in enumerate(alike.because, 1):
        facts.add(f"{name} shows {number}", said, "name")


def _add_stretch(facts: Facts, query: Query, name: str, start_us: int, end_us: int) -> None:
    start, end = (time_ranges.local(ts_us, query.zone) for ts_us in (start_us, end_us))
    facts.add(f"{name} on", f"on {time_ranges.day_label(start.date())}", "name")
    facts.add(f"{name} from", start.strftime("%H:%M"), "time")
    facts.add(f"{name} to", end.strftime("%H:%M"), "time")
