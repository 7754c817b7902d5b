from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from Xlib.display import Display

from collectors.catalog import CollectorSpec
from collectors.collector import Collector, Emit, Stop, Unavailable
from collectors.desktop.input.collector import RhythmCollector
from collectors.desktop.presence.collector import PresenceCollector
from collectors.desktop.window.collector import WindowCollector
from collectors.desktop.window.x11 import X11WindowCollector
from collectors.events import Event, EventKind, Source
from collectors.running.supervise import Backoff
from collectors.running.thread import CollectorThread, RunState, ThreadState
from tests.desktop.compositors.sway import Sway, start_sway
from tests.desktop.fixtures import desktop, sway, xserver
from tests.desktop.programs import PATIENCE_S, Desktop, XServer, end, start_xserver

__all__ = ["desktop", "sway", "xserver"]

pytestmark = pytest.mark.desktop

PATIENCE_MS = PATIENCE_S * 1_000
SOON = Backoff(first_s=0.01, restarts=1_000, longest_s=0.1)


class Watched:
    """A sense on its thread, and all it reported."""

    def __init__(self, qtbot, collector: Collector, backoff: Backoff = SOON) -> None:
        self._qtbot = qtbot
        self.events: list[Event] = []
        self.states: list[ThreadState] = []
        sense = CollectorSpec("one", "One", "", "", collector.source, lambda: collector)
        self.thread = CollectorThread(sense, self.events.append, backoff=backoff)
        self.thread.state_changed.connect(self.states.append)
        self.thread.start()

    def until(self, wanted) -> None:
        self._qtbot.waitUntil(wanted, timeout=PATIENCE_MS)

    def until_state(self, state: RunState, count: int = 1) -> None:
        self.until(lambda: [reported.state for reported in self.states].count(state) >= count)

    def until_title(self, title: str) -> None:
        self.until(lambda: title in [event.title for event in self.events])


@pytest.fixture
def watch(qtbot) -> Iterator:
    watched: list[Watched] = []

    def make(collector: Collector, backoff: Backoff = SOON) -> Watched:
        watched.append(Watched(qtbot, collector, backoff))
        return watched[-1]

    yield make
    for one in watched:
        assert one.thread.stop()


class Waiting:
    """A sense with nothing to sense."""

    source = Source.WINDOW

    def check(self) -> Unavailable | None:
        return None

    def run(self, emit: Emit, stop: Stop) -> None:
        emit(Event(0, Source.WINDOW, EventKind.FOCUS))
        stop.wait(None)


def test_it_runs_and_stops(watch):
    watched = watch(Waiting())
    watched.until_state(RunState.RUNNING)
    assert watched.thread.stop()
    assert watched.thread.isFinished()
    watched.until_state(RunState.STOPPED)


def test_stopping_twice_or_before_the_start_is_harmless(qtbot):
    thread = CollectorThread(CollectorSpec("one", "One", "", "", Source.WINDOW, Waiting), lambda _: None)
    assert thread.stop()
    assert thread.stop()


def test_a_sense_without_its_part_says_so_and_ends(watch):
    watched = watch(X11WindowCollector({}))
    watched.until_state(RunState.UNAVAILABLE)
    assert "DISPLAY" in watched.states[-1].reason
    assert watched.states[-1].remedy
    watched.until(watched.thread.isFinished)


def test_a_server_that_dies_is_reported_and_its_return_noticed(watch, desktop: Desktop):
    watched = watch(X11WindowCollector(desktop.environ))
    desktop.terminal("alpha")
    watched.until_title("alpha")
    desktop.server.kill()
    watched.until_state(RunState.RESTARTING)
    again = Desktop(start_xserver(desktop.server.display))
    try:
        again.manage()
        again.terminal("beta")
        watched.until_title("beta")
        watched.until_state(RunState.RUNNING, 2)
        assert watched.thread.stop()
    finally:
        again.close()
        end(again.server.process)
    broke = next(reported for reported in watched.states if reported.state is RunState.RESTARTING)
    assert "closed the connection" in broke.reason


def test_a_server_that_stays_away_is_given_up_with_a_way_out(watch, desktop: Desktop):
    watched = watch(X11WindowCollector(desktop.environ), Backoff(first_s=0.01, restarts=3))
    watched.until_state(RunState.RUNNING)
    desktop.server.kill()
    watched.until_state(RunState.FAILED)
    assert watched.states[-1].restarts == 3
    assert watched.states[-1].remedy


def connections(display) -> int:
    return len(display.res_query_clients().clients)


def descriptors() -> set[str]:
    found: set[str] = set()
    for link in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # another thread may close one just now
            if link.exists():
                found.add(f"{link.name} {link.readlink()}")
    return found


def left(display) -> tuple[int, set[str], int, int]:
    """Connections to the server, descriptors, and threads of the system's and of Python's counting."""
    return connections(display), descriptors(), len(list(Path("/proc/self/task").iterdir())), threading.active_count()


@pytest.mark.parametrize("make", [X11WindowCollector, PresenceCollector, RhythmCollector])
def test_no_thread_descriptor_or_connection_is_left_behind(qtbot, xserver: XServer, make):
    display = Display(xserver.display)
    try:
        collector = make(xserver.environ)
        before = left(display)
        for _ in range(5):
            watched = Watched(qtbot, collector)
            watched.until_state(RunState.RUNNING)
            assert watched.thread.stop()
        qtbot.waitUntil(lambda: left(display) == before, timeout=PATIENCE_MS)
    finally:
        display.close()


@pytest.mark.parametrize("make", [WindowCollector, PresenceCollector])
def test_nothing_is_left_behind_on_wayland_either(qtbot, sway: Sway, make):
    before = descriptors(), threading.active_count()
    for _ in range(5):
        watched = Watched(qtbot, make(sway.environ))
        watched.until_state(RunState.RUNNING)
        assert watched.thread.stop()
    qtbot.waitUntil(lambda: (descriptors(), threading.active_count()) == before, timeout=PATIENCE_MS)


def test_a_compositor_that_dies_is_reported_and_its_return_noticed(qtbot, sway: Sway):
    watched = Watched(qtbot, WindowCollector(sway.environ))
    try:
        sway.terminal("alpha")
        watched.until_title("alpha")
        sway.kill()
        watched.until_state(RunState.RESTARTING)
        again = start_sway(sway.folder)
        try:
            again.terminal("beta")
            watched.until_title("beta")
            watched.until_state(RunState.RUNNING, 2)
        finally:
            again.close()
    finally:
        assert watched.thread.stop()
