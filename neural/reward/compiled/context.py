"""A moment: its contexts, their slots in the tables, and which actions may come next."""

from __future__ import annotations

from typing import Final

import numpy as np

from neural.reward.compiled.jit import compiled, mix
from neural.reward.compiled.state import (
    F64,
    I32,
    KEYS,
    LOCAL_S,
    NEWEST,
    PAUSE_S,
    SESSION_ACTIONS,
    TIME,
    U32,
    Actions,
    Contexts,
    Here,
)
from neural.reward.features.context import EARLY_CONTEXTS, HOUR_S, ORDERS, PAUSES_S, TITLE_WORDS
from neural.reward.features.hash_tables import I64, SUCCESSORS, U64, WAYS
from neural.reward.features.statistics import BY_PROMISE, CANDIDATES, CONTEXTS, RECENT

_EARLY: Final = len(EARLY_CONTEXTS)
_CONTEXTS: Final = len(CONTEXTS)
_LATELY: Final = 3
"""Successors of each context that come before all else among the candidates."""
_LOOKED_BACK: Final = CANDIDATES + 8
_ZERO: Final = np.uint64(0)
_PROMISING: Final = BY_PROMISE
_PAUSES: Final = np.array(PAUSES_S, np.float64)


@compiled
def find(tags: U32, shift: np.uint64, key: np.uint64) -> int:
    """The slot of a key; the slot after the last one if it is not there.

    Args:
        tags: [slots] of the table.
        shift: takes a key to its bucket.
        key: 64 bits.
    """
    bucket = np.int64(key >> shift)
    tag = np.uint32(key) | np.uint32(1)
    for way in range(WAYS - 1, -1, -1):
        if tags[bucket, way] == tag:
            return int(bucket) * WAYS + way
    return tags.size


@compiled
def look(here: Here, contexts: Contexts) -> None:
    """Fill `keys` and `slots` of this moment."""
    _early_keys(here.past, here.keys)
    _time_keys(here.numbers, here.times, here.keys, np.uint64(here.past[0] + 1))
    _place_keys(here, np.uint64(here.past[0] + 1))
    for place in range(_EARLY):
        here.slots[place] = _slot(contexts, here.keys[place])
    _late_keys(here, contexts.successors)
    for place in range(_EARLY, KEYS):
        here.slots[place] = _slot(contexts, here.keys[place])


@compiled
def _slot(contexts: Contexts, key: np.uint64) -> int:
    return contexts.tags.size if key == _ZERO else find(contexts.tags, contexts.shift, key)


@compiled
def _early_keys(past: I64, keys: U64) -> None:
    one, two, three = np.uint64(past[0] + 1), np.uint64(past[1] + 1), np.uint64(past[2] + 1)
    keys[0] = mix(_ZERO, np.uint64(1))
    running = np.uint64(1)
    for order in range(1, ORDERS + 1):
        there = past[order - 1] >= 0 and running != _ZERO
        running = mix(running, np.uint64(past[order - 1] + 2)) if there else _ZERO
        keys[order] = mix(running, np.uint64(order)) if running != _ZERO else _ZERO
    keys[6] = mix(two, np.uint64(21)) if two else _ZERO
    keys[7] = mix(three, np.uint64(22)) if three else _ZERO
    keys[8] = mix(mix(one, three), np.uint64(23)) if three else _ZERO
    keys[9] = mix(mix(two, three), np.uint64(24)) if three else _ZERO
    low, high = min(one, two, three), max(one, two, three)
    middle = one + two + three - low - high
    keys[10] = mix(mix(mix(low, middle), high), np.uint64(25)) if low else _ZERO


@compiled
def _time_keys(numbers: I64, times: F64, keys: U64, one: np.uint64) -> None:
    local_s, pause_s = times[LOCAL_S], times[PAUSE_S]
    for place in range(11, 14):
        keys[place] = _ZERO
    if np.isnan(local_s):
        return
    hour = int(local_s // HOUR_S)
    pause = 9
    if not np.isnan(pause_s):
        pause = 0
        for edge in _PAUSES:
            pause += pause_s > edge
    if numbers[SESSION_ACTIONS] <= 1:
        pause += 16
    keys[11] = mix(np.uint64(hour % 24), np.uint64(31))
    keys[12] = mix(np.uint64(hour % 168), np.uint64(32))
    keys[13] = mix(mix(one, np.uint64(pause)), np.uint64(33))


@compiled
def _place_keys(here: Here, one: np.uint64) -> None:
    keys = here.keys
    words = here.sizes[1]
    title = one if words else _ZERO
    for word in range(words):
        title = mix(title, here.words[TITLE_WORDS + word])
    keys[14] = title
    project = here.project[0]
    keys[15] = mix(project, np.uint64(34)) if project else _ZERO
    keys[16] = mix(mix(project, one), np.uint64(35)) if project else _ZERO


@compiled
def _late_keys(here: Here, successors: I32) -> None:
    keys = here.keys
    one, two = np.uint64(here.past[0] + 1), np.uint64(here.past[1] + 1)
    last = np.uint64(successors[here.slots[1], 0] + 1)
    before = np.uint64(successors[here.slots[1], 1] + 1)
    of_two = np.uint64(successors[here.slots[2], 0] + 1)
    keys[_EARLY] = mix(mix(one, last), np.uint64(41)) if last else _ZERO
    keys[_EARLY + 1] = mix(mix(mix(one, two), of_two), np.uint64(42)) if of_two else _ZERO
    keys[_EARLY + 2] = mix(mix(mix(one, last), before), np.uint64(43)) if before else _ZERO
    for word in range(TITLE_WORDS):
        there = word < here.sizes[1]
        keys[_CONTEXTS + word] = mix(here.words[word], np.uint64(51)) if there else _ZERO


@compiled
def choose(here: Here, successors: I32, actions: Actions, predicted: I64) -> None:
    """Fill `candidates` of this moment, whose contexts are at hand; the more promising first.

    Args:
        here: the moment, whose contexts are looked up.
        successors: [slots, successors] ids, the most recent first.
        actions: of the person so far.
        predicted: [MATCHES] ids that the match model predicts.
    """
    taken, now = 0, here.numbers[TIME]
    stamp, out, slots = actions.stamp, here.candidates, here.slots
    for lasting in here.current:
        if lasting >= 0:
            stamp[lasting] = now
    for action in predicted:
        taken = _take(action, stamp, out, taken, now)
    for rank in range(_LATELY):
        for context in _PROMISING:
            taken = _take(successors[slots[context], rank], stamp, out, taken, now)
    taken = _take_recent(here.numbers[NEWEST], RECENT, actions.older, stamp, out, taken, now)
    for action in here.frequent:
        taken = _take(action, stamp, out, taken, now)
    for rank in range(_LATELY, SUCCESSORS):
        for context in _PROMISING:
            taken = _take(successors[slots[context], rank], stamp, out, taken, now)
    here.sizes[0] = _take_recent(here.numbers[NEWEST], _LOOKED_BACK, actions.older, stamp, out, taken, now)


@compiled
def _take_recent(action: int, count: int, older: I64, stamp: I64, out: I64, taken: int, now: int) -> int:
    for _ in range(count):
        if action < 0:
            break
        taken = _take(action, stamp, out, taken, now)
        action = older[action]
    return taken


@compiled
def _take(action: int, stamp: I64, out: I64, taken: int, now: int) -> int:
    """One more candidate, if it is one and is not stamped yet: no candidate, and not what lasts already."""
    if action < 0 or taken == out.size or stamp[action] == now:
        return taken
    stamp[action] = now
    out[taken] = action
    return taken + 1
