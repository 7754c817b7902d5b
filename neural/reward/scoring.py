"""Prequential scoring: each prediction is made before its truth is known, and compared with simple baselines."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

FLOOR: Final = 1e-6
LISTED: Final = 10
BASELINES: Final = ("most recent", "most frequent", "ipam", "markov-3")
_IPAM_ALPHA: Final = 0.8
_PRUNE_BELOW: Final = 1e-9


class _Baseline(Protocol):
    def ranked(self) -> Sequence[str]: ...
    def update(self, action: str) -> None: ...


class _MostRecent:
    def __init__(self) -> None:
        self._order: dict[str, None] = {}

    def ranked(self) -> Sequence[str]:
        return tuple(reversed(self._order))[: LISTED + 2]

    def update(self, action: str) -> None:
        self._order.pop(action, None)
        self._order[action] = None


class _MostFrequent:
    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def ranked(self) -> Sequence[str]:
        return [action for action, _ in self._counts.most_common(LISTED + 2)]

    def update(self, action: str) -> None:
        self._counts[action] += 1


class _Ipam:
    """A first-order table that forgets, over a default row (Davison and Hirsh, 1998, alpha 0.8)."""

    def __init__(self) -> None:
        self._rows: dict[str | None, dict[str, float]] = {}
        self._default: dict[str, float] = {}
        self._last: str | None = None

    def ranked(self) -> Sequence[str]:
        row = self._rows.get(self._last, self._default)
        return sorted(row, key=row.__getitem__, reverse=True)[: LISTED + 2]

    def update(self, action: str) -> None:
        row = self._rows.setdefault(self._last, dict(self._default))
        for table in (row, self._default):
            for known in list(table):
                table[known] *= _IPAM_ALPHA
                if table[known] < _PRUNE_BELOW:
                    del table[known]
            table[action] = table.get(action, 0.0) + 1 - _IPAM_ALPHA
        self._last = action


class _Markov:
    """The longest context of at most three actions that was seen before, then shorter ones to fill the list."""

    def __init__(self, order: int = 3) -> None:
        self._tables: list[defaultdict[tuple[str, ...], Counter[str]]] = [
            defaultdict(Counter) for _ in range(order + 1)
        ]
        self._past: tuple[str, ...] = ()

    def ranked(self) -> Sequence[str]:
        found: dict[str, None] = {}
        for order in range(len(self._past), -1, -1):
            row = self._tables[order].get(self._past[len(self._past) - order :])
            if row:
                found.update(dict.fromkeys(action for action, _ in row.most_common(LISTED + 2)))
            if len(found) >= LISTED + 2:
                break
        return list(found)[: LISTED + 2]

    def update(self, action: str) -> None:
        for order in range(len(self._past) + 1):
            self._tables[order][self._past[len(self._past) - order :]][action] += 1
        self._past = (*self._past, action)[-(len(self._tables) - 1) :]


class Baselines:
    """The four baselines of BASELINES, kept up with one person's actions."""

    def __init__(self) -> None:
        self._all: dict[str, _Baseline] = dict(
            zip(BASELINES, (_MostRecent(), _MostFrequent(), _Ipam(), _Markov()), strict=True)
        )

    def ranks(self, truth: str, banned: str | None = None) -> tuple[tuple[str, int], ...]:
        """The rank each baseline gives the truth, from 1; 0 if it is not among its first ten.

        Args:
            truth: what happened; call this before `update`.
            banned: what could not come next (what lasts already), left out of the lists.
        """
        ranks = []
        for name, baseline in self._all.items():
            listed = [action for action in baseline.ranked() if action != banned][:LISTED]
            ranks.append((name, listed.index(truth) + 1 if truth in listed else 0))
        return tuple(ranks)

    def update(self, action: str) -> None:
        """Take in what happened."""
        for baseline in self._all.values():
            baseline.update(action)


@dataclass(slots=True)
class Score:
    """Hit rates, nats and calibration of a row of predictions; `add` each, then read.

    Attributes:
        rows: (rank from 1 or 0, probability of the truth, probability of the first).
    """

    rows: list[tuple[int, float, float]] = field(default_factory=list)

    def add(self, rank: int, probability: float, first: float) -> None:
        """One prediction and what became of it.

        Args:
            rank: of the truth, from 1; 0 if it was not listed.
            probability: given to the truth.
            first: given to the first guess.
        """
        self.rows.append((rank, max(min(probability, 1.0), FLOOR), first))

    def add_policy(self, policy: NDArray[np.float32], chosen: int) -> None:
        """One prediction as probabilities of named candidates, and the row that came; one beyond them has no name."""
        listed = np.argsort(-policy, kind="stable")[:LISTED]
        place = np.flatnonzero(listed == chosen)
        self.add(
            rank=int(place[0]) + 1 if place.size else 0,
            probability=float(policy[chosen]) if place.size else 0.0,
            first=float(policy[listed[0]]) if listed.size else 0.0,
        )

    def tail(self, share: float = 0.2) -> Score:
        """The score over the latest share of the rows."""
        return Score(self.rows[int(len(self.rows) * (1 - share)) :])

    def top(self, count: int) -> float:
        """Share of truths among the first `count`; 0 without rows."""
        return sum(1 <= rank <= count for rank, *_ in self.rows) / max(len(self.rows), 1)

    @property
    def nats(self) -> float:
        """Mean surprise; a truth that was not listed counts as FLOOR. 0 without rows."""
        return -sum(math.log(probability) for _, probability, _ in self.rows) / max(len(self.rows), 1)

    @property
    def calibration_error(self) -> float:
        """Expected calibration error of the first answer over ten bins (Guo and others, 2017)."""
        bins: defaultdict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for rank, _, first in self.rows:
            bins[min(int(first * 10), 9)][0] += first
            bins[min(int(first * 10), 9)][1] += rank == 1
        return sum(abs(said - came) for said, came in bins.values()) / max(len(self.rows), 1)
