"""Fixed-size hash tables over NumPy arrays: statistics of contexts, and of actions within contexts.

Four-way set-associative, as a processor's cache: a full bucket gives up the entry that was touched longest ago. So
memory is bounded whatever the length of the history, many keys are looked up in one call, and no name is stored.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final

import numpy as np
from numpy.typing import NDArray

U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]
F32 = NDArray[np.float32]

WAYS: Final = 4
SUCCESSORS: Final = 12
DECAYS: Final = np.array((0.75, 0.93, 0.995), np.float32)
LOG_DECAYS: Final = np.log(DECAYS)
GAINS: Final = (1.0 - DECAYS).astype(np.float32)
_PHI: Final = 0x9E3779B97F4A7C15
_MASK: Final = (1 << 64) - 1


def mix(seed: int, value: int) -> int:
    """One 64-bit hash from another and a value (the finaliser of Steele, Lea and Flood's SplitMix64, 2014)."""
    word = (seed ^ (value * _PHI)) & _MASK
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & _MASK
    return word ^ (word >> 31)


def pair_keys(contexts: U64, action_hashes: U64) -> U64:
    """Keys of actions within contexts: broadcasts its arguments; a context of 0 stands for none and gives junk."""
    word = contexts ^ action_hashes
    word = (word ^ (word >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    return word ^ (word >> np.uint64(32))


class _Table(ABC):
    """Tags and ages; the slot after the last one stands for "not there" and stays zero."""

    def __init__(self, buckets_log2: int) -> None:
        self._shift = np.uint64(64 - buckets_log2)
        self._tags = np.zeros((1 << buckets_log2, WAYS), np.uint32)
        self._touched = np.zeros((1 << buckets_log2, WAYS), np.uint32)
        self.missing = WAYS << buckets_log2

    def find(self, keys: U64) -> I64:
        """Slots of keys, `missing` if a key is not there; any shape."""
        buckets = (keys >> self._shift).astype(np.int64)
        hits = self._tags[buckets] == _tags_of(keys)[..., None]
        # The four answers of a bucket are read as one word: reductions over so short an axis take longer than all else.
        word = hits.view(np.dtype("<u4"))[..., 0]
        slots: I64 = buckets * WAYS
        for way in range(1, WAYS):
            slots += word >= 1 << 8 * way
        slots[word == 0] = self.missing
        return slots

    def claim(self, keys: U64, slots: I64, now: int) -> I64:
        """Slots to write to: as found, and for a missing key the oldest slot of its bucket, emptied.

        Args:
            keys: [K].
            slots: [K], what `find` gave for them.
            now: the running number of the action, for ages.
        """
        fresh = np.flatnonzero(slots == self.missing)
        if fresh.size:
            buckets = (keys[fresh] >> self._shift).astype(np.int64)
            ways = self._touched[buckets].argmin(-1)
            self._tags[buckets, ways] = _tags_of(keys[fresh])
            slots = slots.copy()
            slots[fresh] = buckets * WAYS + ways
            self._empty(slots[fresh])
        self._touched.reshape(-1)[slots] = now
        return slots

    @abstractmethod
    def _empty(self, slots: I64) -> None:
        """Forget what the slots held."""


def _tags_of(keys: U64) -> NDArray[np.uint32]:
    return keys.astype(np.uint32) | np.uint32(1)


class ContextTable(_Table):
    """How often a context occurred, how many actions followed it, and which of them last.

    Attributes:
        uses: [slots] float32, occurrences.
        distinct: [slots] float32, actions that followed, each counted once.
        successors: [slots, successors] int32, ids, most recent first, -1 if there is none.
    """

    def __init__(self, buckets_log2: int = 15, successors: int = SUCCESSORS) -> None:
        super().__init__(buckets_log2)
        self.uses = np.zeros(self.missing + 1, np.float32)
        self.distinct = np.zeros(self.missing + 1, np.float32)
        self.successors = np.full((self.missing + 1, successors), -1, np.int32)

    def _empty(self, slots: I64) -> None:
        self.uses[slots] = 0
        self.distinct[slots] = 0
        self.successors[slots] = -1

    def add(self, slots: I64, action: int, novel: NDArray[np.bool_]) -> None:
        """Count one occurrence of each context, followed by `action`; `novel` [K] if it never followed before.

        Args:
            slots: [K] of the contexts.
            action: its id.
            novel: [K] whether it never followed before.
        """
        self.uses[slots] += 1
        self.distinct[slots] += novel
        rows = self.successors[slots]
        same = rows == action
        place = np.where(same.any(-1), same.argmax(-1), rows.shape[1] - 1)
        moved = np.empty_like(rows)
        moved[:, 0] = action
        moved[:, 1:] = rows[:, :-1]
        kept = np.arange(rows.shape[1]) > place[:, None]
        self.successors[slots] = np.where(kept, rows, moved)


class PairTable(_Table):
    """Recency-weighted frequencies of actions within contexts.

    Attributes:
        seen_at: [slots] float32, the context's `uses` just after the action last followed it.
        count: [slots] float32, how often it followed.
        weight: [slots, 3] float32, decayed frequency at each of DECAYS, as of `seen_at`.
    """

    def __init__(self, buckets_log2: int = 17) -> None:
        super().__init__(buckets_log2)
        self.seen_at = np.zeros(self.missing + 1, np.float32)
        self.count = np.zeros(self.missing + 1, np.float32)
        self.weight = np.zeros((self.missing + 1, DECAYS.size), np.float32)

    def _empty(self, slots: I64) -> None:
        self.seen_at[slots] = 0
        self.count[slots] = 0
        self.weight[slots] = 0

    def add(self, slots: I64, uses: F32) -> None:
        """Let the action follow once more in each context, whose `uses` [K] do not count this occurrence yet."""
        age = np.maximum(uses - self.seen_at[slots], 0)
        self.weight[slots] = self.weight[slots] * np.exp(age[:, None] * LOG_DECAYS) * DECAYS + GAINS
        self.seen_at[slots] = uses + 1
        self.count[slots] += 1
