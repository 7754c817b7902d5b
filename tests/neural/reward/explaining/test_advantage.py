"""What is found worth doing, on people whose reward is known, and by hand on a few moments."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np
import pytest

from neural.reward import checkpoint
from neural.reward.actions import Step
from neural.reward.checkpoint import Checkpoint
from neural.reward.explaining import advantage
from neural.reward.explaining.advantage import Moments
from neural.reward.training.train import Options, train
from tests.neural.reward.histories import commands
from tests.neural.reward.people import ACTIONS, Life, live, rank_correlation, taste, true_worth

DAYS = 36
SEED = 2


@functools.cache
def life() -> Life:
    return live(taste(SEED), DAYS, seed=SEED)


@functools.cache
def trained() -> Checkpoint:
    last = list(train(life().steps, checkpoint.prior(), Options(device="cpu", max_epochs=2)))[-1]
    assert last.result is not None
    return checkpoint.load(last.result.weights)


@functools.cache
def moments() -> Moments:
    return whole(advantage.compute_advantages(life().steps, trained(), 0))


def whole(found: Iterator[object]) -> Moments:
    last = list(found)[-1]
    assert isinstance(last, Moments)
    return last


def test_the_order_is_that_of_the_known_reward() -> None:
    found = advantage.of_actions(moments())
    ids = [moments().names.index(name) for name in ACTIONS]
    true = true_worth(life(), taste(SEED), len(life().steps) - moments().chosen.size)
    assert rank_correlation(found.mean[ids], true) >= 0.85
    assert np.corrcoef(found.mean[ids], true)[0, 1] >= 0.9


def test_every_later_choice_is_a_moment() -> None:
    assert moments().chosen.size == len(life().steps) - advantage.LEARNING_DECISIONS
    done = [moments().names[each] for each in moments().chosen]
    assert done == [step.action for step in life().steps[advantage.LEARNING_DECISIONS :]]


def test_gains_are_above_the_mean_under_the_policy() -> None:
    sums = np.bincount(moments().row, moments().p * moments().c)
    assert abs(sums).max() < 0.5  # but for the chance of something new, which no candidate has
    assert np.median(abs(sums)) < 0.1


def test_the_place_of_a_choice_is_known_before_it_and_its_project_after() -> None:
    later = life().steps[advantage.LEARNING_DECISIONS - 1 :]
    places = [moments().projects[each] for each in moments().place]
    projects = [moments().projects[each] for each in moments().project]
    assert places == [step.project for step in later[:-1]]
    assert projects == [step.project for step in later[1:]]


def test_hours_are_local_and_weekends_apart() -> None:
    hours = set(moments().hour.tolist())
    assert hours == set(range(8, 20)) | set(range(32, 44))
    saturday = moments().since(1_700_265_600_000_000, 1_700_265_600_000_000 + 86_400_000_000)
    assert saturday.hour.min() >= 24


def test_a_part_of_the_moments_is_what_it_is_in_the_whole() -> None:
    middle = int(np.median(moments().ts_us))
    first, second = moments().since(0, middle), moments().since(middle, 2**62)
    assert first.chosen.size + second.chosen.size == moments().chosen.size
    assert np.concatenate((first.c, second.c)).tolist() == moments().c.tolist()
    assert second.row.min() == 0
    assert second.row.max() == second.chosen.size - 1


def test_a_long_history_is_looked_at_here_and_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advantage, "MOST_DECISIONS", 100)
    found = whole(advantage.compute_advantages(life().steps[:700], checkpoint.prior(), 0))
    assert 50 <= found.chosen.size <= 100


def test_progress_is_reported_on_the_way() -> None:
    reported = list(advantage.compute_advantages(life().steps[:800], checkpoint.prior(), 0))[:-1]
    assert reported == [(200, 500), (400, 500)]


@pytest.mark.parametrize("steps", [[], commands("a b c"), commands("ls " * 400)])
def test_a_history_without_times_or_choices_has_no_moments(steps: list[Step]) -> None:
    found = whole(advantage.compute_advantages(steps, checkpoint.prior(), 0))
    assert found.chosen.size == 0
    assert advantage.of_actions(found).count.sum() == 0


class TestMeans:
    def test_they_are_weighted(self) -> None:
        weight = np.array([1.0, 3.0, 2.0])
        found = advantage.means(np.array([2.0, 4.0, 5.0]) * weight, weight, np.array([0, 0, 2]), np.array([7, 8, 7]), 3)
        assert found.mean[[0, 2]] == pytest.approx([3.5, 5.0])
        assert found.count.tolist() == [2, 0, 1]
        assert found.days.tolist() == [2, 0, 1]
        assert np.isnan(found.mean[1])
        assert np.isnan(found.error[2])

    def test_the_error_is_what_means_of_such_days_vary_by(self) -> None:
        random = np.random.default_rng(0)
        drawn, reported = [], []
        for _ in range(400):
            of_day = np.repeat(random.normal(size=30), 20)
            values = of_day + random.normal(size=600)
            found = advantage.means(values, np.ones(600), np.zeros(600, np.int64), np.repeat(np.arange(30), 20), 1)
            drawn.append(found.mean[0])
            reported.append(found.error[0])
        assert np.mean(reported) == pytest.approx(np.std(drawn), rel=0.15)

    def test_too_few_moments_or_days_are_not_enough(self) -> None:
        group = np.array([0] * 30 + [1] * 30 + [2] * 5)
        day = np.array([*range(30), *[1] * 30, *range(5)])
        found = advantage.means(np.ones(65), np.ones(65), group, day, 3)
        assert found.enough(5).tolist() == [True, False, False]
        assert found.enough(31).tolist() == [False, False, False]
