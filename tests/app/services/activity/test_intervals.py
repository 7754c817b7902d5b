"""Time out of actions: unions, stretches, and how focused each hour of the day was."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.activity import intervals
from app.services.activity.intervals import Span
from neural.language.reading.plan import Period

MINUTE = 60_000_000
NINE = round(datetime(2026, 11, 20, 9, tzinfo=UTC).timestamp() * 1e6)


def span(start_min: float, end_min: float, name: str = "code") -> Span:
    """A span in minutes after nine."""
    return Span(NINE + round(start_min * MINUTE), NINE + round(end_min * MINUTE), name)


spans = st.lists(
    st.tuples(st.integers(0, 600), st.integers(1, 90), st.sampled_from("abc")).map(
        lambda each: span(each[0], each[0] + each[1], each[2])
    ),
    max_size=20,
)


def test_time_covered_twice_counts_once() -> None:
    assert intervals.length_us(intervals.union([span(0, 10), span(5, 15), span(20, 30)])) == 25 * MINUTE


@given(spans)
def test_a_union_is_disjoint_and_no_longer_than_its_parts(parts: list[Span]) -> None:
    merged = intervals.union(parts)
    assert all(one.end_us < following.start_us for one, following in pairwise(merged))
    assert intervals.length_us(merged) <= intervals.length_us(parts)


@given(spans)
def test_hours_and_days_add_up_to_the_whole(parts: list[Span]) -> None:
    merged = intervals.union(parts)
    period = Period(NINE - 86_400_000_000, NINE + 3 * 86_400_000_000, "")
    assert sum(intervals.by_hour(merged, UTC)) == intervals.length_us(merged)
    assert sum(length for _, length in intervals.by_day(merged, period, UTC)) == intervals.length_us(merged)


def test_a_change_of_title_does_not_end_a_stretch() -> None:
    assert intervals.stretches([span(0, 10), span(10, 30)]) == (span(0, 30),)


def test_a_change_of_application_ends_a_stretch_however_short() -> None:
    windows = [span(0, 10), span(10, 10.1, "chat"), span(10.1, 30)]
    assert intervals.stretches(windows) == tuple(windows)


@pytest.mark.parametrize(("pause_min", "count"), [(1, 1), (1.1, 2)])
def test_a_pause_over_a_minute_ends_a_stretch(pause_min: float, count: int) -> None:
    assert len(intervals.stretches([span(0, 10), span(10 + pause_min, 30)])) == count


def test_an_hour_is_as_focused_as_the_stretches_its_moments_belong_to() -> None:
    windows = [span(0, 50), span(50, 60, "chat")]
    (nine,) = intervals.focus_by_hour(windows, UTC)
    assert nine.focus_us == (50 * 50 + 10 * 10) / 60 * MINUTE
    assert (nine.hour, nine.active_us, nine.switches_per_hour) == (9, 60 * MINUTE, 1)


def test_a_stretch_over_two_hours_makes_both_focused() -> None:
    nine, ten = intervals.focus_by_hour([span(30, 90)], UTC)
    assert nine.focus_us == ten.focus_us == 60 * MINUTE


def test_coming_back_after_a_pause_is_no_switch() -> None:
    (nine,) = intervals.focus_by_hour([span(0, 10), span(20, 30, "chat")], UTC)
    assert nine.switches_per_hour == 0
