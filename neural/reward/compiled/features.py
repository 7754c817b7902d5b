"""The net's input at a moment, as `neural.reward.features.features` lays it out."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from neural.reward.compiled.context import find
from neural.reward.compiled.jit import compiled, mix, pair_key
from neural.reward.compiled.state import (
    ACTED_S,
    BEGAN_S,
    KEYS,
    KIND_BEFORE,
    LAST_KIND,
    LOCAL_S,
    NAMES,
    NOW_S,
    PAUSE_S,
    SESSION,
    SESSION_ACTIONS,
    TIME,
    TITLES_SEEN,
    Actions,
    Here,
    Match,
    Pairs,
    Shares,
    State,
)
from neural.reward.features.context import HOUR_S, TITLE_WORDS
from neural.reward.features.features import (
    ACTION_FEATURES,
    BUCKETS,
    FLOOR,
    INDICATORS,
    KIND_AT,
    NEW,
    NEW_HASHES,
    OWN_AT,
    SATURDAY,
    SHARES_AT,
    WORDS_AT,
)
from neural.reward.features.hash_tables import F32, I64, LOG_DECAYS, U64
from neural.reward.features.match_model import MATCH_LENGTHS
from neural.reward.features.statistics import CANDIDATES, CONTEXTS, NEVER

_K: Final = len(CONTEXTS)
_A: Final = len(ACTION_FEATURES)
_MODELS: Final = len(MATCH_LENGTHS)
_INDICATORS: Final = len(INDICATORS)
_NONE: Final = np.float32(0)
_FINEST: Final = np.float32(1 / FLOOR)
_SPAN: Final = np.float32(-1 / np.log(FLOOR))
_ONE: Final = np.float32(1)
_ZERO: Final = np.uint64(0)
_TABLED: Final = 2_048
_WHOLE: Final = np.arange(_TABLED, dtype=np.float32)
_DECAYED: Final = np.exp(_WHOLE[None, :] * LOG_DECAYS[:, None])
_LOGS: Final = np.log1p(_WHOLE) * np.float32(0.25)
"""Ages and counts are whole numbers, most of them small."""
_TURN: Final = 2 * np.pi / (24 * HOUR_S)


@compiled
def write(state: State, of_state: F32, of_action: F32, indicators: NDArray[np.int16]) -> None:
    """Fill one decision's rows, which are blank: [S], [SLOTS, A] and [SLOTS, H].

    Args:
        state: of the person.
        of_state: [S], blank.
        of_action: [SLOTS, A], blank.
        indicators: [SLOTS, H], blank.
    """
    here, contexts, actions = state.here, state.contexts, state.actions
    best = of_state[2 * _K : 3 * _K]
    known, mass = np.empty(KEYS, np.int64), np.empty((KEYS, 4), np.float32)
    count = _known(here.slots, contexts.uses, known, mass)
    named = here.candidates[: here.sizes[0]]
    uses = np.empty(KEYS, np.float32)
    for place in range(count):
        uses[place] = contexts.uses[here.slots[known[place]]]
    _of_contexts(here.keys, uses, state.pairs, actions.hashes, named, known[:count], mass, of_action, best)
    _of_actions(here, actions, named, of_action)
    _of_repetition(state.match, named, of_action)
    _of_kinds(state.shares, here, actions.kinds, of_action)
    for place in range(_K):
        slot = here.slots[place]
        of_state[place] = np.log1p(contexts.uses[slot]) * np.float32(0.2)
        of_state[_K + place] = contexts.distinct[slot] / (contexts.uses[slot] + _ONE)
    for model in range(_MODELS):
        of_state[3 * _K + model] = state.match.lengths[model] / 16
        of_state[3 * _K + _MODELS + model] = state.match.rates[model]
    kind = actions.kinds[here.past[0]] if here.past[0] >= 0 else -1
    _of_state(here, kind, of_state[3 * _K + 2 * _MODELS :])
    _indicators(here, actions.hashes, indicators)


@compiled
def _known(slots: I64, uses: F32, known: I64, mass: F32) -> int:
    """The contexts that occurred before, and what each one's weights add up to; returns how many there are."""
    count = 0
    for place in range(KEYS):
        if slots[place] == uses.size - 1:
            continue
        used = max(uses[slots[place]], _ONE)
        for speed in range(3):
            mass[count, speed] = _ONE / (_ONE - np.exp(used * LOG_DECAYS[speed]))
        mass[count, 3] = _ONE / used
        known[count] = place
        count += 1
    return count


@compiled
def _level(frequency: np.float32) -> np.float32:
    level: np.float32 = np.log(frequency * _FINEST + _ONE) * _SPAN
    return level


@compiled
def _decayed(weight: np.float32, age: np.float32, speed: int) -> np.float32:
    left: np.float32 = weight * (_DECAYED[speed, int(age)] if age < _TABLED else np.exp(age * LOG_DECAYS[speed]))
    return left


@compiled
def _counted(times: np.float32) -> np.float32:
    counted: np.float32 = _LOGS[int(times)] if times < _TABLED else np.log1p(times) * np.float32(0.25)
    return counted


@compiled
def _of_contexts(
    keys: U64, uses: F32, pairs: Pairs, hashes: U64, named: I64, known: I64, mass: F32, out: F32, best: F32
) -> None:
    # One call for all rows, and no array cut from another inside: each costs a locked count of references.
    tags, shift, times_of, seen_at, weight = pairs.tags, pairs.shift, pairs.times, pairs.seen_at, pairs.weight
    words = 0
    for place in range(known.size):
        words += known[place] >= _K
    for row in range(named.size):
        action_hash = hashes[named[row]]
        word_best, word_sum, word_share, word_count = _NONE, _NONE, _NONE, _NONE
        for place in range(known.size):
            context = known[place]
            slot = find(tags, shift, pair_key(keys[context], action_hash))
            if slot == tags.size:
                continue
            times = times_of[slot]
            age = max(uses[place] - seen_at[slot], _NONE)
            middle = _decayed(weight[slot, 1], age, 1) * mass[place, 1]
            level, share, count = _level(middle), _level(times * mass[place, 3]), _counted(times)
            if context < _K:
                out[row, context] = _level(_decayed(weight[slot, 0], age, 0) * mass[place, 0])
                out[row, _K + context] = level
                out[row, 2 * _K + context] = _level(_decayed(weight[slot, 2], age, 2) * mass[place, 2])
                out[row, 3 * _K + context] = share
                out[row, 4 * _K + context] = count
                out[row, 5 * _K + context] = np.float32(times > 0) / (_ONE + age)
                best[context] = max(best[context], middle)
            else:
                word_best, word_count = max(word_best, level), max(word_count, count)
                word_sum += level
                word_share += share
        if words:
            out[row, WORDS_AT] = word_best
            out[row, WORDS_AT + 1] = word_sum / np.float32(words)
            out[row, WORDS_AT + 2] = word_share / np.float32(words)
            out[row, WORDS_AT + 3] = word_count


@compiled
def _of_actions(here: Here, actions: Actions, named: I64, out: F32) -> None:
    time, session, now_s, past = here.numbers[TIME], here.numbers[SESSION], here.times[NOW_S], here.past
    seen_at, kinds = np.empty(named.size, np.int64), actions.kinds
    for row in range(named.size):
        seen_at[row] = actions.seen_at[named[row]]
    for row in range(named.size):
        action = named[row]
        rank = 0
        for other in range(named.size):
            rank += seen_at[other] > seen_at[row]
        out[row, OWN_AT] = _ONE / np.float32(1 + rank)
        out[row, OWN_AT + 1] = _ONE - np.log1p(np.float32(time - seen_at[row])) * np.float32(0.1)
        seen_s = actions.seen_s[action]
        if not np.isnan(now_s) and seen_s != NEVER:
            out[row, OWN_AT + 2] = np.log1p(max(now_s - seen_s, 0.0)) * 0.08
            out[row, OWN_AT + 3] = 1
        out[row, OWN_AT + 4] = actions.session_of[action] == session
        out[row, OWN_AT + 5] = np.log1p(actions.counts[action]) * np.float32(0.15)
        for back in range(4):
            out[row, OWN_AT + 6 + back] = action == past[back]
        out[row, OWN_AT + 10] = past[0] >= 0 and kinds[action] == kinds[past[0]]


@compiled
def _of_repetition(match: Match, named: I64, out: F32) -> None:
    for row in range(named.size):
        for model in range(_MODELS):
            if named[row] == match.predicted[model]:
                out[row, OWN_AT + 11 + model] = 1
                out[row, OWN_AT + 11 + _MODELS + model] = np.log1p(match.lengths[model]) * np.float32(0.3)


@compiled
def _of_kinds(shares: Shares, here: Here, kinds: I64, out: F32) -> None:
    last, before = here.numbers[LAST_KIND], here.numbers[KIND_BEFORE]
    for kind in range(NEW):
        row = CANDIDATES + kind
        for speed in range(3):
            out[row, SHARES_AT + speed] = _level(shares.frequency[kind, speed])
        if last >= 0:
            out[row, SHARES_AT + 3] = _level(shares.after_one[last, kind])
        if before >= 0:
            out[row, SHARES_AT + 4] = _level(shares.after_two[before, last, kind])
        out[row, SHARES_AT + 5] = _level(shares.new[kind, 0])
        out[row, SHARES_AT + 6] = _level(shares.new[kind, 1])
        out[row, SHARES_AT + 7] = np.log1p(shares.uses[kind]) * np.float32(0.15)
        out[row, KIND_AT + kind] = 1
        out[row, _A - 1] = 1
    for place in range(here.sizes[0]):
        kind = kinds[here.candidates[place]]
        for share in range(SHARES_AT, KIND_AT):
            out[place, share] = out[CANDIDATES + kind, share]
        out[place, KIND_AT + kind] = 1


@compiled
def _of_state(here: Here, kind: int, out: F32) -> None:
    numbers, times = here.numbers, here.times
    for speed in range(3):
        out[speed] = here.new_rates[speed]
    now_s, local_s = times[NOW_S], times[LOCAL_S]
    if not np.isnan(now_s):
        out[3] = 1
        out[4], out[5] = np.sin(local_s * _TURN), np.cos(local_s * _TURN)
        out[6] = local_s // (24 * HOUR_S) % 7 >= SATURDAY
        out[7] = _seconds(times[PAUSE_S])
    out[8] = np.log1p(float(numbers[SESSION_ACTIONS])) * 0.2
    out[9] = _seconds(now_s - times[BEGAN_S])
    out[10] = _seconds(now_s - times[ACTED_S])
    out[11] = np.log1p(float(numbers[TITLES_SEEN])) * 0.3
    out[12] = numbers[SESSION_ACTIONS] <= 1
    out[13] = np.log1p(float(numbers[TIME])) * 0.1
    out[14] = np.log1p(float(numbers[NAMES])) * 0.15
    if kind >= 0:
        out[15 + kind] = 1


@compiled
def _seconds(seconds: float) -> float:
    """Of seconds that are not known, NaN, nothing."""
    return 0.0 if np.isnan(seconds) else 0.1 * np.log1p(max(seconds, 0.0))


@compiled
def _indicators(here: Here, hashes: U64, out: NDArray[np.int16]) -> None:
    keys = np.zeros(_INDICATORS, np.uint64)
    keys[0] = mix(np.uint64(1), np.uint64(61))
    if here.past[0] >= 0:
        keys[1] = mix(np.uint64(here.past[0] + 1), np.uint64(62))
    local_s, now_s, began_s = here.times[LOCAL_S], here.times[NOW_S], here.times[BEGAN_S]
    if not np.isnan(local_s):
        hour = int(local_s // HOUR_S)
        keys[2] = mix(np.uint64(hour % 24), np.uint64(63))
        keys[3] = mix(np.uint64(hour // 24 % 7), np.uint64(64))
        tired = 0.0 if np.isnan(began_s) else max(now_s - began_s, 0.0) / (0.5 * HOUR_S)
        keys[7] = mix(np.uint64(min(int(tired), 16)), np.uint64(67))
    if here.project[0]:
        keys[4] = mix(here.project[0], np.uint64(65))
    for word in range(min(2, here.sizes[1], TITLE_WORDS)):
        if here.words[word]:
            keys[5 + word] = mix(here.words[word], np.uint64(66))
    for row in range(out.shape[0]):
        if row >= here.sizes[0] and row < CANDIDATES:
            continue
        own = NEW_HASHES[row - CANDIDATES] if row >= CANDIDATES else hashes[here.candidates[row]]
        for place in range(_INDICATORS):
            if keys[place] != _ZERO:
                out[row, place] = np.int64(pair_key(keys[place], own) % np.uint64(BUCKETS))
