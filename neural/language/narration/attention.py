"""Plain sentences about unbroken work, and about signs of fatigue: what was recorded of them, and no judgement."""

from __future__ import annotations

from neural.language import formatting
from neural.language.narration.fact_phrases import FactPhrases, nothing, opening
from neural.language.reading.plan import Plan


def sessions(plan: Plan, phrases: FactPhrases) -> str:
    """Focus sessions and switches."""
    del plan
    if "focus sessions" not in phrases:
        return nothing(phrases)
    period, least = opening(phrases["period"]), phrases["least focus"]
    changes = formatting.count(phrases.value("switches"), "change")
    switches = (
        f"There {'was' if phrases.value('switches') == 1 else 'were'} {changes} of application, "
        f"{phrases['switches an active hour']} an active hour."
    )
    if "longest session" not in phrases:
        return (
            f"{period} there was no focus session in {phrases['active time']} of activity: never {least} or more "
            f"in the same application or project. {switches}"
        )
    return (
        f"{period} you had {formatting.count(phrases.value('focus sessions'), 'focus session')}, "
        f"{phrases['time in focus']} in all and {phrases['share in focus']} of your active time. "
        f"The longest was {phrases['longest session']} in {phrases['longest session in']}, "
        f"{phrases['longest session on']} from {phrases['longest session began']}. {switches} "
        f"A focus session is {least} or more in the same application or project, without another in between."
    )


def strain(plan: Plan, phrases: FactPhrases) -> str:
    """Work without a rest, late work, failed commands."""
    del plan
    if "least rest" not in phrases:
        return nothing(phrases)
    least = phrases["least rest"]
    sentences = []
    if "since the last rest" in phrases:
        sentences.append(f"You have worked for {phrases['since the last rest']} since your last rest.")
    elif "resting for" in phrases:
        sentences.append(f"Your last window was left {phrases['resting for']} ago.")
    if "longest without a rest" in phrases:
        sentences.append(
            f"{opening(phrases['period'])} the longest you worked without a rest was "
            f"{phrases['longest without a rest']}, {phrases['longest without a rest on']} from "
            f"{phrases['longest without a rest began']}."
        )
    if "late at night" in phrases:
        sentences.append(f"You worked for {phrases['late at night']} {phrases['late is']}.")
    if "share failed" in phrases:
        commands = formatting.count(phrases.value("commands run"), "command")
        sentences.append(
            f"Of {commands}, {phrases['share failed']} ended with an error{_before(phrases, 'share failed')}."
        )
    if "share taken back" in phrases:
        keys = formatting.count(phrases.value("keys pressed"), "key")
        sentences.append(
            f"Of {keys}, {phrases['share taken back']} took something back{_before(phrases, 'share taken back')}."
        )
    sentences.append(
        f"A rest is {least} or more without a window in use. You know better than these numbers whether you are tired."
    )
    return " ".join(sentences)


def watched(plan: Plan, phrases: FactPhrases) -> str:
    """Time without input that was not time away."""
    del plan
    if "watched" not in phrases:
        return nothing(phrases)
    sentences = []
    if phrases.value("watched"):
        films = f", {phrases['watched films']} of it films" if phrases.value("watched films") else ""
        sentences.append(f"{opening(phrases['period'])} you watched for {phrases['watched']}{films}.")
    if phrases.value("in calls"):
        sentences.append(f"{opening(phrases['period'])} you were in calls for {phrases['in calls']}.")
    if not sentences:
        sentences.append(f"{opening(phrases['period'])} nothing was watched and no call held, as far as was recorded.")
    sentences.append("Only time without input counts: what you watch or say while you type is not seen.")
    return " ".join(sentences)


def typed(plan: Plan, phrases: FactPhrases) -> str:
    """How much and how fast was typed."""
    del plan
    if "keys" not in phrases:
        return nothing(phrases)
    period = opening(phrases["period"])
    if not phrases.value("keys"):
        return f"{period} no key was counted. Counting them is a sense of its own: Input rhythm, under Sources."
    back = f", {phrases['share taken back']} of them to take something back" if "share taken back" in phrases else ""
    sentences = [f"{period} you pressed {formatting.count(phrases.value('keys'), 'key')}{back}."]
    if "keys a minute" in phrases:
        sentences.append(
            f"While you typed without a long pause, {phrases['time typing']} in all, it was "
            f"{phrases['keys a minute']} keys a minute."
        )
    sentences.append("Which keys is not recorded.")
    return " ".join(sentences)


def _before(phrases: FactPhrases, name: str) -> str:
    """The same share of the weeks before, in brackets."""
    return (
        f" ({phrases[f'{name} before']} in the {phrases['days before']} days before)"
        if f"{name} before" in phrases
        else ""
    )
