from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from neural.reward import checkpoint
from neural.reward.actions import Step
from neural.reward.checkpoint import INDICATOR_SHAPE, Checkpoint
from neural.reward.explaining.explain import place
from neural.reward.explaining.explanation import Group
from neural.reward.features.statistics import CONTEXTS
from neural.reward.predictor import Predictor
from tests.neural.reward.causes import Cause, caused
from tests.neural.reward.histories import commands, life

TIMES = re.compile(r"(\d+) of (\d+) times$")


def followed(steps: list[Step], weights: Checkpoint | None = None) -> Predictor:
    predictor = Predictor(weights or checkpoint.prior())
    for step in steps:
        predictor.observe(step)
    return predictor


def test_the_counts_of_a_reason_are_counts_of_the_history() -> None:
    predictor = followed(life(400))
    moment = predictor.statistics.moment()
    for candidate in predictor.forecast(limit=40).candidates:
        reported = TIMES.search(candidate.because)
        if reported is None:
            continue
        row = list(moment.candidates).index(predictor.statistics.ids[candidate.action])
        true = {
            (int(count), int(uses)) for count, uses in zip(moment.count_of(row), moment.uses, strict=True) if count > 0
        }
        assert (int(reported[1]), int(reported[2])) in true, candidate


def test_a_certain_habit_is_reported_as_such() -> None:
    first = followed(commands("vim make git " * 20 + "vim")).forecast().candidates[0]
    reported = TIMES.search(first.because)
    assert reported is not None
    assert reported[1] == reported[2]


def test_what_was_done_once_is_reported_as_such() -> None:
    last = followed(commands("a b c")).forecast(limit=40).candidates[-1]
    assert last.because == "done once so far"


@pytest.mark.parametrize("context", CONTEXTS)
def test_every_context_has_words(context: str) -> None:
    assert place(context, 0.3, followed(life(50)).statistics).startswith("often ")


def test_what_is_rare_is_not_called_usual() -> None:
    reported = [place("order 1", share, followed(commands("vim")).statistics) for share in (0.9, 0.3, 0.01)]
    assert reported == ["usually follows cmd:vim", "often follows cmd:vim", "sometimes follows cmd:vim"]


@pytest.mark.parametrize("cause", Cause)
def test_the_counts_of_an_explanation_are_counts_of_the_history(cause: Cause) -> None:
    predictor = followed(caused(cause, 500))
    explanation = predictor.explain()
    assert explanation is not None
    moment = predictor.statistics.moment()
    row = list(moment.candidates).index(predictor.statistics.ids[explanation.action])
    true = {(int(count), int(uses)) for count, uses in zip(moment.count_of(row), moment.uses, strict=True)}
    reported = [TIMES.search(reason.text) for reason in explanation.reasons]
    assert any(reported)
    assert {(int(each[1]), int(each[2])) for each in reported if each} <= true


def test_an_explanation_says_the_strongest_first_and_names_what_is_seen() -> None:
    steps = caused(Cause.TITLE, 600)
    explanation = followed(steps).explain()
    assert explanation is not None
    strengths = [abs(math.log(reason.factor)) for reason in explanation.reasons]
    assert strengths == sorted(strengths, reverse=True)
    assert f"\u201c{steps[-1].title_tokens[1]}\u201d in the title" in explanation.reasons[0].text


def test_the_hour_and_the_day_are_reported_as_they_are() -> None:
    at_us = 1_700_000_000_000_000  # Tuesday, 14 November 2023, 22:13 UTC
    steps = [replace(step, ts_us=at_us - (599 - number) * 3_600_000_000) for number, step in enumerate(life(600))]
    # The shipped weights hardly heed the hour. Some that do, as if somebody had been learned from:
    heeding = np.random.default_rng(0).normal(scale=0.3, size=INDICATOR_SHAPE).astype(np.float32)
    explanation = followed(steps, replace(checkpoint.prior(), indicators=heeding)).explain()
    assert explanation is not None
    reported = [reason.text for reason in explanation.reasons if reason.group is Group.TIME]
    assert reported
    assert all(text.startswith("it is 22:13 on a Tuesday") for text in reported)


def test_explaining_changes_nothing() -> None:
    asked, silent = followed(life(300)), followed(life(300))
    asked.forecast()
    asked.explain()
    assert asked.forecast() == silent.forecast()


def test_before_there_is_a_choice_there_is_nothing_to_explain() -> None:
    assert followed([]).explain() is None
    assert followed(commands("ls")).explain() is None
