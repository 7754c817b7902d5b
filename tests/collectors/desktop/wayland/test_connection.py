"""Compositors as no session has them: silent, mad, refusing, of versions that cannot be run here."""

from __future__ import annotations

import logging
import random
import socket
import tempfile

import pytest

from collectors.collector import CollectorError, Stop
from collectors.desktop.backends import WrongSession
from collectors.desktop.presence.wayland import WaylandPresenceCollector
from collectors.desktop.wayland import connection as wayland_connection
from collectors.desktop.wayland.wire import pack
from collectors.desktop.window.cosmic import CosmicWindowCollector
from collectors.desktop.window.wlroots import WlrootsWindowCollector
from collectors.event_json import from_wire, to_wire
from collectors.events import EventKind, PresenceDetail
from tests.collectors.desktop.peer import Peer, array, event, peer
from tests.collectors.run_collector import running

MANAGER = ("zwlr_foreign_toplevel_manager_v1", 3)
SEAT, NOTIFIER, KDE = ("wl_seat", 7), "ext_idle_notifier_v1", ("org_kde_kwin_idle", 1)
HANDLE = 0xFF000000
TOPLEVEL, FINISHED = 0, 1
TITLE, APP_ID, STATE, DONE, CLOSED = 0, 1, 4, 5, 6
ACTIVATED = 2
SEED = 20_261_121
BAD = 10_000


def shown(number: int, title: str, *states: int) -> bytes:
    return (
        pack(number, TITLE, title)
        + pack(number, APP_ID, "app")
        + event(number, STATE, array(*states))
        + pack(number, DONE)
    )


def announce(work: Peer, number: int) -> None:
    work.send(pack(work.bound(MANAGER[0]), TOPLEVEL, number))


def garbage(draw: random.Random, manager: int) -> bytes:
    """A message of a possible length, and of nonsense otherwise; never one of the two that end a connection."""
    target = draw.choice([0, 1, 2, manager, HANDLE, HANDLE + draw.randrange(9), draw.randrange(1 << 32)])
    opcode = draw.randrange(12)
    if (target, opcode) in ((1, 0), (manager, FINISHED)):
        opcode = 77
    return event(target, opcode, draw.randbytes(4 * draw.randrange(12)))


def test_ten_thousand_mad_messages_leave_it_at_work(caplog: pytest.LogCaptureFixture):
    draw = random.Random(SEED)
    with peer(MANAGER) as work, running(WlrootsWindowCollector(work.environ)) as sense:
        manager = work.bound(MANAGER[0])
        with caplog.at_level(logging.WARNING):
            announce(work, HANDLE)
            for _ in range(BAD):
                work.send(garbage(draw, manager))
            announce(work, HANDLE + 99)
            work.send(shown(HANDLE + 99, "sane again", ACTIVATED))
            sense.until(lambda reported: reported.title == "sane again")
    assert all(from_wire(to_wire(reported)) == reported for reported in sense.events)
    lines = [record for record in caplog.records if "made no sense" in record.message]
    assert 1 <= len(lines) <= BAD / 1_000 + 1


def test_a_length_that_cannot_be_ends_the_run_with_its_reason():
    with peer(MANAGER) as work, running(WlrootsWindowCollector(work.environ)) as sense:
        work.bound(MANAGER[0])
        work.send(b"\x01\0\0\0\0\0\x03\0")
        assert "3 bytes" in sense.until_error().unavailable.reason


def test_what_the_compositor_refuses_is_said():
    with peer(MANAGER) as work, running(WlrootsWindowCollector(work.environ)) as sense:
        work.bound(MANAGER[0])
        work.send(pack(1, 0, 1, 3, "no such thing"))
        assert "no such thing" in sense.until_error().unavailable.reason


def test_a_compositor_that_tells_no_more_is_asked_again():
    with peer(MANAGER) as work, running(WlrootsWindowCollector(work.environ)) as sense:
        work.send(pack(work.bound(MANAGER[0]), FINISHED))
        assert "no more" in sense.until_error().unavailable.reason


def test_a_silent_compositor_is_named_and_can_be_left(monkeypatch: pytest.MonkeyPatch):
    with peer(MANAGER, silent=True) as work:
        with running(WlrootsWindowCollector(work.environ)) as sense:
            assert sense.stop() == []
        monkeypatch.setattr(wayland_connection, "_ANSWER_S", 0.05)
        trouble = WlrootsWindowCollector(work.environ).check()
    assert trouble is not None
    assert "does not answer" in trouble.reason


def test_a_compositor_that_takes_nothing_is_given_up_before_memory_is():
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(f"{folder}/wayland-t")
        deaf.listen()
        with wayland_connection.connected({"WAYLAND_DISPLAY": f"{folder}/wayland-t"}) as connection:
            with pytest.raises(CollectorError) as caught:
                _flood(connection)
            assert "does not answer" in caught.value.unavailable.reason


def _flood(connection: wayland_connection.Connection) -> None:
    for _ in range(200):
        connection.request(1, 9, 60_000 * "x")


def test_a_number_given_to_a_new_window_is_that_windows():
    with peer(MANAGER) as work, running(WlrootsWindowCollector(work.environ)) as sense:
        announce(work, HANDLE)
        work.send(shown(HANDLE, "first", ACTIVATED))
        work.send(pack(HANDLE, CLOSED))
        work.until_asked("?", 7)
        announce(work, HANDLE)
        work.send(shown(HANDLE, "second", ACTIVATED))
        announce(work, HANDLE)
        work.send(shown(HANDLE, "third", ACTIVATED))
        sense.until(lambda reported: reported.title == "third")
    assert [reported.title for reported in sense.events] == ["first", "second", "third"]


COSMIC = (("ext_foreign_toplevel_list_v1", 1), ("zcosmic_toplevel_info_v1", 3))
WINDOWS, INFO = (interface for interface, _ in COSMIC)


def test_cosmics_windows_are_read_from_their_two_protocols():
    """Written from the protocols: what COSMIC itself sends has not been seen."""
    with peer(*COSMIC) as work, running(CosmicWindowCollector(work.environ)) as sense:
        states = {}
        for count, title in enumerate(("alpha", "beta"), 1):
            handle = HANDLE + count
            work.send(pack(work.bound(WINDOWS), 0, handle))
            work.send(pack(handle, 2, title) + pack(handle, 3, "app") + pack(handle, 1))
            asked = work.until_asked(INFO, 1, count)
            states[title] = asked.number()
            assert asked.number() == handle

        def focus(*titles: str) -> None:
            for title, state in states.items():
                work.send(event(state, 8, array(*([2] if title in titles else []))))
            work.send(pack(work.bound(INFO), 2))

        focus("alpha")
        sense.until(lambda reported: reported.title == "alpha")
        focus("beta")
        sense.until(lambda reported: reported.title == "beta")
        work.send(pack(HANDLE + 2, 0))
        sense.until(lambda reported: reported.title is None)
    assert [(reported.app, reported.title) for reported in sense.events] == [
        ("app", "alpha"),
        ("app", "beta"),
        (None, None),
    ]


@pytest.mark.parametrize("offer", [COSMIC[:1], (COSMIC[0], ("zcosmic_toplevel_info_v1", 1))])
def test_a_list_of_windows_without_their_focus_is_not_enough(offer):
    with peer(*offer) as work:
        assert isinstance(CosmicWindowCollector(work.environ).check(), WrongSession)


@pytest.mark.parametrize(
    "make", [WlrootsWindowCollector, CosmicWindowCollector, lambda environ: WaylandPresenceCollector(environ, 100)]
)
def test_a_compositor_without_the_part_is_another_ways_matter(make):
    with peer(("wl_compositor", 4)) as work:
        trouble = make(work.environ).check()
        assert isinstance(trouble, WrongSession)
        stop = Stop()
        with pytest.raises(CollectorError):
            make(work.environ).run(lambda _: None, stop)
        stop.close()


@pytest.mark.parametrize(
    ("offer", "despite_films", "opcode"),
    [((NOTIFIER, 1), False, 1), ((NOTIFIER, 1), True, 1), ((NOTIFIER, 2), False, 1), ((NOTIFIER, 2), True, 2)],
)
def test_input_alone_is_asked_for_where_the_notifier_can_tell_it(offer, despite_films, opcode):
    with (
        peer(SEAT, offer) as work,
        running(WaylandPresenceCollector(work.environ, 700, despite_films=despite_films)) as sense,
    ):
        asked = work.until_asked(NOTIFIER, opcode)
        notification, timeout_ms, seat = asked.number(), asked.number(), asked.number()
        assert (timeout_ms, seat) == (700, work.bound(SEAT[0]))
        work.send(pack(notification, 0))
        sense.until(lambda reported: reported.kind is EventKind.IDLE)
        work.send(pack(notification, 1))
        sense.until(lambda reported: reported.kind is EventKind.ACTIVE)


def test_no_input_while_the_screen_is_kept_on_is_somebody_who_watches():
    with peer(SEAT, (NOTIFIER, 2)) as work, running(WaylandPresenceCollector(work.environ, 700)) as sense:
        idle, still = (work.until_asked(NOTIFIER, opcode).number() for opcode in (1, 2))
        work.send(pack(still, 0))
        watch = sense.until(lambda reported: reported.kind is EventKind.WATCH)
        work.send(pack(still, 1))
        sense.until(lambda reported: reported.kind is EventKind.ACTIVE)
        work.send(pack(still, 0) + pack(idle, 0) + pack(idle, 1) + pack(still, 1))
        sense.until(lambda _: len(sense.events) >= 5)
    assert watch.detail == PresenceDetail(700_000)
    assert [reported.kind for reported in sense.events] == [
        *(EventKind.WATCH, EventKind.ACTIVE),
        *(EventKind.WATCH, EventKind.IDLE, EventKind.ACTIVE),
    ]


def test_kdes_own_protocol_is_asked_where_only_that_is():
    with peer(SEAT, KDE) as work, running(WaylandPresenceCollector(work.environ, 700)) as sense:
        asked = work.until_asked(KDE[0], 0)
        timeout, seat, timeout_ms = asked.number(), asked.number(), asked.number()
        assert (timeout_ms, seat) == (700, work.bound(SEAT[0]))
        work.send(pack(timeout, 0))
        sense.until(lambda reported: reported.kind is EventKind.IDLE)


def test_somebody_is_there_while_one_of_two_seats_is_used():
    with peer(SEAT, SEAT, (NOTIFIER, 1)) as work, running(WaylandPresenceCollector(work.environ, 700)) as sense:
        first, second = (work.until_asked(NOTIFIER, 1, count).number() for count in (1, 2))
        work.send(pack(first, 0) + pack(first, 1) + pack(second, 0) + pack(first, 0))
        sense.until(lambda reported: reported.kind is EventKind.IDLE)
        work.send(pack(second, 1))
        sense.until(lambda reported: reported.kind is EventKind.ACTIVE)
    assert [reported.kind for reported in sense.events] == [EventKind.IDLE, EventKind.ACTIVE]
