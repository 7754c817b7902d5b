"""A history read into training arrays in one pass: every decision, with what could be known before it.

The compiled twin of `Statistics` and `features.decision`: what the net learns from is what it will be shown.
"""

from __future__ import annotations

import zlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

import numpy as np

from collectors.events import US_PER_S
from neural.reward.actions import Step, kind_of
from neural.reward.compiled.scan import SAME_PROJECT, Numbers, Page, fill, halve
from neural.reward.compiled.state import blank
from neural.reward.features.action_kinds import number_of
from neural.reward.features.context import EPOCH_WEEKDAY_S, LASTING
from neural.reward.features.features import ACTION_FEATURES, BUCKETS, INDICATORS, SLOTS, STATE_FEATURES
from neural.reward.features.hash_tables import I64
from neural.reward.training.dataset import Dataset

PAGE: Final = 64
"""Decisions written at once, before they are stored in half precision: they stay in the processor's cache."""
_LASTING: Final = {kind: place for place, kind in enumerate(("app", "web", "file"))}
assert set(_LASTING) == LASTING


@dataclass(frozen=True, slots=True)
class History:
    """A person's steps as numbers.

    Attributes:
        numbers: see there.
        kinds: [V] of the actions, by id.
        longest_title: words.
    """

    numbers: Numbers
    kinds: I64
    longest_title: int

    @property
    def decisions(self) -> int:
        """How many decisions the history holds: its new actions but the first."""
        return max(int(self.numbers.new.sum()) - 1, 0)

    def steps_of(self, decisions: int) -> I64:
        """The numbers of the steps in which the latest decisions were made, oldest first."""
        return np.flatnonzero(self.numbers.new)[1:][self.decisions - decisions :]


def history(steps: Sequence[Step]) -> History:
    """Turn steps, oldest first, into numbers."""
    ids: dict[str, int] = {}
    kinds: list[str] = []
    current: dict[str, int] = {}
    action, lasting = np.empty(len(steps), np.int64), np.empty(len(steps), np.int64)
    new = np.empty(len(steps), np.bool_)
    hashes: dict[str, int] = {}
    for number, step in enumerate(steps):
        identity = ids.setdefault(step.action, len(ids))
        if identity == len(kinds):
            kinds.append(kind_of(step.action))
        kind = kinds[identity]
        action[number], lasting[number] = identity, _LASTING.get(kind, -1)
        new[number] = kind not in LASTING or current.get(kind) != identity
        if new[number]:
            if kind == "app":
                current.clear()
            if kind in LASTING:
                current[kind] = identity
    times_us = np.array([-1 if step.ts_us is None else step.ts_us for step in steps], np.float64)
    now_s = np.where(times_us < 0, np.nan, times_us / US_PER_S)
    words = [[_hash(word, hashes) for word in step.title_tokens] for step in steps]
    numbers = Numbers(
        action=action,
        new=new,
        lasting=lasting,
        session=np.array([step.session for step in steps], np.int64),
        now_s=now_s,
        local_s=now_s + np.array([step.utc_offset_s for step in steps], np.float64) + EPOCH_WEEKDAY_S,
        project=np.array(
            [SAME_PROJECT if step.project is None else _hash(step.project, hashes) + 1 for step in steps], np.int64
        ),
        words_from=np.fromiter(accumulate(map(len, words), initial=0), np.int64, len(steps) + 1),
        words=np.array([word for title in words for word in title], np.uint64),
        in_order=np.array([word for title in words for word in sorted(title)], np.uint64),
    )
    return History(numbers, np.array([number_of(kind) for kind in kinds], np.int64), max(map(len, words), default=0))


def read(given: History, most: int) -> Generator[int, None, Dataset]:
    """Read a history's decisions; yields how many are done, so that a caller may stop, and returns the arrays.

    Args:
        given: the whole history, from which the statistics learn.
        most: decisions that are kept, the latest ones; the arrays are made once, so that memory is known.
    """
    size = min(given.decisions, most)
    skipped = given.decisions - size
    kept = Dataset(
        state=np.empty((size, len(STATE_FEATURES)), np.float16),
        action=np.empty((size, SLOTS, len(ACTION_FEATURES)), np.float16),
        indicators=np.empty((size, SLOTS, len(INDICATORS)), np.int16),
        mask=np.empty((size, SLOTS), np.bool_),
        chosen=np.empty(size, np.int64),
        ended=_ended(given, size),
    )
    state = blank(given.kinds, given.longest_title)
    page = Page(
        state=np.empty((PAGE, len(STATE_FEATURES)), np.float32),
        action=np.empty((PAGE, SLOTS, len(ACTION_FEATURES)), np.float32),
        indicators=np.empty((PAGE, SLOTS, len(INDICATORS)), np.int16),
        mask=np.empty((PAGE, SLOTS), np.bool_),
        chosen=np.empty(PAGE, np.int64),
    )
    step = done = 0
    while step < len(given.numbers.action):
        page.state.fill(0)
        page.action.fill(0)
        page.indicators.fill(BUCKETS)
        page.mask.fill(0)
        step, written = fill(state, given.numbers, step, skipped, page)
        _keep(page, kept.slice(done, done + written), written)
        done += written
        yield done
    return kept


def dataset(steps: Sequence[Step], most: int | None = None) -> Dataset:
    """The decisions of a history, all of them or the latest."""
    given = history(steps)
    reading = read(given, given.decisions if most is None else most)
    while True:
        try:
            next(reading)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # of a generator's return, typed by `read`


def _keep(page: Page, kept: Dataset, written: int) -> None:
    for single, half in ((page.state, kept.state), (page.action, kept.action)):
        halve(single[:written].reshape(-1), half.reshape(-1).view(np.uint16))
    kept.indicators[...] = page.indicators[:written]
    kept.mask[...] = page.mask[:written]
    kept.chosen[...] = page.chosen[:written]


def _ended(given: History, size: int) -> np.ndarray:
    """[size] bool: the session ended with the action, and the next step is another's."""
    session = given.numbers.session
    places = np.flatnonzero(given.numbers.new)[1:]
    ended = np.ones(places.size, np.bool_)
    ended[:-1] = session[places[1:]] != session[places[1:] - 1]
    return ended[places.size - size :]


def _hash(word: str, known: dict[str, int]) -> int:
    found = known.get(word)
    if found is None:
        found = known[word] = zlib.crc32(word.encode("utf-8", "replace"))
    return found
