from __future__ import annotations

import pytest

from collectors.collector import CollectorError
from collectors.desktop.presence.x11 import X11PresenceCollector
from collectors.desktop.x11 import connection
from collectors.desktop.x11.idle_counter import find
from collectors.events import EventKind, PresenceDetail, Source
from tests.collectors.run_collector import running
from tests.desktop.programs import Desktop

pytestmark = pytest.mark.desktop

SOON_MS = 300


def kind(wanted: EventKind):
    return lambda event: event.kind is wanted


def test_idle_is_reported_when_input_stops_and_active_when_it_comes_back(desktop: Desktop):
    with running(X11PresenceCollector(desktop.environ, idle_after_ms=SOON_MS)) as work:
        work.until(kind(EventKind.IDLE))
        desktop.xdotool("key", "shift")
        work.until(kind(EventKind.ACTIVE))
    assert [event.kind for event in work.events][:2] == [EventKind.IDLE, EventKind.ACTIVE]
    assert {event.source for event in work.events} == {Source.PRESENCE}


def test_it_goes_on_telling_after_the_first_return(desktop: Desktop):
    with running(X11PresenceCollector(desktop.environ, idle_after_ms=SOON_MS)) as work:
        for count in (1, 2, 3):
            work.until(lambda _, count=count: [e.kind for e in work.events].count(EventKind.IDLE) >= count)
            desktop.xdotool("mousemove_relative", "5", "5")
            work.until(lambda _, count=count: [e.kind for e in work.events].count(EventKind.ACTIVE) >= count)
    kinds = [event.kind for event in work.events][:6]
    assert kinds == [EventKind.IDLE, EventKind.ACTIVE] * 3


def test_idle_time_reaches_back_to_the_last_input(desktop: Desktop):
    with running(X11PresenceCollector(desktop.environ, idle_after_ms=SOON_MS)) as work:
        idle = work.until(kind(EventKind.IDLE))
    assert isinstance(idle.detail, PresenceDetail)
    assert idle.detail.idle_us >= SOON_MS * 1_000


def test_the_time_away_lasts_until_the_return(desktop: Desktop):
    with running(X11PresenceCollector(desktop.environ, idle_after_ms=SOON_MS)) as work:
        idle = work.until(kind(EventKind.IDLE))
        desktop.xdotool("key", "shift")
        back = work.until(kind(EventKind.ACTIVE))
    assert isinstance(idle.detail, PresenceDetail)
    assert isinstance(back.detail, PresenceDetail)
    assert back.detail.idle_us >= idle.detail.idle_us


def test_somebody_who_was_away_before_the_start_is_idle_at_once(desktop: Desktop):
    with connection.connected(desktop.environ) as display:
        counter = find(display)
        assert counter is not None
        while counter.value_ms() < 50:
            desktop.xdotool("getmouselocation")
    with running(X11PresenceCollector(desktop.environ, idle_after_ms=50)) as work:
        idle = work.until(kind(EventKind.IDLE))
    assert isinstance(idle.detail, PresenceDetail)
    assert idle.detail.idle_us >= 50_000


def test_stopping_ends_it_while_nothing_happens(desktop: Desktop):
    with running(X11PresenceCollector(desktop.environ, 180_000)) as work:
        events = work.stop()
    assert events == []


def test_a_server_that_dies_is_a_clear_error(desktop: Desktop):
    with running(X11PresenceCollector(desktop.environ, idle_after_ms=50)) as work:
        work.until(kind(EventKind.IDLE))
        desktop.server.kill()
        error = work.until_error()
    assert isinstance(error, CollectorError)
    assert "closed the connection" in error.unavailable.reason


def test_the_check_passes_where_the_server_has_an_idle_counter(xserver):
    assert X11PresenceCollector(xserver.environ, SOON_MS).check() is None


def test_the_check_says_why_it_cannot_work_without_a_display():
    trouble = X11PresenceCollector({}, SOON_MS).check()
    assert trouble is not None
    assert "DISPLAY" in trouble.reason
