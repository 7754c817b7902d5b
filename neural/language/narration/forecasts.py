"""Plain sentences about focus, predictions and what is recorded."""

from __future__ import annotations

from neural.language import formatting
from neural.language.narration.fact_phrases import FactPhrases, nothing, opening, phrase
from neural.language.reading.plan import Plan


def focus(plan: Plan, phrases: FactPhrases) -> str:
    """When a person is most focused, with what is meant by it."""
    del plan
    if "best hour begins" not in phrases:
        if "actions" in phrases:
            return (
                f"There is too little window time {phrases['period']} to say when you focus: an hour of the day "
                f"counts once it has {phrases['least active time of an hour']} of it. Let windows be recorded, and "
                "ask again later."
            )
        return nothing(phrases)

    def switches(which: str) -> str:
        return formatting.count(phrases.value(f"switches an active hour, {which} hour"), "switch", "switches")

    sentences = []
    sentences.append(
        f"{opening(phrases['period'])} you were most focused between {phrases['best hour begins']} and "
        f"{phrases['best hour ends']}: a typical moment then was part of {phrases['focus at the best hour']} in one "
        f"application, with {switches('best')} an active hour."
    )
    if "worst hour begins" in phrases:
        sentences.append(
            f"You were least focused between {phrases['worst hour begins']} and {phrases['worst hour ends']} "
            f"({phrases['focus at the worst hour']}, {switches('worst')})."
        )
    sentences.append(
        f"Your longest stretch was {phrases['longest stretch']} in {phrases['longest stretch in']}, "
        f"{phrases['longest stretch on']} from {phrases['longest stretch began']}."
    )
    sentences.append(
        "Focus here means time in one application with no switch and no pause over "
        f"{phrases['longest pause inside']}; hours of the day with under "
        f"{phrases['least active time of an hour']} are left out."
    )
    return " ".join(sentences)


def upcoming(plan: Plan, phrases: FactPhrases) -> str:
    """What comes next, and why."""
    del plan
    ranked = phrases.starting("probability of ")
    if not ranked and phrases.value("actions stored"):
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
    sentences = [f"Predicted next: {first}, {phrase(ranked[0][1])}."]
    reasons = phrases.starting("for it, ")
    strongest = phrases[f"counted of {reasons[0][0]}"] if reasons else ""
    if because := phrases.get(f"why {first}", strongest):
        sentences.append(_because(because))
    others = [f"{name} ({phrase(fact)})" for name, fact in ranked[1:4]]
    if others:
        sentences.append(f"Then: {formatting.listed(others)}.")
    if reasons:
        sentences.append("Mind shows all its reasons.")
    return " ".join(sentences)


def _because(reason: str) -> str:
    """Make a reason a sentence: "usually follows make (7 of 9 times)" gets its subject."""
    subject = "" if reason.startswith("it ") else "It is " if " done" in reason else "It "
    return f"{opening(subject + reason.rstrip('.'))}."


def accuracy(plan: Plan, phrases: FactPhrases) -> str:
    """How often predictions were right, compared with the simple methods."""
    del plan
    if "predictions scored" not in phrases:
        return (
            "No prediction has been scored yet. Each is saved before the truth is known and scored by what you do "
            "next, so let recording run for a while and ask again."
        )
    sentences = []
    sentences.append(
        f"Of {formatting.count(phrases.value('predictions scored'), 'scored prediction')}, the first guess was right "
        f"{phrases['first guess right, model']} of the time, and the truth was among the first "
        f"{phrases['guesses counted']} guesses {phrases['among the first, model']} of the time."
    )
    others = [f"{name} {phrase(fact)}" for name, fact in phrases.starting("first guess right, ") if name != "model"]
    if others:
        sentences.append(f"For comparison, the first guess of the simple methods: {formatting.listed(others)}.")
    return " ".join(sentences)


def recorded(plan: Plan, phrases: FactPhrases) -> str:
    """What is in the store."""
    del plan
    if phrases.value("actions stored") == 0:
        return nothing(phrases)
    sentences = []
    sentences.append(
        f"There are {formatting.count(phrases.value('actions stored'), 'action')} in the encrypted store"
        f", from {phrases['first day']} to {phrases['last day']}."
    )
    sources = [f"{name} ({phrase(fact)})" for name, fact in phrases.starting("actions from ")]
    if sources:
        sentences.append(f"By source: {formatting.listed(sources)}.")
    sentences.append(
        f"Also stored: {formatting.count(phrases.value('sessions stored'), 'session')}, "
        f"{formatting.count(phrases.value('predictions stored'), 'prediction')} and "
        f"{formatting.count(phrases.value('training runs stored'), 'training run')}; "
        f"the file has {phrases['size of the store']} MB."
    )
    sentences.append("What may be recorded is set on the Sources page; nothing leaves this machine.")
    return " ".join(sentences)
