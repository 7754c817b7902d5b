"""Finding moments: like the present one, like those of a stretch of time, or about some words.

The nearest by their vectors, and for words those that the index of words knows, are looked at exactly: their actions
are read, and what these have in common with what was asked decides.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import Final

import numpy as np

from app.services.asking.past import described
from app.services.asking.similarity import SimilarityQuery, SimilarityResult, SimilarMoment
from app.services.learning.moment_index import Moments, stored_moments
from app.store.reader import Reader
from app.store.store import Store
from app.store.values.records import ActionRow
from collectors.events import US_PER_S
from neural.moments import encoder
from neural.moments.bag_of_words import SLOT_US, Moment, plain_words, slot_of, words_of
from neural.moments.encoder import F32, Bag, Encoder, Hasher
from neural.reward.actions import Labels

FOLLOW_S: Final = 5.0
"""How long what was done since the last quiet time is placed before the search begins without the rest."""
NEAREST: Final = 100
HITS_A_WORD: Final = 200
MOST_ROWS: Final = 5_000
"""Of a longer time that is asked about the beginning says what it was like."""
SHOWN: Final = 5
TITLES: Final = 2
APART_US: Final = 30 * 60 * US_PER_S
"""What was done so shortly before or after what is asked about is no other moment of the kind."""
_JOINED_US: Final = 2 * SLOT_US
_LEAST_OF_BEST: Final = 0.8
"""Alike is what is nearly as near as the nearest; of these the latest are reported."""
_LEAST_OF_WORDS: Final = 0.5
_STEM_CHARS: Final = 4
_STEM: Final = 0.6
"""Words that begin alike for so much of the longer one are taken for forms of one word: configure, configuration."""
_EMPTY_WORDS: Final = frozenset(
    """a about all also an and any are as at be been by did do doing for from had has have how i in is it its me my of
    on or our so that the their them then they this to us was we were what when where which who why with you
    your""".split()  # noqa: SIM905  # a list of words reads better as words
)
_LEAST_COMMON: Final = 0.15


class SimilaritySearch:
    """Finds moments; loads the encoder for each search and lets it go.

    Args:
        store: the actions.
        moments: keeps them placed.
    """

    def __init__(self, store: Store, moments: Moments) -> None:
        self._store = store
        self._moments = moments

    def find(self, query: SimilarityQuery, now_us: int) -> SimilarityResult:
        """Search; takes a fraction of a second, and a few seconds if much is to be placed first."""
        self._moments.follow(within_s=FOLLOW_S)
        with self._store.reader() as reader:
            in_use = reader.moments.encoder()
            if in_use is None:
                return SimilarityResult(0, None, ())
            return _Search(reader, in_use[0], encoder.load(in_use[1]), query, now_us).run()


class _Search:
    def __init__(self, reader: Reader, number: int, made: Encoder, query: SimilarityQuery, now_us: int) -> None:
        self._reader = reader
        self._number = number
        self._made = made
        self._words = None if query.words is None else _telling(query.words)
        self._period = query.period
        self._now_us = now_us
        self._hasher = Hasher()
        self._slots: dict[int, tuple[Moment, ...]] = {}

    def run(self) -> SimilarityResult:
        """Look, weigh, join what lies side by side, and choose."""
        if self._words is not None:
            asked, bag = None, self._hasher.bag(Counter(self._words))
        else:
            rows = self._asked_rows()
            if not rows:
                return SimilarityResult(self._reader.moments.count(self._number), None, ())
            asked = (rows[0].event.ts_us, _ends_us(rows, rows[0].event.ts_us))
            bag = self._hasher.bag(_words(rows))
        compared, starts = self._nearest(self._made.encode(bag), asked)
        if self._words is not None:
            starts |= self._hits(self._words)
        weighed = sorted((start_us, score) for start_us in starts if (score := self._weigh(start_us, bag)) > 0)
        best = max((score for _, score in weighed), default=0.0)
        stretches = _joined([each for each in weighed if each[1] >= _LEAST_OF_BEST * best])
        return SimilarityResult(
            compared, asked, tuple(self._similar_moment(stretch, bag) for stretch in stretches[: -SHOWN - 1 : -1])
        )

    def _asked_rows(self) -> list[ActionRow]:
        """The actions of the time that is asked about; of the latest moment if none is named."""
        if self._period is not None:
            return self._rows(self._period.start_us, self._period.end_us)
        page = self._reader.labelled_page(0, self._now_us + 1, HITS_A_WORD)
        latest = next((row for row in page if row.token is not None), None)
        return [] if latest is None else self._rows(latest.event.ts_us - SLOT_US, latest.event.ts_us + 1)

    def _rows(self, start_us: int, end_us: int) -> list[ActionRow]:
        rows = (row for row in self._reader.labelled(start_us, end_us) if row.token is not None)
        return list(islice(rows, MOST_ROWS))

    def _nearest(self, query: F32, asked: tuple[int, int] | None) -> tuple[int, set[int]]:
        """How many moments there are, and when the nearest of them began."""
        found: list[tuple[float, int]] = []
        compared = 0
        for starts, vectors in self._reader.moments.scan(self._number):
            compared += len(starts)
            near = encoder.nearness(vectors, query)
            when = np.frombuffer(starts, np.int64)
            if asked is not None:
                near[(when >= asked[0] - APART_US) & (when <= asked[1] + APART_US)] = -np.inf
            elif self._period is not None:
                near[(when < self._period.start_us) | (when >= self._period.end_us)] = -np.inf
            best = np.argpartition(-near, NEAREST)[:NEAREST] if len(near) > NEAREST else np.arange(len(near))
            found = heapq.nlargest(NEAREST, found + [(float(near[at]), starts[at]) for at in best if near[at] > 0])
        return compared, {start_us for _, start_us in found}

    def _hits(self, words: Sequence[str]) -> set[int]:
        """When the moments began whose titles, addresses or commands bear one of the words."""
        low_us, high_us = (
            (0, self._now_us + 1) if self._period is None else (self._period.start_us, self._period.end_us)
        )
        sought = dict.fromkeys((*words, *(word[: _stem_chars(len(word))] for word in words)))
        hits = (hit for word in sought for hit in self._reader.search(word, HITS_A_WORD))
        slots = {slot_of(hit.ts_us) for hit in hits if low_us <= hit.ts_us < high_us}
        return {moment.start_us for slot in slots for moment in self._moments_in(slot)}

    def _moments_in(self, slot: int) -> tuple[Moment, ...]:
        found = self._slots.get(slot)
        if found is None:
            found = tuple(stored_moments(self._reader, slot * SLOT_US, (slot + 1) * SLOT_US))
            self._slots[slot] = found
        return found

    def _weigh(self, start_us: int, bag: Bag) -> float:
        """How alike a moment is by its actions; 0 if that is not worth telling."""
        own = next((each for each in self._moments_in(slot_of(start_us)) if each.start_us == start_us), None)
        if own is None:
            return 0.0
        if self._words is not None:
            said = sum(any(_same(word, each) for each in own.words) for word in self._words) / len(self._words)
            return said if said >= _LEAST_OF_WORDS else 0.0
        other = self._hasher.bag(own.words)
        cosine = encoder.cosine(self._made, bag, other)
        near = float(self._made.encode(bag) @ self._made.encode(other))
        return (near + cosine) / 2 if cosine >= _LEAST_COMMON else 0.0

    def _similar_moment(self, stretch: Sequence[tuple[int, float]], bag: Bag) -> SimilarMoment:
        start_us = stretch[0][0]
        rows = self._rows(start_us, (slot_of(stretch[-1][0]) + 1) * SLOT_US)
        telling: dict[str, float] = {}
        apps: Counter[str] = Counter()
        for row in rows:
            in_common = self._in_common(row, bag)
            said = described(row)
            if said:
                telling[said] = max(telling.get(said, 0.0), in_common)
            if row.event.app:
                apps[row.event.app] += 1 + (row.event.duration_us or 0)
        because = heapq.nlargest(TITLES, telling, key=lambda said: telling[said])
        return SimilarMoment(
            start_us,
            max(start_us, min(_ends_us(rows, start_us), self._now_us)),
            max(score for _, score in stretch),
            tuple(said for said in because if telling[said] > 0),
            apps.most_common(1)[0][0] if apps else "",
        )

    def _in_common(self, row: ActionRow, bag: Bag) -> float:
        """How much an action has to do with what was asked."""
        words = _words([row])
        if self._words is not None:
            return sum(any(_same(word, each) for each in words) for word in self._words)
        return encoder.cosine(self._made, bag, self._hasher.bag(words))


def _ends_us(rows: Sequence[ActionRow], start_us: int) -> int:
    """When the last of some actions ended; they may have been forgotten since they were weighed."""
    return max((row.event.ts_us + (row.event.duration_us or 0) for row in rows), default=start_us)


def _words(rows: Sequence[ActionRow]) -> Counter[str]:
    words: Counter[str] = Counter()
    for row in rows:
        words.update(words_of(row.event, Labels(row.token, row.site, row.project)))
    return words


def _telling(text: str) -> tuple[str, ...]:
    """The words of a question that say what it is about; all, if none does."""
    words = plain_words(text)
    return tuple(word for word in words if word not in _EMPTY_WORDS) or words


def _stem_chars(length: int) -> int:
    return min(length, max(_STEM_CHARS, math.ceil(_STEM * length)))


def _same(word: str, other: str) -> bool:
    """Whether two words are forms of one."""
    chars = _stem_chars(max(len(word), len(other)))
    return word == other or (len(word) >= chars and word[:chars] == other[:chars])


def _joined(weighed: Sequence[tuple[int, float]]) -> list[list[tuple[int, float]]]:
    """Moments in order of time, those with hardly a pause between them as one stretch."""
    stretches: list[list[tuple[int, float]]] = []
    for start_us, score in weighed:
        if stretches and start_us - stretches[-1][-1][0] <= _JOINED_US:
            stretches[-1].append((start_us, score))
        else:
            stretches.append([(start_us, score)])
    return stretches
