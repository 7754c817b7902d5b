"""Plain sentences about moments that are alike."""

from __future__ import annotations

from neural.language import formatting
from neural.language.narration.fact_phrases import FactPhrases, nothing, phrase
from neural.language.reading.plan import Plan


def moments(plan: Plan, told: FactPhrases) -> str:
    """When something alike was done, latest first."""
    del plan
    if "moments compared" not in told:
        return nothing(told)
    about = told.say("words asked about") if "words asked about" in told else None
    if about is None and "asked on" not in told:
        return f"Nothing was recorded {told.say('period')} that others could be compared with."
    compared = formatting.count(told.value("moments compared"), "moment")
    if "alike 1 on" not in told:
        what = f"is about {about}" if about else f"is like what you did {_when(told, 'asked')}"
        return f"None of the {compared} {what}."
    what = f"about {about}" if about else f"like what you did {_when(told, 'asked')}"
    places = [name.removesuffix(" on") for name, _ in told.starting("alike ") if name.endswith(" on")]
    lines = "\n".join(f"\u2022 {_told(told, f'alike {place}')}" for place in places)
    return f"Of the {compared} recorded, the latest {what}:\n{lines}"


def _told(told: FactPhrases, name: str) -> str:
    place = f" in {told.say(f'{name} in')}" if f"{name} in" in told else ""
    shown = [phrase(fact) for _, fact in told.starting(f"{name} shows ")]
    titles = f": {'; '.join(shown)}" if shown else ""
    return f"{_when(told, name)} ({told.say(f'{name} lasted')}){place}{titles}"


def _when(told: FactPhrases, name: str) -> str:
    begins, ends = told.say(f"{name} from"), told.say(f"{name} to")
    return f"{told.say(f'{name} on')} {f'at {begins}' if begins == ends else f'from {begins} to {ends}'}"
