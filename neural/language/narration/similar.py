"""Plain sentences about moments that are alike."""

from __future__ import annotations

from neural.language import formatting
from neural.language.narration.fact_phrases import FactPhrases, nothing, phrase
from neural.language.reading.plan import Plan


def moments(plan: Plan, phrases: FactPhrases) -> str:
    """When something alike was done, latest first."""
    del plan
    if "moments compared" not in phrases:
        return nothing(phrases)
    about = phrases.get("words asked about")
    if not about and "asked on" not in phrases:
        return f"Nothing was recorded {phrases['period']} that others could be compared with."
    compared = formatting.count(phrases.value("moments compared"), "moment")
    if "alike 1 on" not in phrases:
        what = f"is about {about}" if about else f"is like what you did {_when(phrases, 'asked')}"
        return f"None of the {compared} {what}."
    what = f"about {about}" if about else f"like what you did {_when(phrases, 'asked')}"
    places = [name.removesuffix(" on") for name, _ in phrases.starting("alike ") if name.endswith(" on")]
    lines = "\n".join(f"\u2022 {_line(phrases, f'alike {place}')}" for place in places)
    return f"Of the {compared} recorded, the latest {what}:\n{lines}"


def _line(phrases: FactPhrases, name: str) -> str:
    place = f" in {phrases[f'{name} in']}" if f"{name} in" in phrases else ""
    shown = [phrase(fact) for _, fact in phrases.starting(f"{name} shows ")]
    titles = f": {'; '.join(shown)}" if shown else ""
    return f"{_when(phrases, name)} ({phrases[f'{name} lasted']}){place}{titles}"


def _when(phrases: FactPhrases, name: str) -> str:
    begins, ends = phrases[f"{name} from"], phrases[f"{name} to"]
    return f"{phrases[f'{name} on']} {f'at {begins}' if begins == ends else f'from {begins} to {ends}'}"
