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
    told = FactPhrases(facts)
    if "actions kept" in told:
        return (
            f"This cannot be told any more: of {formatting.count(told.value('actions there once'), 'action')} "
            f"{told.say('period')} clean-up kept {told.say('actions kept')} as a sample. How long and in which app is "
            "still known; ask for that, or about a later time."
        )
    return _WRITERS[plan.intent](plan, told)


def _activity(plan: Plan, told: FactPhrases) -> str:
    if plan.subject is not None and plan.subject.name:
        return _last(plan, told)
    if "actions" not in told:
        return nothing(told)
    period = opening(told.say("period"))
    sentences = []
    between = f", from {told.say('first activity')} to {told.say('last activity')}" if "first activity" in told else ""
    if ACTIVE in told:
        sentences.append(f"{period} you were active for {told.say(ACTIVE)}{between}.")
        apps = [f"{name} ({phrase(fact)})" for name, fact in told.starting(TIME_IN)[:_SHOWN]]
        if apps:
            sentences.append(f"Most of it went to {formatting.listed(apps)}.")
    else:
        actions = formatting.count(told.value("actions"), "action")
        sentences.append(
            f"{period} there are {actions} of yours{between}; no window was recorded, so times are not known."
        )
    counts = [
        formatting.count(told.value(name), *forms)
        for name, forms in (
            ("commands run", ("command",)),
            ("commits made", ("commit",)),
            ("pages visited", ("page visit",)),
            ("files worked on", ("file action",)),
        )
        if name in told
    ]
    if counts:
        verb = "is" if len(counts) == 1 and counts[0].startswith("1 ") else "are"
        sentences.append(f"In it {verb} {formatting.listed(counts)}.")
    projects = [phrase(fact) for _, fact in told.starting("project ")]
    if projects:
        sentences.append(f"You worked on {formatting.listed(projects)}.")
    return " ".join(sentences)


def _preposition(plan: Plan) -> str:
    return "in" if plan.subject is None or plan.subject.kind is SubjectKind.APP else "on"


def _time(plan: Plan, told: FactPhrases) -> str:
    named = plan.subject is not None and bool(plan.subject.name)
    if "total" not in told:
        if "actions stored" in told or not named:
            return nothing(told)
        where = f"{_preposition(plan)} {told.say('subject')}"
        if "actions" in told:
            actions = formatting.count(told.value("actions"), "action")
            return (
                f"{opening(told.say('period'))} there are {actions} of yours {where}, too few to say how long it was."
            )
        return f"No time {where} was recorded {told.say('period')}."
    where = f"{_preposition(plan)} {told.say('subject')}" if named else "active"
    period = told.say("period")
    about = "about " if "longest pause counted" in told else ""
    sentences = [f"{opening(period)} you were {where} for {about}{told.say('total')}."]
    if "share of active time" in told:
        sentences.append(f"That is {told.say('share of active time')} of your active time.")
    if "longest stretch" in told:
        sentences.append(
            f"The longest stretch was {told.say('longest stretch')}, from {told.say('longest stretch began')}."
        )
    if "day with most" in told:
        sentences.append(f"The most was {told.say('most in a day')}, {told.say('day with most')}.")
    if about:
        sentences.append(
            f"No durations were recorded for it, so this adds up its actions with pauses of up to "
            f"{told.say('longest pause counted')} between them."
        )
    return " ".join(sentences)


def _top(plan: Plan, told: FactPhrases) -> str:
    assert plan.subject is not None
    kind = plan.subject.kind
    times = told.starting(TIME_IN)
    counts = told.starting("actions in ")
    if not times and not counts:
        return nothing(told)
    items = [f"{name} ({phrase(fact)})" for name, fact in times[:5]]
    period = opening(told.say("period"))
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


def _count(plan: Plan, told: FactPhrases) -> str:
    assert plan.subject is not None
    if "counted" not in told:
        return nothing(told)
    verb, noun = {
        SubjectKind.COMMAND: ("ran", "command"),
        SubjectKind.COMMIT: ("made", "commit"),
        SubjectKind.PAGE: ("made", "page visit"),
        SubjectKind.APP: ("used", "app"),
        SubjectKind.SITE: ("visited", "site"),
        SubjectKind.PROJECT: ("worked on", "project"),
    }[plan.subject.kind]
    sentences = [f"{opening(told.say('period'))} you {verb} {formatting.count(told.value('counted'), noun)}."]
    most = [
        f"{name} ({formatting.count(float(fact.value), 'time')})" for name, fact in told.starting("times ")[:_SHOWN]
    ]
    if most:
        sentences.append(f"Most often: {formatting.listed(most)}.")
    if "failed" in told:
        sentences.append(f"Of these, {told.say('failed')} ended with an error.")
    return " ".join(sentences)


def _last(plan: Plan, told: FactPhrases) -> str:
    del plan
    if "last at" not in told:
        if "subject" not in told or "actions stored" in told:
            return nothing(told)
        return f"Nothing in {told.say('subject')} was recorded {told.say('period')}."
    where = f" in {told.say('subject')}" if "subject" in told else ""
    what = f": {told.say('last thing')}" if "last thing" in told else ""
    sentences = [f"The last recorded thing{where} was {told.say('last on')} at {told.say('last at')}{what}."]
    before = [phrase(fact) for _, fact in told.starting("before it ")]
    if before:
        sentences.append(f"Before it: {formatting.listed(before)}.")
    if "total" in told:
        sentences.append(f"{opening(told.say('period'))} you were in it for {told.say('total')}.")
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
