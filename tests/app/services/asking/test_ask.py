"""Questions answered from a real store in which a known life was planted."""

from __future__ import annotations

import json

import pytest

from app.services.asking import ask
from app.services.asking.ask import Asker
from app.store.store import Store
from app.store.values.records import NewPrediction, PredictionScore
from neural.language.facts import ChartKind
from neural.language.narration.faithfulness import faithful
from neural.reward.actions import KindChance
from neural.reward.explaining.explanation import Explanation, Group, Reason
from tests.app.services.asking.questions import ASKED, FORECASTS, NOW, ZONE, asker, at, bars, lived, plant, store, value

__all__ = ["asker", "lived", "plant", "store"]


def test_a_day_is_reported_with_its_hours_apps_and_counts(lived: Asker) -> None:
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
        "Predicted next: switching to Firefox, 42 %. It usually follows git commit (7 of 9 times). "
        "Then: running git push (20 %)."
    )


def test_what_the_first_guess_rests_on_is_reported_with_its_counts(lived: Asker) -> None:
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
        "Predicted next: switching to Firefox, 42 %. It usually follows git commit (7 of 9 times). "
        "Then: running git push (20 %). Mind shows all its reasons."
    )
    assert {
        ("for it, what came before", 5.2),
        ("counted of what came before", "usually follows git commit (7 of 9 times)"),
        ("against it, the time", 2.0),
        ("counted of the time", "it is 09:10 on a Friday"),
        ("next is an application", 71),
        ("new, an application", 3),
        ("next is a command", 28),
    } <= {(fact.name, fact.value) for fact in answer.facts}
    assert faithful(answer.text, answer.facts)


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


def test_how_well_it_predicts_is_reported_next_to_the_simple_methods(store: Store, asker: Asker) -> None:
    for rank, recent in ((1, 1), (1, 2), (3, 0), (0, 1)):
        saved = store.save_prediction(NewPrediction(NOW, "app:code", (("app:firefox", 0.5, 1.0),), None)).result(30)
        score = PredictionScore(saved, "app:firefox", NOW + 1, rank, 0.5, (("most recent", recent),))
        store.score_prediction(score).result(30)
    assert asker.answer("how well do you predict me").text == (
        "Of 4 scored predictions, the first guess was right 50 % of the time, and the truth was among the first "
        "5 guesses 75 % of the time. For comparison, the first guess of the simple methods: most recent 50 %."
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
