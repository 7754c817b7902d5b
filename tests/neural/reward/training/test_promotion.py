"""New weights take the place of those in use if they predict better, and only there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from neural.reward import checkpoint
from neural.reward.checkpoint import Checkpoint
from neural.reward.training import build_dataset, promotion
from neural.reward.training.dataset import Dataset
from neural.reward.training.promotion import MAX_FRESH, MIN_FRESH, Running, judge, regret
from neural.reward.training.train import Options, train
from tests.neural.reward.histories import life


def deaf(weights: Checkpoint) -> Checkpoint:
    """Weights that hear nothing of their input, and learn on the spot next to nothing."""
    silent = {name: np.zeros_like(values) for name, values in weights.weights.items() if name != "heads"}
    return replace(weights, weights={**weights.weights, **silent})


def decisions(count: int) -> Dataset:
    return build_dataset.dataset(life(count + 1))


@pytest.fixture(scope="module")
def data() -> Dataset:
    return decisions(120)


GOOD = checkpoint.prior()
BAD = deaf(GOOD)


@pytest.mark.parametrize(("new", "running", "promoted"), [(GOOD, BAD, True), (BAD, GOOD, False), (GOOD, GOOD, False)])
def test_the_better_weights_are_used(data: Dataset, new: Checkpoint, running: Checkpoint, promoted: bool) -> None:
    verdict = judge(new, Running(running), data, np.arange(len(data)))
    assert verdict.promoted is promoted
    assert verdict.judged == len(data)


def test_they_are_judged_by_what_neither_has_seen(data: Dataset) -> None:
    times_us = np.arange(len(data))
    verdict = judge(GOOD, Running(BAD, until_us=len(data) - MIN_FRESH - 1), data, times_us)
    assert verdict.judged == MIN_FRESH


def test_where_too_little_is_new_those_in_use_have_the_advantage_of_knowing_it(data: Dataset) -> None:
    verdict = judge(GOOD, Running(BAD, until_us=len(data)), data, np.arange(len(data)))
    assert verdict.judged == len(data)


def test_no_more_is_judged_than_takes_seconds(monkeypatch: pytest.MonkeyPatch, data: Dataset) -> None:
    assert MAX_FRESH >= MIN_FRESH
    monkeypatch.setattr(promotion, "MAX_FRESH", 30)
    assert judge(GOOD, Running(BAD), data, np.arange(len(data))).judged == 30


def test_a_training_tells_whether_it_beat_what_runs() -> None:
    *_, last = train(life(400), GOOD, Options(device="cpu", max_epochs=1), Running(BAD))
    assert last.result is not None
    report = last.result.report
    assert report.promoted
    assert report.judged_nats is not None
    assert report.running_nats is not None
    assert report.judged_nats < report.running_nats


def test_weights_that_predicted_worse_are_regretted() -> None:
    steps = life(400)
    found = regret(steps, 100, BAD, GOOD)
    assert found.actions > 250
    assert found.is_certain
    assert not regret(steps, 100, GOOD, BAD).is_certain


def test_equal_weights_are_not_regretted() -> None:
    found = regret(life(400), 100, GOOD, GOOD)
    assert found.nats == pytest.approx(0)
    assert not found.is_certain


def test_a_few_actions_are_no_reason_to_go_back() -> None:
    assert not regret(life(200), 150, BAD, GOOD).is_certain
