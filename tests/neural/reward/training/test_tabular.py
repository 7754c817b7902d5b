"""Exact inverse reinforcement learning on small worlds: its parts by their definitions, and what it recovers."""

from __future__ import annotations

import numpy as np
import pytest

from neural.reward.training.tabular import World, recover, solve, visits, worth
from tests.neural.reward.worlds import (
    Known,
    chain,
    correlation,
    divergence,
    essence,
    gridworld,
    objectworld,
    share_of_worth,
    walks,
)

STEPS = 30_000
WORLDS = (
    *(gridworld(8, slip, costs=costs) for slip in (0.0, 0.2) for costs in (False, True)),
    *(objectworld(8, slip) for slip in (0.0, 0.2)),
)


def named(known: Known) -> str:
    return known.name


@pytest.mark.parametrize("slip", [0.0, 0.3])
def test_the_value_is_the_soft_maximum_of_the_backup(slip: float) -> None:
    known = gridworld(4, slip)
    solution = solve(known.world, known.reward)
    q = known.reward + known.world.gamma * known.world.expected(solution.value)
    assert np.allclose(solution.q, q, atol=1e-6)
    assert np.allclose(solution.value, np.log(np.exp(q).sum(1)), atol=1e-6)
    assert np.allclose(solution.policy.sum(1), 1)


def test_a_start_nearby_changes_nothing_of_the_solution() -> None:
    known = gridworld(4, 0.2)
    cold = solve(known.world, known.reward)
    warm = solve(known.world, known.reward, cold.value + 0.3)
    assert np.allclose(cold.q, warm.q, atol=1e-6)


def test_without_a_discount_below_one_there_is_no_value() -> None:
    world = World(np.zeros((1, 1, 1), np.int64), np.ones((1, 1, 1)), 1.0)
    with pytest.raises(ValueError, match="discount"):
        solve(world, np.array([[np.nan]]))


def test_visits_are_discounted_over_all_time() -> None:
    known = gridworld(4, 0.2)
    visited = visits(known.world, solve(known.world, known.reward).policy, known.start)
    assert visited.sum() == pytest.approx(1 / (1 - known.world.gamma), rel=1e-5)


def test_worth_is_what_walks_earn() -> None:
    known = gridworld(4, 0.2)
    policy = solve(known.world, known.reward).policy
    value = np.zeros(16)
    for _ in range(300):
        value = (policy * (known.reward + known.world.gamma * known.world.expected(value))).sum(1)
    assert worth(known.world, policy, known.reward, known.start) == pytest.approx(known.start @ value, rel=1e-5)


def test_mass_is_carried_where_moves_lead() -> None:
    known = gridworld(3, 0.3)
    random = np.random.default_rng(0)
    mass, value = random.random((9, 5)), random.random(9)
    assert known.world.carried(mass) @ value == pytest.approx((mass * known.world.expected(value)).sum())


def test_the_likeliest_reward_is_where_no_small_change_is_likelier() -> None:
    known = chain(6, 0.2)
    states, actions = walks(known, solve(known.world, known.reward).policy, 2_000)
    found = recover(known.world, states, actions, known.features, ridge=1e-3)

    def loss(weights: np.ndarray) -> float:
        solution = solve(known.world, known.features @ weights)
        likelihood = (solution.q - solution.value[:, None])[states, actions].mean()
        return float(1e-3 * (weights**2).sum() - likelihood)

    best = loss(found.weights)
    random = np.random.default_rng(0)
    assert all(loss(found.weights + 0.05 * random.normal(size=found.weights.size)) > best for _ in range(20))


@pytest.mark.parametrize("known", WORLDS, ids=named)
def test_the_reward_is_recovered(known: Known) -> None:
    states, actions = walks(known, solve(known.world, known.reward).policy, STEPS)
    found = recover(known.world, states, actions, known.features, ridge=1e-6)
    assert correlation(found.reward, known.reward) >= 0.97
    assert share_of_worth(known, found.reward) >= 0.98
    assert divergence(known, found.reward) < 0.01


@pytest.mark.parametrize("slip", [0.0, 0.2])
def test_a_reward_that_comes_late_is_recovered_as_far_as_behaviour_tells(slip: float) -> None:
    known = chain(20, slip)
    states, actions = walks(known, solve(known.world, known.reward).policy, STEPS)
    found = recover(known.world, states, actions, known.features, ridge=1e-6)
    assert correlation(essence(known.world, found.reward), essence(known.world, known.reward)) >= 0.99
    assert share_of_worth(known, found.reward) >= 0.98


def test_a_shaped_reward_has_the_same_essence_and_makes_the_same_agent() -> None:
    known = gridworld(4, 0.2)
    potential = np.random.default_rng(0).normal(size=16)
    shaped = known.reward + known.world.gamma * known.world.expected(potential) - potential[:, None]
    assert np.allclose(essence(known.world, shaped), essence(known.world, known.reward))
    assert np.allclose(solve(known.world, shaped).policy, solve(known.world, known.reward).policy, atol=1e-6)
