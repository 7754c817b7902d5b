"""What comes back, as charts and lines."""

import dataclasses
from datetime import date

import pytest

from app.models import patterns as reported
from app.models import patterns_rows as listed
from app.services.activity.habits import FatigueByHour, Habits
from app.store.queries.patterns import Commands, Keys
from tools import sample_values as sample

HABITS = sample.HABITS
EMPTY = Habits(HABITS.first, HABITS.last, HABITS.first)


def late(minutes):
    return dataclasses.replace(HABITS, attention=dataclasses.replace(HABITS.attention, late_us=minutes * 60_000_000))


def test_hours_with_little_in_them_are_left_out():
    chart = reported.switches_chart(HABITS)
    assert chart is not None
    assert chart.series[0].labels == ("08", "09", "10", "11", "13")


def test_work_late_at_night_has_a_series_where_there_is_any():
    titles = [(chart.title, len(chart.series)) for chart in map(reported.rests_chart, (late(0), late(9))) if chart]
    assert titles == [("Work without a rest", 1), ("Work without a rest, and late at night", 2)]
    assert "There was none between 23:00 and 05:00." in reported.rests_text(late(0))
    assert "There was none" not in reported.rests_text(late(9))


def test_shares_of_too_few_are_not_drawn():
    chart = reported.tired_chart(HABITS)
    assert chart is not None
    assert {series.name: series.labels for series in chart.series} == {
        "commands that failed": ("first hour", "1 to 2 h", "2 to 3 h"),
        "keys that took something back": ("first hour", "1 to 2 h", "2 to 3 h", "after 3 h"),
    }


def test_one_hour_alone_compares_with_nothing_and_it_is_said_what_is_missing():
    few = dataclasses.replace(HABITS, tired=(FatigueByHour(0, Commands(60, 3), Keys(90, 8)),))
    assert reported.tired_chart(few) is None
    assert reported.fatigue_text(few).endswith("So far there are 60 commands whose end is known and 90 keys.")


@pytest.mark.parametrize(
    ("since", "days"),
    [(date(2026, 11, 14), "14 Nov to 20 Nov 2026"), (date(2025, 12, 30), "30 Dec 2025 to 20 Nov 2026")],
)
def test_days_are_reported_with_the_year_where_it_changes(since, days):
    assert reported.days_text(dataclasses.replace(HABITS, whole_since=since, last=date(2026, 11, 20))) == days


def test_the_longest_sessions_come_first():
    rows = listed.longest_sessions(HABITS)
    assert rows[0].fraction == 1.0
    assert [row.fraction for row in rows] == sorted((row.fraction for row in rows), reverse=True)


def test_days_in_a_row_say_of_what_and_whether_they_go_on():
    rows = listed.streaks_listed(HABITS)
    assert [(row.name, row.number) for row in rows] == [
        ("Code (application)", "7"),
        ("atlas (project)", "5"),
        ("docs.python.org (site)", "3"),
    ]
    assert [row.when.endswith("to today") for row in rows] == [True, False, False]


def test_rows_of_actions_are_said_in_words():
    assert [row.name for row in listed.rows_of_actions(HABITS.triples)] == [
        "Switch to Code, then Switch to Kitty, then Run pytest",
        "Run pytest, then Run git add, then Run git commit",
    ]


def test_nothing_draws_nothing_and_each_line_says_why():
    charts = (reported.focus_chart, reported.switches_chart, reported.rests_chart, reported.tired_chart)
    assert [draw(EMPTY) for draw in charts] == [None] * 4
    assert reported.summary(EMPTY) == ""
    for say in (reported.focus_text, reported.switches_text, reported.rests_text):
        assert say(EMPTY).startswith("No window was recorded")
    assert reported.streaks_text(EMPTY).startswith("No application, site or project")
    assert reported.sequences_text(EMPTY).startswith("No two actions")


def test_the_first_minutes_say_that_they_are_too_few():
    few = dataclasses.replace(HABITS, attention=dataclasses.replace(HABITS.attention, active_us=61_000_000))
    assert [draw(few) for draw in (reported.focus_chart, reported.rests_chart)] == [None, None]
    assert reported.summary(few) == ""
    for say in (reported.focus_text, reported.switches_text, reported.rests_text):
        assert say(few).startswith("Only 1 min in windows")


def test_hours_with_too_little_in_each_say_what_is_waited_for():
    spread = dataclasses.replace(HABITS, hours=HABITS.hours[-1:])
    assert reported.switches_chart(spread) is None
    assert "so far; shown by the hour once one of them has 30 min" in reported.switches_text(spread)
