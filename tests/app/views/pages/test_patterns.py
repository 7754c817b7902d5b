"""The page of what comes back."""

import dataclasses
from datetime import date

from PySide6.QtWidgets import QAbstractButton

from app.services.activity.habits import Habits
from app.views.pages.patterns import PatternsPage
from tools import sample_values as sample


def test_before_anything_is_read_it_says_neither_that_there_is_something_nor_that_there_is_not(page):
    patterns = page(PatternsPage())
    assert patterns.summary.text() == "Reading"
    assert not patterns._empty.isVisibleTo(patterns)
    assert not any(part.isVisibleTo(patterns) for part in patterns._parts)


def test_every_part_is_drawn_or_listed_and_says_what_it_was_computed_from(page):
    patterns = page(PatternsPage())
    patterns.show_habits(sample.HABITS)
    drawn = [part.chart.chart.title for part in patterns._parts if part.chart is not None]
    assert drawn == [
        "Focus by day",
        "Changes of application by hour of the day",
        "Work without a rest",
        "What went wrong, by hours without a rest",
    ]
    assert (patterns.streaks.rowCount(), patterns.pairs.rowCount(), patterns.triples.rowCount()) == (3, 3, 2)
    assert patterns.sessions.rowCount() > 0
    assert all(part.isVisibleTo(patterns) and part.source.text().startswith("From ") for part in patterns._parts)


def test_the_same_again_keeps_the_charts(page):
    patterns = page(PatternsPage())
    patterns.show_habits(sample.HABITS)
    chart = patterns.focus.chart
    patterns.show_habits(dataclasses.replace(sample.HABITS, pairs=()))
    assert patterns.focus.chart is chart
    assert patterns.pairs.rowCount() == 0


def test_a_time_without_anything_says_what_to_do(page, qtbot):
    patterns = page(PatternsPage())
    patterns.show_habits(sample.HABITS)
    patterns.show_habits(Habits(sample.HABITS.first, sample.HABITS.last, sample.HABITS.first))
    assert patterns._empty.isVisibleTo(patterns)
    assert not any(part.isVisibleTo(patterns) for part in patterns._parts)
    with qtbot.waitSignal(patterns.sources_requested):
        patterns._empty.findChild(QAbstractButton).click()


def test_commands_alone_have_their_rows_and_the_rest_says_what_is_missing(page):
    patterns = page(PatternsPage())
    bare = Habits(sample.HABITS.first, sample.HABITS.last, sample.HABITS.first, pairs=sample.HABITS.pairs)
    patterns.show_habits(bare)
    assert patterns.sequences.source.text().startswith("From the actions")
    for part in (patterns.focus, patterns.switches, patterns.rests):
        assert part.chart is None
        assert part.source.text().startswith("No window was recorded")
    assert [part.isVisibleTo(patterns) for part in (patterns.focus, patterns.switches, patterns.rests)] == [
        True,
        False,
        False,
    ]


def test_days_that_were_thinned_out_are_said_to_be_left_out(page):
    patterns = page(PatternsPage())
    patterns.show_habits(sample.HABITS)
    assert not patterns.left_out.isVisibleTo(patterns)
    patterns.show_habits(dataclasses.replace(sample.HABITS, whole_since=date(2026, 11, 18)))
    assert patterns.left_out.isVisibleTo(patterns)
    assert "before 18 Nov" in patterns.left_out.text()


def test_another_time_can_be_chosen(page, qtbot):
    patterns = page(PatternsPage())
    patterns.range.setCurrentIndex(1)
    with qtbot.waitSignal(patterns.range_requested) as reported:
        patterns.range.activated.emit(1)
    assert reported.args == [28]
