"""Exact maximum causal entropy inverse reinforcement learning for small worlds whose moves are known.

The yardstick for `neural.reward.training.irl`, which knows no moves and learns from samples alone. A world is a Markov
decision process with S states and A actions, in which each action leads to at most K states: the moves are kept sparse,
so that a world of thousands of states takes megabytes.

    Q(s, a) = r(s, a) + gamma sum_s' p(s' | s, a) V(s')        soft Bellman backup   (Ziebart 2010, eq. 6.9)
    V(s)    = log sum_a exp Q(s, a),   pi = exp(Q - V)         (eq. 6.8, 6.7)

The reward is linear in given features of (s, a). It is the one of highest likelihood of the moves that were seen,
less a ridge. Likelihood under the soft-optimal policy is the dual of maximum causal entropy (theorem 6.4); its exact
gradient is found by carrying the errors of the policy through the world backwards (the adjoint of the soft Bellman
backup).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

_TOLERANCE: Final = 1e-7
_MAX_SWEEPS: Final = 20_000
_MEMORY: Final = 20


@dataclass(frozen=True, slots=True)
class World:
    """The moves of a world.

    Attributes:
        after: [S, A, K] int64, the states an action may lead to.
        chance: [S, A, K] float64, with what probability; sums to 1 over K.
        gamma: the discount, below 1.
    """

    after: I64
    chance: F64
    gamma: float

    def expected(self, value: F64) -> F64:
        """The mean of `value` [S] over the states that each action leads to: [S, A]."""
        mean: F64 = np.einsum("sak,sak->sa", self.chance, value[self.after])
        return mean

    def carried(self, mass: F64) -> F64:
        """The distribution of `mass` [S, A] after its moves: [S]; the adjoint of `expected`."""
        arriving = (self.chance * mass[..., None]).ravel()
        return np.bincount(self.after.ravel(), arriving, minlength=self.after.shape[0]).astype(np.float64, copy=False)


@dataclass(frozen=True, slots=True)
class Solution:
    """Q [S, A], V [S] and the policy [S, A] of a soft-optimal agent."""

    q: F64
    value: F64
    policy: F64


def solve(world: World, reward: F64, start: F64 | None = None) -> Solution:
    """The soft-optimal agent for a reward.

    Args:
        world: the moves.
        reward: [S, A].
        start: a value [S] to begin with, from a reward nearby; it saves sweeps.

    Raises:
        ValueError: if the backup does not settle, which only a discount of 1 or a reward that is not finite brings.
    """
    value = np.zeros(reward.shape[0]) if start is None else start
    # The backup is a contraction: a step below this leaves an error of at most _TOLERANCE.
    enough = _TOLERANCE * (1 - world.gamma) / world.gamma
    for _ in range(_MAX_SWEEPS):
        q = reward + world.gamma * world.expected(value)
        following = _soft_maximum(q)
        step = float(np.abs(following - value).max())
        value = following
        if step < enough:
            return Solution(q, value, np.exp(q - value[:, None]))
    raise ValueError("the soft Bellman backup does not settle: the discount must be below 1, the reward finite")


def visits(world: World, policy: F64, source: F64) -> F64:
    """Discounted visits [S, A]: `source` [S] enters, and each visit moves on by the policy; the sign may be any.

    Args:
        world: its transitions.
        policy: π(a|s), [S, A].
        source: [S] that enters; the sign may be any.
    """
    flow = source
    total = np.zeros_like(source)
    scale = max(float(np.abs(source).sum()), np.finfo(float).tiny)
    for _ in range(_MAX_SWEEPS):
        total = total + flow
        flow = world.gamma * world.carried(flow[:, None] * policy)
        if float(np.abs(flow).sum()) < _TOLERANCE * scale:
            break
    visited: F64 = total[:, None] * policy
    return visited


def worth(world: World, policy: F64, reward: F64, start: F64) -> float:
    """The expected discounted reward of a policy that begins in `start` [S], which sums to 1.

    Args:
        world: its transitions.
        policy: π(a|s), [S, A].
        reward: [S, A].
        start: [S], sums to 1.
    """
    return float((visits(world, policy, start) * reward).sum())


@dataclass(frozen=True, slots=True)
class Recovered:
    """The reward found: weights [F] of the features, reward [S, A], and the agent it makes."""

    weights: F64
    reward: F64
    solution: Solution
    evaluations: int


def recover(
    world: World, states: I64, actions: I64, features: F64, *, ridge: float = 1e-4, iterations: int = 200
) -> Recovered:
    """The reward that explains what was done.

    Args:
        world: the moves.
        states: [N], in which something was done.
        actions: [N], what was done there.
        features: [S, A, F]; the reward is linear in them.
        ridge: of the squared weights, against the mean log likelihood: of all that explain, the smallest.
        iterations: of L-BFGS at most.
    """
    spread, moves = features.shape[:2]
    flat = torch.from_numpy(features.reshape(spread * moves, -1))
    counts = np.bincount(states * moves + actions, minlength=spread * moves).reshape(spread, moves) / len(states)
    weights = torch.zeros(flat.shape[1], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [weights], max_iter=iterations, history_size=_MEMORY, line_search_fn="strong_wolfe", tolerance_change=1e-10
    )
    latest = np.zeros(spread)
    evaluations = 0

    def evaluate() -> float:
        nonlocal latest, evaluations
        evaluations += 1
        with torch.no_grad():
            reward = (flat @ weights).numpy().reshape(spread, moves)
            solution = solve(world, reward, latest)
            latest = solution.value
            error = counts - counts.sum(1, keepdims=True) * solution.policy
            gradient = error + world.gamma * visits(world, solution.policy, world.carried(error))
            weights.grad = 2 * ridge * weights - torch.from_numpy(gradient.ravel()) @ flat
            log_policy = solution.q - solution.value[:, None]
            return float(ridge * (weights**2).sum()) - float((counts * log_policy).sum())

    optimizer.step(evaluate)  # type: ignore[no-untyped-call]  # torch declares no types for it
    found = weights.detach().numpy()
    reward = (features @ found).astype(np.float64)
    return Recovered(found, reward, solve(world, reward, latest), evaluations)


def _soft_maximum(q: F64) -> F64:
    top = q.max(1)
    soft: F64 = top + np.log(np.exp(q - top[:, None]).sum(1))
    return soft
