"""Where little is known, or a period is empty, thinned out or longer than others: what is answered then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from app.services.asking.ask import Asker
from app.store.store import Store
from collectors.events import Event
from tests.app.services.asking.questions import (
    ASKED,
    NOW,
    ZONE,
    Plant,
    asker,
    at,
    bars,
    command,
    lived,
    one_day,
    plant,
    store,
    value,
    visit,
    window,
)

__all__ = ["asker", "lived", "plant", "store"]


@pytest.mark.parametrize("question", ASKED)
def test_an_empty_store_gives_a_true_sentence_and_what_to_do(asker: Asker, question: str) -> None:
    if "next" in question or "Firefox" in question or "code" in question or "kryptic" in question:
        return  # a forecast needs no store, and no name is known yet: both have their own test
    answer = asker.answer(question)
    assert answer.text.startswith("Nothing has been recorded yet. Choose on the Sources page")
    assert answer.chart is None


def test_an_empty_period_says_so_and_what_to_do(lived: Asker) -> None:
    assert lived.answer("what did I do on 1 november").text == (
        "Nothing was recorded on Sunday 1 November 2026. Ask about another time, or see on the Sources page what is "
        "recorded."
    )


def test_an_app_not_used_in_the_period_says_so(lived: Asker) -> None:
    plan_has = lived.answer("how long was I in xterm on monday")
    assert plan_has.text.startswith("Nothing was recorded on Monday 16 November 2026.")


def test_no_forecast_says_so(store: Store, plant: Plant) -> None:
    asker = Asker(store.reader, lambda: (), lambda: NOW, ZONE)
    assert "nothing was recorded" in asker.answer("what will I do next").text
    plant(one_day(20))
    assert "the model still reads" in asker.answer("what will I do next").text


def test_a_window_too_short_for_focus_says_so(asker: Asker, plant: Callable[[list[Event]], None]) -> None:
    plant([window(at(20, 9), "code", 10)])
    assert asker.answer("when am I most focused").text.startswith("There is too little window time")


def test_a_day_known_from_histories_alone_claims_no_time(asker: Asker, plant: Callable[[list[Event]], None]) -> None:
    plant([command(at(20, 9, minute), "make") for minute in range(4)])
    answer = asker.answer("what did I do today")
    assert answer.text == (
        "Today there are 4 actions of yours, from 09:00 to 09:03; no window was recorded, so times are not known. In it "
        "are 4 commands. You worked on kryptic."
    )
    assert bars(answer) == {"09:00": 4}


def test_time_in_two_sources_at_once_is_counted_once(asker: Asker, plant: Callable[[list[Event]], None]) -> None:
    plant([visit(at(20, 9), "https://github.com/a", 10), visit(at(20, 9, 5), "https://github.com/b", 10)])
    assert value(asker.answer("how long was I on github.com today"), "total") == 15


def test_a_window_open_since_yesterday_counts_from_midnight(asker: Asker, plant: Callable[[list[Event]], None]) -> None:
    plant([window(at(19, 23, 30), "code", 60)])
    assert value(asker.answer("how long was I in code today"), "total") == 30


def test_the_day_on_which_clocks_go_back_has_25_hours(store: Store, plant: Callable[[list[Event]], None]) -> None:
    night = round(datetime(2026, 10, 25, 0, 0, tzinfo=ZONE).timestamp() * 1e6)
    plant([window(night, "code", 25 * 60)])
    asker = Asker(store.reader, lambda: (), lambda: NOW, ZONE)
    assert value(asker.answer("how long was I in code on 25 october"), "total") == 1500


@pytest.fixture
def thinned(store: Store, asker: Asker, plant: Callable[[list[Event]], None]) -> Asker:
    """An asker about a September day of 600 windows and a command, of which clean-up left a sample."""
    nine = round(datetime(2026, 9, 14, 9, tzinfo=ZONE).timestamp() * 1e6)
    plant([window(nine + place * 30_000_000, ("code", "firefox")[place % 3 == 0], 0.5) for place in range(600)])
    plant([command(nine, "make")])
    store.cleanup(30, NOW, dry_run=False).result(30)
    return asker


def test_after_clean_up_the_time_in_an_app_is_still_exact(thinned: Asker) -> None:
    answer = thinned.answer("how long was I in code on 14 september")
    assert (
        answer.text == "On Monday 14 September 2026 you were in Code for 3 h 20 min. That is 67 % of your active time."
    )
    assert bars(answer) == {"09:00": 40, "10:00": 40, "11:00": 40, "12:00": 40, "13:00": 40}


def test_after_clean_up_a_month_is_still_reported_by_day(thinned: Asker) -> None:
    answer = thinned.answer("what did I do in september")
    assert answer.text == (
        "In September 2026 you were active for 5 h. Most of it went to Code (3 h 20 min) and Firefox (1 h 40 min). "
        "In it is 1 command. You worked on kryptic."
    )
    assert bars(answer) == {"2026-09-14": 300}


def test_after_clean_up_the_apps_used_most_are_still_known(thinned: Asker) -> None:
    assert bars(thinned.answer("which apps did I use most in september")) == {"Code": 200, "Firefox": 100}


@pytest.mark.parametrize(
    "question", ["when was I most focused in september", "how many commits did I make on 14 september"]
)
def test_after_clean_up_what_needs_single_actions_is_not_guessed(thinned: Asker, question: str) -> None:
    answer = thinned.answer(question)
    assert answer.text.startswith("This cannot be answered any more: of 601 actions")
    assert answer.chart is None
