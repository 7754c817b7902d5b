from __future__ import annotations

import time

import pytest

from collectors.collector import CollectorError
from collectors.desktop.presence.collector import PresenceCollector
from collectors.desktop.presence.wayland import WaylandPresenceCollector
from collectors.events import EventKind, PresenceDetail, Source
from tests.collectors.run_collector import running
from tests.desktop.compositors.sway import Sway

pytestmark = pytest.mark.desktop

SOON_MS = 300


def kinds(work) -> list[EventKind]:
    return [event.kind for event in work.events]


def test_idle_is_reported_when_input_stops_and_active_when_it_comes_back_again_and_again(sway: Sway):
    with running(WaylandPresenceCollector(sway.environ, SOON_MS)) as work:
        for count in (1, 2, 3):
            work.until(lambda _, count=count: kinds(work).count(EventKind.IDLE) >= count)
            sway.press()
            work.until(lambda _, count=count: kinds(work).count(EventKind.ACTIVE) >= count)
    assert kinds(work)[:6] == [EventKind.IDLE, EventKind.ACTIVE] * 3
    assert {event.source for event in work.events} == {Source.PRESENCE}


def test_the_time_away_is_counted_from_the_last_input_to_the_return(sway: Sway):
    with running(WaylandPresenceCollector(sway.environ, SOON_MS)) as work:
        idle = work.until(lambda event: event.kind is EventKind.IDLE)
        sway.press()
        back = work.until(lambda event: event.kind is EventKind.ACTIVE)
    assert isinstance(idle.detail, PresenceDetail)
    assert isinstance(back.detail, PresenceDetail)
    assert idle.detail.idle_us == SOON_MS * 1_000
    assert back.detail.idle_us >= idle.detail.idle_us


def test_somebody_is_there_while_a_window_keeps_the_screen_on(sway: Sway):
    sway.terminal("film")
    sway.command("inhibit_idle open")
    with running(WaylandPresenceCollector(sway.environ, 1)) as work:
        sway.terminal("beside it")  # takes far longer than a millisecond
        before_us = time.time_ns() // 1_000
        sway.command('[title="film"] inhibit_idle none')
        idle = work.until(lambda event: event.kind is EventKind.IDLE)
    assert idle.ts_us >= before_us


def test_stopping_ends_it_while_nothing_happens(sway: Sway):
    with running(WaylandPresenceCollector(sway.environ, 180_000)) as work:
        assert work.stop() == []


def test_a_compositor_that_dies_is_a_clear_error(sway: Sway):
    with running(WaylandPresenceCollector(sway.environ, 1)) as work:
        work.until(lambda event: event.kind is EventKind.IDLE)
        sway.kill()
        error = work.until_error()
    assert isinstance(error, CollectorError)
    assert "closed the connection" in error.unavailable.reason


def test_it_is_the_way_that_is_chosen_here(sway: Sway):
    collector = PresenceCollector(sway.environ)
    assert collector.check() is None
    assert collector.way is not None
    assert collector.way.name == "Wayland"
