"""Plain sentences about focus, predictions and what is recorded."""

from __future__ import annotations

from neural.language import formatting
from neural.language.facts import Fact
from neural.language.narration.fact_phrases import FactPhrases, nothing, opening, phrase
from neural.language.reading.plan import Plan


def focus(plan: Plan, told: FactPhrases) -> str:
    """When a person is most focused, with what is meant by it."""
    del plan
    if "best hour begins" not in told:
        if "actions" in told:
            return (
                f"There is too little window time {told.say('period')} to say when you focus: an hour of the day "
                f"counts once it has {told.say('least active time of an hour')} of it. Let windows be recorded, and "
                "ask again later."
            )
        return nothing(told)

    def switches(which: str) -> str:
        return formatting.count(told.value(f"switches an active hour, {which} hour"), "switch", "switches")

    sentences = []
    sentences.append(
        f"{opening(told.say('period'))} you were most focused between {told.say('best hour begins')} and "
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


def upcoming(plan: Plan, told: FactPhrases) -> str:
    """What comes next, and why."""
    del plan
    ranked = told.starting("probability of ")
    if not ranked and told.value("actions stored"):
        return (
            "There is no prediction yet: the model still reads what was recorded, or has found no action of yours in "
            "it. Ask again in a minute."
        )
    if not ranked:
        return (
            "There is no prediction yet: nothing was recorded to predict from. Choose on the Sources page what may be "
            "recorded, or import your histories."
        )
    first = ranked[0][0]
    because = told.say(f"why {first}") if f"why {first}" in told else ""
    sentences = [f"Most likely next is {first} ({phrase(ranked[0][1])})."]
    reasons = told.starting("for it, ")
    if reasons:
        sentences.append(_reasons(reasons, told))
    elif because:
        sentences.append(f"Why: {because.rstrip('.')}.")
    if f"reward of {first}" in told:
        sentences.append(f"Its learned reward is {told.say(f'reward of {first}')}.")
    others = [f"{name} ({phrase(fact)})" for name, fact in ranked[1:4]]
    if others:
        sentences.append(f"After that: {formatting.listed(others)}.")
    kinds = []
    for kind, fact in told.starting("next is "):
        new = f", {told.say(f'new, {kind}')} for something new" if f"new, {kind}" in told else ""
        kinds.append(f"{kind} ({phrase(fact)}{new})")
    if kinds:
        sentences.append(f"By its kind it is {formatting.either(kinds)}.")
    return " ".join(sentences)


def _reasons(reasons: list[tuple[str, Fact]], told: FactPhrases) -> str:
    """What speaks for the first guess, by how much, and the counts behind it."""
    others = formatting.count(told.value("others compared"), "likeliest other", "likeliest others")
    parts = [
        f"{group} makes it {phrase(fact)} times as likely ({told.say(f'counted of {group}')})"
        for group, fact in reasons
    ]
    sentence = f"Against the {others}, {formatting.listed(parts)}."
    for group, fact in told.starting("against it, ")[:1]:
        sentence += f" {opening(group)} speaks against it, {phrase(fact)} times ({told.say(f'counted of {group}')})."
    return sentence


def accuracy(plan: Plan, told: FactPhrases) -> str:
    """How often predictions were right, beside the simple methods."""
    del plan
    if "predictions scored" not in told:
        return (
            "No prediction has been scored yet. Each is saved before the truth is known and scored by what you do "
            "next, so let recording run for a while and ask again."
        )
    sentences = []
    sentences.append(
        f"Of {formatting.count(told.value('predictions scored'), 'scored prediction')}, the first guess was right "
        f"{told.say('first guess right, model')} of the time, and the truth was among the first "
        f"{told.say('guesses counted')} guesses {told.say('among the first, model')} of the time."
    )
    others = [f"{name} {phrase(fact)}" for name, fact in told.starting("first guess right, ") if name != "model"]
    if others:
        sentences.append(f"For comparison, the first guess of the simple methods: {formatting.listed(others)}.")
    return " ".join(sentences)


def recorded(plan: Plan, told: FactPhrases) -> str:
    """What is in the store."""
    del plan
    if told.value("actions stored") == 0:
        return nothing(told)
    sentences = []
    sentences.append(
        f"There are {formatting.count(told.value('actions stored'), 'action')} in the encrypted store"
        f", from {told.say('first day')} to {told.say('last day')}."
    )
    sources = [f"{name} ({phrase(fact)})" for name, fact in told.starting("actions from ")]
    if sources:
        sentences.append(f"By source: {formatting.listed(sources)}.")
    sentences.append(
        f"Beside them are {formatting.count(told.value('sessions stored'), 'session')}, "
        f"{formatting.count(told.value('predictions stored'), 'prediction')} and "
        f"{formatting.count(told.value('training runs stored'), 'training run')}; "
        f"the file has {told.say('size of the store')} MB."
    )
    sentences.append("What may be recorded is set on the Sources page; nothing leaves this machine.")
    return " ".join(sentences)
