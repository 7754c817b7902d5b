"""Holding a narrator to the facts: what may be said, and what is said instead.

A sentence is *faithful* when every number, time, duration, percentage, date and proper name in it stands in the facts,
and no figure that belongs to one name stands with other names alone. This finds inventions; it cannot find
figures swapped between the names of one sentence, nor a name written in lower case as a common word. If a sentence
may be doubted it is taken as false: the plain sentence then stands in its place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from neural.language.facts import Fact
from neural.language.narration.claims import known_from, sentence_faithful, tells

SENTENCE_END: Final = re.compile(r"(?<=[.!?])[\"\u201d')\]]*\s+(?=\S)|\n+")
_ENDS: Final = ".!?)]\"'\u201d"
_NOTHING: Final[tuple[frozenset[str], frozenset[str]]] = (frozenset(), frozenset())


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text, without the space between them."""
    return tuple(part.strip() for part in SENTENCE_END.split(text) if part.strip())


class Checker:
    """The facts, read once, to hold many texts to them.

    Args:
        facts: what may be said.
    """

    def __init__(self, facts: Sequence[Fact]) -> None:
        self._known = known_from(facts)

    def faithful(self, text: str) -> bool:
        """Whether every sentence of a text is faithful; see `faithful`."""
        return all(sentence_faithful(sentence, self._known) for sentence in sentences(text))


def faithful(text: str, facts: Sequence[Fact]) -> bool:
    """Whether every number, time, duration, percentage and proper name of a text stands in the facts."""
    return Checker(facts).faithful(text)


def repair(text: str, plain: str, facts: Sequence[Fact]) -> str:
    """A narration in which each sentence that cannot be trusted gave way to the plain ones.

    A sentence that tells no fact is left out too, as it says nothing about the person, and so is a last one that was
    cut off. The plain sentences put in are those that hold something which the kept ones do not say, in their own
    order, in place of the first fault.

    Args:
        text: what the model said.
        plain: the same facts in plain sentences, faithful by construction.
        facts: what both were made from.
    """
    known = known_from(facts)
    kept: list[str] = []
    fault_at: int | None = None
    for sentence in _finished(sentences(text)):
        if not sentence_faithful(sentence, known):
            fault_at = len(kept) if fault_at is None else fault_at
        elif tells(sentence, known) != _NOTHING:
            kept.append(sentence)
    if not kept:
        return plain
    if fault_at is None:
        return " ".join(kept)
    figures, names = (frozenset().union(*said) for said in zip(*(tells(each, known) for each in kept), strict=True))
    missing = []
    for sentence in sentences(plain):
        own_figures, own_names = tells(sentence, known)
        if not own_figures <= figures or (not own_figures and not own_names <= names):
            missing.append(sentence)
    return " ".join([*kept[:fault_at], *missing, *kept[fault_at:]])


def _finished(said: tuple[str, ...]) -> tuple[str, ...]:
    """Without a last sentence that was cut off, if others stand before it."""
    return said[:-1] if len(said) > 1 and said[-1][-1] not in _ENDS else said
