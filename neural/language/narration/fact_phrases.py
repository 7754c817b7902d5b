"""The facts of one answer as words: looked up by name, said with their unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from neural.language import formatting
from neural.language.facts import Fact

SUBJECT_PREFIXES: Final = (
    *("worth of ", "change of ", "times before: ", "times now: ", "more often: ", "less often: "),
    *("time in ", "actions in ", "actions from ", "times ", "probability of ", "reward of "),
    *("first guess right, ", "among the first, "),
)
"""How the names of facts begin whose rest says what their figure belongs to; the first that fits is taken."""


def subject_of(fact: Fact) -> str | None:
    """What a fact's figure belongs to ("Firefox" of "time in Firefox"); None if it belongs to the whole answer."""
    prefix = next((prefix for prefix in SUBJECT_PREFIXES if fact.name.startswith(prefix)), None)
    return None if prefix is None else fact.name.removeprefix(prefix)


class FactPhrases:
    """The facts of one answer, looked up by name and said with their unit."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self._facts = {fact.name: fact for fact in facts}

    def __contains__(self, name: str) -> bool:
        return name in self._facts

    def get(self, name: str, default: str = "") -> str:
        """Return a fact's value in words, or the default if there is no such fact."""
        fact = self._facts.get(name)
        return default if fact is None else phrase(fact)

    def value(self, name: str) -> float:
        """The number of a fact; 0 if there is none."""
        fact = self._facts.get(name)
        return fact.value if fact is not None and not isinstance(fact.value, str) else 0

    def __getitem__(self, name: str) -> str:
        """A fact's value in words, with its unit."""
        return phrase(self._facts[name])

    def starting(self, prefix: str) -> list[tuple[str, Fact]]:
        """The facts whose name begins so, as (rest of the name, fact), in order."""
        return [(name.removeprefix(prefix), fact) for name, fact in self._facts.items() if name.startswith(prefix)]


def phrase(fact: Fact) -> str:
    """One value as people say it: "2 h 14 min", "61 %", "14:05", "1,204"."""
    if isinstance(fact.value, str):
        return fact.value
    if fact.unit == "min":
        return formatting.duration(int(fact.value))
    if fact.unit in ("s", "%", "nats"):
        return f"{formatting.number(fact.value)} {fact.unit}"
    return formatting.number(fact.value)


def opening(text: str) -> str:
    """A phrase as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def nothing(phrases: FactPhrases) -> str:
    """The sentences for an empty result, with what to do."""
    if phrases.value("actions stored") == 0 and "actions stored" in phrases:
        return (
            "Nothing has been recorded yet. Choose on the Sources page what may be recorded, or import your histories, "
            "and ask again later."
        )
    period = phrases["period"]
    return f"Nothing was recorded {period}. Ask about another time, or see on the Sources page what is recorded."
