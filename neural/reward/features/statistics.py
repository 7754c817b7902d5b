"""Adaptive statistics of one person's actions: what followed what, how often, how lately.

One pass, incremental, nothing of the future: what is read at a moment depends on the steps before it alone. The
statistics follow a habit's change at once, with no training, and hold no vocabulary of their own, so that a net which
reads them works for a person it has never seen. Contexts are orders 0 to 5, skips, an unordered bag, time, title words,
project, and the indirect contexts of data compression ("what followed here the last times"; Mahoney 2005).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from neural.reward.actions import Step, kind_of
from neural.reward.features.action_kinds import KindShares, number_of
from neural.reward.features.context import EARLY_CONTEXTS, LASTING, Context
from neural.reward.features.hash_tables import F32, I64, U64, ContextTable, PairTable, mix, pair_keys
from neural.reward.features.match_model import Matcher

CONTEXTS: Final = (*EARLY_CONTEXTS, "indirect 1", "indirect 2", "indirect 1 1")
CANDIDATES: Final = 40
NEVER: Final = -1.0
RECENT: Final = 12
FREQUENT: Final = 12
NEW_RATES: Final = (0.1, 0.02, 0.005)
"""Gains of the running share of actions that were never seen before."""
FREQUENT_EVERY: Final = 16
BY_PROMISE: Final = np.array(
    [CONTEXTS.index(name) for name in (
        "order 3", "order 2", "order 1", "title", "order 4", "indirect 1", "bag 3", "skip 1 3", "pause",
        "project order 1", "skip 2", "hour of week", "order 0",
    )]
)  # fmt: skip
"""The contexts whose successors are candidates, the most telling first."""


@dataclass(frozen=True, slots=True)
class ContextSnapshot:
    """All that the tables say at one moment.

    Attributes:
        candidates: [C] ids of the actions that may come next, the more promising first.
        keys, slots: [K] of CONTEXTS and then TITLE_WORDS words; key 0 if there is no such context now.
        uses, distinct: [K] float32, of each context.
        known: [L] the contexts among the K that occurred before; the others say nothing of any candidate.
        count, age: [L, C] float32, of each candidate in each of them; age in the context's own occurrences.
        weight: [L, C, 3] float32, decayed frequencies as of each pair's last occurrence.
    """

    candidates: I64
    keys: U64
    slots: I64
    uses: F32
    distinct: F32
    known: I64
    count: F32
    age: F32
    weight: F32

    def count_of(self, row: int) -> F32:
        """How often one candidate followed in each of the K contexts: [K] float32."""
        counts = np.zeros(self.keys.size, np.float32)
        counts[self.known] = self.count[:, row]
        return counts


class Statistics:
    """The running statistics of one person.

    Args:
        contexts_log2, pairs_log2: buckets of the tables; with the defaults they take 24 MB once full.
    """

    def __init__(self, contexts_log2: int = 15, pairs_log2: int = 17) -> None:
        self.contexts = ContextTable(contexts_log2)
        self.pairs = PairTable(pairs_log2)
        self.surroundings = Context()
        self.matcher = Matcher()
        self.names: list[str] = []
        self.ids: dict[str, int] = {}
        self.kinds: NDArray[np.int64] = np.zeros(256, np.int64)
        self.hashes: U64 = np.zeros(256, np.uint64)
        self.seen_at: I64 = np.zeros(256, np.int64)
        self.seen_s: NDArray[np.float64] = np.full(256, NEVER)
        self.session_of: I64 = np.full(256, -1, np.int64)
        self.counts: F32 = np.zeros(256, np.float32)
        self.time = 0
        self.new_rates: F32 = np.full(len(NEW_RATES), 0.1, np.float32)
        self.kind_shares = KindShares()
        self._recent: dict[int, None] = {}
        self._frequent: list[int] = []
        self._moment: ContextSnapshot | None = None

    def is_action(self, step: Step) -> bool:
        """Whether a step is a new action; False if it is what lasts already, seen again with another title."""
        kind = kind_of(step.action)
        return kind not in LASTING or self.surroundings.current.get(kind, -1) != self.ids.get(step.action, -2)

    def moment(self) -> ContextSnapshot:
        """What can be said now, before the next action is known."""
        if self._moment is None:
            keys, slots = self._keys_and_slots()
            self._moment = self._look(keys, slots, self._candidates(slots))
        return self._moment

    def wait_until(self, now_s: float) -> None:
        """Let time pass without a step, so that hours and pauses are those of the moment that is spoken of.

        Args:
            now_s: seconds since the epoch; a moment before the latest step changes nothing.
        """
        self.surroundings.wait_until(now_s)
        self._moment = None

    def observe(self, step: Step) -> bool:
        """Take in the next step; returns whether it was a new action (see `is_action`)."""
        new = self.is_action(step)
        if new:
            self._count(self._id_of(step.action))
        self.surroundings.enter(step)
        if new:
            self._act(step)
        self._moment = None
        return new

    def banned(self, action: str) -> str | None:
        """What lasts now of the action's kind and so cannot come next; None for kinds that do not last."""
        current = self.surroundings.current.get(kind_of(action), -1)
        return self.names[current] if current >= 0 else None

    def follow(self, step: Step) -> bool:
        """As `observe`, but for the tables, which stay as they are: to count the actions of a history."""
        new = self.is_action(step)
        self.surroundings.enter(step)
        if new:
            self.surroundings.act(self._id_of(step.action), step.action)
        return new

    def _look(self, keys: U64, slots: I64, candidates: I64) -> ContextSnapshot:
        known = np.flatnonzero(slots != self.contexts.missing)
        found = self.pairs.find(pair_keys(keys[known, None], self.hashes[candidates][None, :]))
        uses = self.contexts.uses[slots]
        return ContextSnapshot(
            candidates=candidates,
            keys=keys,
            slots=slots,
            uses=uses,
            distinct=self.contexts.distinct[slots],
            known=known,
            count=self.pairs.count[found],
            age=np.maximum(uses[known, None] - self.pairs.seen_at[found], 0),
            weight=self.pairs.weight[found],
        )

    def _keys_and_slots(self) -> tuple[U64, I64]:
        early = np.array(self.surroundings.keys(), np.uint64)
        slots = self._slots(early)
        late = np.array(self._indirect_keys(slots) + self.surroundings.word_keys(), np.uint64)
        return np.concatenate((early, late)), np.concatenate((slots, self._slots(late)))

    def _indirect_keys(self, slots: I64) -> list[int]:
        one, two = (action + 1 for action in self.surroundings.past[:2])
        last, before = (int(action) + 1 for action in self.contexts.successors[slots[1], :2])
        last_of_two = int(self.contexts.successors[slots[2], 0]) + 1
        return [
            mix(mix(one, last), 41) if last else 0,
            mix(mix(mix(one, two), last_of_two), 42) if last_of_two else 0,
            mix(mix(mix(one, last), before), 43) if before else 0,
        ]

    def _slots(self, keys: U64) -> I64:
        return np.where(keys == 0, self.contexts.missing, self.contexts.find(keys))

    def _candidates(self, slots: I64) -> I64:
        rows = self.contexts.successors[slots[BY_PROMISE]]
        found: dict[int, None] = {int(action): None for action in self.matcher.predicted}
        found.update(dict.fromkeys(rows[:, :3].T.ravel().tolist()))
        recent = list(islice(reversed(self._recent), CANDIDATES + 8))
        found.update(dict.fromkeys(recent[:RECENT]))
        found.update(dict.fromkeys(self._frequent))
        found.update(dict.fromkeys(rows[:, 3:].T.ravel().tolist()))
        found.update(dict.fromkeys(recent))
        for gone in (-1, *self.surroundings.current.values()):
            found.pop(gone, None)
        return np.fromiter(islice(found, CANDIDATES), np.int64)

    def _id_of(self, action: str) -> int:
        identity = self.ids.get(action)
        new = identity is None
        self.new_rates += (np.float32(new) - self.new_rates) * np.array(NEW_RATES, np.float32)
        if identity is not None:
            return identity
        identity = len(self.names)
        if identity == self.kinds.size:
            self._grow()
        self.ids[action] = identity
        self.names.append(action)
        self.kinds[identity] = number_of(kind_of(action))
        self.hashes[identity] = mix(7, identity)
        return identity

    def _grow(self) -> None:
        for name, blank in (
            ("kinds", 0),
            ("hashes", 0),
            ("seen_at", 0),
            ("seen_s", NEVER),
            ("session_of", -1),
            ("counts", 0),
        ):
            old = getattr(self, name)
            setattr(self, name, np.concatenate((old, np.full_like(old, blank))))

    def _count(self, action: int) -> None:
        """Let `action` follow in every context of this moment."""
        if self._moment is not None:
            keys, slots = self._moment.keys, self._moment.slots
        else:
            keys, slots = self._keys_and_slots()
        there = keys != 0
        keys, slots = keys[there], slots[there]
        slots = self.contexts.claim(keys, slots, self.time)
        uses = self.contexts.uses[slots]
        pairs = pair_keys(keys, self.hashes[action])
        found = self.pairs.find(pairs)
        self.pairs.add(self.pairs.claim(pairs, found, self.time), uses)
        self.contexts.add(slots, action, found == self.pairs.missing)

    def _act(self, step: Step) -> None:
        action = self.ids[step.action]
        self.time += 1
        self.matcher.add(action)
        self.surroundings.act(action, step.action)
        self.seen_at[action] = self.time
        self.session_of[action] = step.session
        self.kind_shares.add(int(self.kinds[action]), new=not self.counts[action])
        self.counts[action] += 1
        if self.surroundings.now_s is not None:
            self.seen_s[action] = self.surroundings.now_s
        self._recent.pop(action, None)
        self._recent[action] = None
        if self.time % FREQUENT_EVERY == 1:
            known = self.counts[: len(self.names)]
            self._frequent = np.argsort(-known, kind="stable")[:FREQUENT].tolist()
