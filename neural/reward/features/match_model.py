"""The match model: finds earlier places of the last few actions, and what followed there (as in PAQ; Mahoney 2005)."""

from __future__ import annotations

from typing import Final

import numpy as np

from neural.reward.features.hash_tables import F32, I64, mix

MATCH_LENGTHS: Final = (3, 6)
"""How many actions must be repeated before a repetition counts, one model each."""
MATCH_LIMIT: Final = 32
RING: Final = 1 << 17
INDEX_LOG2: Final = 16
RATE_GAIN: Final = 0.05


class Matcher:
    """Follows the latest earlier occurrence of the last actions.

    Attributes:
        predicted: [M] int64, the action that came then, -1 for none.
        lengths: [M] float32, how many actions agree by now, at most MATCH_LIMIT.
        rates: [M] float32, how often such a prediction was right of late.
    """

    def __init__(self) -> None:
        self._log = np.full(RING, -1, np.int32)
        self._index = np.full((len(MATCH_LENGTHS), 1 << INDEX_LOG2), -1, np.int64)
        self._size = 0
        self.predicted: I64 = np.full(len(MATCH_LENGTHS), -1, np.int64)
        self.lengths: F32 = np.zeros(len(MATCH_LENGTHS), np.float32)
        self.rates: F32 = np.full(len(MATCH_LENGTHS), 0.5, np.float32)
        self._at = [-1] * len(MATCH_LENGTHS)

    def add(self, action: int) -> None:
        """Take in the next action."""
        self._log[self._size % RING] = action
        self._size += 1
        for model, least in enumerate(MATCH_LENGTHS):
            if self._at[model] >= 0:
                right = int(self.predicted[model]) == action
                self.rates[model] += RATE_GAIN * (right - self.rates[model])
                self._at[model] = self._at[model] + 1 if right else -1
                self.lengths[model] = min(self.lengths[model] + 1, MATCH_LIMIT) if right else 0
            self._search(model, least)
            at = self._at[model]
            if at >= 0 and self._size - at >= RING:
                self._at[model] = at = -1
            self.predicted[model] = self._log[at % RING] if at >= 0 else -1

    def _search(self, model: int, least: int) -> None:
        if self._size < least:
            return
        key = least
        for back in range(1, least + 1):
            key = mix(key, int(self._log[(self._size - back) % RING]))
        place = key >> (64 - INDEX_LOG2)
        if self._at[model] < 0:
            at = int(self._index[model, place])
            length = self._agreement(at) if at >= 0 else 0
            if length >= least:
                self._at[model], self.lengths[model] = at, length
        self._index[model, place] = self._size

    def _agreement(self, at: int) -> int:
        if self._size - at >= RING - MATCH_LIMIT:
            return 0
        length = 0
        while length < min(at, MATCH_LIMIT):
            if self._log[(at - 1 - length) % RING] != self._log[(self._size - 1 - length) % RING]:
                break
            length += 1
        return length
