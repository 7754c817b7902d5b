"""Worlds whose reward is known, agents that live in them, and how far a recovered reward is from the true one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from neural.reward.training.tabular import F64, I64, World, solve, worth

GAMMA: Final = 0.9
MOVES: Final = ((0, 1), (0, -1), (1, 0), (-1, 0), (0, 0))
WALK: Final = 20
"""Moves of one walk; every walk begins anywhere, so that every state is seen."""


@dataclass(frozen=True, slots=True)
class Known:
    """A world with its reward.

    Attributes:
        name: for the tables of a benchmark.
        world: its moves.
        reward: [S, A], the true one.
        features: [S, A, F], which the reward is linear in.
    """

    name: str
    world: World
    reward: F64
    features: F64

    @property
    def start(self) -> F64:
        """[S]: a walk begins in any state."""
        return np.full(len(self.reward), 1 / len(self.reward))


def gridworld(size: int, slip: float, seed: int = 0, *, costs: bool = False) -> Known:
    """A field with a few places that are worth going to or keeping from, and something small everywhere.

    Args:
        size: of one side.
        slip: how often a move goes anywhere instead of where it was meant to.
        seed: of the reward.
        costs: whether each move also has a cost of its own, so that the reward is one of state and action.
    """
    random = np.random.default_rng(seed)
    states = size * size
    by_state = 0.2 * random.normal(size=states)
    special = max(4, states // 50)
    by_state[random.choice(states, special, replace=False)] += np.resize((2.0, 1.2, -1.6, 0.8), special)
    reward = np.repeat(by_state[:, None], len(MOVES), 1)
    features = per_state(states, len(MOVES))
    if costs:
        by_move = np.array((0.0, -0.3, -0.1, -0.5, 0.2))
        reward = reward + by_move
        features = np.concatenate((features, np.broadcast_to(np.eye(len(MOVES)), (states, *(len(MOVES),) * 2))), axis=2)
    name = f"grid {size}x{size}{' with costs' if costs else ''}, slip {slip:g}"
    return Known(name, _grid(size, slip), reward, features)


def objectworld(size: int, slip: float, seed: int = 0) -> Known:
    """A field with objects of two colours: near the first is good, but only near the second too (Levine 2011, 6.1)."""
    random = np.random.default_rng(seed)
    states = size * size
    places = np.stack(np.divmod(np.arange(states), size), 1)
    objects = random.choice(states, (2, max(2, size // 2)), replace=False)
    far = [np.abs(places[:, None] - places[of_colour]).max(2).min(1) for of_colour in objects]
    near = np.where(far[0] <= size // 4, np.where(far[1] <= size // 8, 1.0, -1.0), 0.0)
    reward = np.repeat(near[:, None], len(MOVES), 1)
    steps = [distance[:, None] < np.arange(1, size) for distance in far]
    both = steps[0][:, :, None] & steps[1][:, None, :]
    by_state = np.concatenate((*steps, both.reshape(states, -1)), 1).astype(np.float64)
    features = np.repeat(by_state[:, None], len(MOVES), 1)
    return Known(f"objects {size}x{size}, slip {slip:g}", _grid(size, slip), reward, features)


def chain(length: int, slip: float) -> Known:
    """A row of states if each step on costs a little and the last one pays: the reward comes late."""
    state = np.arange(length)
    on, back = np.minimum(state + 1, length - 1), np.maximum(state - 1, 0)
    targets = np.stack((on, back), 1)
    after = np.repeat(targets[:, None, :], 2, 1)
    chance = np.broadcast_to(np.eye(2) * (1 - slip) + slip / 2, (length, 2, 2)).copy()
    reward = np.zeros((length, 2))
    reward[:, 0] = -0.1
    reward[-1] = 3.0
    features = np.concatenate((per_state(length, 2), np.broadcast_to(np.eye(2), (length, 2, 2))), 2)
    return Known(f"chain of {length}, slip {slip:g}", World(after, chance, GAMMA), reward, features)


def per_state(states: int, actions: int) -> F64:
    """One feature a state, the same for all of its actions: [S, A, S]."""
    return np.repeat(np.eye(states)[:, None], actions, 1)


def walks(known: Known, policy: F64, moves: int, seed: int = 1) -> tuple[I64, I64]:
    """What an agent of this policy does in walks of WALK moves, `moves` in all: [N] states, [N] actions."""
    random = np.random.default_rng(seed)
    world = known.world
    count = moves // WALK
    state = random.integers(0, len(policy), count)
    seen: list[tuple[I64, I64]] = []
    for _ in range(WALK):
        action = _drawn(policy[state], random)
        seen.append((state, action))
        state = world.after[state, action, _drawn(world.chance[state, action], random)]
    states, actions = (np.stack(parts, 1).ravel() for parts in zip(*seen, strict=True))
    return states, actions


def correlation(one: F64, other: F64) -> float:
    """Pearson's, over all states and actions."""
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def essence(world: World, reward: F64) -> F64:
    """A reward without the part that no behaviour can tell: its advantages [S, A] under uniform choice.

    Adding gamma E phi(s') - phi(s) to a reward changes no policy (Ng, Harada and Russell 1999), and changes none of
    these either.
    """
    value = np.zeros(len(reward))
    for _ in range(400):
        value = (reward + world.gamma * world.expected(value)).mean(1)
    return reward + world.gamma * world.expected(value) - value[:, None]


def share_of_worth(known: Known, recovered: F64) -> float:
    """The worth, by the true reward, of the agent that the recovered reward makes, against the expert's own."""
    made = worth(known.world, solve(known.world, recovered).policy, known.reward, known.start)
    return made / worth(known.world, solve(known.world, known.reward).policy, known.reward, known.start)


def divergence(known: Known, recovered: F64) -> float:
    """Kullback-Leibler divergence of the recovered agent's policy from the expert's, nats, the mean over states."""
    expert, made = solve(known.world, known.reward), solve(known.world, recovered)
    gap = (expert.q - expert.value[:, None]) - (made.q - made.value[:, None])
    return float((expert.policy * gap).sum(1).mean())


def _grid(size: int, slip: float) -> World:
    row, column = np.divmod(np.arange(size * size), size)
    meant = np.stack([np.clip(row + dr, 0, size - 1) * size + np.clip(column + dc, 0, size - 1) for dr, dc in MOVES], 1)
    if not slip:
        return World(meant[:, :, None], np.ones((*meant.shape, 1)), GAMMA)
    after = np.repeat(meant[:, None], len(MOVES), 1)
    chance = np.eye(len(MOVES)) * (1 - slip) + slip / len(MOVES)
    return World(after, np.broadcast_to(chance, after.shape).copy(), GAMMA)


def _drawn(chances: F64, random: np.random.Generator) -> I64:
    """One choice a row of [N, K] chances."""
    drawn: I64 = (chances.cumsum(1)[:, :-1] < random.random(len(chances))[:, None]).sum(1)
    return drawn
