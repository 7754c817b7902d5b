"""The plain way to read a history into training arrays: one moment after the other, as the live predictor sees them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from neural.reward.actions import Step, kind_of
from neural.reward.features.action_kinds import number_of
from neural.reward.features.features import ACTION_FEATURES, BUCKETS, INDICATORS, SLOTS, STATE_FEATURES, decision
from neural.reward.features.statistics import CANDIDATES, Statistics
from neural.reward.training.dataset import Dataset


def plain_dataset(steps: Sequence[Step]) -> Dataset:
    """As `neural.reward.training.build_dataset.dataset`."""
    statistics = Statistics()
    count = len(steps)
    data = Dataset(
        state=np.zeros((count, len(STATE_FEATURES)), np.float16),
        action=np.zeros((count, SLOTS, len(ACTION_FEATURES)), np.float16),
        indicators=np.full((count, SLOTS, len(INDICATORS)), BUCKETS, np.int16),
        mask=np.zeros((count, SLOTS), np.bool_),
        chosen=np.zeros(count, np.int64),
        ended=np.zeros(count, np.bool_),
    )
    size = 0
    for step in steps:
        if statistics.is_action(step) and statistics.time:
            if size and step.session != statistics.surroundings.session:
                data.ended[size - 1] = True
            _write(data, size, statistics, step)
            size += 1
        statistics.observe(step)
    if size:
        data.ended[size - 1] = True
    return data.slice(0, size)


def _write(data: Dataset, row: int, statistics: Statistics, step: Step) -> None:
    made = decision(statistics)
    data.state[row] = made.state
    data.mask[row, : made.named] = data.mask[row, CANDIDATES:] = True
    for kept, rows in ((data.action, made.action), (data.indicators, made.indicators)):
        kept[row, : made.named] = rows[: made.named]
        kept[row, CANDIDATES:] = rows[made.named :]
    chosen = made.row_of(statistics.ids.get(step.action, -1), number_of(kind_of(step.action)))
    data.chosen[row] = chosen if chosen < made.named else chosen - made.named + CANDIDATES
