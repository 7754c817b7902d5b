"""Honest times for entries that have none.

A shell that writes no times still writes an order. Entries without a time are set before the next entry that has one,
or, at the end of the file, before the moment the file was last written; half a minute apart, or less if the entry
before them leaves less room. So their order is true, no time lies in the future or before a known earlier one, and the
last untimed command stands at the last moment it can have been run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from collectors.events import US_PER_S

SPACING_US: Final = 30 * US_PER_S


@dataclass(frozen=True, slots=True)
class UntimedRun:
    """Entries without a time that stand together.

    Attributes:
        count: how many.
        after_us: the known time before them, 0 if there is none.
        until_us: the known time after them, or that of the file.
        last: they end the file, and the last of them stands at `until_us` itself.
    """

    count: int
    after_us: int
    until_us: int
    last: bool


def untimed_runs(times_us: Iterable[int | None], end_us: int) -> tuple[UntimedRun, ...]:
    """The runs of None in a file's times.

    Args:
        times_us: one for each entry, in the file's order.
        end_us: when the file was last written.
    """
    runs: list[UntimedRun] = []
    count = 0
    after_us = 0
    for ts_us in times_us:
        if ts_us is None:
            count += 1
            continue
        if count:
            runs.append(UntimedRun(count, min(after_us, ts_us), ts_us, last=False))
        count, after_us = 0, ts_us
    if count:
        runs.append(UntimedRun(count, min(after_us, end_us), end_us, last=True))
    return tuple(runs)


def synthetic_times_us(runs: Iterable[UntimedRun]) -> Iterator[int]:
    """The time of each entry that has none, in the file's order."""
    for run in runs:
        step_us = min(SPACING_US, (run.until_us - run.after_us) // (run.count + 1))
        for steps_left in range(run.count - run.last, -run.last, -1):
            yield run.until_us - steps_left * step_us
