from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from collectors.catalog import CollectorSpec
from collectors.collector import CollectorError, DeclinedError, Emit, Stop, Unavailable
from collectors.events import Event, EventKind, Source
from collectors.running.supervise import Backoff, RunState, ThreadState, supervise

GONE = Unavailable("It went away.", "Bring it back.")
PATIENT = Backoff(first_s=0.0, restarts=2, healthy_s=100.0)
EVENT = Event(0, Source.WINDOW, EventKind.FOCUS)


@dataclass
class Script:
    """A sense that does one thing a run, in order, and asks to be stopped after the last."""

    stop: Stop
    runs: list[Callable[[], None]]
    checks: list[Unavailable | None] = field(default_factory=list)
    source: Source = Source.WINDOW

    def check(self) -> Unavailable | None:
        return self.checks.pop(0) if self.checks else None

    def run(self, emit: Emit, stop: Stop) -> None:
        if not self.runs:
            self.stop.set()
            return
        self.runs.pop(0)()
        emit(EVENT)


@pytest.fixture
def stop():
    signal = Stop()
    yield signal
    signal.close()


def breaks() -> None:
    raise CollectorError(GONE)


def has_a_bug() -> None:
    raise ZeroDivisionError("one by nought")


def states(script: Script, backoff: Backoff = PATIENT, clock: Callable[[], float] = lambda: 0.0) -> list[ThreadState]:
    reported: list[ThreadState] = []
    sense = CollectorSpec("window", "Windows", "", "", Source.WINDOW, lambda: script)
    supervise(sense, lambda _: None, script.stop, reported.append, backoff=backoff, monotonic_s=clock)
    return reported


def test_a_sense_that_is_stopped_says_so(stop: Stop):
    assert [s.state for s in states(Script(stop, []))] == [RunState.RUNNING, RunState.STOPPED]


def test_a_sense_that_cannot_work_here_is_reported_once_and_left_alone(stop: Stop):
    assert states(Script(stop, [], [GONE])) == [
        ThreadState("window", RunState.UNAVAILABLE, "It went away.", "Bring it back.")
    ]


def test_a_sense_that_the_user_does_not_want_is_not_started_again(stop: Stop):
    def asks() -> None:
        raise DeclinedError(GONE)

    reported = states(Script(stop, [breaks, asks]))
    assert [s.state for s in reported][-2:] == [RunState.RUNNING, RunState.UNAVAILABLE]
    assert reported[-1].reason == "It went away."


def test_a_sense_that_breaks_is_started_again_with_its_reason_reported(stop: Stop):
    reported = states(Script(stop, [breaks]))
    assert reported == [
        ThreadState("window", RunState.RUNNING),
        ThreadState("window", RunState.RESTARTING, "It went away.", "Bring it back.", 1),
        ThreadState("window", RunState.RUNNING, restarts=1),
        ThreadState("window", RunState.STOPPED),
    ]


def test_what_broke_and_is_still_missing_is_tried_again(stop: Stop):
    reported = states(Script(stop, [breaks], [None, GONE]))
    assert [s.state for s in reported] == [
        RunState.RUNNING,
        RunState.RESTARTING,
        RunState.RESTARTING,
        RunState.RUNNING,
        RunState.STOPPED,
    ]


def test_after_so_many_restarts_it_is_given_up(stop: Stop):
    reported = states(Script(stop, [breaks] * 10))
    assert reported[-1] == ThreadState("window", RunState.FAILED, "It went away.", "Bring it back.", 2)
    assert [s.state for s in reported].count(RunState.RUNNING) == 3


def test_a_long_good_run_wipes_the_slate_clean(stop: Stop):
    hours = iter(range(0, 10_000_000, 3_600))
    reported = states(Script(stop, [breaks] * 10), clock=lambda: float(next(hours)))
    assert reported[-1].state is RunState.STOPPED


def test_a_bug_is_logged_whole_and_the_sense_started_again(stop: Stop, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.ERROR):
        reported = states(Script(stop, [has_a_bug]))
    assert "ZeroDivisionError: one by nought" in caplog.text
    assert [s.state for s in reported] == [RunState.RUNNING, RunState.RESTARTING, RunState.RUNNING, RunState.STOPPED]


def test_a_sense_that_ends_by_itself_is_a_bug(stop: Stop, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.ERROR):
        reported = states(Script(stop, [lambda: None]))
    assert "without having been asked to" in caplog.text
    assert RunState.RESTARTING in [s.state for s in reported]


def test_stopping_ends_a_pause(stop: Stop):
    def breaks_as_it_is_stopped() -> None:
        stop.set()
        breaks()

    reported = states(Script(stop, [breaks_as_it_is_stopped]), Backoff(first_s=3_600.0))
    assert reported[-1].state is RunState.STOPPED


def test_pauses_grow_up_to_the_longest():
    backoff = Backoff(first_s=1.0, factor=2.0, longest_s=5.0)
    assert [backoff.pause_s(restart) for restart in (1, 2, 3, 4, 50)] == [1.0, 2.0, 4.0, 5.0, 5.0]
