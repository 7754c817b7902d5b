"""Against a real GNOME Shell, whose own keyboard is pressed: when it tells that nobody is there."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing

import pytest

from collectors.desktop.backends import WrongSession
from collectors.desktop.presence.collector import PresenceCollector
from collectors.desktop.presence.gnome import GnomePresenceCollector
from collectors.events import EventKind, PresenceDetail
from tests.collectors.run_collector import running
from tests.desktop.compositors import gnome as gnomes
from tests.desktop.compositors.gnome import Gnome, Keyboard, needs_gnome
from tests.desktop.peers import newcomer, own_names, peer
from tests.desktop.running import until

pytestmark = pytest.mark.desktop
SOON_MS = 300


@pytest.fixture(scope="module")
def gnome() -> Iterator[Gnome]:
    """For all tests here: it takes seconds to start."""
    needs_gnome()
    with gnomes.gnome() as whole:
        whole.start()
        yield whole


def test_going_and_coming_back_are_reported_again_and_again(gnome: Gnome):
    collector = PresenceCollector(gnome.environ, idle_after_ms=SOON_MS)
    assert collector.check() is None
    assert collector.way is not None
    assert collector.way.name == "GNOME"
    with closing(Keyboard(gnome.environ)) as keyboard, running(collector) as work:
        for count in (1, 2, 3):
            work.until(lambda _, count=count: [e.kind for e in work.events].count(EventKind.IDLE) >= count)
            keyboard.press()
            work.until(lambda _, count=count: [e.kind for e in work.events].count(EventKind.ACTIVE) >= count)
        events = work.stop()
    assert [event.kind for event in events][:6] == [EventKind.IDLE, EventKind.ACTIVE] * 3
    for idle, active in zip(events[:6:2], events[1:6:2], strict=True):
        assert isinstance(idle.detail, PresenceDetail)
        assert isinstance(active.detail, PresenceDetail)
        assert active.detail.idle_us >= idle.detail.idle_us >= (SOON_MS - 50) * 1_000


def test_ten_thousand_forged_notices_are_counted_and_tell_nothing(gnome: Gnome, caplog: pytest.LogCaptureFixture):
    address = gnome.environ["DBUS_SESSION_BUS_ADDRESS"]
    with closing(Keyboard(gnome.environ)) as keyboard, peer(address, "org.example.Stranger") as stranger:
        before = own_names(address)
        with running(GnomePresenceCollector(gnome.environ, SOON_MS)) as work:
            work.until(lambda event: event.kind is EventKind.IDLE)
            ours = newcomer(address, before)
            for number in range(10_000):
                stranger.tell("/", "org.gnome.Mutter.IdleMonitor", "WatchFired", "u", number % 8, to=ours)
            keyboard.press()
            work.until(lambda event: event.kind is EventKind.ACTIVE)
            until(lambda: any("8192" in record.getMessage() for record in caplog.records), "most of them counted")
            events = work.stop()
    assert [event.kind for event in events][:2] == [EventKind.IDLE, EventKind.ACTIVE]
    lines = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert 1 <= len(lines) <= 20


def test_it_says_when_the_shell_dies(gnome: Gnome):
    with running(PresenceCollector(gnome.environ, idle_after_ms=SOON_MS)) as work:
        work.until(lambda event: event.kind is EventKind.IDLE)
        gnome.kill()
        assert "went away" in work.until_error().unavailable.reason
    assert isinstance(GnomePresenceCollector(gnome.environ, SOON_MS).check(), WrongSession)
