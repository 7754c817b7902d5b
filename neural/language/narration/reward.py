"""Plain sentences about what is found worth doing, when, and what changed."""

from __future__ import annotations

from neural.language import formatting
from neural.language.narration.fact_phrases import FactPhrases, opening
from neural.language.reading.plan import Plan

_MEANING = (
    "Worth is the learned reward above that of what you would have done instead, in nats, at the moments when it was "
    "a choice."
)
_SHOWN = 3


def worth_doing(plan: Plan, phrases: FactPhrases) -> str:
    """What is found most and least worth doing."""
    del plan
    if "period" not in phrases:
        return _nothing(phrases)
    most = [
        f"{phrases[f'rank {place} in worth']} ({phrases['worth of ' + phrases[f'rank {place} in worth']]})"
        for place in range(1, _SHOWN + 1)
        if f"rank {place} in worth" in phrases
    ]
    sentences = [f"{opening(phrases['period'])} you found {formatting.listed(most)} most worth doing."]
    if "least worth" in phrases:
        least = phrases["least worth"]
        sentences.append(f"Least worth was {least} ({phrases[f'worth of {least}']}).")
    if "most worth of projects" in phrases:
        project = phrases["most worth of projects"]
        sentences.append(
            f"Of your projects, what you did in {project} was worth most ({phrases[f'worth of {project}']})."
        )
    if "most worth in a row" in phrases:
        row = phrases["most worth in a row"]
        sentences.append(f"The row worth most was {row} ({phrases[f'worth of {row}']}).")
    if "stood out" in phrases:
        gain = "gain of what stood out"
        how = "far more" if phrases.value(gain) > 0 else "far less"
        sentences.append(
            f"What stood out most was {phrases['stood out']} {phrases['stood out on']} at "
            f"{phrases['stood out at']}, worth {how} than could be expected then ({phrases[gain]})."
        )
    sentences.append(f"This is from {formatting.count(phrases.value('decisions weighed'), 'decision')}. {_MEANING}")
    return " ".join(sentences)


def best_hour(plan: Plan, phrases: FactPhrases) -> str:
    """When what is done is most worth doing."""
    del plan
    if "worth of a usual hour" not in phrases:
        return _nothing(phrases)
    period = opening(phrases["period"])
    sentences = []
    if "best hour begins" in phrases:
        sentences.append(
            f"{period} you did what you find most worth doing between {phrases['best hour begins']} and "
            f"{phrases['best hour ends']} on working days ({phrases['worth at the best hour']}, "
            f"{phrases['worth of a usual hour']} in a usual hour)."
        )
    else:
        sentences.append(f"{period} no hour of a working day stands out for certain as your best.")
    if "worst hour begins" in phrases:
        sentences.append(
            f"It was least between {phrases['worst hour begins']} and {phrases['worst hour ends']} "
            f"({phrases['worth at the worst hour']})."
        )
    sentences.append(_MEANING)
    return " ".join(sentences)


def changed(plan: Plan, phrases: FactPhrases) -> str:
    """What came to be more or less worth doing than in the month before."""
    del plan
    if "changes that are sure" not in phrases:
        if "period" in phrases:
            return "There is too little from the month before to say what changed. Ask again when there is more."
        return _nothing(phrases)
    if not phrases.value("changes that are sure"):
        return (
            f"{opening(phrases['period'])} nothing surely changed against the month before: in the same situations "
            "you choose as you did."
        )
    parts = []
    for kind, said in (("more often", "as likely"), ("less often", "less likely")):
        for name, _ in phrases.starting(f"{kind}: ")[:_SHOWN]:
            counts = f"{phrases[f'times before: {name}']} before, {phrases[f'times now: {name}']} now"
            parts.append(f"{name} {phrases[f'{kind}: {name}']} times {said} ({counts})")
    return (
        f"{opening(phrases['period'])}, against the month before, in the same situations you chose "
        f"{formatting.listed(parts)}."
    )


def _nothing(phrases: FactPhrases) -> str:
    if phrases.value("actions stored") == 0:
        return (
            "Nothing has been recorded yet. Choose on the Sources page what may be recorded, or import your histories, "
            "and ask again later."
        )
    return (
        "What you find worth doing is not explained yet. That is done after a training, from a few hundred actions on; "
        "start one on the Mind page, or let recording run."
    )
