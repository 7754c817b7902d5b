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


def worth_doing(plan: Plan, told: FactPhrases) -> str:
    """What is found most and least worth doing."""
    del plan
    if "period" not in told:
        return _nothing(told)
    most = [
        f"{told.say(f'rank {place} in worth')} ({told.say('worth of ' + told.say(f'rank {place} in worth'))})"
        for place in range(1, _SHOWN + 1)
        if f"rank {place} in worth" in told
    ]
    sentences = [f"{opening(told.say('period'))} you found {formatting.listed(most)} most worth doing."]
    if "least worth" in told:
        least = told.say("least worth")
        sentences.append(f"Least worth was {least} ({told.say(f'worth of {least}')}).")
    if "most worth of projects" in told:
        project = told.say("most worth of projects")
        sentences.append(
            f"Of your projects, what you did in {project} was worth most ({told.say(f'worth of {project}')})."
        )
    if "most worth in a row" in told:
        row = told.say("most worth in a row")
        sentences.append(f"The row worth most was {row} ({told.say(f'worth of {row}')}).")
    if "stood out" in told:
        gain = "gain of what stood out"
        how = "far more" if told.value(gain) > 0 else "far less"
        sentences.append(
            f"What stood out most was {told.say('stood out')} {told.say('stood out on')} at "
            f"{told.say('stood out at')}, worth {how} than could be expected then ({told.say(gain)})."
        )
    sentences.append(f"This is from {formatting.count(told.value('decisions weighed'), 'decision')}. {_MEANING}")
    return " ".join(sentences)


def best_hour(plan: Plan, told: FactPhrases) -> str:
    """When what is done is most worth doing."""
    del plan
    if "worth of a usual hour" not in told:
        return _nothing(told)
    period = opening(told.say("period"))
    sentences = []
    if "best hour begins" in told:
        sentences.append(
            f"{period} you did what you find most worth doing between {told.say('best hour begins')} and "
            f"{told.say('best hour ends')} on working days ({told.say('worth at the best hour')}, "
            f"{told.say('worth of a usual hour')} in a usual hour)."
        )
    else:
        sentences.append(f"{period} no hour of a working day stands out for certain as your best.")
    if "worst hour begins" in told:
        sentences.append(
            f"It was least between {told.say('worst hour begins')} and {told.say('worst hour ends')} "
            f"({told.say('worth at the worst hour')})."
        )
    sentences.append(_MEANING)
    return " ".join(sentences)


def changed(plan: Plan, told: FactPhrases) -> str:
    """What came to be more or less worth doing than in the month before."""
    del plan
    if "changes that are sure" not in told:
        if "period" in told:
            return "There is too little from the month before to say what changed. Ask again when there is more."
        return _nothing(told)
    if not told.value("changes that are sure"):
        return (
            f"{opening(told.say('period'))} nothing surely changed against the month before: in the same situations "
            "you choose as you did."
        )
    parts = []
    for kind, said in (("more often", "as likely"), ("less often", "less likely")):
        for name, _ in told.starting(f"{kind}: ")[:_SHOWN]:
            counts = f"{told.say(f'times before: {name}')} before, {told.say(f'times now: {name}')} now"
            parts.append(f"{name} {told.say(f'{kind}: {name}')} times {said} ({counts})")
    return (
        f"{opening(told.say('period'))}, against the month before, in the same situations you chose "
        f"{formatting.listed(parts)}."
    )


def _nothing(told: FactPhrases) -> str:
    if told.value("actions stored") == 0:
        return (
            "Nothing has been recorded yet. Choose on the Sources page what may be recorded, or import your histories, "
            "and ask again later."
        )
    return (
        "What you find worth doing is not explained yet. That is done after a training, from a few hundred actions on; "
        "start one on the Mind page, or let recording run."
    )
