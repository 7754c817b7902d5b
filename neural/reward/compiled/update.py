"""Taking in a step: what lasts, what followed what, and how often and how lately."""

from __future__ import annotations

from typing import Final

import numpy as np

from neural.reward.compiled.context import find
from neural.reward.compiled.jit import compiled, mix, pair_key
from neural.reward.compiled.state import (
    ACTED_S,
    BEGAN_S,
    I32,
    KEYS,
    KIND_BEFORE,
    LAST_KIND,
    LOCAL_S,
    NAMES,
    NEWEST,
    NOW_S,
    PAUSE_S,
    SESSION,
    SESSION_ACTIONS,
    TIME,
    TITLES_SEEN,
    U32,
    Actions,
    Contexts,
    Flags,
    Here,
    Match,
    Pairs,
    Shares,
)
from neural.reward.features.action_kinds import NEW_GAINS, SLOWEST
from neural.reward.features.hash_tables import DECAYS, F32, GAINS, I64, LOG_DECAYS, SUCCESSORS, U64, WAYS
from neural.reward.features.match_model import INDEX_LOG2, MATCH_LENGTHS, MATCH_LIMIT, RATE_GAIN, RING
from neural.reward.features.statistics import FREQUENT, FREQUENT_EVERY, NEW_RATES

_LEAST: Final = np.array(MATCH_LENGTHS, np.int64)
_NEW: Final = np.array(NEW_RATES, np.float32)
_GAIN: Final = np.float32(RATE_GAIN)
_ONE: Final = np.float32(1)
_ZERO: Final = np.uint64(0)


@compiled
def count(here: Here, contexts: Contexts, pairs: Pairs, action: int, action_hash: np.uint64) -> None:
    """Let `action` follow in every context of this moment, whose keys and slots are at hand.

    Args:
        here: the moment, whose contexts are looked up.
        contexts: their table.
        pairs: the table of context and action.
        action: its id.
        action_hash: 64 bits.
    """
    new = np.float32(action >= here.numbers[NAMES])
    here.numbers[NAMES] = max(here.numbers[NAMES], action + 1)
    for speed in range(_NEW.size):
        here.new_rates[speed] += (new - here.new_rates[speed]) * _NEW[speed]
    keys, slots = np.empty(KEYS, np.uint64), np.empty(KEYS, np.int64)
    there = 0
    for place in range(KEYS):
        if here.keys[place] != _ZERO:
            keys[there], slots[there] = here.keys[place], here.slots[place]
            there += 1
    time = here.numbers[TIME]
    fresh = _claim(contexts.tags, contexts.touched, contexts.shift, keys, slots, there, time)
    for place in range(there):
        if fresh[place]:
            contexts.uses[slots[place]] = 0
            contexts.distinct[slots[place]] = 0
            for rank in range(SUCCESSORS):
                contexts.successors[slots[place], rank] = -1
    for place in range(there):
        keys[place] = pair_key(keys[place], action_hash)
    _count_pairs(pairs, contexts, keys, slots, there, action, time)


@compiled
def _claim(tags: U32, touched: U32, shift: np.uint64, keys: U64, slots: I64, there: int, time: int) -> Flags:
    """As `tables._Table.claim`; changes `slots`, and tells which of them a new key took over."""
    fresh = np.zeros(KEYS, np.bool_)
    for place in range(there):
        if slots[place] == tags.size:
            bucket = np.int64(keys[place] >> shift)
            oldest = 0
            for way in range(1, WAYS):
                if touched[bucket, way] < touched[bucket, oldest]:
                    oldest = way
            fresh[place] = True
            slots[place] = bucket * WAYS + oldest
    for place in range(there):
        bucket, way = slots[place] // WAYS, slots[place] % WAYS
        if fresh[place]:
            tags[bucket, way] = np.uint32(keys[place]) | np.uint32(1)
        touched[bucket, way] = time
    return fresh


@compiled
def _count_pairs(pairs: Pairs, contexts: Contexts, keys: U64, slots: I64, there: int, action: int, time: int) -> None:
    found = np.empty(KEYS, np.int64)
    for place in range(there):
        found[place] = find(pairs.tags, pairs.shift, keys[place])
    fresh = _claim(pairs.tags, pairs.touched, pairs.shift, keys, found, there, time)
    for place in range(there):
        if fresh[place]:
            pairs.seen_at[found[place]] = 0
            pairs.times[found[place]] = 0
            for speed in range(DECAYS.size):
                pairs.weight[found[place], speed] = 0
    # Read all, then write all: if two keys share a slot, the last one stands, as it does in NumPy.
    uses, times = np.empty(KEYS, np.float32), np.empty(KEYS, np.float32)
    weight = np.empty((KEYS, DECAYS.size), np.float32)
    for place in range(there):
        slot = found[place]
        uses[place] = contexts.uses[slots[place]]
        age = max(uses[place] - pairs.seen_at[slot], np.float32(0))
        times[place] = pairs.times[slot] + _ONE
        for speed in range(DECAYS.size):
            held = pairs.weight[slot, speed] * np.exp(age * LOG_DECAYS[speed])
            weight[place, speed] = held * DECAYS[speed] + GAINS[speed]
    for place in range(there):
        for speed in range(DECAYS.size):
            pairs.weight[found[place], speed] = weight[place, speed]
        pairs.seen_at[found[place]] = uses[place] + _ONE
        pairs.times[found[place]] = times[place]
    _count_contexts(contexts, slots, fresh, uses, there, action)


@compiled
def _count_contexts(contexts: Contexts, slots: I64, novel: Flags, uses: F32, there: int, action: int) -> None:
    distinct = np.empty(KEYS, np.float32)
    rows = np.empty((KEYS, SUCCESSORS), np.int32)
    for place in range(there):
        distinct[place] = contexts.distinct[slots[place]] + np.float32(novel[place])
        for rank in range(SUCCESSORS):
            rows[place, rank] = contexts.successors[slots[place], rank]
    for place in range(there):
        slot, last = slots[place], SUCCESSORS - 1
        contexts.uses[slot] = uses[place] + _ONE
        contexts.distinct[slot] = distinct[place]
        for rank in range(SUCCESSORS):
            if rows[place, rank] == action:
                last = rank
                break
        contexts.successors[slot, 0] = action
        for rank in range(1, SUCCESSORS):
            contexts.successors[slot, rank] = rows[place, rank - 1 if rank <= last else rank]


@compiled
def enter(here: Here, session: int, now_s: float, local_s: float) -> None:
    """As `Context.enter`, but for title and project, which are put in place before.

    Args:
        here: the moment; title and project are in place.
        session: its number.
        now_s: UTC, seconds since the epoch.
        local_s: the same in local time.
    """
    numbers, times = here.numbers, here.times
    if session != numbers[SESSION]:
        numbers[SESSION] = session
        numbers[SESSION_ACTIONS] = 0
        times[BEGAN_S] = np.nan
    times[NOW_S], times[LOCAL_S] = now_s, local_s
    if not np.isnan(now_s):
        times[BEGAN_S] = now_s if np.isnan(times[BEGAN_S]) else min(times[BEGAN_S], now_s)
    numbers[TITLES_SEEN] += 1


@compiled
def act(here: Here, actions: Actions, action: int, lasting: int) -> None:
    """Take in a new action, after `count` and `enter`.

    Args:
        here: is changed.
        actions: are changed.
        action: its id.
        lasting: 0 for an application, 1 for a site, 2 for a file, -1 for what does not last.
    """
    numbers, times, past = here.numbers, here.times, here.past
    numbers[TIME] += 1
    for back in range(past.size - 1, 0, -1):
        past[back] = past[back - 1]
    past[0] = action
    numbers[TITLES_SEEN] = 0
    numbers[SESSION_ACTIONS] += 1
    now_s, acted_s = times[NOW_S], times[ACTED_S]
    if not np.isnan(now_s):
        times[PAUSE_S] = np.nan if np.isnan(acted_s) else max(now_s - acted_s, 0.0)
        times[ACTED_S] = now_s
        actions.seen_s[action] = now_s
    if lasting == 0:
        for place in range(here.current.size):
            here.current[place] = -1
    if lasting >= 0:
        here.current[lasting] = action
    actions.seen_at[action] = numbers[TIME]
    actions.session_of[action] = numbers[SESSION]
    actions.counts[action] += _ONE
    numbers[NEWEST] = _move_to_front(actions.older, actions.newer, numbers[NEWEST], action)
    if numbers[TIME] % FREQUENT_EVERY == 1:
        _rank(actions.counts, numbers[NAMES], here.frequent)


@compiled
def match(model: Match, size: int, action: int) -> None:
    """As `Matcher.add`; `size` actions were taken in before.

    Args:
        model: the match model.
        size: how many actions it has taken in.
        action: the next one's id.
    """
    model.log[size % RING] = action
    size += 1
    for number in range(_LEAST.size):
        if model.at[number] >= 0:
            right = model.predicted[number] == action
            model.rates[number] += _GAIN * (np.float32(right) - model.rates[number])
            model.at[number] = model.at[number] + 1 if right else -1
            model.lengths[number] = min(model.lengths[number] + _ONE, np.float32(MATCH_LIMIT)) if right else 0
        if size >= _LEAST[number]:
            _search(model, number, _LEAST[number], size)
        if model.at[number] >= 0 and size - model.at[number] >= RING:
            model.at[number] = -1
        model.predicted[number] = model.log[model.at[number] % RING] if model.at[number] >= 0 else -1


@compiled
def _search(model: Match, number: int, least: int, size: int) -> None:
    key = np.uint64(least)
    for back in range(1, least + 1):
        key = mix(key, np.uint64(model.log[(size - back) % RING]))
    place = np.int64(key >> np.uint64(64 - INDEX_LOG2))
    if model.at[number] < 0:
        at = model.places[number, place]
        length = _agreement(model.log, at, size) if at >= 0 else 0
        if length >= least:
            model.at[number] = at
            model.lengths[number] = length
    model.places[number, place] = size


@compiled
def _agreement(log: I32, at: int, size: int) -> int:
    if size - at >= RING - MATCH_LIMIT:
        return 0
    length = 0
    while length < min(at, MATCH_LIMIT):
        if log[(at - 1 - length) % RING] != log[(size - 1 - length) % RING]:
            break
        length += 1
    return length


@compiled
def count_kind(shares: Shares, numbers: I64, kind: int, new: float) -> None:
    """As `KindShares.add`; `new` is 1 for an action never seen before, else 0.

    Args:
        shares: of kinds.
        numbers: [kinds] counts.
        kind: its index.
        new: 1 for an action never seen before, else 0.
    """
    for other in range(shares.frequency.shape[0]):
        for speed in range(DECAYS.size):
            shares.frequency[other, speed] *= DECAYS[speed]
    for speed in range(DECAYS.size):
        shares.frequency[kind, speed] += GAINS[speed]
    last, before = numbers[LAST_KIND], numbers[KIND_BEFORE]
    if last >= 0:
        shares.seen_after_one[last] += 1
        _follow(shares.after_one[last], kind, shares.seen_after_one[last])
    if before >= 0:
        shares.seen_after_two[before, last] += 1
        _follow(shares.after_two[before, last], kind, shares.seen_after_two[before, last])
    for speed in range(NEW_GAINS.size):
        shares.new[kind, speed] += (np.float32(new) - shares.new[kind, speed]) * NEW_GAINS[speed]
    shares.uses[kind] += _ONE
    numbers[KIND_BEFORE], numbers[LAST_KIND] = last, kind


@compiled
def _follow(row: F32, kind: int, seen: int) -> None:
    gain = np.float32(max(1 / seen, SLOWEST))
    for other in range(row.size):
        row[other] *= _ONE - gain
    row[kind] += gain


@compiled
def _move_to_front(older: I64, newer: I64, head: int, action: int) -> int:
    if head == action:
        return head
    after, before = older[action], newer[action]
    if before >= 0:
        older[before] = after
    if after >= 0:
        newer[after] = before
    older[action], newer[action] = head, -1
    if head >= 0:
        newer[head] = action
    return action


@compiled
def _rank(counts: F32, names: int, frequent: I64) -> None:
    """The actions done most often; of those done as often, the one that came first is the first."""
    taken = 0
    for action in range(names):
        place = taken
        while place > 0 and counts[frequent[place - 1]] < counts[action]:
            place -= 1
        if place < FREQUENT:
            taken = min(taken + 1, FREQUENT)
            for after in range(taken - 1, place, -1):
                frequent[after] = frequent[after - 1]
            frequent[place] = action
