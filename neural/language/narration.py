"""Facts in plain sentences: what is said when no model speaks, and whenever a model said something else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from neural.language import words
from neural.language.facts import Fact
from neural.language.faithful import faithful, repair
from neural.language.plan import Intent, Plan, SubjectKind

__all__ = ["Told", "faithful", "plain", "repair"]

ACTIVE: Final = "active time"
TIME_IN: Final = "time in "
RECORDED_IN: Final = "recorded in the store"
_SHOWN: Final = 3


class Told:
    """The facts of one answer, looked up by name and said with their unit."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self._facts = {fact.name: fact for fact in facts}

    def __contains__(self, name: str) -> bool:
        return name in self._facts

    def value(self, name: str) -> float:
        """The number of a fact; 0 where there is none."""
        fact = self._facts.get(name)
        return fact.value if fact is not None and not isinstance(fact.value, str) else 0

    def say(self, name: str) -> str:
        """A fact's value in words, with its unit."""
        return say(self._facts[name])

    def starting(self, prefix: str) -> list[tuple[str, Fact]]:
        """The facts whose name begins so, as (rest of the name, fact), in order."""
        return [(name.removeprefix(prefix), fact) for name, fact in self._facts.items() if name.startswith(prefix)]


def say(fact: Fact) -> str:
    """One value as people say it: "2 h 14 min", "61 %", "14:05", "1,204"."""
    if isinstance(fact.value, str):
        return fact.value
    if fact.unit == "min":
        return words.duration(int(fact.value))
    if fact.unit in ("s", "%", "nats"):
        return f"{words.number(fact.value)} {fact.unit}"
    return words.number(fact.value)


def plain(plan: Plan, facts: Sequence[Fact]) -> str:
    """The answer in plain sentences; every number, name and time in them stands in the facts.

    Args:
        plan: the query that was answered.
        facts: its result; for an empty result only the fact "period".
    """
    told = Told(facts)
    if "actions kept" in told:
        return (
            f"This cannot be told any more: of {words.count(told.value('actions there once'), 'action')} "
            f"{told.say('period')} clean-up kept {told.say('actions kept')} as a sample. How long and in which app is "
            "still known; ask for that, or about a later time."
        )
    return _WRITERS[plan.intent](plan, told)


def _opening(text: str) -> str:
    return text[:1].upper() + text[1:]


def _nothing(told: Told) -> str:
    if told.value("actions stored") == 0 and "actions stored" in told:
        return (
            "Nothing has been recorded yet. Choose on the Sources page what may be recorded, or import your histories, "
            "and ask again later."
        )
    period = told.say("period")
    return f"Nothing was recorded {period}. Ask about another time, or see on the Sources page what is recorded."


def _activity(plan: Plan, told: Told) -> str:
    if plan.subject is not None and plan.subject.name:
        return _last(plan, told)
    if "actions" not in told:
        return _nothing(told)
    period = _opening(told.say("period"))
    sentences = []
    between = f", from {told.say('first activity')} to {told.say('last activity')}" if "first activity" in told else ""
    if ACTIVE in told:
        sentences.append(f"{period} you were active for {told.say(ACTIVE)}{between}.")
        apps = [f"{name} ({say(fact)})" for name, fact in told.starting(TIME_IN)[:_SHOWN]]
        if apps:
            sentences.append(f"Most of it went to {words.listed(apps)}.")
    else:
        actions = words.count(told.value("actions"), "action")
        sentences.append(
            f"{period} there are {actions} of yours{between}; no window was recorded, so times are not known."
        )
    counts = [
        words.count(told.value(name), *forms)
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
        sentences.append(f"In it {verb} {words.listed(counts)}.")
    projects = [say(fact) for _, fact in told.starting("project ")]
    if projects:
        sentences.append(f"You worked on {words.listed(projects)}.")
    return " ".join(sentences)


def _preposition(plan: Plan) -> str:
    return "in" if plan.subject is None or plan.subject.kind is SubjectKind.APP else "on"


def _time(plan: Plan, told: Told) -> str:
    named = plan.subject is not None and bool(plan.subject.name)
    if "total" not in told:
        if "actions stored" in told or not named:
            return _nothing(told)
        where = f"{_preposition(plan)} {told.say('subject')}"
        if "actions" in told:
            actions = words.count(told.value("actions"), "action")
            return (
                f"{_opening(told.say('period'))} there are {actions} of yours {where}, too few to say how long it was."
            )
        return f"No time {where} was recorded {told.say('period')}."
    where = f"{_preposition(plan)} {told.say('subject')}" if named else "active"
    period = told.say("period")
    about = "about " if "longest pause counted" in told else ""
    sentences = [f"{_opening(period)} you were {where} for {about}{told.say('total')}."]
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


def _top(plan: Plan, told: Told) -> str:
    assert plan.subject is not None
    kind = plan.subject.kind
    times = told.starting(TIME_IN)
    counts = told.starting("actions in ")
    if not times and not counts:
        return _nothing(told)
    items = [f"{name} ({say(fact)})" for name, fact in times[:5]]
    period = _opening(told.say("period"))
    if kind is SubjectKind.COMMAND:
        items = [f"{name} ({words.count(float(fact.value), 'time')})" for name, fact in counts[:5]]
        return (
            f"{period} the commands you ran most were {words.listed(items)}."
            if items[1:]
            else f"{period} the command you ran most was {items[0]}."
        )
    noun = {SubjectKind.SITE: "site", SubjectKind.PROJECT: "project", SubjectKind.PAGE: "site"}.get(kind, "app")
    if items:
        verb = "most of your time went to" if len(items) > 1 else "your time went to"
        return f"{period} {verb} the {noun}{'s' * bool(items[1:])} {words.listed(items)}."
    items = [f"{name} ({words.count(float(fact.value), 'action')})" for name, fact in counts[:5]]
    verb = "s with the most actions were" if len(items) > 1 else " with the most actions was"
    return f"{period} the {noun}{verb} {words.listed(items)}. No durations were recorded there."


def _count(plan: Plan, told: Told) -> str:
    assert plan.subject is not None
    if "counted" not in told:
        return _nothing(told)
    verb, noun = {
        SubjectKind.COMMAND: ("ran", "command"),
        SubjectKind.COMMIT: ("made", "commit"),
        SubjectKind.PAGE: ("made", "page visit"),
        SubjectKind.APP: ("used", "app"),
        SubjectKind.SITE: ("visited", "site"),
        SubjectKind.PROJECT: ("worked on", "project"),
    }[plan.subject.kind]
    sentences = [f"{_opening(told.say('period'))} you {verb} {words.count(told.value('counted'), noun)}."]
    most = [f"{name} ({words.count(float(fact.value), 'time')})" for name, fact in told.starting("times ")[:_SHOWN]]
    if most:
        sentences.append(f"Most often: {words.listed(most)}.")
    if "failed" in told:
        sentences.append(f"Of these, {told.say('failed')} ended with an error.")
    return " ".join(sentences)


def _focus(plan: Plan, told: Told) -> str:
    del plan
    if "best hour begins" not in told:
        if "actions" in told:
            return (
                f"There is too little window time {told.say('period')} to say when you focus: an hour of the day "
                f"counts once it has {told.say('least active time of an hour')} of it. Let windows be recorded, and "
                "ask again later."
            )
        return _nothing(told)

    def switches(which: str) -> str:
        return words.count(told.value(f"switches an active hour, {which} hour"), "switch", "switches")

    sentences = []
    sentences.append(
        f"{_opening(told.say('period'))} you were most focused between {told.say('best hour begins')} and "
        f"{told.say('best hour ends')}: a typical moment then was part of {told.say('focus at the best hour')} in one "
        f"application, with {switches('best')} an active hour."
    )
    if "worst hour begins" in told:
        sentences.append(
            f"You were least focused between {told.say('worst hour begins')} and {told.say('worst hour ends')} "
            f"({told.say('focus at the worst hour')}, {switches('worst')})."
        )
    sentences.append(
        f"Your longest stretch was {told.say('longest stretch')} in {told.say('longest stretch in')}, "
        f"{told.say('longest stretch on')} from {told.say('longest stretch began')}."
    )
    sentences.append(
        "Focus here means time in one application with no switch and no pause over "
        f"{told.say('longest pause inside')}; hours of the day with under "
        f"{told.say('least active time of an hour')} are left out."
    )
    return " ".join(sentences)


def _next(plan: Plan, told: Told) -> str:
    del plan
    ranked = told.starting("probability of ")
    if not ranked:
        return (
            "There is no prediction yet: nothing was recorded to predict from. Choose on the Sources page what may be "
            "recorded, or import your histories."
        )
    first = ranked[0][0]
    because = told.say(f"why {first}") if f"why {first}" in told else ""
    sentences = [f"Most likely next is {first} ({say(ranked[0][1])})."]
    if because:
        sentences.append(f"Why: {because.rstrip('.')}.")
    if f"reward of {first}" in told:
        sentences.append(f"Its learned reward is {told.say(f'reward of {first}')}.")
    others = [f"{name} ({say(fact)})" for name, fact in ranked[1:4]]
    if others:
        sentences.append(f"After that: {words.listed(others)}.")
    return " ".join(sentences)


def _last(plan: Plan, told: Told) -> str:
    del plan
    if "last at" not in told:
        if "subject" not in told or "actions stored" in told:
            return _nothing(told)
        return f"Nothing in {told.say('subject')} was recorded {told.say('period')}."
    where = f" in {told.say('subject')}" if "subject" in told else ""
    what = f": {told.say('last thing')}" if "last thing" in told else ""
    sentences = [f"The last recorded thing{where} was {told.say('last on')} at {told.say('last at')}{what}."]
    before = [say(fact) for _, fact in told.starting("before it ")]
    if before:
        sentences.append(f"Before it: {words.listed(before)}.")
    if "total" in told:
        sentences.append(f"{_opening(told.say('period'))} you were in it for {told.say('total')}.")
    return " ".join(sentences)


def _accuracy(plan: Plan, told: Told) -> str:
    del plan
    if "predictions scored" not in told:
        return (
            "No prediction has been scored yet. Each is saved before the truth is known and scored by what you do "
            "next, so let recording run for a while and ask again."
        )
    sentences = []
    sentences.append(
        f"Of {words.count(told.value('predictions scored'), 'scored prediction')}, the first guess was right "
        f"{told.say('first guess right, model')} of the time, and the truth was among the first "
        f"{told.say('guesses counted')} guesses {told.say('among the first, model')} of the time."
    )
    others = [f"{name} {say(fact)}" for name, fact in told.starting("first guess right, ") if name != "model"]
    if others:
        sentences.append(f"For comparison, the first guess of the simple methods: {words.listed(others)}.")
    return " ".join(sentences)


def _recorded(plan: Plan, told: Told) -> str:
    del plan
    if told.value("actions stored") == 0:
        return _nothing(told)
    sentences = []
    sentences.append(
        f"There are {words.count(told.value('actions stored'), 'action')} in the encrypted store"
        f", from {told.say('first day')} to {told.say('last day')}."
    )
    sources = [f"{name} ({say(fact)})" for name, fact in told.starting("actions from ")]
    if sources:
        sentences.append(f"By source: {words.listed(sources)}.")
    sentences.append(
        f"Beside them are {words.count(told.value('sessions stored'), 'session')}, "
        f"{words.count(told.value('predictions stored'), 'prediction')} and "
        f"{words.count(told.value('training runs stored'), 'training run')}; "
        f"the file has {told.say('size of the store')} MB."
    )
    sentences.append("What may be recorded is set on the Sources page; nothing leaves this machine.")
    return " ".join(sentences)


_WRITERS: Final[dict[Intent, Callable[[Plan, Told], str]]] = {
    Intent.ACTIVITY: _activity,
    Intent.TIME: _time,
    Intent.TOP: _top,
    Intent.COUNT: _count,
    Intent.FOCUS: _focus,
    Intent.NEXT: _next,
    Intent.LAST: _last,
    Intent.ACCURACY: _accuracy,
    Intent.RECORDED: _recorded,
}
