"""Passes over recorded decisions: each is taken as it was recorded, and each batch's surprise is reported once."""

from __future__ import annotations

import math

import pytest
import torch

from neural.reward.training.build_dataset import dataset
from neural.reward.training.dataset import Dataset
from neural.reward.training.fitting import RUN, RUNS_PER_BATCH, Batch, Fitter
from neural.reward.training.irl import Objective
from tests.neural.reward.histories import life


@pytest.fixture(scope="module")
def recorded() -> Dataset:
    return dataset(life(1_200))


def fitter() -> Fitter:
    return Fitter(None, objective=Objective(), rate=1e-3, device="cpu", seed=1, indicators=True)


def batch(size: int) -> Batch:
    numbers = torch.arange(size)
    return Batch(
        state=numbers[:, None] * 1.0,
        action=numbers[:, None, None] * 1.0,
        indicators=None,
        mask=numbers[:, None] >= 0,
        chosen=numbers,
        ended=numbers < 0,
    )


@pytest.mark.parametrize(
    ("start", "stop", "rows"),
    [(0, 3, [0, 1, 2]), (2, 5, [2, 3, 4]), (3, 8, [3, 4, 4, 4, 4]), (4, 5, [4])],
)
def test_rows_beyond_the_end_are_the_last_one_again(start: int, stop: int, rows: list[int]):
    taken = batch(5).rows(start, stop)
    assert taken.chosen.tolist() == rows
    assert taken.state[:, 0].tolist() == rows
    assert taken.action[:, 0, 0].tolist() == rows
    assert taken.indicators is None


def test_an_epoch_tells_the_surprise_of_each_batch_once(recorded: Dataset):
    reported = list(fitter().epoch([recorded], 0, 1))
    runs = math.ceil((len(recorded) - 1) / RUN)
    assert len(reported) == math.ceil(runs / RUNS_PER_BATCH)
    assert len(set(reported)) == len(reported) > 1


def test_a_history_shorter_than_a_run_is_learned_from(recorded: Dataset):
    [reported] = fitter().epoch([recorded.slice(0, 5)], 0, 1)
    assert 0 < reported < math.log(recorded.mask.shape[1])
