"""Words for time are exact local periods, also if the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural.language.reading import time_ranges
from neural.language.reading.plan import Period

BERLIN = ZoneInfo("Europe/Berlin")
NOW = round(datetime(2026, 11, 20, 15, 30, tzinfo=BERLIN).timestamp() * 1e6)  # a Friday
HOUR = 3_600_000_000


def read(text: str, now_us: int = NOW, zone: ZoneInfo = BERLIN) -> tuple[str, str, str]:
    """First and last moment (local, to the minute), and the label."""
    period, _ = time_ranges.find(text, now_us, zone)
    assert period is not None
    first, end = (
        time_ranges.local(ts_us, zone).strftime("%Y-%m-%d %H:%M") for ts_us in (period.start_us, period.end_us)
    )
    return first, end, period.label


@pytest.mark.parametrize(
    ("text", "first", "end", "label"),
    [
        ("today", "2026-11-20 00:00", "2026-11-21 00:00", "today"),
        ("yesterday", "2026-11-19 00:00", "2026-11-20 00:00", "yesterday"),
        ("the day before yesterday", "2026-11-18 00:00", "2026-11-19 00:00", "day before yesterday"),
        ("on monday", "2026-11-16 00:00", "2026-11-17 00:00", "on Monday 16 November 2026"),
        ("on friday", "2026-11-20 00:00", "2026-11-21 00:00", "on Friday 20 November 2026"),
        ("last friday", "2026-11-13 00:00", "2026-11-14 00:00", "on Friday 13 November 2026"),
        ("this week", "2026-11-16 00:00", "2026-11-23 00:00", "this week"),
        ("last week", "2026-11-09 00:00", "2026-11-16 00:00", "last week"),
        ("this month", "2026-11-01 00:00", "2026-12-01 00:00", "this month"),
        ("last month", "2026-10-01 00:00", "2026-11-01 00:00", "last month"),
        ("this year", "2026-01-01 00:00", "2027-01-01 00:00", "this year"),
        ("last weekend", "2026-11-14 00:00", "2026-11-16 00:00", "on the weekend of Saturday 14 November 2026"),
        ("this morning", "2026-11-20 00:00", "2026-11-20 12:00", "this morning"),
        ("yesterday evening", "2026-11-19 18:00", "2026-11-20 00:00", "yesterday evening"),
        ("in the morning", "2026-11-20 00:00", "2026-11-20 12:00", "this morning"),
        ("today in the afternoon", "2026-11-20 12:00", "2026-11-20 18:00", "this afternoon"),
        ("last night", "2026-11-19 18:00", "2026-11-20 00:00", "last night"),
        ("tonight", "2026-11-20 18:00", "2026-11-21 00:00", "tonight"),
        ("in the last 3 hours", "2026-11-20 12:30", "2026-11-20 15:30", "in the last 3 hours"),
        ("in the last three hours", "2026-11-20 12:30", "2026-11-20 15:30", "in the last 3 hours"),
        ("the past 7 days", "2026-11-14 00:00", "2026-11-21 00:00", "in the last 7 days"),
        ("on 2026-10-31", "2026-10-31 00:00", "2026-11-01 00:00", "on Saturday 31 October 2026"),
        ("on 12 november", "2026-11-12 00:00", "2026-11-13 00:00", "on Thursday 12 November 2026"),
        ("on november 12th", "2026-11-12 00:00", "2026-11-13 00:00", "on Thursday 12 November 2026"),
        ("on 24 december", "2025-12-24 00:00", "2025-12-25 00:00", "on Wednesday 24 December 2025"),
        ("in october", "2026-10-01 00:00", "2026-11-01 00:00", "in October 2026"),
    ],
)
def test_words_name_a_stretch_of_local_time(text: str, first: str, end: str, label: str) -> None:
    assert read(text) == (first, end, label)


@pytest.mark.parametrize(
    "text", ["", "hello", "at 9", "31 february", "in the last 0 days", "the last 99999 days", "may"]
)
def test_other_words_name_none(text: str) -> None:
    assert time_ranges.find(text, NOW, BERLIN) == (None, text)


@pytest.mark.parametrize(
    ("text", "first", "end"),
    [
        ("between 9 and 10:30", "09:00", "10:30"),
        ("at 14", "14:00", "15:00"),
        ("from 22:15 to 24", "22:15", "00:00"),
        ("between 10 and 9", "00:00", "00:00"),
        ("at 25", "00:00", "00:00"),
    ],
)
def test_hours_narrow_a_day_where_they_make_sense(text: str, first: str, end: str) -> None:
    today, _ = time_ranges.find("today", NOW, BERLIN)
    assert today is not None
    period, _ = time_ranges.narrowed(today, text, BERLIN)
    assert [time_ranges.local(at, BERLIN).strftime("%H:%M") for at in (period.start_us, period.end_us)] == [first, end]


def test_the_words_of_the_time_are_taken_out_of_the_question() -> None:
    assert (
        time_ranges.find("how long was i in code on monday please", NOW, BERLIN)[1] == "how long was i in code please"
    )


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-20", 24)])
def test_a_day_has_as_many_hours_as_its_clocks_say(day: str, hours: int) -> None:
    period, _ = time_ranges.find(f"on {day}", NOW, BERLIN)
    assert period is not None
    assert period.end_us - period.start_us == hours * HOUR


def test_a_week_in_which_clocks_change_still_begins_at_midnight() -> None:
    now_us = round(datetime(2026, 10, 28, 12, tzinfo=BERLIN).timestamp() * 1e6)
    assert read("last week", now_us)[:2] == ("2026-10-19 00:00", "2026-10-26 00:00")


def test_a_day_that_begins_at_one_o_clock_is_whole() -> None:
    beirut = ZoneInfo("Asia/Beirut")  # if clocks go forward at midnight
    now_us = round(datetime(2026, 4, 1, 12, tzinfo=beirut).timestamp() * 1e6)
    assert read("on 2026-03-29", now_us, beirut)[:2] == ("2026-03-29 01:00", "2026-03-30 00:00")


def test_without_a_zone_the_machines_own_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    period, _ = time_ranges.find("today", NOW, None)
    assert period is not None
    here = datetime.fromtimestamp(period.start_us / 1e6).astimezone()
    assert (here.hour, here.minute) == (0, 0)


@given(start=st.integers(1_700_000_000, 1_900_000_000), hours=st.integers(1, 2_000))
def test_the_days_of_a_period_cover_it_exactly(start: int, hours: int) -> None:
    period = Period(start * 1_000_000, start * 1_000_000 + hours * HOUR, "")
    days = time_ranges.split_days(period, BERLIN)
    assert days[0].start_us == period.start_us
    assert days[-1].end_us == period.end_us
    assert all(one.end_us == following.start_us for one, following in pairwise(days))


@given(moment=st.integers(1_000_000_000, 2_000_000_000))
def test_now_lies_in_today(moment: int) -> None:
    for zone in (BERLIN, ZoneInfo("America/New_York"), UTC):
        period, _ = time_ranges.find("today", moment * 1_000_000, zone)
        assert period is not None
        assert period.start_us <= moment * 1_000_000 < period.end_us
