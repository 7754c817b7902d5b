"""Honest times for entries that have none.

A shell that writes no times still writes an order. Entries without a time are set before the next entry that has one,
or, at the end of the file, before the moment the file was last written; half a minute apart, or less where the entry
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
    """Entries without a time that stand together: how many, the known time before them, and the one they end at."""

    count: int
    after_us: int
    until_us: int


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
            runs.append(UntimedRun(count, min(after_us, ts_us), ts_us))
        count, after_us = 0, ts_us
    if count:
        runs.append(UntimedRun(count, min(after_us, end_us), end_us))
    return tuple(runs)


def synthetic_times_us(runs: Iterable[UntimedRun]) -> Iterator[int]:
    """The time of each entry that has none, in the file's order."""
    for run in runs:
        step_us = min(SPACING_US, (run.until_us - run.after_us) // (run.count + 1))
        # A run before a timed entry ends one step before it; a run at the end of the file ends with the file.
        for place in range(run.count):
            yield run.until_us - (run.count - 1 - place) * step_us
