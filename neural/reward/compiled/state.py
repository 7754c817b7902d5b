"""One person's running statistics as plain arrays, which compiled functions take and change."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from neural.reward.features.action_kinds import KINDS, NEW_AT_FIRST, NEW_GAINS
from neural.reward.features.context import ORDERS, TITLE_WORDS
from neural.reward.features.hash_tables import DECAYS, F32, I64, SUCCESSORS, U64, WAYS, mix
from neural.reward.features.match_model import INDEX_LOG2, MATCH_LENGTHS, RING
from neural.reward.features.statistics import CANDIDATES, CONTEXTS, FREQUENT, NEVER, NEW_RATES

F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
U32 = NDArray[np.uint32]
Flags = NDArray[np.bool_]

KEYS: Final = len(CONTEXTS) + TITLE_WORDS
TIME, SESSION, SESSION_ACTIONS, TITLES_SEEN, NAMES, LAST_KIND, KIND_BEFORE, NEWEST = range(8)
"""Places in `Here.numbers`; NEWEST is the action done last, the head of the list of recent ones."""
NOW_S, LOCAL_S, ACTED_S, PAUSE_S, BEGAN_S = range(5)
"""Places in `Here.times`; NaN for one that is not known."""
NO_SESSION: Final = -(1 << 62)


class Contexts(NamedTuple):
    """`hash_tables.ContextTable` as arrays; `shift` takes a key to its bucket, the last slot stands for "not there"."""

    shift: np.uint64
    tags: U32
    touched: U32
    uses: F32
    distinct: F32
    successors: I32


class Pairs(NamedTuple):
    """`neural.reward.features.hash_tables.PairTable`; `times` is its `count`."""

    shift: np.uint64
    tags: U32
    touched: U32
    seen_at: F32
    times: F32
    weight: F32


class Actions(NamedTuple):
    """What `Statistics` keeps of each action, [V].

    Attributes:
        older, newer: its neighbours in the list of recent ones, -1 at the ends.
        stamp: when it was last a candidate.
    """

    kinds: I64
    hashes: U64
    seen_at: I64
    seen_s: F64
    session_of: I64
    counts: F32
    older: I64
    newer: I64
    stamp: I64


class Match(NamedTuple):
    """`neural.reward.features.match_model.Matcher`; `places` is its index."""

    log: I32
    places: I64
    predicted: I64
    lengths: F32
    rates: F32
    at: I64


class Shares(NamedTuple):
    """`neural.reward.features.action_kinds.KindShares`."""

    frequency: F32
    after_one: F32
    after_two: F32
    new: F32
    uses: F32
    seen_after_one: I64
    seen_after_two: I64


class Here(NamedTuple):
    """`neural.reward.features.context.Context`, and what is made of it at a moment.

    Attributes:
        numbers, times: see the places above.
        project: [1] its hash, 0 for none.
        words: [W] of the title, the first TITLE_WORDS as they stand, then all of them sorted.
        keys, slots: [KEYS] the contexts of this moment.
        candidates: [CANDIDATES]; sizes[0] of them are there; sizes[1] is how many words the title has.
        new_rates: [3]; frequent: [FREQUENT] the actions done most often.
    """

    past: I64
    current: I64
    numbers: I64
    times: F64
    project: U64
    words: U64
    keys: U64
    slots: I64
    candidates: I64
    sizes: I64
    new_rates: F32
    frequent: I64


class State(NamedTuple):
    """All of it."""

    here: Here
    contexts: Contexts
    pairs: Pairs
    actions: Actions
    match: Match
    shares: Shares


def blank(kinds: I64, words: int, contexts_log2: int = 15, pairs_log2: int = 17) -> State:
    """The state before a person's first step.

    Args:
        kinds: [V] of all actions of the history, in the order in which they first come.
        words: of the longest title.
        contexts_log2: as of `Statistics`.
        pairs_log2: as of `Statistics`.
    """
    return State(
        here=_nowhere(words),
        contexts=Contexts(
            *_table(contexts_log2),
            uses=np.zeros((WAYS << contexts_log2) + 1, np.float32),
            distinct=np.zeros((WAYS << contexts_log2) + 1, np.float32),
            successors=np.full(((WAYS << contexts_log2) + 1, SUCCESSORS), -1, np.int32),
        ),
        pairs=Pairs(
            *_table(pairs_log2),
            seen_at=np.zeros((WAYS << pairs_log2) + 1, np.float32),
            times=np.zeros((WAYS << pairs_log2) + 1, np.float32),
            weight=np.zeros(((WAYS << pairs_log2) + 1, DECAYS.size), np.float32),
        ),
        actions=_no_actions(kinds),
        match=_no_match(),
        shares=_no_shares(),
    )


def _table(buckets_log2: int) -> tuple[np.uint64, U32, U32]:
    size = (1 << buckets_log2, WAYS)
    return np.uint64(64 - buckets_log2), np.zeros(size, np.uint32), np.zeros(size, np.uint32)


def _nowhere(words: int) -> Here:
    numbers = np.zeros(8, np.int64)
    numbers[[SESSION, LAST_KIND, KIND_BEFORE, NEWEST]] = NO_SESSION, -1, -1, -1
    return Here(
        past=np.full(ORDERS + 1, -1, np.int64),
        current=np.full(3, -1, np.int64),
        numbers=numbers,
        times=np.full(5, np.nan),
        project=np.zeros(1, np.uint64),
        words=np.zeros(words + TITLE_WORDS, np.uint64),
        keys=np.zeros(KEYS, np.uint64),
        slots=np.zeros(KEYS, np.int64),
        candidates=np.zeros(CANDIDATES, np.int64),
        sizes=np.zeros(2, np.int64),
        new_rates=np.full(len(NEW_RATES), 0.1, np.float32),
        frequent=np.full(FREQUENT, -1, np.int64),
    )


def _no_actions(kinds: I64) -> Actions:
    count = kinds.size
    return Actions(
        kinds=kinds,
        hashes=np.array([mix(7, identity) for identity in range(count)], np.uint64),
        seen_at=np.zeros(count, np.int64),
        seen_s=np.full(count, NEVER),
        session_of=np.full(count, -1, np.int64),
        counts=np.zeros(count, np.float32),
        older=np.full(count, -1, np.int64),
        newer=np.full(count, -1, np.int64),
        stamp=np.full(count, -1, np.int64),
    )


def _no_match() -> Match:
    models = len(MATCH_LENGTHS)
    return Match(
        log=np.full(RING, -1, np.int32),
        places=np.full((models, 1 << INDEX_LOG2), -1, np.int64),
        predicted=np.full(models, -1, np.int64),
        lengths=np.zeros(models, np.float32),
        rates=np.full(models, 0.5, np.float32),
        at=np.full(models, -1, np.int64),
    )


def _no_shares() -> Shares:
    count = len(KINDS)
    return Shares(
        frequency=np.zeros((count, DECAYS.size), np.float32),
        after_one=np.zeros((count, count), np.float32),
        after_two=np.zeros((count, count, count), np.float32),
        new=np.full((count, NEW_GAINS.size), NEW_AT_FIRST, np.float32),
        uses=np.zeros(count, np.float32),
        seen_after_one=np.zeros(count, np.int64),
        seen_after_two=np.zeros((count, count), np.int64),
    )
