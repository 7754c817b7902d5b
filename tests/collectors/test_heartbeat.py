"""How heartbeats become actions with a duration."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.events import MAX_DURATION_US, US_PER_S, Event, EventKind, PresenceDetail, Source, WindowDetail
from collectors.heartbeat import ExtendAction, HeartbeatMerge, StartAction

START_US = 1_790_000_000 * US_PER_S


def at(second):
    return START_US + int(second * US_PER_S)


def focus(second, app="editor", title="notes", pid=7):
    return Event(at(second), Source.WINDOW, EventKind.FOCUS, app=app, title=title, detail=WindowDetail(pid))


def presence(second, kind, idle_s=0):
    return Event(at(second), Source.PRESENCE, kind, detail=PresenceDetail(idle_s * US_PER_S))


def lasted(seconds):
    return ExtendAction("window", int(seconds * US_PER_S))


@pytest.fixture
def merge():
    return HeartbeatMerge()


def test_the_first_window_begins(merge):
    assert merge.feed(focus(0)) == (StartAction(focus(0)),)


def test_the_same_window_grows(merge):
    merge.feed(focus(0))
    assert merge.feed(focus(5)) == (lasted(5),)


@pytest.mark.parametrize("other", [{"app": "mail"}, {"title": "todo"}, {"pid": 8}])
def test_another_window_ends_the_one_before(merge, other):
    merge.feed(focus(0))
    assert merge.feed(focus(5, **other)) == (lasted(5), StartAction(focus(5, **other)))


def test_a_repeated_event_does_nothing(merge):
    merge.feed(focus(0))
    assert merge.feed(focus(0)) == ()


def watch(second, lasted_s, sign="film"):
    detail = PresenceDetail(sign=sign)
    return Event(at(second), Source.PRESENCE, EventKind.WATCH, duration_us=lasted_s * US_PER_S, detail=detail)


def test_a_watch_grows_whatever_else_is_reported_meanwhile(merge):
    assert merge.feed(watch(0, 180)) == (StartAction(watch(0, 180)),)
    lock = presence(200, EventKind.LOCK)
    assert merge.feed(lock) == (StartAction(lock),)
    assert merge.feed(watch(0, 240)) == (ExtendAction("watch", 240 * US_PER_S),)
    assert [StartAction(each).stream for each in (watch(0, 1), lock)] == ["watch", "presence"]


@pytest.mark.parametrize("other", [watch(300, 9), watch(0, 240, "call")])
def test_another_watch_begins(merge, other):
    merge.feed(watch(0, 180))
    assert merge.feed(other) == (StartAction(other),)


def test_a_watch_after_a_pause_is_another(merge):
    merge.feed(watch(0, 180))
    merge.finish(at(200))
    assert merge.feed(watch(0, 240)) == (StartAction(watch(0, 240)),)


def test_idling_ends_the_window_when_input_stopped(merge):
    merge.feed(focus(0))
    idle = presence(100, EventKind.IDLE, idle_s=60)
    assert merge.feed(idle) == (lasted(40), StartAction(idle))


def test_idling_since_before_the_window_ends_it_at_once(merge):
    merge.feed(focus(90))
    idle = presence(100, EventKind.IDLE, idle_s=60)
    assert merge.feed(idle) == (lasted(0), StartAction(idle))


@pytest.mark.parametrize(
    ("leave", "come_back"),
    [
        (EventKind.IDLE, EventKind.ACTIVE),
        (EventKind.LOCK, EventKind.UNLOCK),
        (EventKind.SUSPEND, EventKind.RESUME),
    ],
)
def test_coming_back_begins_the_same_window_again(merge, leave, come_back):
    merge.feed(focus(0))
    merge.feed(presence(100, leave))
    back = presence(500, come_back)
    assert merge.feed(back) == (StartAction(back), StartAction(focus(500)))


def test_the_window_after_coming_back_counts_from_then(merge):
    for event in (focus(0), presence(100, EventKind.IDLE), presence(500, EventKind.ACTIVE)):
        merge.feed(event)
    assert merge.feed(focus(510, app="mail")) == (lasted(10), StartAction(focus(510, app="mail")))


def test_a_window_that_comes_up_while_away_waits_for_the_return(merge):
    merge.feed(focus(0))
    merge.feed(presence(100, EventKind.IDLE))
    assert merge.feed(focus(200, app="updater")) == ()
    back = presence(500, EventKind.ACTIVE)
    assert merge.feed(back) == (StartAction(back), StartAction(focus(500, app="updater")))


def test_typing_at_a_locked_screen_is_no_return(merge):
    for event in (focus(0), presence(100, EventKind.IDLE), presence(101, EventKind.LOCK)):
        merge.feed(event)
    typing = presence(500, EventKind.ACTIVE)
    assert merge.feed(typing) == (StartAction(typing),)
    unlock = presence(510, EventKind.UNLOCK)
    assert merge.feed(unlock) == (StartAction(unlock), StartAction(focus(510)))


def test_leaving_twice_ends_the_window_once(merge):
    merge.feed(focus(0))
    merge.feed(presence(100, EventKind.IDLE))
    lock = presence(101, EventKind.LOCK)
    assert merge.feed(lock) == (StartAction(lock),)


def test_being_active_without_having_left_begins_no_window(merge):
    merge.feed(focus(0))
    active = presence(5, EventKind.ACTIVE)
    assert merge.feed(active) == (StartAction(active),)


def test_a_clock_that_goes_back_never_shortens(merge):
    merge.feed(focus(10))
    merge.feed(focus(15))
    assert merge.feed(focus(2, app="mail")) == (lasted(5), StartAction(focus(2, app="mail")))


def test_everything_else_begins(merge):
    command = Event(at(0), Source.TERMINAL, EventKind.COMMAND, app="bash", target="ls")
    assert merge.feed(command) == (StartAction(command),)


def test_a_finished_focus_is_taken_as_it_is(merge):
    merge.feed(focus(0))
    whole = replace(focus(-100, app="mail"), duration_us=50)
    assert merge.feed(whole) == (StartAction(whole),)
    assert merge.feed(focus(5)) == (lasted(5),)


def test_a_pulse_lengthens_the_window(merge):
    merge.feed(focus(0))
    assert merge.pulse(at(7)) == (lasted(7),)


def test_a_pulse_while_away_adds_nothing(merge):
    merge.feed(focus(0))
    merge.feed(presence(100, EventKind.IDLE))
    assert merge.pulse(at(200)) == ()


def test_idling_takes_back_what_a_pulse_has_added_since(merge):
    merge.feed(focus(0))
    merge.pulse(at(95))
    assert merge.feed(presence(100, EventKind.IDLE, idle_s=60))[0] == lasted(40)


def test_losing_the_focus_ends_the_window_and_the_same_one_begins_again(merge):
    merge.feed(focus(0))
    assert merge.lose(at(5)) == (lasted(5),)
    assert merge.feed(focus(9)) == (StartAction(focus(9)),)


def test_losing_the_focus_while_away_brings_nobody_back(merge):
    merge.feed(focus(0))
    merge.feed(presence(10, EventKind.IDLE, idle_s=2))
    assert merge.lose(at(12)) == ()
    assert merge.feed(focus(13)) == ()


def test_finishing_ends_the_window(merge):
    merge.feed(focus(0))
    assert merge.finish(at(7)) == (lasted(7),)
    assert merge.finish(at(9)) == ()


def test_finishing_while_away_adds_nothing(merge):
    merge.feed(focus(0))
    merge.feed(presence(100, EventKind.IDLE))
    assert merge.finish(at(200)) == ()


EVENTS = st.lists(
    st.one_of(
        st.builds(focus, st.integers(-1_000, 10**6), st.sampled_from("ab"), st.sampled_from("xy")),
        st.builds(
            presence,
            st.integers(-1_000, 10**6),
            st.sampled_from([EventKind.IDLE, EventKind.ACTIVE, EventKind.LOCK, EventKind.UNLOCK]),
            st.integers(-10, 10**6),
        ),
    ),
    max_size=30,
)


@given(EVENTS)
def test_no_duration_is_ever_negative_or_absurd(events):
    merge = HeartbeatMerge()
    done = [step for event in events for step in merge.feed(event)] + list(merge.finish(at(0)))
    assert all(0 <= step.duration_us <= MAX_DURATION_US for step in done if isinstance(step, ExtendAction))


@given(EVENTS)
def test_nothing_grows_before_it_has_begun(events):
    merge = HeartbeatMerge()
    begun = False
    for step in (step for event in events for step in merge.feed(event)):
        if isinstance(step, StartAction):
            begun = begun or step.event.source is Source.WINDOW
        else:
            assert begun
