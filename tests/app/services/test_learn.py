"""Learning in the real brain process, and the live model renewed by it."""

from __future__ import annotations

import pytest

from app.errors import KnownError
from app.services.brain import Brain, JobCancelledError
from app.services.forecast import Forecaster
from app.services.learn import Learner
from app.services.observe import new_action
from app.store.records import NewTrainingRun
from app.store.store import Store
from collectors.events import US_PER_DAY, US_PER_S, Event, EventKind, Source
from neural.messages import Progress
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
