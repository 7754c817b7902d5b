"""From a moment's statistics to the net's input: x(s) of the state and x(s, a) of every candidate.

The layout is described by SCHEMA; its hash travels in every checkpoint, so that weights are never read against another
layout. Zero means "nothing known" throughout, and every value stays within a few units, as a net likes it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from neural.reward.features.action_kinds import KIND_FEATURES, KINDS
from neural.reward.features.context import TITLE_WORDS
from neural.reward.features.hash_tables import DECAYS, F32, I64, LOG_DECAYS, U64, mix, pair_keys
from neural.reward.features.match_model import MATCH_LENGTHS
from neural.reward.features.statistics import CANDIDATES, CONTEXTS, NEVER, ContextSnapshot, Statistics

BUCKETS: Final = 4_096
FLOOR: Final = 0.002
"""Frequencies below this are distinguished no more; the decay of 0.995 resolves little below it."""
NEW: Final = len(KINDS)
SLOTS: Final = CANDIDATES + NEW
"""Rows of a decision: the candidates, then "something new" of each of KINDS."""

_PER_CONTEXT: Final = (*(f"frequency {decay:g}" for decay in DECAYS), "share", "count", "lateness")
_OF_WORDS: Final = ("words best", "words mean", "words share", "words count")
_OF_ACTION: Final = (
    "rank of recency", "lateness of use", "seconds since", "seconds known", "this session", "uses",
    *(f"last {back}" for back in (1, 2, 3, 4)), "kind of last",
    *(f"repetition {length}" for length in MATCH_LENGTHS),
    *(f"long repetition {length}" for length in MATCH_LENGTHS),
    *(f"kind's {name}" for name in KIND_FEATURES), *(f"kind {kind}" for kind in KINDS), "something new",
)  # fmt: skip
_OF_CONTEXT: Final = ("occurrences", "novelty", "certainty")
_OF_STATE: Final = (
    *(f"repetition {length} length" for length in MATCH_LENGTHS),
    *(f"repetition {length} trust" for length in MATCH_LENGTHS),
    *(f"new rate {speed}" for speed in ("fast", "middle", "slow")),
    "time known", "hour sine", "hour cosine", "weekend", "pause",
    "session actions", "session length", "dwell", "titles", "session begins", "history", "vocabulary",
    *(f"now {kind}" for kind in KINDS),
)  # fmt: skip
ACTION_FEATURES: Final = (
    *(f"{context}: {name}" for name in _PER_CONTEXT for context in CONTEXTS),
    *_OF_WORDS,
    *_OF_ACTION,
)
STATE_FEATURES: Final = (*(f"{context}: {name}" for name in _OF_CONTEXT for context in CONTEXTS), *_OF_STATE)
INDICATORS: Final = ("action", "last", "hour", "weekday", "project", "word 1", "word 2", "fatigue")
SCHEMA: Final = "|".join((*ACTION_FEATURES, "/", *STATE_FEATURES, "/", *INDICATORS, f"{BUCKETS}", f"{FLOOR}", "2"))
SCHEMA_HASH: Final = hashlib.blake2b(SCHEMA.encode(), digest_size=8).hexdigest()

_K: Final = len(CONTEXTS)
_A: Final = len(ACTION_FEATURES)
WORDS_AT: Final = _K * len(_PER_CONTEXT)
OWN_AT: Final = WORDS_AT + len(_OF_WORDS)
KIND_AT: Final = _A - 1 - len(KINDS)
SHARES_AT: Final = KIND_AT - len(KIND_FEATURES)
_HOUR_S: Final = 3_600.0
SATURDAY: Final = 5
_LOG_SPAN: Final = float(-np.log(FLOOR))

NEW_HASHES: Final = np.array([mix(7, 0xFFFFFFFF - kind) for kind in range(NEW)], np.uint64)
_NO_INDICATORS: Final = np.zeros((0, len(INDICATORS)), np.int64)


@dataclass(frozen=True, slots=True)
class Decision:
    """One moment in which something was chosen.

    Attributes:
        candidates: [C] ids.
        state: [S] float32, of STATE_FEATURES.
        action: [C + NEW, A] float32, of ACTION_FEATURES; the last rows are "something new" of each of KINDS.
        indicators: [C + NEW, H] int64, buckets of INDICATORS, BUCKETS for one that is not there;
            without rows if they were not wanted.
    """

    candidates: I64
    state: F32
    action: F32
    indicators: I64

    @property
    def named(self) -> int:
        """How many rows have a name; those after them are "something new" of each kind."""
        return self.candidates.size

    def row_of(self, action: int, kind: int) -> int:
        """The row of an action by its id; if it is no candidate, "something new" of its kind (see `kinds`)."""
        place = np.flatnonzero(self.candidates == action)
        return int(place[0]) if place.size else self.named + kind


def decision(statistics: Statistics, *, indicators: bool = True) -> Decision:
    """The net's input at this moment; reads, and changes nothing.

    Args:
        statistics: of the person so far.
        indicators: whether the hashed indicators are wanted; a net without them saves the time.
    """
    moment = statistics.moment()
    action, certainty = _of_candidates(statistics, moment)
    return Decision(
        candidates=moment.candidates,
        state=_of_state(statistics, moment, certainty),
        action=action,
        indicators=_indicators(statistics, moment.candidates) if indicators else _NO_INDICATORS,
    )


def _level(frequency: F32) -> F32:
    """Log frequency between 0 (at or below FLOOR) and about 1 (always)."""
    level: F32 = np.log(frequency * (1 / FLOOR) + 1) / np.float32(_LOG_SPAN)
    return level


def _of_candidates(statistics: Statistics, moment: ContextSnapshot) -> tuple[F32, F32]:
    candidates = moment.candidates.size
    uses = np.maximum(moment.uses[moment.known], 1)
    mass = 1 - np.exp(uses[:, None] * LOG_DECAYS)  # [L, 3]: the weights of a context add up to this
    shares = np.empty((*moment.count.shape, 4), np.float32)  # [L, C, 4]
    shares[..., :3] = moment.weight * np.exp(moment.age[..., None] * LOG_DECAYS)
    shares[..., :3] /= mass[:, None, :]
    shares[..., 3] = moment.count / uses[:, None]
    level = _level(shares)
    count = np.log1p(moment.count) * np.float32(0.25)
    lateness = (moment.count > 0) / (1 + moment.age)

    out = np.zeros((candidates + NEW, _A), np.float32)
    plain = int(np.searchsorted(moment.known, _K))
    main = out[:candidates, :WORDS_AT].reshape(candidates, len(_PER_CONTEXT), _K)
    main[:, :4, moment.known[:plain]] = level[:plain].transpose(1, 2, 0)
    main[:, 4, moment.known[:plain]] = count[:plain].T
    main[:, 5, moment.known[:plain]] = lateness[:plain].T
    if plain < moment.known.size:
        words = out[:candidates, WORDS_AT:OWN_AT]
        words[:, 0] = level[plain:, :, 1].max(0)
        words[:, 1] = level[plain:, :, 1].mean(0)
        words[:, 2] = level[plain:, :, 3].mean(0)
        words[:, 3] = count[plain:].max(0)
    _of_action(statistics, moment.candidates, out)
    out[candidates:, _A - 1] = 1
    _of_kind(statistics, moment.candidates, out)
    certainty = np.zeros(_K, np.float32)
    if candidates:
        certainty[moment.known[:plain]] = shares[:plain, :, 1].max(1)
    return out, certainty


def _of_action(statistics: Statistics, candidates: I64, out: F32) -> None:
    here = statistics.surroundings
    rows = out[: candidates.size, OWN_AT:]
    since = (statistics.time - statistics.seen_at[candidates]).astype(np.float32)
    rank = np.empty(candidates.size, np.float32)
    rank[since.argsort()] = np.arange(candidates.size, dtype=np.float32)
    rows[:, 0] = 1 / (1 + rank)
    rows[:, 1] = 1 - np.log1p(since) * np.float32(0.1)
    seen_s = statistics.seen_s[candidates]
    if here.now_s is not None:
        known = seen_s != NEVER
        rows[:, 2] = known * np.log1p(np.maximum(here.now_s - seen_s, 0)) * 0.08
        rows[:, 3] = known
    if here.session is not None:
        rows[:, 4] = statistics.session_of[candidates] == here.session
    rows[:, 5] = np.log1p(statistics.counts[candidates]) * np.float32(0.15)
    for back in range(4):
        rows[:, 6 + back] = candidates == here.past[back]
    if here.past[0] >= 0:
        rows[:, 10] = statistics.kinds[candidates] == statistics.kinds[here.past[0]]
    for model in range(len(MATCH_LENGTHS)):
        same = candidates == statistics.matcher.predicted[model]
        rows[:, 11 + model] = same
        rows[:, 11 + len(MATCH_LENGTHS) + model] = same * np.log1p(statistics.matcher.lengths[model]) * 0.3


def _of_kind(statistics: Statistics, candidates: I64, out: F32) -> None:
    """Of each row's kind: which it is, and what is known of it."""
    kinds = np.concatenate((statistics.kinds[candidates], np.arange(NEW)))
    known = statistics.kind_shares.shares()
    known[:, :-1] = _level(known[:, :-1])
    known[:, -1] = np.log1p(known[:, -1]) * np.float32(0.15)
    out[:, SHARES_AT:KIND_AT] = known[kinds]
    out[np.arange(kinds.size), KIND_AT + kinds] = 1


def _of_state(statistics: Statistics, moment: ContextSnapshot, certainty: F32) -> F32:
    here = statistics.surroundings
    own: list[float] = [float(length) / 16 for length in statistics.matcher.lengths]
    own += statistics.matcher.rates.tolist()
    own += statistics.new_rates.tolist()
    if here.local_s is None or here.now_s is None:
        own += [0.0] * 5
    else:
        turn = here.local_s / (24 * _HOUR_S) * 2 * np.pi
        weekend = here.local_s // (24 * _HOUR_S) % 7 >= SATURDAY
        own += [1.0, float(np.sin(turn)), float(np.cos(turn)), float(weekend), _seconds(here.pause_s)]
    own.append(float(np.log1p(here.session_actions)) * 0.2)
    own.append(_seconds(None if here.began_s is None or here.now_s is None else here.now_s - here.began_s))
    own.append(_seconds(None if here.acted_s is None or here.now_s is None else here.now_s - here.acted_s))
    own.append(float(np.log1p(here.titles_seen)) * 0.3)
    own.append(float(here.session_actions <= 1))
    own.append(float(np.log1p(statistics.time)) * 0.1)
    own.append(float(np.log1p(len(statistics.names))) * 0.15)
    kinds = [0.0] * len(KINDS)
    if here.past[0] >= 0:
        kinds[int(statistics.kinds[here.past[0]])] = 1.0
    uses = moment.uses[:_K]
    contexts = (np.log1p(uses) * np.float32(0.2), moment.distinct[:_K] / (uses + 1), certainty)
    return np.concatenate((*contexts, np.array(own + kinds, np.float32)))


def _seconds(seconds: float | None) -> float:
    return 0.0 if seconds is None else 0.1 * float(np.log1p(max(seconds, 0.0)))


def _indicators(statistics: Statistics, candidates: I64) -> NDArray[np.int64]:
    here = statistics.surroundings
    hour = -1 if here.local_s is None else int(here.local_s // _HOUR_S)
    words = [*here.title[:2], 0, 0][:2]
    tired = 0.0 if here.began_s is None or here.now_s is None else max(here.now_s - here.began_s, 0.0) / (0.5 * _HOUR_S)
    facts = (
        mix(1, 61),
        mix(here.past[0] + 1, 62) if here.past[0] >= 0 else 0,
        mix(hour % 24, 63) if hour >= 0 else 0,
        mix(hour // 24 % 7, 64) if hour >= 0 else 0,
        mix(here.project, 65) if here.project else 0,
        *(mix(word, 66) if word else 0 for word in words),
        mix(min(int(tired), 16), 67) if hour >= 0 else 0,
    )
    keys: U64 = np.array(facts, np.uint64)
    actions = np.concatenate((statistics.hashes[candidates], NEW_HASHES))
    buckets = (pair_keys(keys[None, :], actions[:, None]) % np.uint64(BUCKETS)).astype(np.int64)
    return np.where(keys == 0, BUCKETS, buckets)


assert len(_OF_ACTION) == _A - OWN_AT  # the layout above and the code below it must agree
assert TITLE_WORDS > 0
