"""A history as training arrays: every decision a person made, with what could be known before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neural.reward.actions import Step
from neural.reward.features import ACTION_FEATURES, BUCKETS, INDICATORS, SLOTS, STATE_FEATURES, Decision, decision
from neural.reward.statistics import Statistics
from neural.reward.tables import I64

F16 = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Dataset:
    """Decisions in time order; rows of a decision are SLOTS: candidates, padding, and last "something new".

    Attributes:
        state: [N, S] float16.
        action: [N, SLOTS, A] float16.
        indicators: [N, SLOTS, H] int16, buckets; BUCKETS for none.
        mask: [N, SLOTS] bool, true where there is a candidate.
        chosen: [N] int64, row of the truth; the last row where it was no candidate.
        ended: [N] bool, true where the session ended with the action that was chosen.
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
            candidates=np.arange(rows - 1),
            state=self.state[number].astype(np.float32),
            action=self.action[number][mask].astype(np.float32),
            indicators=self.indicators[number][mask].astype(np.int64),
        )
        return made, rows - 1 if chosen == SLOTS - 1 else chosen

    def __len__(self) -> int:
        return len(self.chosen)

    def slice(self, start: int, stop: int) -> Dataset:
        """The decisions from `start` up to `stop`, as views."""
        return Dataset(
            *(getattr(self, name)[start:stop] for name in ("state", "action", "indicators", "mask", "chosen", "ended"))
        )


class Recorder:
    """Fills the arrays of one or several histories, up to a number of decisions given beforehand.

    Args:
        capacity: decisions at most; the arrays are made once, so that memory is known.
    """

    def __init__(self, capacity: int) -> None:
        self._state = np.zeros((capacity, len(STATE_FEATURES)), np.float16)
        self._action = np.zeros((capacity, SLOTS, len(ACTION_FEATURES)), np.float16)
        self._indicators = np.full((capacity, SLOTS, len(INDICATORS)), BUCKETS, np.int16)
        self._mask = np.zeros((capacity, SLOTS), np.bool_)
        self._chosen = np.zeros(capacity, np.int64)
        self._ended = np.zeros(capacity, np.bool_)
        self.size = 0

    def add(self, statistics: Statistics, step: Step) -> None:
        """Record that `step` was chosen at this moment; the statistics must not have seen it yet."""
        if self.size == len(self._chosen):
            raise ValueError("the recorder is full: it was made for fewer decisions")
        made = decision(statistics)
        row, candidates = self.size, made.candidates.size
        self._state[row] = made.state
        self._action[row, :candidates] = made.action[:-1]
        self._action[row, -1] = made.action[-1]
        self._indicators[row, :candidates] = made.indicators[:-1]
        self._indicators[row, -1] = made.indicators[-1]
        self._mask[row, :candidates] = True
        self._mask[row, -1] = True
        place = np.flatnonzero(made.candidates == statistics.ids.get(step.action, -1))
        self._chosen[row] = place[0] if place.size else SLOTS - 1
        self.size += 1

    def end_session(self) -> None:
        """The session ended with the action recorded last."""
        if self.size:
            self._ended[self.size - 1] = True

    def dataset(self) -> Dataset:
        """What was recorded, as views of the arrays."""
        whole = Dataset(self._state, self._action, self._indicators, self._mask, self._chosen, self._ended)
        return whole.slice(0, self.size)


def record(
    steps: Sequence[Step], recorder: Recorder, statistics: Statistics, wanted: Callable[[int], bool] = lambda _: True
) -> None:
    """Run through a history once and record its decisions.

    Args:
        steps: oldest first.
        recorder: is filled.
        statistics: learn from every step, recorded or not.
        wanted: of a decision's number, whether to record it.
    """
    number = 0
    for step in steps:
        if statistics.is_action(step):
            if step.session != statistics.surroundings.session:
                recorder.end_session()
            if statistics.time and wanted(number):
                recorder.add(statistics, step)
            number += 1
        statistics.observe(step)
    recorder.end_session()
