"""A history as training arrays: every decision a person made, with what could be known before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neural.reward.features.features import NEW, SLOTS, Decision
from neural.reward.features.hash_tables import I64
from neural.reward.features.statistics import CANDIDATES

F16 = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Dataset:
    """Decisions in time order; rows of a decision are SLOTS: candidates, padding, then "something new" of each kind.

    Attributes:
        state: [N, S] float16.
        action: [N, SLOTS, A] float16.
        indicators: [N, SLOTS, H] int16, buckets; BUCKETS for none.
        mask: [N, SLOTS] bool, true for a candidate.
        chosen: [N] int64, row of the truth; if it was no candidate, that of "something new" of its kind.
        ended: [N] bool, true if the session ended with the action that was chosen.
    """

    state: F16
    action: F16
    indicators: NDArray[np.int16]
    mask: NDArray[np.bool_]
    chosen: I64
    ended: NDArray[np.bool_]

    def decision(self, number: int) -> tuple[Decision, int]:
        """One decision without its padding, as float32, and the row of its truth in it."""
        mask = self.mask[number]
        rows = int(mask.sum())
        chosen = int(self.chosen[number])
        made = Decision(
            candidates=np.arange(rows - NEW),
            state=self.state[number].astype(np.float32),
            action=self.action[number][mask].astype(np.float32),
            indicators=self.indicators[number][mask].astype(np.int64),
        )
        return made, chosen - SLOTS + rows if chosen >= CANDIDATES else chosen

    def __len__(self) -> int:
        return len(self.chosen)

    def slice(self, start: int, stop: int) -> Dataset:
        """The decisions from `start` up to `stop`, as views."""
        return Dataset(
            *(getattr(self, name)[start:stop] for name in ("state", "action", "indicators", "mask", "chosen", "ended"))
        )
