"""Plain sentences about unbroken work, and about signs of fatigue: what was recorded of them, and no judgement."""

from __future__ import annotations

from neural.language import formatting
from neural.language.narration.fact_phrases import FactPhrases, nothing, opening
from neural.language.reading.plan import Plan


def sessions(plan: Plan, told: FactPhrases) -> str:
    """Focus sessions and switches."""
    del plan
    if "focus sessions" not in told:
        return nothing(told)
    period, least = opening(told.say("period")), told.say("least focus")
    changes = formatting.count(told.value("switches"), "change")
    switches = (
        f"There {'was' if told.value('switches') == 1 else 'were'} {changes} of application, "
        f"{told.say('switches an active hour')} an active hour."
    )
    if "longest session" not in told:
        return (
            f"{period} there was no focus session in {told.say('active time')} of activity: never {least} or more "
            f"in the same application or project. {switches}"
        )
    return (
        f"{period} you had {formatting.count(told.value('focus sessions'), 'focus session')}, "
        f"{told.say('time in focus')} in all and {told.say('share in focus')} of your active time. "
        f"The longest was {told.say('longest session')} in {told.say('longest session in')}, "
        f"{told.say('longest session on')} from {told.say('longest session began')}. {switches} "
        f"A focus session is {least} or more in the same application or project, without another in between."
    )


def strain(plan: Plan, told: FactPhrases) -> str:
    """Work without a rest, late work, failed commands."""
    del plan
    if "least rest" not in told:
        return nothing(told)
    least = told.say("least rest")
    sentences = []
    if "since the last rest" in told:
        sentences.append(f"You have worked for {told.say('since the last rest')} since your last rest.")
    elif "resting for" in told:
        sentences.append(f"Your last window was left {told.say('resting for')} ago.")
    if "longest without a rest" in told:
        sentences.append(
            f"{opening(told.say('period'))} the longest you worked without a rest was "
            f"{told.say('longest without a rest')}, {told.say('longest without a rest on')} from "
            f"{told.say('longest without a rest began')}."
        )
    if "late at night" in told:
        sentences.append(f"You worked for {told.say('late at night')} {told.say('late is')}.")
    if "share failed" in told:
        commands = formatting.count(told.value("commands run"), "command")
        sentences.append(
            f"Of {commands}, {told.say('share failed')} ended with an error{_before(told, 'share failed')}."
        )
    if "share taken back" in told:
        keys = formatting.count(told.value("keys pressed"), "key")
        sentences.append(
            f"Of {keys}, {told.say('share taken back')} took something back{_before(told, 'share taken back')}."
        )
    sentences.append(
        f"A rest is {least} or more without a window in use. You know better than these numbers whether you are tired."
    )
    return " ".join(sentences)


def watched(plan: Plan, told: FactPhrases) -> str:
    """Time without input that was not time away."""
    del plan
    if "watched" not in told:
        return nothing(told)
    sentences = []
    if told.value("watched"):
        films = f", {told.say('watched films')} of it films" if told.value("watched films") else ""
        sentences.append(f"{opening(told.say('period'))} you watched for {told.say('watched')}{films}.")
    if told.value("in calls"):
        sentences.append(f"{opening(told.say('period'))} you were in calls for {told.say('in calls')}.")
    if not sentences:
        sentences.append(f"{opening(told.say('period'))} nothing was watched and no call held, as far as was recorded.")
    sentences.append("Only time without input counts: what you watch or say while you type is not seen.")
    return " ".join(sentences)


def typed(plan: Plan, told: FactPhrases) -> str:
    """How much and how fast was typed."""
    del plan
    if "keys" not in told:
        return nothing(told)
    period = opening(told.say("period"))
    if not told.value("keys"):
        return f"{period} no key was counted. Counting them is a sense of its own: Input rhythm, under Sources."
    back = f", {told.say('share taken back')} of them to take something back" if "share taken back" in told else ""
    sentences = [f"{period} you pressed {formatting.count(told.value('keys'), 'key')}{back}."]
    if "keys a minute" in told:
        sentences.append(
            f"While you typed without a long pause, {told.say('time typing')} in all, it was "
            f"{told.say('keys a minute')} keys a minute."
        )
    sentences.append("Which keys is not recorded.")
    return " ".join(sentences)


def _before(told: FactPhrases, name: str) -> str:
    """The same share of the weeks before, in brackets."""
    return (
        f" ({told.say(f'{name} before')} in the {told.say('days before')} days before)"
        if f"{name} before" in told
        else ""
    )
