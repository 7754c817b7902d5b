"""Questions answered from a real store in which a known life was planted."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.services import ask
from app.services.ask import Asker
from app.services.reward import REPORT
from app.services.status import ActionForecast
from app.store.records import NewAction, NewPrediction, PredictionScore
from app.store.store import Store
from collectors.events import CommandDetail, Event, EventKind, GitDetail, RhythmDetail, Source
from neural.language.facts import Answer, ChartKind
from neural.language.faithful import faithful
from neural.reward import report
from neural.reward.actions import label
from neural.reward.reasons import Explanation, Group, KindChance, Reason
from neural.reward.told import RewardReport
from tools.sample_values import REWARD as SAMPLE_REWARD

ZONE = ZoneInfo("Europe/Berlin")
REWARD = replace(SAMPLE_REWARD, until_us=round(datetime(2026, 11, 20, 14, tzinfo=ZONE).timestamp() * 1e6))
Plant = Callable[[list[Event]], None]
FORECASTS = (
    ActionForecast("app:firefox", 0.423, 1.234, "usually follows cmd:git commit; 7 of 9 times"),
    ActionForecast("cmd:git push", 0.2, 0.5, "it is frequent at this hour"),
)


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> int:
    """A local moment in November 2026."""
    return round(datetime(2026, 11, day, hour, minute, second, tzinfo=ZONE).timestamp() * 1e6)


NOW = at(20, 15)  # a Friday


def filed(event: Event) -> NewAction:
    labels = label(event)
    return NewAction(event, labels.token, labels.site, labels.project)


def window(ts_us: int, app: str, minutes: float, title: str | None = None) -> Event:
    return Event(ts_us, Source.WINDOW, EventKind.FOCUS, app, None, title, round(minutes * 60e6), 3600)


def command(ts_us: int, line: str, status: int = 0) -> Event:
    return Event(
        ts_us,
        Source.TERMINAL,
        EventKind.COMMAND,
        "bash",
        line,
        utc_offset_s=3600,
        detail=CommandDetail("/home/ann/src/kryptic", status),
    )


def rhythm(ts_us: int, keys: int, corrections: int) -> Event:
    detail = RhythmDetail(10_000_000, keys, corrections=corrections)
    return Event(ts_us, Source.INPUT, EventKind.RHYTHM, utc_offset_s=3600, detail=detail)


def visit(ts_us: int, url: str, minutes: float) -> Event:
    return Event(ts_us, Source.BROWSER, EventKind.VISIT, "firefox", url, "A page", round(minutes * 60e6), 3600)


def commit(ts_us: int) -> Event:
    return Event(
        ts_us,
        Source.GIT,
        EventKind.COMMIT,
        "git",
        None,
        "Mend the door",
        None,
        3600,
        GitDetail("/home/ann/src/kryptic"),
    )


def one_day(day: int) -> list[Event]:
    """9:00 to 11:05: 30 min Firefox, 84 min Code, then three commands, a commit, 5 min on a site, 30 s of xterm."""
    return [
        window(at(day, 9), "firefox", 30, "News"),
        window(at(day, 9, 30), "code", 84, "door.py"),
        command(at(day, 10, 54), "git add door.py"),
        command(at(day, 10, 55), "make test", status=2),
        command(at(day, 10, 56), "git add door.py"),
        commit(at(day, 10, 57)),
        visit(at(day, 11), "https://www.github.com/ann", 5),
        window(at(day, 11, 5), "xterm", 0.5),
    ]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.create(tmp_path / "store.db", secrets.token_bytes(32))
    yield made
    made.close()


@pytest.fixture
def plant(store: Store) -> Callable[[list[Event]], None]:
    def planting(events: list[Event]) -> None:
        store.append([filed(event) for event in events]).result(30)

    return planting


@pytest.fixture
def asker(store: Store) -> Asker:
    return Asker(store.reader, lambda: FORECASTS, lambda: NOW, ZONE)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """An asker about a store with three equal days, the last of them today; nothing in it changes."""
    made = Store.create(tmp_path_factory.mktemp("lived") / "store.db", secrets.token_bytes(32))
    made.append([filed(event) for day in (18, 19, 20) for event in one_day(day)]).result(30)
    yield Asker(made.reader, lambda: FORECASTS, lambda: NOW, ZONE)
    made.close()


def value(answer: Answer, name: str) -> float | str:
    return {fact.name: fact.value for fact in answer.facts}[name]


def bars(answer: Answer) -> dict[str, float]:
    assert answer.chart is not None
    assert answer.chart.kind is ChartKind.BARS
    (series,) = answer.chart.series
    return dict(zip(series.labels, series.y, strict=True))


def test_a_day_is_told_with_its_hours_apps_and_counts(lived: Asker) -> None:
    assert lived.answer("What did I do today?").text == (
        "Today you were active for 1 h 54 min, from 09:00 to 11:05. Most of it went to Code (1 h 24 min), Firefox "
        "(30 min) and xterm (30 s). In it are 3 commands, 1 commit and 1 page visit. You worked on kryptic."
    )


def test_a_day_is_drawn_as_spans_of_its_windows(lived: Asker) -> None:
    chart = lived.answer("what did i do today").chart
    assert chart is not None
    assert (chart.kind, chart.x_is_time) == (ChartKind.SPANS, True)
    drawn = {series.name: (series.x, series.y) for series in chart.series}
    assert drawn["Code"] == ((at(20, 9, 30) / 1e6,), (at(20, 10, 54) / 1e6,))


def test_a_week_is_drawn_by_day(lived: Asker) -> None:
    answer = lived.answer("what did I do this week")
    assert bars(answer) == {"2026-11-18": 114, "2026-11-19": 114, "2026-11-20": 114}


def test_time_in_an_app_this_week(lived: Asker) -> None:
    assert lived.answer("how long was I in Firefox this week").text == (
        "This week you were in Firefox for 1 h 30 min. That is 26 % of your active time. The most was 30 min, "
        "on Wednesday 18 November 2026."
    )


def test_time_in_an_app_today_names_the_longest_stretch(lived: Asker) -> None:
    assert lived.answer("how long was I in code today").text == (
        "Today you were in Code for 1 h 24 min. That is 73 % of your active time. The longest stretch was 1 h 24 min, "
        "from 09:30."
    )


def test_time_on_a_site_said_without_its_ending(lived: Asker) -> None:
    assert lived.answer("how much time did I spend on github yesterday").text.startswith(
        "Yesterday you were on github.com for 5 min."
    )


def test_time_on_a_project_without_durations_adds_up_its_actions(lived: Asker) -> None:
    assert lived.answer("how long did I work on kryptic today").text == (
        "Today you were on kryptic for about 3 min. The longest stretch was 3 min, from 10:54. No durations were "
        "recorded for it, so this adds up its actions with pauses of up to 5 min between them."
    )


def test_a_name_with_a_letter_wrong_is_still_found(lived: Asker) -> None:
    assert value(lived.answer("how long was i in firefix this week"), "total") == 90


def test_when_most_focused_says_the_hour_the_stretch_and_what_focus_means(lived: Asker) -> None:
    assert lived.answer("When am I most focused?").text == (
        "In the last 28 days you were most focused between 10:00 and 11:00: a typical moment then was part of "
        "1 h 24 min in one application, with 0 switches an active hour. You were least focused between 09:00 and 10:00 "
        "(57 min, 1 switch). Your longest stretch was 1 h 24 min in Code, on Wednesday 18 November 2026 from 09:30. "
        "Focus here means time in one application with no switch and no pause over 1 min; hours of the day with under "
        "30 min are left out."
    )


def test_focus_is_drawn_by_hour_of_the_day(lived: Asker) -> None:
    assert bars(lived.answer("when am I most focused")) == {"09:00": 57, "10:00": 84}


def test_what_comes_next_and_why(lived: Asker) -> None:
    assert lived.answer("What will I do next and why?").text == (
        "Most likely next is switching to Firefox (42 %). Why: usually follows git commit; 7 of 9 times. "
        "Its learned reward is 1.23 nats. After that: running git push (20 %)."
    )


def test_what_the_first_guess_rests_on_is_told_with_its_counts(lived: Asker) -> None:
    why = Explanation(
        "app:firefox",
        9,
        (
            Reason(Group.SEQUENCE, 5.234, "usually follows cmd:git commit; 7 of 9 times"),
            Reason(Group.TIME, 0.5, "it is 09:10 on a Friday"),
        ),
        (KindChance("app", 0.714, 0.031), KindChance("cmd", 0.28, 0.004), KindChance("git", 0.006, 0.006)),
    )
    answer = Asker(lived._reader, lambda: FORECASTS, lambda: NOW, ZONE, why=lambda: why).answer(
        "What will I do next and why?"
    )
    assert answer.text == (
        "Most likely next is switching to Firefox (42 %). Against the 9 likeliest others, what came before makes it "
        "5.2 times as likely (usually follows git commit, 7 of 9 times). The time speaks against it, 2 times "
        "(it is 09:10 on a Friday). Its learned reward is 1.23 nats. After that: running git push (20 %). "
        "By its kind it is an application (71 %, 3 % for something new) or a command (28 %)."
    )
    assert faithful(answer.text, answer.facts)


@pytest.fixture
def explained(store: Store, plant: Plant) -> Asker:
    plant(one_day(20))
    put(store, REWARD)
    return Asker(store.reader, tuple, lambda: NOW, ZONE)


def put(store: Store, told: RewardReport) -> None:
    kept = {"made_us": NOW, "report": json.loads(report.to_json(told))}
    store.put_setting(REPORT, json.dumps(kept)).result()


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


def test_somebody_who_rests_is_told_so(asker: Asker, plant: Plant) -> None:
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


def test_an_hour_that_is_best_by_chance_is_not_told_as_best(explained: Asker, store: Store) -> None:
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


def test_what_comes_next_is_drawn_by_probability(lived: Asker) -> None:
    assert bars(lived.answer("what's next")) == {"switching to Firefox": 42, "running git push": 20}


def test_the_apps_used_most(lived: Asker) -> None:
    answer = lived.answer("which apps did I use most yesterday")
    assert bars(answer) == {"Code": 84, "Firefox": 30, "xterm": 0.5}


def test_the_commands_run_today_are_counted_with_the_failed_ones(lived: Asker) -> None:
    assert lived.answer("how many commands did I run today").text == (
        "Today you ran 3 commands. Most often: git add (2 times) and make test (1 time). Of these, 1 ended with an error."
    )


def test_the_last_thing_in_an_app(lived: Asker) -> None:
    assert lived.answer("what did I last do in code").text == (
        "The last recorded thing in Code was on Friday 20 November 2026 at 09:30: door.py."
    )


def test_what_is_recorded(lived: Asker) -> None:
    answer = lived.answer("what is recorded")
    assert answer.text.startswith(
        "There are 24 actions in the encrypted store, from Wednesday 18 November 2026 to Friday 20 November 2026. "
        "By source: terminal (9), window (9), browser (3) and git (3)."
    )


def test_how_well_it_predicts_is_told_beside_the_simple_methods(store: Store, asker: Asker) -> None:
    for rank, recent in ((1, 1), (1, 2), (3, 0), (0, 1)):
        saved = store.save_prediction(NewPrediction(NOW, "app:code", (("app:firefox", 0.5, 1.0),), None)).result(30)
        score = PredictionScore(saved, "app:firefox", NOW + 1, rank, 0.5, (("most recent", recent),))
        store.score_prediction(score).result(30)
    assert asker.answer("how well do you predict me").text == (
        "Of 4 scored predictions, the first guess was right 50 % of the time, and the truth was among the first "
        "5 guesses 75 % of the time. For comparison, the first guess of the simple methods: most recent 50 %."
    )


ASKED = (
    "what did I do today",
    "what did I do this week",
    "how long was I in Firefox this week",
    "how long was I in code today",
    "how long did I work on kryptic today",
    "how long was I active this month",
    "when am I most focused",
    "what will I do next and why",
    "which apps did I use most",
    "which sites did I visit most",
    "which projects did I work on",
    "how many commits did I make this week",
    "how many pages did I visit today",
    "what did I last do in Firefox",
    "what did I do in kryptic yesterday",
    "what is recorded",
)


@pytest.mark.parametrize("question", ASKED)
def test_every_number_and_name_of_an_answer_is_one_of_its_facts(lived: Asker, question: str) -> None:
    answer = lived.answer(question)
    assert faithful(answer.text, answer.facts)


@pytest.mark.parametrize("question", ASKED)
def test_every_bar_of_a_chart_is_one_of_the_facts(lived: Asker, question: str) -> None:
    answer = lived.answer(question)
    if answer.chart is None or answer.chart.kind is not ChartKind.BARS:
        return
    known = {
        fact.value / 60 if fact.unit == "s" else fact.value for fact in answer.facts if not isinstance(fact.value, str)
    }
    assert {height for series in answer.chart.series for height in series.y} <= known


@pytest.mark.parametrize("question", ASKED)
def test_every_fact_has_a_name_of_its_own_a_unit_and_a_source(lived: Asker, question: str) -> None:
    facts = lived.answer(question).facts
    assert len({fact.name for fact in facts}) == len(facts)
    assert all(fact.unit and fact.source for fact in facts)


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


def test_after_clean_up_a_month_is_still_told_by_day(thinned: Asker) -> None:
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
    assert answer.text.startswith("This cannot be told any more: of 601 actions")
    assert answer.chart is None


def test_an_unknown_name_is_answered_with_the_closest_known(lived: Asker) -> None:
    assert lived.answer("how long was I in fire today").text == (
        "Nothing recorded bears the name fire. The closest name is firefox."
    )


@pytest.mark.parametrize(
    "question",
    [
        "",
        "   ",
        "?",
        "hello",
        "x" * 10_000,
        "'; DROP TABLE actions; --",
        "SELECT * FROM actions WHERE 1=1",
        "\U0001f389\U0001f389",
        "was habe ich heute gemacht",
        "qu'est-ce que j'ai fait",
        "\u4eca\u65e5\u4f55\u3092\u3057\u305f",
        "\x00\x01\ud800",
        "what did i do tomorrow",
        "what is the capital of France",
    ],
)
def test_what_is_not_understood_is_answered_with_what_can_be_asked(lived: Asker, question: str) -> None:
    answer = lived.answer(question)
    assert answer.text.startswith("I did not understand that. You can ask, for example:")
    assert (answer.plan, answer.facts, answer.chart) == (None, (), None)


@pytest.mark.parametrize("example", ask.EXAMPLES)
def test_every_example_is_understood(lived: Asker, example: str) -> None:
    assert lived.answer(example).plan is not None


def test_an_answer_as_json_has_text_plan_facts_chart_and_narrator(lived: Asker) -> None:
    answer = json.loads(json.dumps(ask.to_dict(lived.answer("how many commands did I run today"))))
    assert list(answer) == ["text", "plan", "facts", "chart", "narrator"]
    assert answer["plan"]["intent"] == "count"
    assert {"name": "counted", "value": 3, "unit": "count", "source": "actions, today"} in answer["facts"]
    assert answer["narrator"] == "plain"
    assert answer["chart"]["kind"] == "bars"
