"""What the reward net says a person finds worth doing, measured so that moments can be compared.

Behaviour tells a reward only up to a constant of each state and up to potential shaping (Ng, Harada and Russell 1999),
so figures of different moments cannot be compared as they are. What is compared here is the reward of an action less
the mean, under the policy, of what the person could have done at the same moment, its *gain* in nats:

    c(s, a) = r(s, a) - sum_a' pi(a' | s) r(s, a')

The *worth* of an action is its reward less the mean of what would be done in its place, over the moments at which it
was a choice, whether it was then done or not: a moment counts by pi (1 - pi), which is what it can tell of the reward
(its Fisher information; overlap weights, Li, Morgan and Zaslavsky 2018). What always or never comes is no choice.

    worth(a) = sum_s pi(a|s) c(s, a) / sum_s pi(a|s) (1 - pi(a|s))

Hours and projects are worth what was done in them: the mean worth of those actions, so that no constant of an hour
enters. The errors are standard errors over days, as moments of one day resemble each other. They say how sure a mean
is, not how right the net.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from collectors.events import US_PER_DAY, US_PER_S
from neural.reward.actions import Step
from neural.reward.checkpoint import Checkpoint
from neural.reward.features.features import decision
from neural.reward.features.hash_tables import F32, I64
from neural.reward.features.statistics import Statistics
from neural.reward.inference import NumpyNet

F64 = NDArray[np.float64]
PERIOD_US: Final = 30 * US_PER_DAY
MOST_DECISIONS: Final = 20_000
"""More moments than these are looked at evenly spaced: they make the means no surer that a person would see it."""
LEARNING_DECISIONS: Final = 300
"""The first ones of a history say how little was known, not what they are worth."""
FEWEST, FEWEST_DAYS = 20, 3
FEWEST_CHOICES: Final = 5
"""Of moments that count as a whole choice each; a choice between two that are even counts a quarter."""
FEWEST_DONE: Final = 10
_CERTAIN: Final = 0.9
_REPORT_EVERY: Final = 200
_WEEKEND: Final = 5
_HOURS: Final = 24
_ALL: Final = slice(None)
_EPOCH_WEEKDAY: Final = 3
"""1970-01-01 was a Thursday; weeks begin on Monday."""


@dataclass(frozen=True, slots=True)
class Moments:
    """The decisions of a history, appraised.

    Attributes:
        names: of the actions, by id.
        projects: of the projects, by id; the first is "" for none.
        ts_us, offset_s: [N] when.
        project: [N] ids, of what was chosen.
        place: [N] ids, of the project before it.
        before: [N, 2] ids of the last action and the one before it, -1 for none.
        chosen: [N] ids.
        gain: [N] c of what was chosen; nan if that was no candidate, or was all but certain: no choice then.
        row, action, c, p: [K] each: of every candidate of every decision, which decision, its id, its c, its pi.
    """

    names: tuple[str, ...]
    projects: tuple[str, ...]
    ts_us: I64
    offset_s: I64
    project: I64
    place: I64
    before: I64
    chosen: I64
    gain: F64
    row: I64
    action: I64
    c: F64
    p: F64

    def since(self, low_us: int, high_us: int) -> Moments:
        """The decisions made in [low_us, high_us)."""
        wanted = (self.ts_us >= low_us) & (self.ts_us < high_us)
        of_row = wanted[self.row]
        number = np.cumsum(wanted) - 1
        return Moments(
            self.names, self.projects, self.ts_us[wanted], self.offset_s[wanted], self.project[wanted],
            self.place[wanted], self.before[wanted], self.chosen[wanted], self.gain[wanted], number[self.row[of_row]],
            self.action[of_row], self.c[of_row], self.p[of_row],
        )  # fmt: skip

    @property
    def day(self) -> I64:
        """[N] local days since the epoch."""
        return (self.ts_us // US_PER_S + self.offset_s) // 86_400

    @property
    def hour(self) -> I64:
        """[N] local hours of the day, those of Saturday and Sunday 24 later."""
        local_s = self.ts_us // US_PER_S + self.offset_s
        weekend = (local_s // 86_400 + _EPOCH_WEEKDAY) % 7 >= _WEEKEND
        hours: I64 = local_s // 3_600 % _HOURS + _HOURS * weekend
        return hours


def compute_advantages(
    steps: Sequence[Step], weights: Checkpoint, since_us: int
) -> Iterator[tuple[int, int] | Moments]:
    """Live a history again and let the net say what each choice was worth.

    Args:
        steps: oldest first; the statistics learn from all of them.
        weights: of the reward net.
        since_us: decisions before this moment are not appraised.

    Yields:
        (decisions looked at, how many there are) now and then, and last the moments.
    """
    tracker = Statistics(contexts_log2=1, pairs_log2=1)
    decisions = [number for number, step in enumerate(steps) if tracker.follow(step)][LEARNING_DECISIONS:]
    wanted = [number for number in decisions if (steps[number].ts_us or -1) >= since_us]
    every = max(1, -(-len(wanted) // MOST_DECISIONS))
    yield from _lived(steps, NumpyNet(weights), wanted[::every])


def _lived(steps: Sequence[Step], net: NumpyNet, wanted: Sequence[int]) -> Iterator[tuple[int, int] | Moments]:
    statistics = Statistics()
    projects = {"": 0}
    count = len(wanted)
    ts_us, offset_s, project, place, chosen = (np.zeros(count, np.int64) for _ in range(5))
    before, gain = np.full((count, 2), -1, np.int64), np.full(count, np.nan)
    rows: list[I64] = []
    actions: list[I64] = []
    gains: list[F32] = []
    policies: list[F32] = []
    at = there = 0
    for number, step in enumerate(steps):
        here = there if step.project is None else projects.setdefault(step.project, len(projects))
        if at < count and wanted[at] == number:
            made = net.forward(decision(statistics, indicators=net.indicators is not None))
            ids = made.decision.candidates
            c = (made.reward - made.policy @ made.reward)[: ids.size]
            same = ids == statistics.ids.get(step.action, -1)
            if same.any() and made.policy.max() < _CERTAIN:
                gain[at] = c[same][0]
            ts_us[at], offset_s[at], project[at], place[at] = step.ts_us or 0, step.utc_offset_s, here, there
            before[at] = statistics.surroundings.past[:2]
            rows.append(np.full(ids.size, at))
            actions.append(ids)
            gains.append(c)
            policies.append(made.policy[: ids.size])
        statistics.observe(step)
        there = here
        if at < count and wanted[at] == number:
            chosen[at] = statistics.ids[step.action]
            at += 1
            if at % _REPORT_EVERY == 0:
                yield at, count
    yield Moments(
        names=tuple(statistics.names),
        projects=tuple(projects),
        ts_us=ts_us,
        offset_s=offset_s,
        project=project,
        place=place,
        before=before,
        chosen=chosen,
        gain=gain,
        row=np.concatenate((*rows, np.zeros(0, np.int64))),
        action=np.concatenate((*actions, np.zeros(0, np.int64))),
        c=np.concatenate((*gains, np.zeros(0, np.float32))).astype(np.float64),
        p=np.concatenate((*policies, np.zeros(0, np.float32))).astype(np.float64),
    )


@dataclass(frozen=True, slots=True)
class Means:
    """Weighted means by group, with their errors over days.

    Attributes:
        mean, error: [G]; error is nan with fewer than two days.
        weight: [G] in all.
        count, days: [G] values, and days they are of.
    """

    mean: F64
    error: F64
    weight: F64
    count: I64
    days: I64

    def enough(self, least: float) -> NDArray[np.bool_]:
        """[G] whether there is enough of a group to speak of it: of moments, of days, and of their weight."""
        return (self.count >= FEWEST) & (self.days >= FEWEST_DAYS) & (self.weight >= least)


def means(total: F64, weight: F64, group: I64, day: I64, groups: int) -> Means:
    """The weighted mean of each group, and its standard error with whole days as what varies (cluster-robust).

    Args:
        total: [K] values times their weights.
        weight: [K].
        group: [K] what each belongs to.
        day: [K] when it was.
        groups: how many there are.
    """
    numbers, day = np.unique(day, return_inverse=True)
    width = max(numbers.size, 1)
    cell = group * width + day
    sums, weights, counts = (
        np.bincount(cell, each, groups * width).reshape(groups, width) for each in (total, weight, None)
    )
    count, days, whole = counts.sum(1), (counts > 0).sum(1), weights.sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums.sum(1) / whole
        away = sums - mean[:, None] * weights
        error = np.sqrt((away**2).sum(1) * days / np.where(days > 1, days - 1, np.nan)) / whole
    return Means(mean, error, whole, count.astype(np.int64), days.astype(np.int64))


def choices(moments: Moments, group: I64, groups: int, rows: NDArray[np.bool_] | slice = _ALL) -> Means:
    """The worth of what was weighed, by group.

    Args:
        moments: all of them.
        group: [K], or as many as `rows` leaves.
        groups: how many there are.
        rows: of the K candidates, those that are asked for.
    """
    p, c = moments.p[rows], moments.c[rows]
    return means(p * c, p * (1 - p), group, moments.day[moments.row[rows]], groups)


def of_actions(moments: Moments) -> Means:
    """The worth of every action."""
    return choices(moments, moments.action, len(moments.names))
