"""Learning in the real brain process, and the live model renewed by it."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from app.errors import KnownError
from app.services.ingest.pipeline import new_action
from app.services.learning.brain import Brain, JobCancelledError
from app.services.learning.forecast import Forecaster
from app.services.learning.training import Learner
from app.store.store import Store
from app.store.values.records import NewTrainingRun
from collectors.events import US_PER_DAY, US_PER_S, Event, EventKind, Source
from neural.messages import Progress
from neural.reward import checkpoint
from tests.app import speaker
from tests.app.services.conftest import NOW_US, Clock

ROUND = ("git status", "make test", "vim main.py", "make test", "git commit")


def live(store: Store, rounds: int) -> None:
    events = [
        Event(NOW_US + number * 60 * US_PER_S, Source.TERMINAL, EventKind.COMMAND, "bash", ROUND[number % len(ROUND)])
        for number in range(rounds * len(ROUND))
    ]
    store.append([new_action(event) for event in events]).result()


def learner(store: Store, clock: Clock, brain: Brain) -> Learner:
    return Learner(store, Forecaster(store, clock), brain, clock)


def test_a_training_is_recorded_and_its_weights_are_in_use(opened: Store, clock: Clock) -> None:
    live(opened, rounds=40)
    brain = Brain()
    forecaster = Forecaster(opened, clock)
    stages: list[Progress] = []
    try:
        report = Learner(opened, forecaster, brain, clock).train(stages.append, device="cpu")
    finally:
        brain.close()
    assert report.decisions > 150
    assert report.tail_top1 > max(report.baselines["most recent"], report.baselines["most frequent"])
    assert stages
    assert forecaster.weights_run == 1
    assert forecaster.forecasts()[0].action == "cmd:git status"
    with opened.reader() as reader:
        assert [run.active for run in reader.training_runs(10)] == [True]


def test_too_little_to_learn_from_is_said_and_no_process_starts(opened: Store, clock: Clock) -> None:
    live(opened, rounds=3)
    with pytest.raises(KnownError, match="15 actions"):
        learner(opened, clock, Brain(("/no/such/program",))).train(lambda _: None)


def test_a_cancelled_training_leaves_the_running_model(opened: Store, clock: Clock) -> None:
    live(opened, rounds=40)
    brain = Brain()
    forecaster = Forecaster(opened, clock)
    one = Learner(opened, forecaster, brain, clock)
    try:
        with pytest.raises(JobCancelledError):
            one.train(lambda _progress: one.cancel(), device="cpu")
    finally:
        brain.close()
    assert forecaster.weights_run is None
    with opened.reader() as reader:
        assert reader.training_runs(10) == ()


def test_training_is_due_after_enough_was_seen_and_then_a_day_after_the_last(opened: Store, clock: Clock) -> None:
    one = learner(opened, clock, Brain(("/no/such/program",)))
    live(opened, rounds=20)
    assert not one.due()
    live(opened, rounds=90)
    assert one.due()
    opened.save_training_run(NewTrainingRun(NOW_US, "{}", b"weights")).result()
    clock.now_us = NOW_US + US_PER_DAY // 2
    assert not one.due()
    clock.now_us = NOW_US + US_PER_DAY
    assert one.due()


def weights(*, deaf: bool = False) -> bytes:
    """Those that are shipped, or such as hear nothing of their input."""
    made = checkpoint.prior()
    if deaf:
        silent = {name: np.zeros_like(values) for name, values in made.weights.items() if name != "heads"}
        made = dataclasses.replace(made, weights={**made.weights, **silent})
    return checkpoint.dump(made)


def saved(store: Store, content: bytes, until_us: int) -> int:
    return store.save_training_run(NewTrainingRun(NOW_US, json.dumps({"last_ts_us": until_us}), content)).result()


def test_weights_that_predict_worse_than_those_before_are_taken_back(opened: Store, clock: Clock) -> None:
    live(opened, rounds=60)
    first = saved(opened, weights(), NOW_US)
    worse = saved(opened, weights(deaf=True), NOW_US)
    one = learner(opened, clock, Brain(("/no/such/program",)))
    assert one.review()
    with opened.reader() as reader:
        assert [(run.id, run.active) for run in reader.training_runs(10)] == [(worse, False), (first, True)]
        assert "in use again" in reader.audit(1)[0][1]
    assert not one.review()


def test_the_first_weights_are_taken_back_to_the_shipped_ones(opened: Store, clock: Clock) -> None:
    live(opened, rounds=60)
    saved(opened, weights(deaf=True), NOW_US)
    assert learner(opened, clock, Brain(("/no/such/program",))).review()
    with opened.reader() as reader:
        assert reader.active_weights() is None


def test_good_weights_stay(opened: Store, clock: Clock) -> None:
    live(opened, rounds=60)
    saved(opened, weights(deaf=True), NOW_US)
    good = saved(opened, weights(), NOW_US)
    assert not learner(opened, clock, Brain(("/no/such/program",))).review()
    with opened.reader() as reader:
        assert reader.active_weights() == (good, weights())


def test_a_training_that_is_no_better_changes_nothing(opened: Store, clock: Clock) -> None:
    live(opened, rounds=40)
    brain = speaker.brain("well, but no better")
    forecaster = Forecaster(opened, clock)
    one = Learner(opened, forecaster, brain, clock)
    kept = saved(opened, weights(), NOW_US)
    forecaster.rebuild()
    try:
        assert not one.train(lambda _: None).promoted
    finally:
        brain.close()
    assert forecaster.weights_run == kept
    with opened.reader() as reader:
        assert [run.active for run in reader.training_runs(10)] == [False, True]
    assert not one.due()


def test_a_quick_training_will_do_for_a_week_after_a_whole_one(opened: Store, clock: Clock) -> None:
    one = learner(opened, clock, Brain(("/no/such/program",)))
    assert not one.quick_will_do()
    saved(opened, weights(), NOW_US)
    assert one.quick_will_do()
    clock.now_us = NOW_US + 8 * US_PER_DAY
    assert not one.quick_will_do()
