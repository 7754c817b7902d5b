"""Which kind of action comes next, and how often one that was never seen: running shares, one row of numbers a kind.

An action is chosen as if its kind were chosen first: P(a) = P(kind) P(a | kind). Both come from one soft-optimal policy
over named actions and, for each kind, "something new" of that kind, so that they are one consistent distribution.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from neural.reward.actions import KindChance
from neural.reward.features.hash_tables import DECAYS, F32, GAINS, I64

KINDS: Final = ("app", "web", "cmd", "file", "git", "code", "other")
KIND_FEATURES: Final = (
    *(f"frequency {decay:g}" for decay in DECAYS), "after one", "after two", "new fast", "new slow", "uses",
)  # fmt: skip
SLOWEST: Final = 0.02
"""Gain of a share once it has been seen often; before, every observation counts the same (1 / n)."""
NEW_GAINS: Final = np.array((0.1, 0.01), np.float32)
NEW_AT_FIRST: Final = 0.5
_NUMBER: Final = {kind: number for number, kind in enumerate(KINDS)}


def chances(policy: F32, named: I64) -> tuple[KindChance, ...]:
    """What kind of action comes, the likeliest first.

    Args:
        policy: [C + K], of the named actions and then of "something new" of each kind; sums to 1.
        named: [C], the kinds of the named actions.
    """
    new = policy[named.size :]
    whole = new.copy()
    np.add.at(whole, named, policy[: named.size])
    return tuple(
        KindChance(KINDS[kind], float(whole[kind]), float(new[kind])) for kind in np.argsort(-whole, kind="stable")
    )


def number_of(kind: str) -> int:
    """The place of a kind among KINDS; the last for one that is not there."""
    return _NUMBER.get(kind, len(KINDS) - 1)


class KindShares:
    """The running shares of one person.

    Attributes:
        frequency: [K, 3] float32, decayed at each of DECAYS.
        after_one: [K, K] float32, rows: the kind before; each row sums to 1 once it was used.
        after_two: [K, K, K] float32, by the two kinds before.
        new: [K, 2] float32, how often an action of the kind was one never seen, over about 10 and 100 of them.
        uses: [K] float32, actions of the kind.
    """

    def __init__(self) -> None:
        count = len(KINDS)
        self.frequency: F32 = np.zeros((count, DECAYS.size), np.float32)
        self.after_one: F32 = np.zeros((count, count), np.float32)
        self.after_two: F32 = np.zeros((count, count, count), np.float32)
        self.new: F32 = np.full((count, NEW_GAINS.size), NEW_AT_FIRST, np.float32)
        self.uses: F32 = np.zeros(count, np.float32)
        self._seen_after_one = np.zeros(count, np.int64)
        self._seen_after_two = np.zeros((count, count), np.int64)
        self.last = -1
        self.before = -1

    def add(self, kind: int, *, new: bool) -> None:
        """Take in an action's kind, and whether the action was never seen before."""
        self.frequency *= DECAYS
        self.frequency[kind] += GAINS
        if self.last >= 0:
            self._seen_after_one[self.last] += 1
            _follow(self.after_one[self.last], kind, int(self._seen_after_one[self.last]))
        if self.before >= 0:
            self._seen_after_two[self.before, self.last] += 1
            _follow(self.after_two[self.before, self.last], kind, int(self._seen_after_two[self.before, self.last]))
        self.new[kind] += (np.float32(new) - self.new[kind]) * NEW_GAINS
        self.uses[kind] += 1
        self.before, self.last = self.last, kind

    def shares(self) -> F32:
        """[K, len(KIND_FEATURES)] float32 at this moment; the last column is a count, the others are shares of 1."""
        out = np.zeros((len(KINDS), len(KIND_FEATURES)), np.float32)
        out[:, :3] = self.frequency
        if self.last >= 0:
            out[:, 3] = self.after_one[self.last]
        if self.before >= 0:
            out[:, 4] = self.after_two[self.before, self.last]
        out[:, 5:7] = self.new
        out[:, 7] = self.uses
        return out


def _follow(row: F32, kind: int, seen: int) -> None:
    gain = np.float32(max(1 / seen, SLOWEST))
    row *= 1 - gain
    row[kind] += gain
