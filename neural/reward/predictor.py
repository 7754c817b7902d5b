"""The live prediction: what a person will do next, in a millisecond of plain NumPy, learning as it goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from collectors.events import US_PER_S
from neural.reward.actions import KindChance, Step, kind_of
from neural.reward.adaptation import RATE, Adapter
from neural.reward.checkpoint import Checkpoint
from neural.reward.explaining.explain import because, explain
from neural.reward.explaining.explanation import Explanation
from neural.reward.features.action_kinds import chances, number_of
from neural.reward.features.features import Decision, decision
from neural.reward.features.statistics import Statistics
from neural.reward.inference import Activations, NumpyNet

ABSTAIN_BELOW: Final = 0.15
"""A first guess less likely than this is not worth showing: the program says that it does not know."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that may come next.

    Attributes:
        action: its token.
        probability: of being the next action, calibrated.
        reward: r(s, a) of the reward net, against the mean of the candidates of this moment.
        because: the statistics that speak for it, in plain words.
    """

    action: str
    probability: float
    reward: float
    because: str


@dataclass(frozen=True, slots=True)
class Forecast:
    """What may come next, most likely first; the probabilities and `something_new` add up to at most 1.

    Attributes:
        candidates: the named ones.
        something_new: probability of an action outside all that were weighed.
        kinds: what kind of action comes, the likeliest first; their probabilities add up to 1. That of an action is its
            kind's times its own within the kind.
    """

    candidates: tuple[Candidate, ...]
    something_new: float
    kinds: tuple[KindChance, ...] = ()

    @property
    def knows(self) -> bool:
        """False if the first guess is so unlikely that it should not be shown as one."""
        return bool(self.candidates) and self.candidates[0].probability >= ABSTAIN_BELOW


class Predictor:
    """Follows one person's steps and says what comes next.

    Args:
        checkpoint: the weights, see `neural.reward.checkpoint`.
        rate: of learning on the spot, after each action that a forecast was asked for; 0 for none.
    """

    def __init__(self, checkpoint: Checkpoint, rate: float = RATE) -> None:
        self._net = NumpyNet(checkpoint)
        self._adapter = Adapter(self._net, rate)
        self.statistics = Statistics()
        self._made: Activations | None = None
        self._latest: Step | None = None

    def is_action(self, step: Step) -> bool:
        """Whether a step would be a new action, one that a forecast is scored by; False for a mere new title."""
        return self.statistics.is_action(step)

    def observe(self, step: Step) -> bool:
        """Take in what happened; returns whether it was a new action. Cheap if no forecast was asked for before."""
        new = self.is_action(step)
        if new and self._made is not None:
            row = self._made.decision.row_of(self.statistics.ids.get(step.action, -1), number_of(kind_of(step.action)))
            self._adapter.learn(self._made, row)
            self._made = None
        self._latest = step
        return self.statistics.observe(step)

    def forecast(self, limit: int = 10, at_us: int | None = None) -> Forecast:
        """What comes next.

        Args:
            limit: candidates at most.
            at_us: the moment to speak of, if it is later than the last step; it decides the hour and the pause.
        """
        if at_us is not None:
            self.statistics.wait_until(at_us / US_PER_S)
        if not self.statistics.time:
            return Forecast((), 1.0)
        made = self._net.forward(self._decision())
        self._made = made
        named = made.policy[: made.decision.named]
        first = np.argsort(-named, kind="stable")[:limit]
        base = float(made.reward[: named.size].mean()) if named.size else 0.0
        return Forecast(
            tuple(
                Candidate(
                    action=self.statistics.names[made.decision.candidates[row]],
                    probability=float(named[row]),
                    reward=float(made.reward[row]) - base,
                    because=because(self._net, made, int(row), self.statistics),
                )
                for row in first
            ),
            something_new=float(made.policy[named.size :].sum()),
            kinds=chances(made.policy, self.statistics.kinds[made.decision.candidates]),
        )

    def explain(self) -> Explanation | None:
        """Why the first guess of this moment is the first; some milliseconds. None before there is a choice."""
        return None if self._latest is None else explain(self._net, self.statistics, self._latest)

    def ranking(self, limit: int = 10) -> list[tuple[str, float]]:
        """The likeliest actions and their probabilities alone: `forecast` without rewards and reasons."""
        if not self.statistics.time:
            return []
        self._made = made = self._net.forward(self._decision())
        named = made.policy[: made.decision.named]
        first = np.argsort(-named, kind="stable")[:limit]
        names, ids = self.statistics.names, made.decision.candidates
        return [(names[ids[row]], float(named[row])) for row in first]

    def _decision(self) -> Decision:
        return decision(self.statistics, indicators=self._net.indicators is not None)
