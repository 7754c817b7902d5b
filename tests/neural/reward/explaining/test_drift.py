"""What changed: planted changes are found, a person who stays the same has none, whatever else goes on."""

from __future__ import annotations

import numpy as np
import pytest

from neural.reward.explaining import drift
from neural.reward.explaining.drift import Choices
from tests.neural.reward.people import ACTIONS, PROJECTS, Life, Taste, live, taste, turned

DAYS = 30
BY = 1.2


def choices(life: Life) -> Choices:
    action = np.array([ACTIONS.index(step.action) for step in life.steps])
    project = np.array([PROJECTS.index(step.project or "") for step in life.steps])
    day = np.array([(step.ts_us or 0) // 86_400_000_000 for step in life.steps])
    return Choices(action[:-1] * len(PROJECTS) + project[:-1], action[1:], day[1:])


def months(who: Taste, later: Taste, seed: int) -> tuple[Choices, Choices]:
    return choices(live(who, DAYS, seed=seed)), choices(live(later, DAYS, seed=seed + 1_000, first_day=DAYS))


@pytest.mark.parametrize("seed", range(3))
def test_a_change_is_found_alone_and_with_its_sign_and_size(seed: int) -> None:
    action = int(np.argsort(taste(seed).own)[4])
    found = drift.changes(*months(taste(seed), turned(taste(seed), action, BY), seed))
    assert found is not None
    sure = [each for each in found if each.is_sure]
    assert [each.action for each in sure] == [action]
    assert sure[0] is found[0]
    assert 0.5 * BY < sure[0].reward < 1.5 * BY
    assert sure[0].now > sure[0].then


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_found_in_one_who_stays_the_same(seed: int) -> None:
    found = drift.changes(*months(taste(seed), taste(seed), seed))
    assert found is not None
    assert not any(each.is_sure for each in found)


def test_more_of_one_project_is_no_change_of_taste() -> None:
    then, now = months(taste(0), taste(0), 0)
    project = now.situation % len(PROJECTS)
    kept = (project == 0) | (np.random.default_rng(0).random(project.size) < 0.2)
    found = drift.changes(then, Choices(now.situation[kept], now.action[kept], now.day[kept]))
    assert found is not None
    assert not any(each.is_sure for each in found)


def test_days_that_are_alike_count_as_few() -> None:
    """Each day one of two things alone: a month of days, and not of thousands of choices."""
    random = np.random.default_rng(3)

    def month(share: float) -> Choices:
        action = np.repeat((random.random(30) < share).astype(np.int64), 100)
        return Choices(np.zeros(3_000, np.int64), action, np.repeat(np.arange(30), 100))

    found = drift.changes(month(0.4), month(0.6))
    assert found is not None
    assert not any(each.is_sure for each in found)


def test_too_little_in_common_says_nothing() -> None:
    few = Choices(np.zeros(50, np.int64), np.arange(50) % 2, np.arange(50))
    many = Choices(np.zeros(500, np.int64), np.arange(500) % 2, np.arange(500))
    elsewhere = Choices(np.ones(500, np.int64), np.arange(500) % 2, np.arange(500))
    nothing = Choices(*(np.zeros(0, np.int64) for _ in range(3)))
    assert [drift.changes(many, each) for each in (few, elsewhere, nothing)] == [None, None, None]


def test_one_action_alone_cannot_change() -> None:
    only = Choices(np.zeros(500, np.int64), np.zeros(500, np.int64), np.arange(500))
    assert drift.changes(only, only) == ()
