from __future__ import annotations

import random
from itertools import pairwise

from collectors.machine.spikes import CALM_S, DISK, MARKS, MEMORY, PROCESSOR, Spikes

LOOK_S = 5.0


def begun(percents: list[float], part: str = PROCESSOR) -> list[float]:
    """The moments at which a spike of one part begins, looked at every five seconds."""
    spikes = Spikes()
    return [
        look * LOOK_S
        for look, percent in enumerate(percents)
        if spikes.begun({part: percent}, look * LOOK_S) == (part,)
    ]


def test_a_spike_begins_once_however_long_it_lasts():
    assert begun([10, 95, 95, 100, 80, 95]) == [LOOK_S]


def test_a_short_calm_does_not_end_it():
    assert begun([95, *[5] * 11, 95]) == [0]


def test_after_a_minute_of_calm_the_next_is_another():
    assert begun([95, *[5] * 13, 95]) == [0, 14 * LOOK_S]


def test_between_the_marks_it_neither_begins_nor_ends():
    assert begun([70] * 30) == []
    assert begun([95, *[70] * 30, 95]) == [0]


def test_parts_are_distinguished():
    spikes = Spikes()
    assert spikes.begun({PROCESSOR: 10, MEMORY: 95, DISK: 99}, 0.0) == (MEMORY, DISK)
    assert spikes.begun({PROCESSOR: 90, MEMORY: 95, DISK: 99}, 5.0) == (PROCESSOR,)


def test_there_is_never_more_than_one_a_minute():
    draw = random.Random(5)
    for part in MARKS:
        times = begun([draw.choice((0.0, 70.0, 100.0)) for _ in range(2_000)], part)
        assert times
        assert all(later - earlier > CALM_S for earlier, later in pairwise(times))
