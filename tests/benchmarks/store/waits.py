# ruff: noqa: T201  # a benchmark prints what it measured
"""Measure how long a single event waits for its commit during long work, compared with an idle store.

A year is simulated, then forgotten bit by bit and cleaned up to its last 30 days; meanwhile one event after the other is
appended. Bar: no append waits over 100 ms. On a busy machine the scheduler alone makes some wait longer, so the same
appends without any long work are printed first, and every wait is reported.

    python -m tests.benchmarks.store.waits [--actions N]
"""

from __future__ import annotations

import argparse
import dataclasses
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from app.store.store import Store
from app.store.values.forget_request import Forget
from app.store.values.records import NewAction
from collectors.events import US_PER_DAY, Event, EventKind, Source
from tests.benchmarks.life import START_US, Life

DAYS: Final = 365
NOW_US: Final = START_US + DAYS * US_PER_DAY
BAR_MS: Final = 100
ALONE: Final = 400
"""Appends that are timed while nothing else runs."""
BATCH: Final = 500


def event(index: int) -> NewAction:
    """Return an event with a new text, so that it is indexed as well."""
    return NewAction(Event(NOW_US + index, Source.TERMINAL, EventKind.COMMAND, "xterm", f"appended {index}"))


def waits_ms(store: Store, is_running: Callable[[], bool]) -> Iterator[float]:
    """Append one event after the other while the work runs."""
    index = 0
    while is_running():
        began_s = time.perf_counter()
        store.append((event(index),)).result()
        yield (time.perf_counter() - began_s) * 1_000
        index += 1


def print_waits(title: str, waits: list[float], took_s: float) -> None:
    """Print one line of the table.

    Args:
        title: what went on.
        waits: of each append, in milliseconds.
        took_s: how long it all took.
    """
    waits.sort()
    middle, late = waits[len(waits) // 2], waits[int(len(waits) * 0.99)]
    over = sum(wait > BAR_MS for wait in waits)
    print(
        f"{title:<34} {took_s:7.1f} s  {len(waits):6} appends  median {middle:6.1f} ms  p99 {late:6.1f} ms  "
        f"longest {waits[-1]:6.1f} ms  over {BAR_MS} ms: {over}",
        flush=True,
    )


def time_appends_during(store: Store, title: str, work: Callable[[], Any]) -> Any:
    """Time appends during some work, and return the result of the work.

    Args:
        store: takes the appends.
        title: what is printed.
        work: runs in a thread of its own.
    """
    began_s = time.perf_counter()
    with ThreadPoolExecutor(1) as pool:
        running: Future[Any] = pool.submit(work)
        waits = list(waits_ms(store, lambda: not running.done()))
    print_waits(title, waits or [0.0], time.perf_counter() - began_s)
    return running.result()


def forget(store: Store, request: Forget) -> Any:
    """Forget, as the service does."""
    begun = store.write_down_forgetting(request, NOW_US).result()
    with store.reader() as reader:
        plan = reader.plan_to_forget(request, begun.up_to_id)
    receipt = store.forget(plan, NOW_US).result()
    store.end_forgetting().result()
    return receipt


def main() -> None:
    """Simulate, forget, clean up; print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--actions", type=int, default=200_000, help="of the year")
    actions = parser.parse_args().actions
    with tempfile.TemporaryDirectory() as folder:
        store = Store.create(Path(folder) / "store.db", secrets.token_bytes(32))
        life = Life(seed=1)
        for _ in range(DAYS):
            day = life.day(actions // DAYS)
            for stored in [store.append(day[at : at + BATCH]) for at in range(0, len(day), BATCH)]:
                stored.result()
        print(f"a year of {actions:,} actions")
        left = iter(range(ALONE))
        began_s = time.perf_counter()
        print_waits(
            "nothing else", list(waits_ms(store, lambda: next(left, None) is not None)), time.perf_counter() - began_s
        )
        for title, request in (
            ("forget an application", Forget(app="gimp")),
            ("forget what a search finds", Forget(text="garden")),
            ("forget a month", Forget(since_us=START_US, until_us=START_US + 30 * US_PER_DAY)),
        ):
            receipt = time_appends_during(store, title, lambda request=request: forget(store, request))
            print(f"  {dataclasses.asdict(receipt)}")
        report = time_appends_during(store, "clean up", lambda: store.cleanup(30, NOW_US, dry_run=False).result())
        print(f"  {report.actions_removed:,} of {report.actions_before:,} actions removed")
        store.close()


if __name__ == "__main__":
    main()
