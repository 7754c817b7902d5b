"""Answering a question from the store: plan, query, facts, plain sentences and a chart.

Nothing here needs a model. A narrator may later put the same facts into other words (`neural.language.llama`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import tzinfo
from types import MappingProxyType
from typing import Any, Final

from app.services.asking import attention, forecasts, past, reward, similar
from app.services.asking.query import Query, Result, StoreReader
from app.services.asking.similarity import SimilarityQuery, SimilarityResult
from app.services.status import ActionForecast
from app.store.values.records import Dimension
from neural.language import formatting
from neural.language.facts import Answer, Fact
from neural.language.narration import templates
from neural.language.reading import planner
from neural.language.reading.plan import Intent, KnownNames, Plan, Subject, SubjectKind
from neural.reward.explaining.explanation import Explanation

EXAMPLES: Final = (
    "What did I do today?",
    "How long was I in Firefox this week?",
    "When am I most focused?",
    "How long did I focus today?",
    "When did I last take a break?",
    "How long did I watch films today?",
    "How long was I in calls this week?",
    "How fast did I type today?",
    "What will I do next, and why?",
    "Which apps did I use most yesterday?",
    "How many commands did I run today?",
    "What did I last do in Firefox?",
    "When did I last do something like this?",
    "How well do you predict me?",
    "What do I find worth doing?",
    "When am I at my best?",
    "What changed this month?",
    "What is recorded?",
)
"""Questions that are understood; Firefox stands for any recorded name."""
_ANSWERS: Final[Mapping[Intent, Callable[[Query], Result]]] = MappingProxyType(
    {
        Intent.ACTIVITY: past.activity,
        Intent.TIME: past.time,
        Intent.TOP: past.top,
        Intent.COUNT: past.count,
        Intent.LAST: past.last,
        Intent.FOCUS: forecasts.focus,
        Intent.NEXT: forecasts.upcoming,
        Intent.ACCURACY: forecasts.accuracy,
        Intent.RECORDED: forecasts.recorded,
        Intent.WORTH: reward.worth_doing,
        Intent.BEST: reward.best_hour,
        Intent.CHANGED: reward.changed,
        Intent.MOMENTS: similar.moments,
        Intent.SESSIONS: attention.sessions,
        Intent.STRAIN: attention.strain,
        Intent.WATCHED: attention.seen,
        Intent.TYPED: attention.typed,
    }
)


class Asker:
    """Answers questions about one store.

    Args:
        reader: opens a read-only view of the store (see `app.store.reader.Reader`).
        forecast: the most likely next actions of this moment, most likely first.
        now_us: the clock.
        zone: local time; None for the machine's own.
        why: why the first of the forecast is the first; asked when somebody wants to know.
        find: finds moments (see `app.services.asking.similarity_search`); None if there are none to be found.
    """

    def __init__(
        self,
        reader: Callable[[], AbstractContextManager[StoreReader]],
        forecast: Callable[[], tuple[ActionForecast, ...]],
        now_us: Callable[[], int],
        zone: tzinfo | None = None,
        *,
        why: Callable[[], Explanation | None] = lambda: None,
        find: Callable[[SimilarityQuery, int], SimilarityResult] | None = None,
    ) -> None:
        self._find = find
        self._why = why
        self._reader = reader
        self._forecast = forecast
        self._now_us = now_us
        self._zone = zone

    def answer(self, question: str) -> Answer:
        """Answer a question; one that is not understood is answered with what can be asked.

        Raises:
            app.errors.StoreError: if the store cannot be read.
        """
        now_us = self._now_us()
        with self._reader() as reader:
            known = _known_names(reader, now_us)
            plan = planner.plan(question, now_us, known, self._zone)
            if plan is None:
                return not_understood(known)
            if plan.subject is not None and plan.subject.kind is SubjectKind.UNKNOWN:
                return _unknown_name(plan, plan.subject)
            asks_next = plan.intent is Intent.NEXT
            forecast, why = (self._forecast(), self._why()) if asks_next else ((), None)
            facts, chart = _ANSWERS[plan.intent](Query(plan, reader, forecast, now_us, self._zone, why, self._find))
        found = tuple(facts.found)
        return Answer(templates.template_answer(plan, found), plan.to_dict(), found, chart, "plain")


def not_understood(known: KnownNames) -> Answer:
    """The answer to a question that is none of those that can be answered."""
    name = formatting.app_name(known.apps[0]) if known.apps else "Firefox"
    examples = "\n".join(f"\u2022 {example.replace('Firefox', name)}" for example in EXAMPLES)
    return Answer(f"I did not understand that. You can ask, for example:\n{examples}", None, (), None, "plain")


def to_dict(answer: Answer) -> dict[str, Any]:
    """An answer as JSON-able values: text, plan, facts (name, value, unit, source), chart, narrator."""
    return dataclasses.asdict(answer)


def _unknown_name(plan: Plan, subject: Subject) -> Answer:
    facts = [Fact("name asked about", subject.name, "name", "question")]
    facts.extend(Fact(f"recorded name {place}", name, "name", "actions") for place, name in enumerate(subject.near, 1))
    text = f"Nothing recorded bears the name {subject.name}."
    if subject.near:
        text += f" The closest {'names are' if subject.near[1:] else 'name is'} {formatting.listed(subject.near)}."
    else:
        text += " Ask which apps, sites or projects you used most to see the names."
    return Answer(text, plan.to_dict(), tuple(facts), None, "plain")


def _known_names(reader: StoreReader, now_us: int) -> KnownNames:
    """Every recorded name, the most used first, so that of two equal matches the likelier one is meant."""

    def named(dimension: Dimension) -> tuple[str, ...]:
        totals = reader.totals(dimension, 0, now_us + 1)
        ordered = sorted(totals, key=lambda total: (-total.active_us, -total.actions, total.key))
        return tuple(total.key for total in ordered if total.key)

    return KnownNames(named(Dimension.APP), named(Dimension.SITE), named(Dimension.PROJECT))
