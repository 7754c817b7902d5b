"""Maximum causal entropy inverse reinforcement learning: the objective, and nothing else.

The person is taken as soft-optimal (Ziebart, "Modeling Purposeful Adaptive Behavior with the Principle of Maximum
Causal Entropy", 2010, chapter 6). With a reward r, a discount gamma, and w(s, a) standing for the soft value of the
state that a leads to:

    Q(s, a)   = r(s, a) + gamma w(s, a)                       soft Bellman backup   (Ziebart 2010, eq. 6.9)
    V(s)      = log sum_a' exp Q(s, a')                       soft maximum          (eq. 6.8)
    pi(a | s) = exp(Q(s, a) - V(s))                           soft-optimal policy   (eq. 6.7)

    loss = mean of  -log pi(a_t | s_t)                        likelihood: its gradient matches feature counts
           + lambda_B (w(s_t, a_t) - V(s_t+1))^2              w must be the value of what came; V(s_t+1) is held fixed
           + lambda_r r(s_t, .)^2                             of all rewards that explain the behaviour, the smallest

V is 0 after a session's end. w is learned from the moves that were seen, so no model of the world is needed.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Objective:
    """The objective's constants.

    Attributes:
        gamma: how much of what an action leads to counts now; 0 makes r carry everything.
        bellman: lambda_B.
        ridge: lambda_r.
    """

    gamma: float = 0.5
    bellman: float = 0.005
    ridge: float = 1e-3


@dataclass(frozen=True, slots=True)
class Loss:
    """The loss and its parts, each the mean over the batch; `nats` is the likelihood term."""

    total: Tensor
    nats: Tensor
    bellman: Tensor
    ridge: Tensor


def soft_q(reward: Tensor, value: Tensor, mask: Tensor, gamma: float) -> Tensor:
    """Q(s, a) of every candidate, minus infinity if `mask` [B, C] is false.

    Args:
        reward: r(s, a), [B, C].
        value: w(s, a), [B, C].
        mask: [B, C] bool, true for a candidate.
        gamma: the discount.
    """
    return (reward + gamma * value).masked_fill(~mask, -torch.inf)


def soft_value(q: Tensor) -> Tensor:
    """V(s) [B] of Q [B, C]."""
    return torch.logsumexp(q, dim=-1)


def loss(
    reward: Tensor, value: Tensor, *, mask: Tensor, chosen: Tensor, next_value: Tensor, objective: Objective
) -> Loss:
    """The objective over a batch of decisions.

    Args:
        reward: [B, C], r of every candidate.
        value: [B, C], w of every candidate.
        mask: [B, C] bool, true for a candidate.
        chosen: [B] int64, what was done.
        next_value: [B], V(s_t+1) of the decision after each, 0 after a session's end; no gradient passes through it.
        objective: the constants.
    """
    q = soft_q(reward, value, mask, objective.gamma)
    at = chosen[:, None]
    nats = (soft_value(q) - q.gather(1, at).squeeze(1)).mean()
    backup = value.gather(1, at).squeeze(1) - next_value.detach()
    bellman = backup.square().mean()
    ridge = reward.square().masked_fill(~mask, 0.0).sum(1).div(mask.sum(1)).mean()
    total = nats + objective.bellman * bellman + objective.ridge * ridge
    return Loss(total=total, nats=nats, bellman=bellman, ridge=ridge)
