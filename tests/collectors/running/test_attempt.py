"""A sense that hangs is left behind, muted and started again; one that only waits is not."""

from __future__ import annotations

import select
import selectors
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from collectors.catalog import CollectorSpec
from collectors.collector import Either, Emit, Stop, Unavailable
from collectors.events import Event, EventKind, Source
from collectors.running.supervise import Backoff, RunState, ThreadState, supervise
from tests.desktop.programs import PATIENCE_S

EVENT = Event(0, Source.WINDOW, EventKind.FOCUS)
QUICK = Backoff(first_s=0.0, restarts=4, healthy_s=1_000.0, patience_s=0.4)


class Supervised:
    """A sense under supervision on a thread of its own; each run does what the script says for it."""

    def __init__(self, *script: Callable[[Emit, Stop], None], backoff: Backoff = QUICK) -> None:
        self.source = Source.WINDOW
        self.events: list[Event] = []
        self.states: list[ThreadState] = []
        self.checks: list[Callable[[], Unavailable | None]] = []
        self.stop = Stop()
        self._changed = threading.Condition()
        self._script = list(script)
        self._backoff = backoff
        self._thread = threading.Thread(target=self._supervise, name="supervised")

    def start(self) -> Supervised:
        self._thread.start()
        return self

    def check(self) -> Unavailable | None:
        return self.checks.pop(0)() if self.checks else None

    def run(self, emit: Emit, stop: Stop) -> None:
        (self._script.pop(0) if self._script else waits)(emit, stop)

    def take(self, event: Event) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def until(self, wanted: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(wanted, PATIENCE_S), self.states

    def until_state(self, state: RunState, count: int = 1) -> ThreadState:
        self.until(lambda: [reported.state for reported in self.states].count(state) >= count)
        return [reported for reported in self.states if reported.state is state][-1]

    def close(self) -> None:
        self.stop.set()
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()
        self.stop.close()

    def _supervise(self) -> None:
        sense = CollectorSpec("window", "Windows", "", "", self.source, lambda: self)
        supervise(sense, self.take, self.stop, self._reported, backoff=self._backoff)

    def _reported(self, state: ThreadState) -> None:
        with self._changed:
            self.states.append(state)
            self._changed.notify_all()


def waits(emit: Emit, stop: Stop) -> None:
    emit(EVENT)
    stop.wait(None)


@pytest.fixture
def released() -> Iterator[threading.Event]:
    """What a hanging run waits for, so that no thread outlives its test."""
    event = threading.Event()
    before = threading.active_count()
    yield event
    event.set()
    deadline_s = time.monotonic() + PATIENCE_S
    while threading.active_count() > before and time.monotonic() < deadline_s:
        threading.Event().wait(0.01)
    assert threading.active_count() <= before


@pytest.fixture
def supervised(released: threading.Event) -> Iterator[Callable[..., Supervised]]:  # released after it is closed
    made: list[Supervised] = []

    def make(*script: Callable[[Emit, Stop], None], backoff: Backoff = QUICK) -> Supervised:
        made.append(Supervised(*script, backoff=backoff))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_a_sense_that_hangs_is_started_again_and_said_to_hang(supervised, released):
    work = supervised(lambda _emit, _stop: released.wait()).start()
    reported = work.until_state(RunState.RESTARTING)
    assert "hung" in reported.reason
    assert reported.remedy
    work.until(lambda: EVENT in work.events)


def test_what_a_hanging_run_emits_when_it_wakes_goes_nowhere(supervised, released):
    late = Event(7, Source.WINDOW, EventKind.FOCUS, "too late")
    woke = threading.Event()

    def hangs(emit: Emit, stop: Stop) -> None:
        released.wait()
        emit(late)
        assert stop.is_set()
        woke.set()

    work = supervised(hangs).start()
    work.until(lambda: EVENT in work.events)
    released.set()
    assert woke.wait(PATIENCE_S)
    assert late not in work.events


def test_a_check_that_hangs_is_left_behind_too(supervised, released):
    work = supervised()

    def hangs() -> None:
        released.wait()

    work.checks.append(hangs)
    work.start().until(lambda: EVENT in work.events)


def test_a_sense_that_spins_hangs(supervised, released):
    def spins(_emit: Emit, _stop: Stop) -> None:
        while not released.is_set():
            pass

    work = supervised(spins).start()
    work.until(lambda: EVENT in work.events)
    released.set()


def test_a_sense_that_hangs_again_and_again_is_given_up(supervised, released):
    def hangs(_emit: Emit, _stop: Stop) -> None:
        released.wait()

    work = supervised(*[hangs] * 9, backoff=Backoff(first_s=0.0, restarts=2, patience_s=0.1)).start()
    assert "hung" in work.until_state(RunState.FAILED).reason


def test_one_that_hangs_does_not_hold_up_the_end(supervised, released):
    begun = threading.Event()

    def hangs(_emit: Emit, _stop: Stop) -> None:
        begun.set()
        released.wait()

    work = supervised(hangs, backoff=Backoff(patience_s=3_600.0)).start()
    assert begun.wait(PATIENCE_S)
    work.stop.set()
    work.until_state(RunState.STOPPED)


def test_whoever_waits_for_room_in_the_store_does_not_hang(supervised, released):
    work = supervised(waits)
    took: list[int] = []

    def slow(event: Event) -> None:
        took.append(threading.get_ident())
        assert released.wait(PATIENCE_S)
        work.events.append(event)

    work.take = slow
    work.start().until_state(RunState.RUNNING)
    while work.stop.looks < 3:  # so often it was looked whether it lives
        threading.Event().wait(0.01)
    assert [reported.state for reported in work.states] == [RunState.RUNNING]


def in_wait(stop: Stop) -> None:
    stop.wait(None)


def in_select(stop: Stop) -> None:
    select.select([stop], [], [])


def in_a_select_over_lines(stop: Stop) -> None:
    select.select(
        [stop.fileno()],
        [],
        [],
    )


def in_a_selector(stop: Stop) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(stop, selectors.EVENT_READ)
        selector.select()


def on_either(way: Callable[[Stop], None]) -> Callable[[Stop], None]:
    """The same way to wait, for this stop or another one; and somebody next to has asked for it from elsewhere since."""

    def waits_on_either(stop: Stop) -> None:
        either = Either(stop)
        next_to = threading.Timer(0.0, lambda: select.select([either], [], [], 0))
        next_to.start()
        try:
            way(either)
        finally:
            next_to.join()
            either.close()

    return waits_on_either


WAYS = [in_wait, in_select, in_a_select_over_lines, in_a_selector]


@pytest.mark.parametrize("way", [*WAYS, *map(on_either, WAYS)])
def test_every_way_to_wait_is_known(way):
    stop = Stop()
    thread = threading.Thread(target=way, args=(stop,))
    thread.start()
    try:
        deadline_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline_s:
            frame = sys._current_frames().get(thread.ident or 0)
            if frame is not None and stop.is_waited_on(frame):
                break
        else:
            raise AssertionError("it was never seen to wait")
    finally:
        stop.set()
        thread.join(PATIENCE_S)
        stop.close()


def test_another_place_is_no_waiting(released):
    stop = Stop()
    thread = threading.Thread(target=released.wait)
    thread.start()
    try:
        frame = sys._current_frames()[thread.ident or 0]
        assert not stop.is_waited_on(frame)
    finally:
        released.set()
        thread.join(PATIENCE_S)
        stop.close()
