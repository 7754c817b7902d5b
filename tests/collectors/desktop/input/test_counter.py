"""What is counted of presses whose times are known: bursts, and parts of an interval."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.desktop.input.counter import (
    BURST_LEAST_KEYS,
    BURST_PAUSE_MS,
    MOST_PARTS,
    Counting,
    Interval,
    Kind,
    Press,
)

PAUSE = BURST_PAUSE_MS + 1
KEYS = BURST_LEAST_KEYS


def counts_of(gaps_ms: list[int], kind: Kind = Kind.KEY, start_ms: int = 0):
    """What is counted of presses with these pauses before each but the first."""
    counting, at_ms = Counting(), start_ms
    counting.add(Press(kind, at_ms))
    for gap_ms in gaps_ms:
        at_ms = (at_ms + gap_ms) % 2**32
        counting.add(Press(kind, at_ms))
    return counting.counts(10_000_000)


def test_gaps_are_taken_from_the_servers_clock_also_when_it_wraps():
    counts = counts_of([20, 30], start_ms=2**32 - 10)
    assert (counts.interval_us, counts.keys, counts.mean_gap_us, counts.longest_gap_us) == (
        10_000_000,
        3,
        25_000,
        30_000,
    )


def test_a_single_press_has_no_gap():
    counts = counts_of([], Kind.CLICK)
    assert (counts.clicks, counts.mean_gap_us, counts.longest_gap_us) == (1, None, None)


@pytest.mark.parametrize(
    ("gaps_ms", "bursts", "keys", "lasted_ms"),
    [
        ([100] * (KEYS - 1), 1, KEYS, 100 * (KEYS - 1)),
        ([100] * (KEYS - 2), 0, 0, 0),
        ([100] * (KEYS - 2) + [PAUSE], 0, 0, 0),
        ([BURST_PAUSE_MS] * (KEYS - 1), 1, KEYS, BURST_PAUSE_MS * (KEYS - 1)),
        ([50] * 9 + [PAUSE] + [50] * 9, 2, 20, 900),
        ([50] * 9 + [PAUSE, PAUSE] + [50] * 9, 2, 20, 900),
    ],
)
def test_a_burst_is_a_run_of_keys_without_a_long_pause(gaps_ms: list[int], bursts: int, keys: int, lasted_ms: int):
    counts = counts_of(gaps_ms)
    assert (counts.bursts, counts.burst_keys, counts.burst_us) == (bursts, keys, lasted_ms * 1_000)


def test_a_burst_is_one_when_the_clock_wraps_and_corrections_belong_to_it():
    counts = counts_of([100] * 9, Kind.CORRECTION, start_ms=2**32 - 250)
    assert (counts.bursts, counts.burst_keys, counts.corrections) == (1, 10, 10)


def test_clicks_are_no_burst_and_end_none():
    counting = Counting()
    for at_ms in range(0, 600, 100):
        counting.add(Press(Kind.KEY, at_ms))
        counting.add(Press(Kind.CLICK, at_ms + 50))
    counts = counting.counts(10_000_000)
    assert (counts.bursts, counts.burst_keys) == (1, 6)


@given(st.lists(st.integers(0, 2 * PAUSE), max_size=40))
def test_bursts_hold_no_more_keys_than_there_were(gaps_ms: list[int]):
    counts = counts_of(gaps_ms)
    assert counts.bursts * KEYS <= counts.burst_keys <= counts.keys
    assert counts.burst_us <= sum(gaps_ms) * 1_000


def pressed(interval: Interval, turn: int, at_s: float) -> None:
    interval.add(Press(Kind.KEY, round(at_s * 1_000)), turn, at_s)


def parts(interval: Interval, now_s: float) -> list[tuple[int, int, int, float, float]]:
    """First and last turn, keys, seconds it lasted, seconds since its end."""
    return [
        (part.first_turn, part.last_turn, counts.keys, counts.interval_us / 1e6, ago_s)
        for part, counts, ago_s in interval.close(now_s)
    ]


def test_each_window_has_a_part_from_its_first_press_to_its_end():
    interval = Interval(100.0)
    pressed(interval, 0, 100.0)
    pressed(interval, 0, 101.0)
    interval.turn(103.0)
    pressed(interval, 1, 104.0)
    assert parts(interval, 110.0) == [(0, 0, 2, 3.0, 7.0), (1, 1, 1, 6.0, 0.0)]


def test_a_window_in_which_nothing_is_pressed_has_none_and_changes_no_end():
    interval = Interval(100.0)
    pressed(interval, 0, 100.0)
    interval.turn(102.0)
    interval.turn(105.0)
    assert parts(interval, 110.0) == [(0, 0, 1, 2.0, 8.0)]


def test_there_are_no_more_parts_than_it_may_have_however_often_the_window_changes():
    interval = Interval(0.0)
    for number in range(100):
        interval.turn(number / 10)
        pressed(interval, number, number / 10)
    found = parts(interval, 10.0)
    assert len(found) == MOST_PARTS
    assert [each[2] for each in found] == [1, 1, 1, 97]
    assert found[-1][:2] == (3, 99)
    assert found[-1][4] == 0.0


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60))
def test_no_press_is_lost_between_the_parts(turns: list[int]):
    turns.sort()
    interval, whole = Interval(0.0), Counting()
    for at_s, turn in enumerate(turns):
        pressed(interval, turn, float(at_s))
        whole.add(Press(Kind.KEY, at_s * 1_000))
    assert sum(each[2] for each in parts(interval, 60.0)) == whole.counts(1).keys == len(turns)


def test_counts_have_no_room_for_a_key():
    counts = counts_of([100])
    assert all(type(getattr(counts, name)) in (int, type(None)) for name in counts.__slots__)
