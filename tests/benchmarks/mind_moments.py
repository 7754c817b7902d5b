"""Whether moments that belong together are found, and what keeping and finding them costs.

    python -m tests.benchmarks.mind_moments [--people N] [--days N] [--years N]

Printed, for made-up people: of the latest fifth of their moments, how often the one that followed is among the ten
nearest of all, by words alone (a plain cosine of TF-IDF, exact), by the encoder before training and after it; the
seconds of training; the bytes of the encoder; then the bytes a stored moment takes and the time a search through ten
years of them takes.
"""

# ruff: noqa: T201  # what a benchmark has to say it prints

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections import Counter
from collections.abc import Sequence

import numpy as np

from collectors.events import US_PER_DAY
from neural.moments import training
from neural.moments.bags import SLOT_US, Moment, follows, moments_of
from neural.moments.encoder import WIDTH, Encoder, Hasher, dump, nearness
from neural.moments.recall import AMONG, recall
from neural.reward.actions import label
from neural.simulation import simulate

START_US = 19_700 * US_PER_DAY
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
    began_s = time.monotonic()
    made: Encoder | None = None
    for step in training.train(training.Passage(bags, asked), seed):
        made = step.encoder
    seconds = time.monotonic() - began_s
    assert made is not None
    plain = training.untrained(bags[:cut])
    before = float(recall(plain, bags[cut:], asked[cut:]).mean())
    after = float(recall(made, bags[cut:], asked[cut:]).mean())
    return by_words(moments, asked, cut), before, after, seconds, len(dump(made)), len(moments)


def search_ms(count: int) -> float:
    """Milliseconds to compare one moment with so many, in memory, a block at a time."""
    random = np.random.default_rng(0)
    vectors = random.integers(-127, 128, (count, WIDTH), dtype=np.int8).tobytes()
    query = random.normal(size=WIDTH).astype(np.float32)
    times = []
    for _ in range(5):
        began_s = time.perf_counter()
        for first in range(0, count, 16_384):
            nearness(vectors[first * WIDTH : (first + 16_384) * WIDTH], query)
        times.append(time.perf_counter() - began_s)
    return 1e3 * statistics.median(times)


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
    count = MOMENTS_A_DAY * 365 * options.years
    print(f"comparing one moment with {count:,}, in memory: {search_ms(count):.0f} ms")
    return int(after < words)


if __name__ == "__main__":
    raise SystemExit(main())
