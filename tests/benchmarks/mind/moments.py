"""Whether moments that belong together are found, and what keeping and finding them costs.

    python -m tests.benchmarks.mind.moments [--people N] [--days N] [--years N]

Printed, for synthetic people: of the latest fifth of their moments, how often the one that followed is among the ten
nearest of all, by words alone (a plain cosine of TF-IDF, exact), by the encoder before training and after it; the
seconds of training; the bytes of the encoder; then, for a store with ten years of moments next to a month of actions,
the bytes a moment takes there, how long placing that month took, and the time of a question of each kind. All times are
processor time.
"""

# ruff: noqa: T201  # what a benchmark has to say it prints

from __future__ import annotations

import argparse
import dataclasses
import math
import resource
import secrets
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.services.asking.similarity import SimilarityQuery
from app.services.asking.similarity_search import SimilaritySearch
from app.services.ingest.pipeline import new_action
from app.services.learning.brain import Brain
from app.services.learning.moment_index import Moments
from app.store.store import Store
from collectors.events import US_PER_DAY
from neural.language.reading.plan import Period
from neural.moments import training
from neural.moments.bag_of_words import SLOT_US, Moment, follows, moments_of
from neural.moments.encoder import WIDTH, Encoder, Hasher, dump, load
from neural.moments.evaluation import AMONG, recall
from neural.reward.actions import label
from neural.synthetic_person import simulate

START_US = 19_700 * US_PER_DAY
STORED_DAYS = 30
MOMENTS_A_DAY = 120
"""Ten hours at the machine, each five minutes of them a moment: more than most people have."""


def by_words(moments: Sequence[Moment], asked: Sequence[bool], cut: int) -> float:
    """Recall@10 of TF-IDF over whole words; how rare a word is comes from before the cut."""
    seen = Counter(word for moment in moments[:cut] for word in moment.words)
    later = moments[cut:]
    columns = {word: column for column, word in enumerate(sorted({word for each in later for word in each.words}))}
    table = np.zeros((len(later), len(columns)), np.float32)
    for row, moment in enumerate(later):
        for word, times in moment.words.items():
            table[row, columns[word]] = (1 + math.log(times)) * math.log((1 + cut) / (1 + seen[word]))
    table /= np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-6)
    found = []
    for number in range(len(later) - 1):
        if asked[cut + number]:
            near = table @ table[number]
            near[number] = -np.inf
            found.append((near > near[number + 1]).sum() < AMONG)
    return float(np.mean(found))


def person(seed: int, days: int) -> tuple[float, float, float, float, int, int]:
    """Recall by words, before and after training; seconds of training; bytes; moments."""
    moments = list(moments_of((event, label(event)) for event in simulate(seed, START_US, days)))
    hasher = Hasher()
    bags = [hasher.bag(moment.words) for moment in moments]
    asked = follows(moments)
    cut = round(len(moments) * (1 - training.HELD_OUT))
    began_s = time.process_time()
    made: Encoder | None = None
    for step in training.train(training.Passage(bags, asked), seed):
        made = step.encoder
    seconds = time.process_time() - began_s
    assert made is not None
    plain = training.untrained(bags[:cut])
    before = float(recall(plain, bags[cut:], asked[cut:]).mean())
    after = float(recall(made, bags[cut:], asked[cut:]).mean())
    return by_words(moments, asked, cut), before, after, seconds, len(dump(made)), len(moments)


def stored(folder: Path, years: int) -> None:
    """Print what ten years of moments take in a store, and how long questions to it take."""
    store = Store.create(folder / "store.db", secrets.token_bytes(32))
    try:
        events = list(simulate(1, START_US, STORED_DAYS))
        for first in range(0, len(events), 2_000):
            store.append([new_action(event) for event in events[first : first + 2_000]]).result()
        now_us = events[-1].ts_us + 1
        moments = Moments(store, Brain(("/no/such/program",)), lambda: now_us)
        began_s = time.process_time()
        moments.follow()
        print(f"placing {STORED_DAYS} days of {len(events):,} events: {time.process_time() - began_s:.1f} s")
        keep_encoder(store, moments)
        before_bytes = size_of(store)
        count = add_moments(store, years)
        print(f"a stored moment: {(size_of(store) - before_bytes) / count:.0f} bytes;", end=" ")
        print(f"{MOMENTS_A_DAY} a day are {(size_of(store) - before_bytes) / years / 1e6:.1f} MB a year")
        finder = SimilaritySearch(store, moments)
        middle_us = events[len(events) // 2].ts_us
        period = Period(middle_us - SLOT_US, middle_us + 1, "")
        before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for name, wanted in (
            ("like this one", SimilarityQuery()),
            ("like a time", SimilarityQuery(None, period)),
            ("words", SimilarityQuery("parser")),
        ):
            times = []
            for _ in range(5):
                began_s = time.process_time()
                found = finder.find(wanted, now_us)
                times.append(time.process_time() - began_s)
            print(f"{name} among {found.compared:,}: {1e3 * statistics.median(times):.0f} ms")
        print(f"memory for that: {(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb) / 1e3:.1f} MB more")
    finally:
        store.close()


def keep_encoder(store: Store, moments: Moments) -> None:
    """Have the encoder pass for a judged one, so that it is not rebuilt for all that is added."""
    with store.reader() as reader:
        in_use = reader.moments.encoder()
    assert in_use is not None
    judged = dataclasses.replace(load(in_use[1]), made={"judged": 1})
    assert store.use_encoder(START_US, "{}", dump(judged)).result()
    assert moments.follow()


def size_of(store: Store) -> int:
    store.settle()
    with store.reader() as reader:
        return reader.counts().file_bytes


def add_moments(store: Store, years: int) -> int:
    """Keep moments of the years before, without actions; how many."""
    with store.reader() as reader:
        in_use = reader.moments.encoder()
        assert in_use is not None
        due = reader.moments.due(in_use[0])
        assert due.ended
    random = np.random.default_rng(0)
    days = 365 * years
    for day in range(days):
        first = (START_US - (days - day) * US_PER_DAY) // SLOT_US
        vectors = random.integers(-127, 128, (MOMENTS_A_DAY, WIDTH), dtype=np.int8)
        placed = [((first + at) * SLOT_US + 1, vectors[at].tobytes()) for at in range(MOMENTS_A_DAY)]
        done = store.keep_moments(dataclasses.replace(due, slots=()), placed)
        if day % 50 == 0 or day == days - 1:
            assert done.result()
    return days * MOMENTS_A_DAY


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=6)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--years", type=int, default=10)
    options = parser.parse_args()
    print(f"recall@{AMONG} of the moment that followed (slots of {SLOT_US // 60_000_000} minutes)")
    print(f"{'person':>6} {'moments':>7} {'words':>6} {'before':>7} {'after':>6} {'training':>9} {'encoder':>8}")
    found = []
    for seed in range(100, 100 + options.people):
        words, before, after, seconds, size, count = person(seed, options.days)
        found.append((words, before, after))
        print(f"{seed:6} {count:7,} {words:6.1%} {before:7.1%} {after:6.1%} {seconds:7.1f} s {size / 1e3:5.1f} kB")
    words, before, after = (statistics.mean(column) for column in zip(*found, strict=True))
    print(f"{'mean':>6} {'':7} {words:6.1%} {before:7.1%} {after:6.1%}")
    with tempfile.TemporaryDirectory() as folder:
        stored(Path(folder), options.years)
    return int(after < words)


if __name__ == "__main__":
    raise SystemExit(main())
