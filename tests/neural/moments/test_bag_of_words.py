"""A moment is what was done in one slot of the clock, as far as no session ended in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from collectors.events import US_PER_S, CommandDetail, Event, EventKind, FileDetail, PresenceDetail, Source
from neural.moments.bag_of_words import SLOT_US, Moment, follows, moments_of, plain_words, words_of
from neural.reward.actions import label

SLOT = 5_000_000
START_US = SLOT * SLOT_US


def window(seconds: float, title: str, lasts_s: float = 10) -> Event:
    ts_us = START_US + round(seconds * US_PER_S)
    return Event(ts_us, Source.WINDOW, EventKind.FOCUS, "gimp", None, title, round(lasts_s * US_PER_S))


def presence(seconds: float, kind: EventKind, idle_s: int = 0) -> Event:
    ts_us = START_US + round(seconds * US_PER_S)
    return Event(ts_us, Source.PRESENCE, kind, detail=PresenceDetail(idle_s * US_PER_S))


def moments(events: Iterable[Event]) -> list[Moment]:
    return list(moments_of((event, label(event)) for event in events))


def test_a_moment_holds_what_began_in_its_slot_and_ends_with_the_last_of_it() -> None:
    found = moments([window(1, "one boat", lasts_s=700), window(20, "two boats"), window(301, "three")])
    assert [(each.start_us, each.end_us) for each in found] == [
        (START_US + US_PER_S, START_US + 701 * US_PER_S),
        (START_US + 301 * US_PER_S, START_US + 311 * US_PER_S),
    ]
    assert found[0].words == Counter({"gimp": 2, "app:gimp": 2, "one": 1, "boat": 1, "two": 1, "boats": 1})


def test_the_end_of_a_session_parts_a_slot() -> None:
    for ending in (presence(30, EventKind.LOCK), presence(30, EventKind.SUSPEND), presence(30, EventKind.IDLE, 300)):
        assert len(moments([window(1, "a"), ending, window(60, "b")])) == 2
    for pause in (presence(30, EventKind.IDLE, 180), presence(30, EventKind.ACTIVE)):
        assert len(moments([window(1, "a"), pause, window(60, "b")])) == 1


def test_what_is_no_action_of_the_users_makes_no_moment() -> None:
    assert moments([presence(1, EventKind.UNLOCK), presence(2, EventKind.LOCK)]) == []


def test_the_words_of_an_action_say_what_was_done_where() -> None:
    page = Event(
        1, Source.BROWSER, EventKind.VISIT, "firefox", "https://www.example.org/unpaid/7?q=may", "Invoices, 3 open"
    )
    assert words_of(page, label(page)) == {
        *("web:example.org", "firefox", "example", "org", "unpaid", "may", "invoices", "open"),
    }
    command = Event(
        1, Source.TERMINAL, EventKind.COMMAND, "bash", "make test", detail=CommandDetail("/home/me/src/boat", 2)
    )
    assert words_of(command, label(command)) == {
        *("cmd:make test", "bash", "make", "test", "boat", "project:boat", "exit:failed"),
    }
    detail = FileDetail(project="boat")
    file = Event(1, Source.EDITOR, EventKind.SAVE, "code", "/home/me/src/boat/sail.py", detail=detail)
    assert words_of(file, label(file)) == {"file:py@boat", "code", "sail", "py", "boat", "project:boat"}


def test_plain_words_are_lower_case_once_each_and_not_endless() -> None:
    assert plain_words("To be, or not TO be: 2 bee") == ("to", "be", "or", "not", "bee")
    assert len(plain_words(" ".join(f"word{n}" for n in range(100)))) == 16


def test_a_moment_is_followed_by_the_next_one_unless_a_long_pause_lies_between() -> None:
    found = moments([window(1, "a"), window(310, "b"), window(910, "c"), window(1_600, "d")])
    assert follows(found) == [True, False, False, False]
    assert follows([]) == []
