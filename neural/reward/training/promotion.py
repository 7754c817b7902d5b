"""Whether newly trained weights take the place of those in use: only if they predict better what neither has seen.

Both predict the same decisions one after the other, each before its truth is known, and learn from it on the spot, as
the live predictor does (prequential evaluation; Dawid 1984). The decisions are the latest ones, after everything that
the weights in use have learned from; the new weights are judged as they were before they took these in. If there are
too few of those, all of the latest decisions are taken: the weights in use may know them then, which helps them alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from neural.reward.actions import Step, kind_of
from neural.reward.adaptation import Adapter
from neural.reward.checkpoint import Checkpoint
from neural.reward.features.action_kinds import number_of
from neural.reward.features.features import decision
from neural.reward.features.hash_tables import I64
from neural.reward.features.statistics import Statistics
from neural.reward.inference import NumpyNet
from neural.reward.scoring import Score
from neural.reward.training.dataset import Dataset

MIN_FRESH: Final = 20
"""With fewer decisions chance would choose."""
MAX_FRESH: Final = 2_000
MIN_REVIEWED: Final = 200
_LEAST: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Running:
    """The weights in use.

    Attributes:
        checkpoint: the weights.
        until_us: the latest moment of this person's history that they have learned from; None for none of it.
    """

    checkpoint: Checkpoint
    until_us: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the new weights did against those in use.

    Attributes:
        promoted: whether the new ones are to be used.
        judged: decisions that it was judged by.
        new_nats, running_nats: mean surprise on them; None if nothing was judged.
    """

    promoted: bool
    judged: int = 0
    new_nats: float | None = None
    running_nats: float | None = None


def prequential(weights: Checkpoint, data: Dataset) -> Iterator[Score]:
    """Predict each decision, then learn from it, as the live predictor does; yields the running score after each."""
    net = NumpyNet(weights)
    adapter = Adapter(net)
    score = Score()
    for number in range(len(data)):
        given, chosen = data.decision(number)
        made = net.forward(given)
        score.add_policy(made.policy[: given.named], chosen)
        adapter.learn(made, chosen)
        yield score


def judge(new: Checkpoint, running: Running, tail: Dataset, times_us: I64) -> Verdict:
    """Compare new weights with those in use.

    Args:
        new: has learned from nothing of `tail`.
        running: the weights in use.
        tail: the latest decisions.
        times_us: [N], when each was made; 0 if that is not known.
    """
    unseen = len(tail) if running.until_us is None else int((times_us > running.until_us).sum())
    # The latest ones: a clock that went back may have put some of them elsewhere, which makes them fewer, never seen.
    taken = min(unseen if unseen >= MIN_FRESH else len(tail), MAX_FRESH)
    data = tail.slice(len(tail) - taken, len(tail))
    new_nats, running_nats = (_nats(weights, data) for weights in (new, running.checkpoint))
    return Verdict(new_nats < running_nats, taken, new_nats, running_nats)


@dataclass(frozen=True, slots=True)
class Regret:
    """How much more the weights in use were surprised than others would have been, on the same actions.

    Attributes:
        actions: how many were compared.
        nats: mean of the differences, above 0 if the others would have been better.
        error: standard error of that mean.
    """

    actions: int
    nats: float
    error: float

    @property
    def is_certain(self) -> bool:
        """Whether there is hardly a doubt that the others were better: two standard errors, and enough actions."""
        return self.actions >= MIN_REVIEWED and self.nats > 2 * self.error


def regret(steps: Sequence[Step], since: int, used: Checkpoint, other: Checkpoint) -> Regret:
    """Compare weights that are in use with others on what was done since they are.

    Args:
        steps: the person's history, oldest first.
        since: the first of `steps` that the weights in use had not learned from.
        used: the weights in use.
        other: those that would be used in their place.
    """
    statistics = Statistics()
    rivals = [(net, Adapter(net)) for net in (NumpyNet(used), NumpyNet(other))]
    differences: list[float] = []
    for number, step in enumerate(steps):
        if number >= since and statistics.time and statistics.is_action(step):
            made = [net.forward(decision(statistics)) for net, _ in rivals]
            chosen = made[0].decision.row_of(statistics.ids.get(step.action, -1), number_of(kind_of(step.action)))
            mine, theirs = (float(np.log(max(each.policy[chosen], _LEAST))) for each in made)
            differences.append(theirs - mine)
            for (_, adapter), each in zip(rivals, made, strict=True):
                adapter.learn(each, chosen)
        statistics.observe(step)
    count = len(differences)
    spread = float(np.std(differences, ddof=1)) if count > 1 else float("inf")
    return Regret(count, float(np.mean(differences)) if count else 0.0, spread / max(count, 1) ** 0.5)


def _nats(weights: Checkpoint, data: Dataset) -> float:
    nats = np.inf
    for score in prequential(weights, data):
        nats = score.nats
    return float(nats)
