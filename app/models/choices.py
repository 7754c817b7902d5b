"""What the user decides at the first start and when the store is locked."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Final

from collectors.events import Source


class KeyMethod(StrEnum):
    """What keeps the key of the store."""

    SECRET_SERVICE = "secret-service"  # noqa: S105  # the name of a way, not a secret
    PASSPHRASE = "passphrase"  # noqa: S105  # the same


class UnlockMethod(StrEnum):
    """What the user opens the store with."""

    PASSPHRASE = "passphrase"  # noqa: S105  # the same
    RECOVERY = "recovery"
    SECRET_SERVICE = "secret-service"  # noqa: S105  # the name of a way, not a secret


@dataclass(frozen=True, slots=True)
class FirstRunChoice:
    """What was decided at the first start. The passphrase never shows in a repr, so that no log can hold it."""

    consent: frozenset[Source]
    history: frozenset[str]
    key_method: KeyMethod
    passphrase: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class UnlockAttempt:
    """One try to open the store; `secret` is empty for the Secret Service."""

    method: UnlockMethod
    secret: str = field(repr=False)


MIN_PASSPHRASE_CHARS: Final = 10
_FAIR_BITS: Final = 50
_STRONG_BITS: Final = 75


@dataclass(frozen=True, slots=True)
class Strength:
    """How hard a passphrase is to guess: `fraction` 0 to 1 for a bar, in words, and whether it may be used."""

    fraction: float
    words: str
    usable: bool


def strength(passphrase: str) -> Strength:
    """A cautious estimate: bits from length and kinds of characters, repeats and runs counted once.

    It bounds from above what a blind search needs and cannot know of quotations, so the words promise little.
    """
    if not passphrase:
        return Strength(0.0, "", usable=False)
    kinds = (
        (str.islower, 26),
        (str.isupper, 26),
        (str.isdigit, 10),
        (lambda letter: not letter.isalnum(), 33),
    )
    alphabet = sum(size for belongs, size in kinds if any(belongs(letter) for letter in passphrase))
    fresh = 1 + sum(abs(ord(after) - ord(before)) > 1 for before, after in pairwise(passphrase))
    variety = len(set(passphrase.lower()))
    bits = min(fresh, variety * 2) * math.log2(max(alphabet, 2))
    fraction = min(1.0, bits / _STRONG_BITS)
    missing = MIN_PASSPHRASE_CHARS - len(passphrase)
    if missing > 0:
        return Strength(fraction, f"Too short, {missing} more", usable=False)
    if bits < _FAIR_BITS:
        return Strength(fraction, "Weak, several unrelated words are better", usable=True)
    return Strength(fraction, "Fair" if bits < _STRONG_BITS else "Strong", usable=True)
