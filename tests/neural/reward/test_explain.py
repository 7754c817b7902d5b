from __future__ import annotations

import re

import pytest

from neural.reward import checkpoint
from neural.reward.actions import Step
from neural.reward.explain import place
from neural.reward.predictor import Predictor
from neural.reward.statistics import CONTEXTS
from tests.neural.reward.histories import commands, life

TIMES = re.compile(r"(\d+) of (\d+) times$")


def followed(steps: list[Step]) -> Predictor:
    predictor = Predictor(checkpoint.prior())
    for step in steps:
        predictor.observe(step)
    return predictor


def test_the_counts_of_a_reason_are_counts_of_the_history() -> None:
    predictor = followed(life(400))
    moment = predictor.statistics.moment()
    for candidate in predictor.forecast(limit=40).candidates:
        told = TIMES.search(candidate.because)
        if told is None:
            continue
        row = list(moment.candidates).index(predictor.statistics.ids[candidate.action])
        true = {
            (int(count), int(uses)) for count, uses in zip(moment.count_of(row), moment.uses, strict=True) if count > 0
        }
        assert (int(told[1]), int(told[2])) in true, candidate


def test_a_certain_habit_is_told_as_such() -> None:
    first = followed(commands("vim make git " * 20 + "vim")).forecast().candidates[0]
    told = TIMES.search(first.because)
    assert told is not None
    assert told[1] == told[2]


def test_what_was_done_once_is_told_as_such() -> None:
    last = followed(commands("a b c")).forecast(limit=40).candidates[-1]
    assert last.because == "done once so far"


@pytest.mark.parametrize("context", CONTEXTS)
def test_every_context_has_words(context: str) -> None:
    assert place(context, 0.3, followed(life(50)).statistics).startswith("often ")


def test_what_is_rare_is_not_called_usual() -> None:
    told = [place("order 1", share, followed(commands("vim")).statistics) for share in (0.9, 0.3, 0.01)]
    assert told == ["usually follows cmd:vim", "often follows cmd:vim", "sometimes follows cmd:vim"]
