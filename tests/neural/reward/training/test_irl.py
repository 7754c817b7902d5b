"""The objective is inverse reinforcement learning: on worlds whose reward is known it finds the reward."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from neural.reward.training import irl
from neural.reward.training.irl import Objective

GAMMA = 0.9
MOVES = ((0, 1), (0, -1), (1, 0), (-1, 0), (0, 0))


def grid(size: int) -> np.ndarray:
    """Next state of each state and move: [S, 5]."""
    state = np.arange(size * size)
    row, column = state // size, state % size
    return np.stack(
        [np.clip(row + dr, 0, size - 1) * size + np.clip(column + dc, 0, size - 1) for dr, dc in MOVES], axis=1
    )


def soft_optimal(after: np.ndarray, reward: np.ndarray) -> np.ndarray:
    """The soft-optimal policy [S, 5] for a reward on arrival [S], by soft value iteration."""
    value = np.zeros(len(after))
    for _ in range(400):
        q = reward[after] + GAMMA * value[after]
        value = np.log(np.exp(q).sum(1))
    return np.exp(q - value[:, None])


def walks(after: np.ndarray, policy: np.ndarray, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """States and moves of walks of 50 moves by a policy, `count` in all."""
    random = np.random.default_rng(1)
    state = random.integers(0, len(after), count // 50)
    seen = []
    for _ in range(50):
        move = (policy[state].cumsum(1) > random.random(len(state))[:, None]).argmax(1)
        seen.append((state, move))
        state = after[state, move]
    states, moves = (np.concatenate(parts) for parts in zip(*seen, strict=True))
    return torch.from_numpy(states), torch.from_numpy(moves)


def recover(after: np.ndarray, states: torch.Tensor, moves: torch.Tensor, steps: int) -> np.ndarray:
    """The reward on arrival that the objective finds in the walks."""
    table = torch.from_numpy(after)
    reward = torch.zeros(len(after), requires_grad=True)
    value = torch.zeros(len(after), requires_grad=True)
    optimizer = torch.optim.Adam([reward, value], lr=0.05)
    mask = torch.ones(len(states), len(MOVES), dtype=torch.bool)
    everywhere = torch.ones_like(table, dtype=torch.bool)
    objective = Objective(gamma=GAMMA, bellman=1.0, ridge=1e-4)
    for _ in range(steps):
        soft = irl.soft_value(irl.soft_q(reward[table], value[table], everywhere, GAMMA))
        loss = irl.loss(
            reward[table[states]],
            value[table[states]],
            mask=mask,
            chosen=moves,
            next_value=soft[table[states, moves]],
            objective=objective,
        )
        optimizer.zero_grad()
        loss.total.backward()
        optimizer.step()
    return reward.detach().numpy()


@pytest.mark.parametrize(("size", "steps"), [(5, 500), (8, 900)])
def test_the_recovered_reward_is_the_true_one(size: int, steps: int) -> None:
    random = np.random.default_rng(0)
    truth = 0.2 * random.normal(size=size * size)
    truth[random.choice(size * size, 4, replace=False)] += (2.0, 1.2, -1.6, 0.8)
    after = grid(size)
    states, moves = walks(after, soft_optimal(after, truth), 30_000)
    recovered = recover(after, states, moves, steps)
    assert np.corrcoef(recovered, truth)[0, 1] > 0.9


def one_decision(**changes: float) -> irl.Loss:
    settings = {"gamma": 0.5, "bellman": 1.0, "ridge": 1.0} | changes
    return irl.loss(
        torch.tensor([[1.0, 2.0, 9.0]]),
        torch.tensor([[0.5, 0.0, 9.0]]),
        mask=torch.tensor([[True, True, False]]),
        chosen=torch.tensor([0]),
        next_value=torch.tensor([2.0]),
        objective=Objective(**settings),
    )


def test_likelihood_is_of_the_soft_optimal_policy_over_what_is_there() -> None:
    q = np.array([1.0 + 0.5 * 0.5, 2.0])
    assert float(one_decision().nats) == pytest.approx(np.log(np.exp(q).sum()) - q[0], abs=1e-6)


def test_the_bellman_term_is_the_distance_to_the_value_of_what_came() -> None:
    assert float(one_decision().bellman) == pytest.approx((0.5 - 2.0) ** 2)


def test_the_regulariser_is_the_mean_square_of_the_rewards_there() -> None:
    assert float(one_decision().ridge) == pytest.approx((1.0 + 4.0) / 2)


def test_the_parts_are_weighed_by_the_constants() -> None:
    made = one_decision(bellman=0.1, ridge=0.01)
    expected = float(made.nats) + 0.1 * float(made.bellman) + 0.01 * float(made.ridge)
    assert float(made.total) == pytest.approx(expected)


def test_no_gradient_passes_through_the_value_of_what_came() -> None:
    following = torch.tensor([2.0], requires_grad=True)
    reward = torch.zeros(1, 2, requires_grad=True)
    value = torch.zeros(1, 2, requires_grad=True)
    irl.loss(
        reward,
        value,
        mask=torch.ones(1, 2, dtype=torch.bool),
        chosen=torch.tensor([0]),
        next_value=following,
        objective=Objective(),
    ).total.backward()
    assert following.grad is None


def test_a_stronger_regulariser_gives_a_smaller_reward() -> None:
    after = grid(3)
    truth = np.arange(9) / 4
    states, moves = walks(after, soft_optimal(after, truth), 2_000)

    def size_of(ridge: float) -> float:
        reward = torch.zeros(len(states), 5, requires_grad=True)
        optimizer = torch.optim.SGD([reward], lr=50.0)
        for _ in range(50):
            loss = irl.loss(
                reward,
                torch.zeros_like(reward),
                mask=torch.ones_like(reward, dtype=torch.bool),
                chosen=moves,
                next_value=torch.zeros(len(states)),
                objective=Objective(gamma=0.0, bellman=0.0, ridge=ridge),
            )
            optimizer.zero_grad()
            loss.total.backward()
            optimizer.step()
        return float(reward.detach().square().mean())

    assert size_of(0.5) < size_of(0.05)


def test_without_candidates_that_are_there_the_rest_share_all_probability() -> None:
    q = irl.soft_q(torch.zeros(1, 4), torch.zeros(1, 4), torch.tensor([[True, False, True, False]]), 0.9)
    policy = torch.softmax(q, -1)
    assert policy.tolist() == [[0.5, 0.0, 0.5, 0.0]]
