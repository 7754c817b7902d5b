"""What a forecast rests on: the parts add up, and people of whom the cause is known are explained by it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from neural.reward import checkpoint
from neural.reward.actions import Step
from neural.reward.checkpoint import INDICATOR_SHAPE, Checkpoint
from neural.reward.explaining.attribution import GROUPS, attribute, group_of, share_of_last
from neural.reward.explaining.explanation import Group
from neural.reward.features.features import ACTION_FEATURES, decision
from neural.reward.features.statistics import Statistics
from neural.reward.inference import NumpyNet
from neural.reward.predictor import Predictor
from tests.neural.reward.causes import CAUSES, Cause, caused
from tests.neural.reward.histories import apps, commands, life

STEPS, PREDICTED, ASKED = 1_000, 300, 100


def personal() -> Checkpoint:
    """The shipped weights with indicators of a person, as after a training."""
    drawn = np.random.default_rng(0).normal(scale=0.1, size=INDICATOR_SHAPE).astype(np.float32)
    return replace(checkpoint.prior(), indicators=drawn)


def followed(steps: list[Step]) -> Statistics:
    statistics = Statistics()
    for step in steps:
        statistics.observe(step)
    return statistics


@pytest.mark.parametrize("weights", [checkpoint.prior(), personal()], ids=["shipped", "personal"])
@pytest.mark.parametrize("steps", [life(300), apps("mail web code " * 30), caused(Cause.TITLE, 200), commands("a b c")])
def test_the_parts_add_up_to_the_odds_above_a_blind_choice(weights: Checkpoint, steps: list[Step]) -> None:
    net, statistics = NumpyNet(weights), followed(steps)
    made = decision(statistics)
    policy = net.forward(made).policy[: made.named]
    for row in range(policy.size):
        compared = np.sort(np.delete(policy, row))[::-1][:9]
        found = attribute(net, made, statistics.moment(), row)
        assert found is not None
        assert found.others == compared.size
        assert found.log_odds == pytest.approx(math.log(policy[row] / compared.sum()), abs=1e-3)
        blind = -math.log(found.others)
        assert sum(part for _, part in found.parts) == pytest.approx(found.log_odds - blind, abs=1e-3)


def test_an_only_candidate_has_nothing_to_be_compared_with() -> None:
    net, statistics = NumpyNet(checkpoint.prior()), followed(commands("ls"))
    assert attribute(net, decision(statistics), statistics.moment(), 0) is None


def test_what_is_not_there_speaks_for_nothing() -> None:
    statistics = followed(commands("vim make git " * 20))
    found = attribute(NumpyNet(checkpoint.prior()), decision(statistics), statistics.moment(), 0)
    assert found is not None
    absent = {Group.TIME, Group.TITLE, Group.PROJECT}
    assert all(abs(part) < 1e-6 for group, part in found.parts if group in absent)
    assert dict(found.parts)[Group.SEQUENCE] > 1


def test_every_input_of_an_action_is_in_a_group() -> None:
    assert {group_of(name) for name in ACTION_FEATURES} == set(GROUPS)
    with pytest.raises(KeyError):
        group_of("the weather")


def test_a_title_after_an_action_tells_what_the_action_alone_does_not() -> None:
    def by_action(steps: list[Step]) -> float:
        statistics = followed(steps)
        counts = [statistics.moment().count_of(row)[1] for row in range(statistics.moment().candidates.size)]
        return share_of_last(statistics.moment(), int(np.argmax(counts)))[1]

    assert by_action(caused(Cause.BEFORE, 600)) > 0.8
    assert by_action(caused(Cause.TITLE, 600)) < 0.5


@pytest.mark.parametrize("cause", Cause)
def test_the_cause_comes_first(cause: Cause) -> None:
    predictor = Predictor(checkpoint.prior())
    steps = caused(cause, STEPS)
    found = 0
    for number, step in enumerate(steps):
        if number >= STEPS - PREDICTED:
            predictor.ranking()  # what was predicted is learned from, as in use
        if number >= STEPS - ASKED:
            reported = predictor.explain()
            assert reported is not None
            found += max(reported.reasons, key=lambda reason: reason.factor).group is CAUSES[cause]
        predictor.observe(step)
    assert found >= 0.9 * ASKED
