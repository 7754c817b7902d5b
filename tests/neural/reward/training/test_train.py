from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch

from neural.reward import checkpoint
from neural.reward.actions import Step
from neural.reward.predictor import Predictor
from neural.reward.training import train as training_train
from neural.reward.training.train import Options, TrainingError, TrainingResult, TrainingStep, train
from tests.neural.reward.histories import apps, commands, life

QUICK = Options(device="cpu", max_epochs=1)


def result_of(course: Iterator[TrainingStep]) -> TrainingResult:
    *_, last = course
    assert last.result is not None
    return last.result


def test_training_reports_what_it_did() -> None:
    steps = life(400)
    report = result_of(train(steps, None, QUICK)).report
    assert (report.decisions, report.candidates) == (399, 40)
    assert (report.first_ts_us, report.last_ts_us) == (steps[0].ts_us, steps[-1].ts_us)
    assert set(report.baselines) == {"most recent", "most frequent", "ipam", "markov-3"}
    assert report.device.startswith("cpu")


def test_what_was_learned_predicts_the_history_it_came_from() -> None:
    result = result_of(train(life(600), checkpoint.prior(), QUICK))
    assert result.report.tail_top1 > result.report.baselines["most frequent"]
    assert result.report.tail_top5 > 0.9


def test_the_result_is_a_checkpoint_the_predictor_takes() -> None:
    steps = life(300)
    predictor = Predictor(checkpoint.load(result_of(train(steps, None, QUICK)).weights))
    for step in steps:
        predictor.observe(step)
    assert predictor.forecast().candidates


def test_the_same_seed_gives_the_same_weights() -> None:
    one, other = (result_of(train(life(200), None, QUICK)).weights for _ in range(2))
    for name, values in checkpoint.load(one).weights.items():
        np.testing.assert_array_equal(values, checkpoint.load(other).weights[name])


def test_weights_that_are_not_beaten_come_back_as_they_were() -> None:
    start = checkpoint.prior()
    result = result_of(train(life(300), start, replace(QUICK, max_epochs=0)))
    for name, values in checkpoint.load(result.weights).weights.items():
        np.testing.assert_array_equal(values, start.weights[name])
    assert result.report.epochs == 0


@pytest.mark.parametrize("steps", [(), life(10), commands("ls"), apps("firefox " * 500)])
def test_too_little_to_learn_from_is_said(steps: Sequence[Step]) -> None:
    with pytest.raises(TrainingError, match="actions to learn from") as caught:
        next(train(steps, None, QUICK))
    assert caught.value.remedy


def test_one_action_alone_gives_a_sane_result() -> None:
    report = result_of(train(commands("ls " * 200), None, QUICK)).report
    assert report.tail_top1 == 1
    assert math.isfinite(report.tail_nats)
    assert math.isfinite(report.train_loss_nats)


def test_a_history_whose_clock_goes_backwards_trains() -> None:
    steps = [replace(step, ts_us=(step.ts_us or 0) * (-1) ** place) for place, step in enumerate(life(200))]
    assert math.isfinite(result_of(train(steps, None, QUICK)).report.tail_nats)


@pytest.mark.parametrize("stage", ["reading", "learning", "measuring"])
def test_training_stops_when_nobody_asks_any_more(stage: str) -> None:
    course = train(life(600), None, QUICK)
    reached = next(step for step in course if step.stage == stage)
    course.close()
    assert reached.result is None
    assert list(course) == []


def test_only_the_latest_decisions_of_a_long_history_are_learned_from() -> None:
    assert result_of(train(life(400), None, replace(QUICK, most=150))).report.decisions == 150


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here, so asking for one is no error")
def test_a_device_that_is_not_there_is_said() -> None:
    with pytest.raises(TrainingError, match="no CUDA device"):
        next(train(life(200), None, replace(QUICK, device="cuda")))


def test_a_device_that_runs_out_of_memory_is_left_for_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    learn = training_train._learn
    tried: list[str] = []

    def exhausted(data: object, start: object, options: Options, device: str) -> object:
        tried.append(device)
        if len(tried) == 1:
            raise torch.OutOfMemoryError
        return (yield from learn(data, start, options, device))

    monkeypatch.setattr(training_train, "_learn", exhausted)
    notes = [step.note for step in train(life(200), None, QUICK) if step.note]
    assert tried == ["cpu", "cpu"]
    assert notes == ["The GPU ran out of memory; training goes on with the processor."]
