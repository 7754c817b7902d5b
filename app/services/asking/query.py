"""What an answer is made with: the store as a question sees it, and facts as they are collected."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from types import MappingProxyType
from typing import Final, Protocol

from app.services.activity import intervals
from app.services.activity.attention import AttentionReader
from app.services.activity.intervals import Span
from app.services.activity.passive_time import PresenceReader
from app.services.asking.similarity import SimilarityQuery, SimilarityResult
from app.services.status import ActionForecast
from app.store.values.records import ActionRow, Dimension, HitRates, StoreCounts, Total
from collectors.events import US_PER_DAY, US_PER_HOUR, US_PER_MIN, US_PER_S, EventKind, Source
from neural.language import formatting
from neural.language.facts import Chart, Fact
from neural.language.reading.plan import Period, Plan, Subject, SubjectKind
from neural.reward.explaining.explanation import Explanation

ONE_DAY_US: Final = US_PER_DAY + 2 * US_PER_HOUR  # a day on which clocks go back has 25 hours
DIMENSIONS: Final[Mapping[SubjectKind, Dimension]] = MappingProxyType(
    {
        SubjectKind.APP: Dimension.APP,
        SubjectKind.SITE: Dimension.SITE,
        SubjectKind.PROJECT: Dimension.PROJECT,
    }
)
LOOK_BACK_US: Final = US_PER_DAY // 2
"""How long before a period an action may have begun that reaches into it."""


class StoreReader(AttentionReader, PresenceReader, Protocol):
    """The part of `app.store.reader.Reader` that answers need."""

    def stored(self, start_us: int, end_us: int) -> int:
        """How many actions that began in a period are there."""
        ...

    def labelled(self, start_us: int | None = None, end_us: int | None = None) -> Iterator[ActionRow]:
        """Actions with a token, and presence, that began in a period, in time order."""
        ...

    def totals(
        self, dimension: Dimension, start_us: int, end_us: int, source: Source | None = None
    ) -> tuple[Total, ...]:
        """Sums over a group.

        Args:
            dimension: that is grouped by.
            start_us: inclusive, microseconds since the epoch.
            end_us: exclusive, microseconds since the epoch.
            source: of the actions; None for all.
        """
        ...

    def counts(self) -> StoreCounts:
        """The store at a glance."""
        ...

    def setting(self, name: str) -> str | None:
        """The JSON text that is kept under a name."""
        ...

    def hit_rates(self, since_us: int = 0) -> HitRates:
        """How often predictions were right."""
        ...


@dataclass(frozen=True, slots=True)
class Query:
    """One question: the plan, the store it is put to, the forecast of now and why, local time, a finder of moments."""

    plan: Plan
    reader: StoreReader
    forecast: tuple[ActionForecast, ...]
    now_us: int
    zone: tzinfo | None
    why: Explanation | None = None
    find: Callable[[SimilarityQuery, int], SimilarityResult] | None = None

    @property
    def period(self) -> Period:
        """The time asked about."""
        return self.plan.period

    @property
    def one_day(self) -> bool:
        """Whether it is a day or less."""
        return self.period.end_us - self.period.start_us <= ONE_DAY_US

    def rows(self) -> list[ActionRow]:
        """The person's actions that touch the period, in the order they began."""
        low_us = max(0, self.period.start_us - LOOK_BACK_US)
        return [
            row
            for row in self.reader.labelled(low_us, self.period.end_us)
            if row.token is not None
            and (row.event.ts_us >= self.period.start_us or ends_us(row) > self.period.start_us)
        ]

    def began(self) -> Iterator[ActionRow]:
        """The person's actions that began in the period, in time order."""
        rows = self.reader.labelled(self.period.start_us, self.period.end_us)
        return (row for row in rows if row.token is not None)


@dataclass(slots=True)
class Facts:
    """Facts being collected, each under a name of its own."""

    source: str
    found: list[Fact] = field(default_factory=list)

    def add(self, name: str, value: float | str, unit: str, source: str | None = None) -> Fact:
        """Keep a fact.

        Args:
            name: of the fact.
            value: a number or a text.
            unit: of the number.
            source: that it was computed from; None for the query's.
        """
        fact = Fact(name, value, unit, source or self.source)
        self.found.append(fact)
        return fact

    def time(self, name: str, length_us: float, source: str | None = None) -> Fact:
        """Keep a duration: whole minutes, or whole seconds below one minute.

        Args:
            name: of the fact.
            length_us: microseconds.
            source: that it was computed from; None for the query's.
        """
        if length_us >= US_PER_MIN:
            return self.add(name, round(length_us / US_PER_MIN), "min", source)
        return self.add(name, round(length_us / US_PER_S), "s", source)


Result = tuple[Facts, Chart | None]


def ends_us(row: ActionRow) -> int:
    """When an action ended, as far as is known."""
    return row.event.ts_us + (row.event.duration_us or 0)


def is_window(row: ActionRow) -> bool:
    """Whether a row is time in a focused window."""
    return row.event.source is Source.WINDOW and row.event.kind is EventKind.FOCUS


def windows(rows: list[ActionRow], period: Period) -> list[Span]:
    """Time in focused windows, named as a person names the application."""
    return [
        Span(span.start_us, span.end_us, formatting.app_name(span.name) or "an unnamed window")
        for span in intervals.spans_of((row for row in rows if is_window(row)), period)
    ]


def matches(row: ActionRow, subject: Subject) -> bool:
    """Whether an action was in the application, on the site or in the project that is asked about."""
    if subject.kind is SubjectKind.APP:
        return row.event.app == subject.name
    if subject.kind is SubjectKind.SITE:
        return row.site is not None and (row.site == subject.name or row.site.endswith(f".{subject.name}"))
    return row.project == subject.name


def spoken(subject: Subject) -> str:
    """A subject's name as a person writes it."""
    return formatting.app_name(subject.name) if subject.kind is SubjectKind.APP else subject.name


def begin(query: Query) -> Facts:
    """The facts that every answer about the past starts with."""
    facts = Facts(f"actions, {query.period.label}")
    facts.add("period", query.period.label, "name", "question")
    if query.plan.subject is not None and query.plan.subject.name:
        facts.add("subject", spoken(query.plan.subject), "name", "question")
    return facts


def empty(query: Query, facts: Facts) -> Result:
    """No result: say whether there is anything in the store at all."""
    facts.add("actions stored", query.reader.counts().actions, "count", "actions")
    return facts, None
