"""Facts in plain sentences: what is said when no model speaks, and whenever a model said something else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from neural.language import formatting
from neural.language.facts import Fact
from neural.language.narration import attention, forecasts, reward, similar
from neural.language.narration.fact_phrases import FactPhrases, nothing, opening, phrase
from neural.language.narration.faithfulness import faithful, repair
from neural.language.reading.plan import Intent, Plan, SubjectKind

__all__ = ["faithful", "repair", "template_answer"]

ACTIVE: Final = "active time"
TIME_IN: Final = "time in "
_SHOWN: Final = 3


def template_answer(plan: Plan, facts: Sequence[Fact]) -> str:
    """The answer in plain sentences; every number, name and time in them stands in the facts.

    Args:
        plan: the query that was answered.
        facts: its result; for an empty result only the fact "period".
    """
    phrases = FactPhrases(facts)
    if "actions kept" in phrases:
        return (
            f"This cannot be answered any more: of {formatting.count(phrases.value('actions there once'), 'action')} "
            f"{phrases['period']} clean-up kept {phrases['actions kept']} as a sample. How long and in which app is "
            "still known; ask for that, or about a later time."
        )
    return _WRITERS[plan.intent](plan, phrases)


def _activity(plan: Plan, phrases: FactPhrases) -> str:
    if plan.subject is not None and plan.subject.name:
        return _last(plan, phrases)
    if "actions" not in phrases:
        return nothing(phrases)
    period = opening(phrases["period"])
    sentences = []
    between = f", from {phrases['first activity']} to {phrases['last activity']}" if "first activity" in phrases else ""
    if ACTIVE in phrases:
        sentences.append(f"{period} you were active for {phrases[ACTIVE]}{between}.")
        apps = [f"{name} ({phrase(fact)})" for name, fact in phrases.starting(TIME_IN)[:_SHOWN]]
        if apps:
            sentences.append(f"Most of it went to {formatting.listed(apps)}.")
    else:
        actions = formatting.count(phrases.value("actions"), "action")
        sentences.append(
            f"{period} there are {actions} of yours{between}; no window was recorded, so times are not known."
        )
    counts = [
        formatting.count(phrases.value(name), *forms)
        for name, forms in (
            ("commands run", ("command",)),
            ("commits made", ("commit",)),
            ("pages visited", ("page visit",)),
            ("files worked on", ("file action",)),
        )
        if name in phrases
    ]
    if counts:
        verb = "is" if len(counts) == 1 and counts[0].startswith("1 ") else "are"
        sentences.append(f"In it {verb} {formatting.listed(counts)}.")
    projects = [phrase(fact) for _, fact in phrases.starting("project ")]
    if projects:
        sentences.append(f"You worked on {formatting.listed(projects)}.")
    return " ".join(sentences)


def _preposition(plan: Plan) -> str:
    return "in" if plan.subject is None or plan.subject.kind is SubjectKind.APP else "on"


def _time(plan: Plan, phrases: FactPhrases) -> str:
    named = plan.subject is not None and bool(plan.subject.name)
    if "total" not in phrases:
        if "actions stored" in phrases or not named:
            return nothing(phrases)
        where = f"{_preposition(plan)} {phrases['subject']}"
        if "actions" in phrases:
            actions = formatting.count(phrases.value("actions"), "action")
            return f"{opening(phrases['period'])} there are {actions} of yours {where}, too few to say how long it was."
        return f"No time {where} was recorded {phrases['period']}."
    where = f"{_preposition(plan)} {phrases['subject']}" if named else "active"
    period = phrases["period"]
    about = "about " if "longest pause counted" in phrases else ""
    sentences = [f"{opening(period)} you were {where} for {about}{phrases['total']}."]
    if "share of active time" in phrases:
        sentences.append(f"That is {phrases['share of active time']} of your active time.")
    if "longest stretch" in phrases:
        sentences.append(
            f"The longest stretch was {phrases['longest stretch']}, from {phrases['longest stretch began']}."
        )
    if "day with most" in phrases:
        sentences.append(f"The most was {phrases['most in a day']}, {phrases['day with most']}.")
    if about:
        sentences.append(
            f"No durations were recorded for it, so this adds up its actions with pauses of up to "
            f"{phrases['longest pause counted']} between them."
        )
    return " ".join(sentences)


def _top(plan: Plan, phrases: FactPhrases) -> str:
    assert plan.subject is not None
    kind = plan.subject.kind
    times = phrases.starting(TIME_IN)
    counts = phrases.starting("actions in ")
    if not times and not counts:
        return nothing(phrases)
    items = [f"{name} ({phrase(fact)})" for name, fact in times[:5]]
    period = opening(phrases["period"])
    if kind is SubjectKind.COMMAND:
        items = [f"{name} ({formatting.count(float(fact.value), 'time')})" for name, fact in counts[:5]]
        return (
            f"{period} the commands you ran most were {formatting.listed(items)}."
            if items[1:]
            else f"{period} the command you ran most was {items[0]}."
        )
    noun = {SubjectKind.SITE: "site", SubjectKind.PROJECT: "project", SubjectKind.PAGE: "site"}.get(kind, "app")
    if items:
        verb = "most of your time went to" if len(items) > 1 else "your time went to"
        return f"{period} {verb} the {noun}{'s' * bool(items[1:])} {formatting.listed(items)}."
    items = [f"{name} ({formatting.count(float(fact.value), 'action')})" for name, fact in counts[:5]]
    verb = "s with the most actions were" if len(items) > 1 else " with the most actions was"
    return f"{period} the {noun}{verb} {formatting.listed(items)}. No durations were recorded there."


def _count(plan: Plan, phrases: FactPhrases) -> str:
    assert plan.subject is not None
    if "counted" not in phrases:
        return nothing(phrases)
    verb, noun = {
        SubjectKind.COMMAND: ("ran", "command"),
        SubjectKind.COMMIT: ("made", "commit"),
        SubjectKind.PAGE: ("made", "page visit"),
        SubjectKind.APP: ("used", "app"),
        SubjectKind.SITE: ("visited", "site"),
        SubjectKind.PROJECT: ("worked on", "project"),
    }[plan.subject.kind]
    sentences = [f"{opening(phrases['period'])} you {verb} {formatting.count(phrases.value('counted'), noun)}."]
    most = [
        f"{name} ({formatting.count(float(fact.value), 'time')})" for name, fact in phrases.starting("times ")[:_SHOWN]
    ]
    if most:
        sentences.append(f"Most often: {formatting.listed(most)}.")
    if "failed" in phrases:
        sentences.append(f"Of these, {phrases['failed']} ended with an error.")
    return " ".join(sentences)


def _last(plan: Plan, phrases: FactPhrases) -> str:
    del plan
    if "last at" not in phrases:
        if "subject" not in phrases or "actions stored" in phrases:
            return nothing(phrases)
        return f"Nothing in {phrases['subject']} was recorded {phrases['period']}."
    where = f" in {phrases['subject']}" if "subject" in phrases else ""
    what = f": {phrases['last thing']}" if "last thing" in phrases else ""
    sentences = [f"The last recorded thing{where} was {phrases['last on']} at {phrases['last at']}{what}."]
    before = [phrase(fact) for _, fact in phrases.starting("before it ")]
    if before:
        sentences.append(f"Before it: {formatting.listed(before)}.")
    if "total" in phrases:
        sentences.append(f"{opening(phrases['period'])} you were in it for {phrases['total']}.")
    return " ".join(sentences)


_WRITERS: Final[dict[Intent, Callable[[Plan, FactPhrases], str]]] = {
    Intent.ACTIVITY: _activity,
    Intent.TIME: _time,
    Intent.TOP: _top,
    Intent.COUNT: _count,
    Intent.FOCUS: forecasts.focus,
    Intent.NEXT: forecasts.upcoming,
    Intent.LAST: _last,
    Intent.ACCURACY: forecasts.accuracy,
    Intent.RECORDED: forecasts.recorded,
    Intent.WORTH: reward.worth_doing,
    Intent.BEST: reward.best_hour,
    Intent.CHANGED: reward.changed,
    Intent.MOMENTS: similar.moments,
    Intent.SESSIONS: attention.sessions,
    Intent.STRAIN: attention.strain,
    Intent.WATCHED: attention.watched,
    Intent.TYPED: attention.typed,
}
