"""What a person has come to find more or less worth doing: what is chosen in the same situations, before and now.

A reward net follows a change of habit by itself, so the difference of its figures between two months holds the
wandering of its statistics as well. What has changed is reported by the choices instead. In situations s (the action
before, and the project) the maximum entropy policy is pi(a|s) ~ exp r(s, a); that rewards changed by d(a) in all of
them is tested by the gradient of its likelihood, chosen less expected:

    U(a) = sum_s [ n_now(s, a) - N_now(s) p(s, a) ],   p of both periods together
    V    = sum_s N_then N_now / (N - 1) (diag p - p p')       (generalised Mantel-Haenszel; Birch 1965)
    d    = V^+ U,  up to one constant, which is set so that the median of d is zero: most things stay what they are

The variance is that of whole days (cluster-robust) if that is the larger. A drift is reported only if the changes are
surely not chance as a whole, and then those of single actions that are surely not chance among as many.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from neural.reward.features.hash_tables import I64

F64 = NDArray[np.float64]
FEWEST_CHOICES: Final = 200
"""In each of the two periods, in situations of both."""
FEWEST_DONE: Final = 10
MOST_ACTIONS: Final = 40
SURE: Final = 0.01


@dataclass(frozen=True, slots=True)
class Choices:
    """What was chosen in one period.

    Attributes:
        situation, action, day: [N] each.
    """

    situation: I64
    action: I64
    day: I64


@dataclass(frozen=True, slots=True)
class Change:
    """How the reward of one action has changed.

    Attributes:
        action: its id.
        reward: by how much, in nats: in the same situations it is chosen e to its power times as often against what
            stayed the same.
        error: standard error of it.
        then, now: how often it was chosen.
        is_sure: whether chance would hardly make such a change among as many actions.
    """

    action: int
    reward: float
    error: float
    then: int
    now: int
    is_sure: bool


def changes(then: Choices, now: Choices) -> tuple[Change, ...] | None:
    """How rewards changed from one period to the next, the surest first; None with too few choices to compare."""
    both = np.intersect1d(then.situation, now.situation)
    old, new = (_within(each, both) for each in (then, now))
    if min(old.action.size, new.action.size) < FEWEST_CHOICES:
        return None
    actions, counts = np.unique(np.concatenate((old.action, new.action)), return_counts=True)
    order = np.argsort(-counts, kind="stable")
    reported = actions[order][(counts[order] >= FEWEST_DONE)][:MOST_ACTIONS]
    if reported.size < 2:  # noqa: PLR2004  # a change is one against another
        return ()
    gradient, variance = _score(old, new, both, reported)
    inverse = np.linalg.pinv(variance, hermitian=True)
    changed = inverse @ gradient
    shift = float(np.median(changed[: reported.size]))
    errors = np.sqrt(np.diag(inverse))[: reported.size]
    freedom = int(np.linalg.matrix_rank(variance, hermitian=True))
    any_sure = _chi_squared_tail(float(gradient @ changed), freedom) < SURE
    found = [
        Change(
            action=int(action),
            reward=float(change) - shift,
            error=float(error),
            then=int((then.action == action).sum()),
            now=int((now.action == action).sum()),
            is_sure=any_sure and _two_sided((change - shift) / error) < SURE / reported.size,
        )
        for action, change, error in zip(reported, changed, errors, strict=False)
    ]
    return tuple(sorted(found, key=lambda each: -abs(each.reward) / each.error))


def _within(choices: Choices, situations: I64) -> Choices:
    there = np.isin(choices.situation, situations)
    return Choices(choices.situation[there], choices.action[there], choices.day[there])


def _score(old: Choices, new: Choices, situations: I64, reported: I64) -> tuple[F64, F64]:
    """U and V over the actions that are reported and, last, all others together."""
    width, count = reported.size + 1, situations.size
    sorter = np.argsort(reported)

    def column(action: I64) -> I64:
        place = np.minimum(np.searchsorted(reported, action, sorter=sorter), reported.size - 1)
        return np.where(reported[sorter[place]] == action, sorter[place], reported.size)

    def table(choices: Choices) -> F64:
        cell = np.searchsorted(situations, choices.situation) * width + column(choices.action)
        return np.bincount(cell, minlength=count * width).reshape(count, width).astype(np.float64)

    n_old, n_new = table(old), table(new)
    old_all, new_all = n_old.sum(1), n_new.sum(1)
    total = old_all + new_all
    p = (n_old + n_new) / total[:, None]
    gradient = (n_new - new_all[:, None] * p).sum(0)
    weight = old_all * new_all / np.maximum(total - 1, 1)
    variance = np.diag(weight @ p) - (p * weight[:, None]).T @ p
    by_day = np.zeros((width, width))
    for choices, sign, share in ((old, -1.0, new_all / total), (new, 1.0, old_all / total)):
        place = np.searchsorted(situations, choices.situation)
        away = -p[place]
        away[np.arange(place.size), column(choices.action)] += 1
        away *= sign * share[place][:, None]
        days, number = np.unique(choices.day, return_inverse=True)
        sums = np.zeros((days.size, width))
        np.add.at(sums, number, away)
        sums -= sums.mean(0)
        by_day += sums.T @ sums * (days.size / max(days.size - 1, 1))
    scale = np.sqrt(np.maximum(np.diag(by_day) / np.maximum(np.diag(variance), 1e-12), 1.0))
    return gradient, variance * np.outer(scale, scale)


def _two_sided(z: float) -> float:
    return erfc(abs(z) / sqrt(2))


def _chi_squared_tail(value: float, freedom: int) -> float:
    """How often chance gives more: by the cube root's normal approximation (Wilson and Hilferty 1931)."""
    spread = 2 / (9 * max(freedom, 1))
    return 0.5 * erfc(((max(value, 0.0) / max(freedom, 1)) ** (1 / 3) - 1 + spread) / sqrt(2 * spread))
