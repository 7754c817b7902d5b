from __future__ import annotations

from collectors.events import Event, EventKind, LoadDetail, PresenceDetail, RhythmDetail, Source
from neural.reward.sessions import Sessions

MINUTE_US = 60_000_000


def focus(minute: float, duration_us: int | None = None) -> Event:
    return Event(int(minute * MINUTE_US), Source.WINDOW, EventKind.FOCUS, app="a", duration_us=duration_us)


def presence(minute: float, kind: EventKind, idle_us: int = 0) -> Event:
    return Event(int(minute * MINUTE_US), Source.PRESENCE, kind, detail=PresenceDetail(idle_us))


def numbers(*events: Event) -> list[int]:
    sessions = Sessions()
    return [sessions.session_of(event) for event in events]


def test_work_without_a_pause_is_one_session() -> None:
    assert numbers(focus(0), focus(4), focus(8.9)) == [0, 0, 0]


def test_more_than_five_minutes_of_nothing_end_a_session() -> None:
    assert numbers(focus(0), focus(5.1)) == [0, 1]


def test_a_long_focus_is_no_pause() -> None:
    assert numbers(focus(0, duration_us=10 * MINUTE_US), focus(12)) == [0, 0]


def test_a_lock_ends_a_session_and_belongs_to_it() -> None:
    assert numbers(focus(0), presence(1, EventKind.LOCK), presence(2, EventKind.UNLOCK), focus(2)) == [0, 0, 1, 1]


def test_a_suspend_ends_a_session_once() -> None:
    events = (focus(0), presence(1, EventKind.LOCK), presence(1, EventKind.SUSPEND), presence(9, EventKind.RESUME))
    assert numbers(*events) == [0, 0, 0, 1]


def test_idleness_ends_a_session_only_when_it_is_long() -> None:
    short = presence(2, EventKind.IDLE, idle_us=MINUTE_US)
    long = presence(7, EventKind.IDLE, idle_us=6 * MINUTE_US)
    assert numbers(focus(0), short, focus(3)) == [0, 0, 0]
    assert numbers(focus(1), long, focus(7.5)) == [0, 0, 1]


def test_what_the_machine_does_keeps_no_session_open() -> None:
    load = Event(3 * MINUTE_US, Source.RESOURCES, EventKind.LOAD, detail=LoadDetail(1.0, 2.0))
    quiet = Event(4 * MINUTE_US, Source.INPUT, EventKind.RHYTHM, detail=RhythmDetail(1_000_000))
    mail = Event(4 * MINUTE_US, Source.NETWORK, EventKind.CONNECT, "thunderbird")
    film = Event(4 * MINUTE_US, Source.SCREEN, EventKind.PATTERN)
    assert numbers(focus(0), load, quiet, mail, film, focus(6)) == [0, 0, 0, 0, 0, 1]


def test_typing_keeps_a_session_open() -> None:
    typing = Event(4 * MINUTE_US, Source.INPUT, EventKind.RHYTHM, detail=RhythmDetail(1_000_000, keys=5))
    assert numbers(focus(0), typing, focus(6)) == [0, 0, 0]


def test_a_clock_that_goes_backwards_ends_nothing() -> None:
    assert numbers(focus(100), focus(0), focus(1)) == [0, 0, 0]


def test_the_reason_of_the_last_end_is_known() -> None:
    sessions = Sessions()
    for event in (focus(0), presence(1, EventKind.LOCK), focus(2)):
        sessions.session_of(event)
    assert sessions.ended_by == "lock"
