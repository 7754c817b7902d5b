"""Synthetic people who keep finding something new, for the shipped weights: how much is new is a trait of theirs.

Actions of a kind follow a Pitman-Yor process (Pitman and Yor 1997), the law of rich vocabularies: after n actions of V
different ones the next one is new with probability (theta + d V) / (theta + n), and otherwise an old one, the likelier
the more often it was done. Habits lie over it: what followed the last action before may follow it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from collectors.events import US_PER_S
from neural.reward.actions import Step
from neural.reward.features.context import LASTING

_KINDS: Final = ("app", "web", "cmd", "file", "git", "code")
_START_S: Final = 1_700_000_000
_PAUSE_S: Final = 40.0
_REST_S: Final = 6 * 3_600.0
_ACTIONS_A_SESSION: Final = 60


class _Vocabulary:
    """The actions of one kind."""

    def __init__(self, kind: str, random: np.random.Generator) -> None:
        self._kind = kind
        self._random = random
        self._discount = random.uniform(0, 0.8)
        self._strength = random.uniform(0.5, 20)
        self._counts: list[int] = []

    def draw(self) -> str:
        """The next action of the kind."""
        counts = np.array(self._counts, np.float64)
        weights = np.append(counts - self._discount, self._strength + self._discount * counts.size)
        place = int(self._random.choice(weights.size, p=weights / weights.sum()))
        if place == counts.size:
            self._counts.append(0)
        self._counts[place] += 1
        return f"{self._kind}:{place}"


def wander(seed: int, count: int) -> Iterator[Step]:
    """So many actions of one synthetic person.

    Args:
        seed: of the person; the same one, the same actions.
        count: actions, each a new one in the sense of `Statistics.is_action`.
    """
    random = np.random.default_rng(seed)
    kinds = random.choice(_KINDS, int(random.integers(1, 5)), replace=False)
    vocabularies = [_Vocabulary(str(kind), random) for kind in kinds]
    follows = random.dirichlet(np.full(kinds.size, 0.7), kinds.size)
    habit = random.uniform(0.1, 0.8)
    followed: dict[str, str] = {}
    current: dict[str, str] = {}
    now_s, last, kind, session = float(_START_S), "", 0, 0
    for number in range(count):
        kind = int(random.choice(kinds.size, p=follows[kind]))
        action = followed.get(last, "")
        if not action or random.random() > habit or action == current.get(action.partition(":")[0]):
            action = vocabularies[kind].draw()
            while action == current.get(str(kinds[kind])):
                action = vocabularies[kind].draw()
        kind = int(np.flatnonzero(kinds == action.partition(":")[0])[0])
        if kinds[kind] == "app":
            current.clear()
        if kinds[kind] in LASTING:
            current[str(kinds[kind])] = action
        followed[last] = action
        rests = number % _ACTIONS_A_SESSION == 0
        session += rests
        now_s += float(random.exponential(_REST_S if rests else _PAUSE_S))
        yield Step(round(now_s * US_PER_S), action, session=session)
        last = action
