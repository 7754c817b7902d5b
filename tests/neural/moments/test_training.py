"""What follows one another is learned to belong together; what was not learned is not kept."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from neural.moments import training
from neural.moments.encoder import Encoder, Hasher
from neural.moments.training import Passage

TOPICS = 24
LETTERS = 8


def passage(count: int, seed: int, *, ordered: bool) -> Passage:
    """Pairs of moments with no word in common; where they are ordered, a pair is always of one topic."""
    random, hasher = np.random.default_rng(seed), Hasher()
    words = ["".join(chr(97 + each) for each in random.integers(26, size=LETTERS)) for _ in range(2 * TOPICS)]
    bags, topic = [], 0
    for number in range(count):
        if number % 2 == 0 or not ordered:
            topic = int(random.integers(TOPICS))
        bags.append(hasher.bag(Counter({words[2 * topic + number % 2]: 1, f"note{random.integers(10_000)}": 1})))
    return Passage(bags, [number % 2 == 0 for number in range(count)])


def trained(found: Passage, seed: int = 0) -> Encoder:
    last = list(training.train(found, seed))[-1]
    assert last.encoder is not None
    return last.encoder


def test_what_was_learned_is_kept_where_it_finds_more() -> None:
    made = trained(passage(800, seed=1, ordered=True))
    assert made.made["trained"] is True
    before, after = made.made["recall_untrained"], made.made["recall_trained"]
    assert isinstance(before, float)
    assert isinstance(after, float)
    assert after > before + 0.1
    assert len(made.trained)


def test_where_there_is_nothing_to_learn_the_untrained_encoder_stays() -> None:
    made = trained(passage(400, seed=7, ordered=False))
    assert made.made["trained"] is False
    assert not len(made.trained)


def test_a_seed_gives_the_same_encoder_again() -> None:
    found = passage(300, seed=3, ordered=True)
    one, other = trained(found, seed=4), trained(found, seed=4)
    assert one.table.tolist() == other.table.tolist()


def test_moments_that_nothing_followed_teach_nothing() -> None:
    found = passage(300, seed=5, ordered=True)
    made = trained(Passage(found.bags, [False] * 300))
    assert made.made["trained"] is False
    assert made.made["judged"] == 0


def test_too_few_moments_are_refused() -> None:
    with pytest.raises(ValueError, match="199 moments"):
        next(training.train(passage(199, seed=6, ordered=True)))
