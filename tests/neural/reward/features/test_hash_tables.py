from __future__ import annotations

import numpy as np

from neural.reward.features.hash_tables import WAYS, ContextTable, PairTable, mix


def keys_of(count: int, seed: int = 0) -> np.ndarray:
    return np.array([mix(seed, place) for place in range(count)], np.uint64)


def test_what_was_claimed_is_found() -> None:
    table = ContextTable(buckets_log2=8)
    keys = keys_of(20)
    slots = table.claim(keys, table.find(keys), now=1)
    np.testing.assert_array_equal(table.find(keys), slots)


def test_what_was_never_claimed_is_missing_and_counts_nothing() -> None:
    table = PairTable(buckets_log2=4)
    slots = table.find(keys_of(5))
    assert (slots == table.missing).all()
    assert not table.count[slots].any()


def test_a_full_bucket_gives_up_what_was_touched_longest_ago() -> None:
    table = ContextTable(buckets_log2=1)
    keys = keys_of(200)
    bucket = keys[(keys >> np.uint64(63)) == 0][: WAYS + 1]
    for now, key in enumerate(bucket, 1):
        one = np.array([key], np.uint64)
        slots = table.claim(one, table.find(one), now)
        table.add(slots, action=now, novel=np.array([True]))
    found = table.find(bucket) != table.missing
    assert found.tolist() == [False, *[True] * WAYS]


def test_a_slot_that_is_taken_over_starts_from_nothing() -> None:
    table = ContextTable(buckets_log2=1)
    for now, key in enumerate(keys_of(100), 1):
        one = np.array([key], np.uint64)
        slots = table.claim(one, table.find(one), now)
        table.add(slots, action=now, novel=np.array([True]))
    assert table.uses[:-1].max() == 1
    assert (table.successors[:-1, 1:] == -1).all()
