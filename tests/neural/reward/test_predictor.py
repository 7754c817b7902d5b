from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from neural.reward import checkpoint
from neural.reward.actions import Step
from neural.reward.predictor import Candidate, Forecast, Predictor
from tests.neural.reward.histories import apps, commands, life


def followed(steps: list[Step]) -> Predictor:
    predictor = Predictor(checkpoint.prior())
    for step in steps:
        predictor.observe(step)
    return predictor


def test_before_anything_is_known_everything_is_new() -> None:
    assert Predictor(checkpoint.prior()).forecast() == Forecast((), 1.0)


def test_a_habit_is_predicted() -> None:
    forecast = followed(commands("vim make git " * 20 + "vim")).forecast()
    assert forecast.candidates[0].action == "cmd:make"
    assert forecast.candidates[0].probability > 0.8


def test_a_change_of_habit_is_followed_within_a_few_actions() -> None:
    forecast = followed(commands("vim make git " * 20 + "vim ls git " * 4 + "vim")).forecast()
    assert forecast.candidates[0].action == "cmd:ls"


@pytest.mark.parametrize("steps", [life(10), commands("ls"), commands("ls " * 50), apps("a b c"), life(400)])
def test_probabilities_are_a_distribution(steps: list[Step]) -> None:
    forecast = followed(steps).forecast(limit=100)
    total = sum(candidate.probability for candidate in forecast.candidates) + forecast.something_new
    assert total == pytest.approx(1, abs=1e-4)
    assert all(np.isfinite(candidate.reward) for candidate in forecast.candidates)


def test_candidates_come_most_likely_first() -> None:
    probabilities = [candidate.probability for candidate in followed(life(300)).forecast().candidates]
    assert probabilities == sorted(probabilities, reverse=True)


def test_the_application_that_is_in_front_is_not_predicted() -> None:
    names = [candidate.action for candidate in followed(apps("mail web " * 20)).forecast().candidates]
    assert names == ["app:mail"]


def test_a_forecast_changes_nothing_but_is_learned_from() -> None:
    steps = life(200)
    asked, silent = followed(steps), followed(steps)
    assert asked.forecast() == asked.forecast()
    assert asked.forecast() == silent.forecast()


def test_an_answer_is_the_same_however_the_clock_ran_before_it() -> None:
    steps = life(100)
    back = replace(steps[-1], ts_us=0)
    forecast = followed([*steps, back]).forecast(at_us=5)
    assert sum(candidate.probability for candidate in forecast.candidates) <= 1 + 1e-6


def test_the_ranking_is_the_forecast_without_its_reasons() -> None:
    predictor = followed(life(200))
    ranked = [(candidate.action, candidate.probability) for candidate in predictor.forecast().candidates]
    assert predictor.ranking() == ranked


def test_an_unlikely_first_guess_is_known_as_such() -> None:
    unsure = Forecast((Candidate("cmd:ls", 0.1, 0.0, ""),), 0.2)
    sure = Forecast((Candidate("cmd:ls", 0.6, 0.0, ""),), 0.2)
    assert (unsure.knows, sure.knows, Forecast((), 1.0).knows) == (False, True, False)


def test_the_reason_names_what_it_follows_and_how_often() -> None:
    first = followed(commands("vim make git " * 20 + "vim")).forecast().candidates[0]
    assert "cmd:vim" in first.because
    assert "times" in first.because


def test_every_reason_is_a_sentence_of_some_words() -> None:
    for steps in (life(300), apps("mail web code " * 30), commands("a b")):
        assert all(candidate.because for candidate in followed(steps).forecast(limit=40).candidates)
