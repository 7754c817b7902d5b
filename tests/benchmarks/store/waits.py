# ruff: noqa: T201  # a benchmark prints what it measured
"""How long a single event waits for its commit while long work runs on the store, beside how long it waits by itself.

A year is lived, then cleaned up to its last 30 days, and forgotten bit by bit; meanwhile one event after the other is
appended. Bar: no append waits over 100 ms. On a busy machine the scheduler alone makes some wait longer, so the same
appends without any long work are printed first, and every wait is told.

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
"""Appends that are timed while nothing else goes on."""
BATCH: Final = 500


def event(number: int) -> NewAction:
    """One event that is new every time, so that it is indexed as well."""
    return NewAction(Event(NOW_US + number, Source.TERMINAL, EventKind.COMMAND, "xterm", f"appended {number}"))


def waits_ms(store: Store, going_on: Callable[[], bool]) -> Iterator[float]:
    """Append one event after the other, as long as something goes on."""
    number = 0
    while going_on():
        began_s = time.perf_counter()
        store.append((event(number),)).result()
        yield (time.perf_counter() - began_s) * 1_000
        number += 1


def told(what: str, waits: list[float], took_s: float) -> None:
    """One line of the table."""
    waits.sort()
    middle, late = waits[len(waits) // 2], waits[int(len(waits) * 0.99)]
    over = sum(wait > BAR_MS for wait in waits)
    print(
        f"{what:<34} {took_s:7.1f} s  {len(waits):6} appends  median {middle:6.1f} ms  p99 {late:6.1f} ms  "
        f"longest {waits[-1]:6.1f} ms  over {BAR_MS} ms: {over}",
        flush=True,
    )


def beside(store: Store, what: str, work: Callable[[], Any]) -> Any:
    """Time appends while work is done; what the work answered."""
    began_s = time.perf_counter()
    with ThreadPoolExecutor(1) as pool:
        running: Future[Any] = pool.submit(work)
        waits = list(waits_ms(store, lambda: not running.done()))
    told(what, waits or [0.0], time.perf_counter() - began_s)
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
    """Live, clean up, forget; print."""
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
        told("nothing else", list(waits_ms(store, lambda: next(left, None) is not None)), time.perf_counter() - began_s)
        for what, request in (
            ("forget an application", Forget(app="gimp")),
            ("forget what a search finds", Forget(text="garden")),
            ("forget a month", Forget(since_us=START_US, until_us=START_US + 30 * US_PER_DAY)),
        ):
            receipt = beside(store, what, lambda request=request: forget(store, request))
            print(f"  {dataclasses.asdict(receipt)}")
        report = beside(store, "clean up", lambda: store.cleanup(30, NOW_US, dry_run=False).result())
        print(f"  {report.actions_removed:,} of {report.actions_before:,} actions removed")
        store.close()


if __name__ == "__main__":
    main()
