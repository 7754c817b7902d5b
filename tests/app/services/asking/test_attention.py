"""Focus, fatigue and what is worth doing, asked of a real store."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.services.asking.ask import Asker
from app.services.learning.reward_report import REPORT
from app.store.store import Store
from collectors.events import Event, EventKind, PresenceDetail, RhythmDetail, Source
from neural.language.facts import ChartKind
from neural.language.narration.faithfulness import faithful
from neural.reward.explaining import report
from neural.reward.explaining.report_values import RewardReport
from tests.app.services.asking.questions import (
    NOW,
    REWARD,
    ZONE,
    Plant,
    asker,
    at,
    bars,
    command,
    lived,
    one_day,
    plant,
    rhythm,
    store,
    window,
)

__all__ = ["asker", "lived", "plant", "store"]


@pytest.fixture
def explained(store: Store, plant: Plant) -> Asker:
    plant(one_day(20))
    put(store, REWARD)
    return Asker(store.reader, tuple, lambda: NOW, ZONE)


def put(store: Store, reported: RewardReport) -> None:
    kept = {"made_us": NOW, "report": json.loads(report.to_json(reported))}
    store.put_setting(REPORT, json.dumps(kept)).result()


def watch(ts_us: int, minutes: int, sign: str) -> Event:
    detail = PresenceDetail(sign=sign)
    return Event(ts_us, Source.PRESENCE, EventKind.WATCH, None, None, None, minutes * 60_000_000, 3600, detail)


def test_what_was_watched_is_distinguished_from_calls(asker: Asker, plant: Plant) -> None:
    plant(
        [*one_day(20), watch(at(20, 12), 20, "call"), watch(at(20, 13), 70, "film"), watch(at(20, 14, 30), 5, "screen")]
    )
    answer = asker.answer("How long did I watch films today?")
    assert answer.text == (
        "Today you watched for 1 h 15 min, 1 h 10 min of it films. Today you were in calls for 20 min. "
        "Only time without input counts: what you watch or say while you type is not seen."
    )
    assert faithful(answer.text, answer.facts)


def test_the_calls_of_a_week_are_drawn_by_day(asker: Asker, plant: Plant) -> None:
    plant([watch(at(18, 23, 50), 20, "call"), watch(at(20, 13), 10, "call")])
    answer = asker.answer("How long was I in calls this week?")
    assert "This week you were in calls for 30 min." in answer.text
    assert bars(answer) == {"2026-11-18": 10.0, "2026-11-19": 10.0, "2026-11-20": 10.0}


def test_how_fast_was_typed_and_how_much_taken_back(asker: Asker, plant: Plant) -> None:
    detail = RhythmDetail(10_000_000, 31, corrections=2, bursts=1, burst_keys=31, burst_us=6_000_000)
    plant(
        [
            Event(at(20, 9, minute), Source.INPUT, EventKind.RHYTHM, utc_offset_s=3600, detail=detail)
            for minute in range(20)
        ]
    )
    answer = asker.answer("How fast did I type today?")
    assert answer.text == (
        "Today you pressed 620 keys, 6 % of them to take something back. While you typed without a long pause, 2 min "
        "in all, it was 300 keys a minute. Which keys is not recorded."
    )
    assert faithful(answer.text, answer.facts)


def test_a_few_keys_tell_neither_speed_nor_share(asker: Asker, plant: Plant) -> None:
    plant([rhythm(at(20, 9), keys=60, corrections=6)])
    assert asker.answer("how fast did I type today").text == "Today you pressed 60 keys. Which keys is not recorded."


def test_where_no_key_was_counted_the_sense_is_named(asker: Asker, plant: Plant) -> None:
    plant(one_day(20))
    assert "Input rhythm, under Sources" in asker.answer("how fast did I type today").text


def test_a_day_without_films_and_calls_says_so(asker: Asker, plant: Plant) -> None:
    plant(one_day(20))
    assert asker.answer("how long did I watch today").text.startswith(
        "Today nothing was watched and no call held, as far as was recorded."
    )


def test_how_long_the_focus_was(asker: Asker, plant: Plant) -> None:
    plant(one_day(20))
    answer = asker.answer("How long did I focus today?")
    assert answer.text == (
        "Today you had 2 focus sessions, 1 h 54 min in all and 100 % of your active time. The longest was 1 h 24 min "
        "in Code, on Friday 20 November 2026 from 09:30. There was 1 change of application, 0.5 an active hour. "
        "A focus session is 5 min or more in the same application or project, without another in between."
    )
    assert faithful(answer.text, answer.facts)
    assert answer.chart is not None
    assert answer.chart.kind is ChartKind.SPANS


def test_a_time_without_focus(asker: Asker, plant: Plant) -> None:
    plant([window(at(20, 9, minute), ("code", "firefox")[minute % 2], 1) for minute in range(30)])
    answer = asker.answer("How long did I focus today?")
    assert answer.text == (
        "Today there was no focus session in 30 min of activity: never 5 min or more in the same application or project. "
        "There were 29 changes of application, 58 an active hour."
    )
    assert faithful(answer.text, answer.facts)


def test_focus_by_day(asker: Asker, plant: Plant) -> None:
    plant([*one_day(18), *one_day(19)])
    answer = asker.answer("what were my focus sessions this week")
    assert bars(answer) == {"2026-11-18": 114.0, "2026-11-19": 114.0}
    assert faithful(answer.text, answer.facts)


def test_signs_of_fatigue(asker: Asker, plant: Plant) -> None:
    plant([window(at(19, 23), "code", 120), window(at(20, 13), "code", 115)])
    plant([command(at(20, 13, 0, second), "make", status=int(second < 5)) for second in range(20)])
    plant([command(at(2, 9, 0, second), "make", status=int(second < 3)) for second in range(30)])
    plant([rhythm(at(20, 13, minute), keys=60, corrections=6) for minute in range(10)])
    plant([rhythm(at(2, 9, minute), keys=100, corrections=4) for minute in range(10)])
    answer = asker.answer("When did I last take a break?")
    assert answer.text == (
        "You have worked for 1 h 55 min since your last rest. Today the longest you worked without a rest was 2 h, "
        "on Thursday 19 November 2026 from 23:00. You worked for 1 h between 23:00 and 05:00. "
        "Of 20 commands, 25 % ended with an error (10 % in the 28 days before). Of 600 keys, 10 % took something back (4 % in the 28 days before). A rest is 15 min or more without a "
        "window in use. You know better than these numbers whether you are tired."
    )
    assert faithful(answer.text, answer.facts)


def test_somebody_who_rests_is_reported_so(asker: Asker, plant: Plant) -> None:
    plant([window(at(20, 13), "code", 60)])
    answer = asker.answer("do I need a break?")
    assert answer.text.startswith("Your last window was left 1 h ago.")
    assert faithful(answer.text, answer.facts)


@pytest.mark.parametrize("question", ["How long did I focus today?", "Am I tired?"])
def test_without_records_nothing_is_said_of_focus_or_rest(asker: Asker, question: str) -> None:
    assert asker.answer(question).text.startswith("Nothing has been recorded yet.")


def test_what_is_worth_doing(explained: Asker) -> None:
    answer = explained.answer("What do I find worth doing?")
    assert answer.text.startswith(
        "In the 30 days up to Friday 20 November 2026 you found working on a py file in atlas (0.99 nats), visiting "
        "docs.python.org (0.77 nats) and running git commit (0.54 nats) most worth doing. Least worth was switching to "
        "Thunderbird (-0.52 nats)."
    )
    assert faithful(answer.text, answer.facts)
    assert bars(answer)["visiting docs.python.org"] == 0.77


def test_when_somebody_is_at_their_best(explained: Asker) -> None:
    answer = explained.answer("When am I at my best?")
    assert "between 16:00 and 17:00 on working days (0.31 nats, 0.09 nats in a usual hour)" in answer.text
    assert "It was least between 13:00 and 14:00 (-0.12 nats)." in answer.text
    assert faithful(answer.text, answer.facts)
    assert bars(answer) == {"09:00": 0.04, "11:00": 0.06, "13:00": -0.12, "16:00": 0.31}


def test_an_hour_that_is_best_by_chance_is_not_reported_as_best(explained: Asker, store: Store) -> None:
    put(store, replace(REWARD, hours=tuple(replace(hour, error=0.5) for hour in REWARD.hours)))
    answer = explained.answer("When am I at my best?")
    assert "no hour of a working day stands out for certain" in answer.text
    assert "least" not in answer.text


def test_what_changed(explained: Asker, store: Store) -> None:
    answer = explained.answer("What changed this month?")
    assert answer.text == (
        "In the 30 days up to Friday 20 November 2026, against the month before, in the same situations you chose "
        "visiting docs.python.org 2.2 times as likely (84 before, 239 now) and switching to Thunderbird 1.8 times "
        "less likely (401 before, 215 now)."
    )
    assert faithful(answer.text, answer.facts)
    put(store, replace(REWARD, shifts=()))
    assert "nothing surely changed" in explained.answer("What changed this month?").text
    put(store, replace(REWARD, shifts=None))
    assert "too little from the month before" in explained.answer("What changed this month?").text


@pytest.mark.parametrize("question", ["what do I find worth doing", "when am I at my best", "what has changed"])
def test_before_the_reward_is_explained_the_answer_says_when_it_will_be(
    store: Store, plant: Plant, question: str
) -> None:
    asker = Asker(store.reader, tuple, lambda: NOW, ZONE)
    assert asker.answer(question).text.startswith("Nothing has been recorded yet.")
    plant(one_day(20))
    assert "is not explained yet" in asker.answer(question).text
