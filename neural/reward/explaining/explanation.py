"""Why a forecast says what it says, as plain values; the window imports them without the numbers behind them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from neural.reward.actions import KindChance


class Group(StrEnum):
    """What a forecast may rest on, in words."""

    SEQUENCE = "what came before"
    REPETITION = "a row of actions repeated"
    TIME = "the time"
    TITLE = "the title"
    PROJECT = "the project"
    HABIT = "how often and how lately"
    SESSION = "the session and its pauses"


@dataclass(frozen=True, slots=True)
class Reason:
    """What one group of inputs says of the first guess.

    Attributes:
        group: of the inputs.
        factor: how many times likelier it makes the guess against the others; below 1 it speaks against it.
        text: the count behind it, in words.
    """

    group: Group
    factor: float
    text: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the first guess is the first, the strongest reason first.

    Attributes:
        action: the first guess.
        others: how many it was compared with.
        reasons: the factors of all groups, times the odds of a blind choice among as many, are the odds that the
            guess has; groups that hardly change them are left out.
        kinds: what kind of action comes, the likeliest first.
    """

    action: str
    others: int
    reasons: tuple[Reason, ...]
    kinds: tuple[KindChance, ...] = ()
