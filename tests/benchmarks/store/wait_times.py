# ruff: noqa: T201  # a benchmark prints what it measured
"""The waiting time of appends during a clean-up of a year."""

from __future__ import annotations

import itertools
import statistics
import threading
import time
from typing import Final

from app.store.store import Store
from app.store.values.records import NewAction
from collectors.events import US_PER_DAY, Event, EventKind, Source
from tests.benchmarks.questions import percentile

BAR_MS: Final = 100.0
PAUSE_S: Final = 0.02
_YEAR_DAYS: Final = 365


def single(store: Store, at_us: int) -> float:
    """Append one action, wait until it is on the disk, and return the milliseconds."""
    event = Event(at_us, Source.WINDOW, EventKind.FOCUS, "xterm", None, f"single {at_us % 50}")
    start = time.perf_counter()
    store.append([NewAction(event, "app:xterm")]).result()
    return (time.perf_counter() - start) * 1_000


def appends_while_cleaning(store: Store, first_us: int, last_us: int, seconds: float) -> None:
    """Append a single action every 20 ms during a clean-up of all but the last days, a year at most; print the waits.

    Args:
        store: with its actions in [first_us, last_us].
        first_us: time of the first action.
        last_us: time of the last one.
        seconds: how long to watch; then the clean-up is stopped, if it has not ended by itself.
    """
    quiet = [single(store, last_us + number) for number in range(200)]
    keep_days = max(1, (last_us - first_us) // US_PER_DAY - _YEAR_DAYS)
    stop = threading.Event()
    cleaning = store.cleanup(keep_days, last_us, dry_run=False, stop=stop)
    begun = time.perf_counter()
    waits: list[float] = []
    for number in itertools.count(1_000):
        waits.append(single(store, last_us + number))
        if cleaning.done() or time.perf_counter() - begun > seconds:
            break
        time.sleep(PAUSE_S)
    stop.set()
    report = cleaning.result()
    took_s = time.perf_counter() - begun
    rate = report.actions_removed / took_s
    over = sum(wait > BAR_MS for wait in waits)
    print(
        f"  clean-up at {report.actions_before:,} actions: {report.actions_removed:,} removed in {took_s:.0f} s ({rate:,.0f}/s)"
    )
    print(f"    {len(waits)} appends meanwhile, {over} of them over the bar of {BAR_MS:.0f} ms")
    for title, values in (("before it", quiet), ("during it", waits)):
        print(
            f"    an append {title}: median {statistics.median(values):.2f} ms, p99 {percentile(values, 0.99):.2f} ms,"
            f" longest {max(values):.2f} ms"
        )
