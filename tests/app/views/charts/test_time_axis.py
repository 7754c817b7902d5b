"""Round local times, as many as fit."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from app.views.charts import time_axis
from app.views.charts.time_axis import DAY_S, HOUR_S, MINUTE_S

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(autouse=True)
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> float:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN).timestamp()


@pytest.mark.parametrize(
    ("hours", "width", "step"),
    [(8, 370, 2 * HOUR_S), (8, 700, HOUR_S), (1, 370, 15 * MINUTE_S), (24, 370, 6 * HOUR_S), (24 * 14, 370, 7 * DAY_S)],
)
def test_the_step_is_the_smallest_round_one_with_room_for_its_labels(hours: int, width: int, step: int) -> None:
    assert time_axis.step_s(hours * HOUR_S, width) == step


def test_marks_stand_at_round_local_times() -> None:
    marks = time_axis.marks_s(at(13, 8, 47), at(13, 17, 5), 2 * HOUR_S)
    assert [time_axis.label_of(mark, 2 * HOUR_S) for mark in marks] == ["10:00", "12:00", "14:00", "16:00"]


def test_marks_stay_round_where_the_clock_changes() -> None:
    marks = time_axis.marks_s(at(29, 0), at(29, 12), 3 * HOUR_S)
    assert [time_axis.label_of(mark, 3 * HOUR_S) for mark in marks] == ["29 Mar", "03:00", "06:00", "09:00", "12:00"]
    assert marks[1] - marks[0] == 2 * HOUR_S


def test_days_are_named_by_their_date() -> None:
    marks = time_axis.marks_s(at(1, 12), at(4, 12), DAY_S)
    assert [time_axis.label_of(mark, DAY_S) for mark in marks] == ["2 Mar", "3 Mar", "4 Mar"]


def test_seconds_are_reported_where_they_matter() -> None:
    marks = time_axis.marks_s(at(13, 9), at(13, 9) + 40, 15)
    assert [time_axis.label_of(mark, 15) for mark in marks] == ["09:00:00", "09:00:15", "09:00:30"]


@pytest.mark.parametrize("step", time_axis.STEPS_S)
def test_marks_rise_and_lie_inside(step: int) -> None:
    low, high = at(13, 8, 47), at(13, 8, 47) + 20 * step
    marks = time_axis.marks_s(low, high, step)
    assert marks
    assert all(low <= mark <= high for mark in marks)
    assert all(one < other for one, other in pairwise(marks))
