"""How a time was worked through, on lives that were worked out by hand."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from app.services.activity.attention import REST_US, Attention, attention, course, joined, read
from app.services.activity.intervals import Span
from app.services.ingest.pipeline import new_action
from app.store.queries.patterns import LEAST_FOCUS_US, FocusSession
from app.store.store import Store
from collectors.events import US_PER_HOUR, US_PER_MIN, CommandDetail, Event, EventKind, Source
from neural.language.reading import time_ranges
from neural.language.reading.plan import Period

ZONE = ZoneInfo("Europe/Berlin")
TODAY = time_ranges.days(date(2026, 11, 20), 1, "today", ZONE)
PROJECT = "~/src/kryptic"
Window = tuple[int, int, str]


def at(hour: int, minute: float = 0, day: int = 20) -> int:
    """A local moment in November 2026."""
    return round(datetime(2026, 11, day, hour, 0, tzinfo=ZONE).timestamp() * 1e6) + round(minute * US_PER_MIN)


def window(start_us: int, minutes: float, app: str) -> Window:
    return start_us, start_us + round(minutes * US_PER_MIN), app


def found(*windows: Window, projects: tuple[FocusSession, ...] = ()) -> Attention:
    return attention(windows, projects, TODAY, ZONE)


def test_five_minutes_in_one_application_are_a_session_and_less_are_none():
    day = found(window(at(9), 5, "code"), window(at(9, 5), 4.9, "firefox"))
    assert [(span.name, span.length_us) for span in day.sessions] == [("Code", 5 * US_PER_MIN)]
    assert day.focus_us == 5 * US_PER_MIN


def test_another_title_is_no_interruption_and_another_application_is():
    day = found(window(at(9), 4, "code"), window(at(9, 4), 4, "code"), window(at(9, 8), 0.1, "xterm"))
    assert len(day.sessions) == 1
    day = found(window(at(9), 4, "code"), window(at(9, 4), 0.1, "xterm"), window(at(9, 4.1), 4, "code"))
    assert day.sessions == ()


def test_time_in_a_project_is_a_session_and_is_counted_once():
    project = FocusSession("kryptic", at(9), at(9, 30))
    day = found(window(at(9), 20, "code"), window(at(9, 20), 10, "xterm"), projects=(project,))
    assert [span.start_us for span in day.sessions] == [at(9), at(9), at(9, 20)]
    assert day.focus_us == 30 * US_PER_MIN
    assert day.longest_session == Span(at(9), at(9, 30), "kryptic")


def test_switches_are_changes_of_application_without_a_longer_pause():
    day = found(
        window(at(9), 10, "code"),
        window(at(9, 10), 10, "firefox"),
        window(at(9, 20.5), 10, "code"),
        window(at(10), 29.5, "firefox"),
    )
    assert day.switches == 2
    assert day.switches_per_hour == 2 * US_PER_HOUR / day.active_us


def test_a_rest_parts_work_and_a_shorter_pause_does_not():
    day = found(window(at(9), 50, "code"), window(at(10), 60, "code"), window(at(11, 16), 30, "code"))
    assert [(span.start_us, span.end_us) for span in day.bouts] == [(at(9), at(11)), (at(11, 16), at(11, 46))]


def test_work_goes_on_until_there_is_a_rest():
    day = found(window(at(13), 60, "code"))
    assert day.since_rest_us(at(14, 14)) == US_PER_HOUR
    assert day.since_rest_us(at(14, 15)) is None
    assert found().since_rest_us(at(14)) is None


def test_work_that_began_the_evening_before_is_reported_whole_and_only_today_counts_as_late():
    day = found(window(at(22, day=19), 180, "code"))
    assert day.longest_bout == Span(at(22, day=19), at(1), "")
    assert day.late_us == day.active_us == US_PER_HOUR


def test_work_by_day_is_not_late():
    assert found(window(at(5), 60, "code"), window(at(22), 60, "code")).late_us == 0
    assert found(window(at(4), 60, "code"), window(at(23), 30, "code")).late_us == 90 * US_PER_MIN


@given(
    st.lists(
        st.tuples(st.integers(0, 24 * 60), st.integers(0, 90), st.sampled_from(("code", "firefox", ""))), max_size=30
    )
)
def test_what_is_reported_always_fits_together(lived: list[tuple[int, int, str]]):
    windows = sorted(window(TODAY.start_us + minute * US_PER_MIN, length, app) for minute, length, app in lived)
    day = attention(windows, (), TODAY, ZONE)
    assert 0 <= day.focus_us <= day.active_us <= TODAY.end_us - TODAY.start_us
    assert 0 <= day.late_us <= day.active_us
    assert all(span.length_us >= LEAST_FOCUS_US and span.name for span in day.sessions)
    assert all(later.start_us - earlier.end_us > REST_US for earlier, later in pairwise(day.bouts))
    assert sum(span.length_us for span in day.bouts) >= day.active_us


def test_it_is_read_from_the_store(opened: Store):
    events = [
        Event(at(22, day=19), Source.WINDOW, EventKind.FOCUS, "code", duration_us=180 * US_PER_MIN, utc_offset_s=3600),
        *(
            Event(at(9, 2 * n), Source.TERMINAL, EventKind.COMMAND, "bash", "make", detail=CommandDetail(PROJECT, 0))
            for n in range(5)
        ),
    ]
    opened.append([new_action(event) for event in events]).result()
    with opened.reader() as reader:
        day = read(reader, TODAY, ZONE)
    assert [(span.name, span.length_us) for span in day.sessions] == [
        ("Code", US_PER_HOUR),
        ("kryptic", 8 * US_PER_MIN),
    ]
    assert day.longest_bout == Span(at(22, day=19), at(1), "")


@given(
    st.lists(
        st.tuples(st.integers(0, 3 * 24 * 60), st.integers(0, 90), st.sampled_from(("code", "firefox", ""))),
        max_size=30,
    ),
    st.lists(st.integers(0, 3 * 24 * 60), max_size=4),
)
def test_parts_of_a_time_tell_together_what_the_whole_tells(lived: list[tuple[int, int, str]], cuts: list[int]) -> None:
    windows = sorted(window(TODAY.start_us + minute * US_PER_MIN, length, app) for minute, length, app in lived)
    period = Period(TODAY.start_us + 8 * US_PER_HOUR, TODAY.start_us + 60 * US_PER_HOUR, "")
    bounds = [0, *sorted(TODAY.start_us + minute * US_PER_MIN for minute in cuts), 2**62]
    parts = [
        course([each for each in windows if low_us <= each[0] < high_us], period)
        for low_us, high_us in pairwise(bounds)
    ]
    assert joined(parts) == course(windows, period)
