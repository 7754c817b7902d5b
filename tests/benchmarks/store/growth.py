# ruff: noqa: T201  # a benchmark prints what it measured
"""Measure how the store grows over the years: `python -m tests.benchmarks.store.growth [--years N]
[--actions-a-day N] [--folder FOLDER]`.

It simulates one day after the other through the public store, each followed by the nightly clean-up with its 30 days;
only the clock is not waited for. The full ten years at 20,000 actions a day are 73 million appends and nearly as many
removals: some hours. With a folder the store stays there, and an interrupted run resumes after the last whole day, as a
restarted program does. The default simulates ten years at 100 a day, and then a third of a year at 20,000 for the pace
at full size.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.store.sqlite import connection as opening
from app.store.sqlite.page_hmac import PAGE_BYTES
from app.store.store import Store
from collectors.events import US_PER_DAY
from tests.benchmarks.life import START_US, Life

KEEP_DAYS = 30
BATCH = 500
DAYS_A_YEAR = 365
DAYS_A_MONTH = 30
BAR_BYTES = 1_500_000_000
BAR_YEARS = 10
BAR_ACTIONS = 20_000
TABLES = ("actions", "texts", "names", "data_aggregates", "day_aggregates", "hour_aggregates", "sampled")


def simulate(store: Store, actions_a_day: int, years: float, before: int = 0) -> Iterator[tuple[int, bool]]:
    """Simulate day by day. Yield the days simulated so far, and whether a year, a month or the whole run has ended.

    A month counts if the run is at most a year long.

    Args:
        store: takes the actions.
        actions_a_day: how many a day.
        years: the length of the run.
        before: days that the store holds already.
    """
    life = Life(seed=1 + before, lived=before)
    days = round(years * DAYS_A_YEAR)
    step = DAYS_A_YEAR if years > 1 else DAYS_A_MONTH
    actions = life.day(actions_a_day)
    for day in range(before + 1, days + 1):
        for stored in [store.append(actions[at : at + BATCH]) for at in range(0, len(actions), BATCH)]:
            stored.result()
        cleaned = store.cleanup(KEEP_DAYS, START_US + day * US_PER_DAY, dry_run=False)
        actions = life.day(actions_a_day)  # the next day is prepared while the night's work is done
        cleaned.result()
        yield day, day % step == 0 or day == days


@dataclass(frozen=True, slots=True)
class Size:
    """The size of a store at the end of a day, in bytes."""

    day: int
    file: int
    in_use: int
    """Without the free pages that wait to be reused or given back."""
    rows: str


def size_of(path: Path, key: bytes, day: int) -> Size:
    """Measure a store that is open elsewhere.

    Args:
        path: of the file.
        key: its data key.
        day: how many days it holds.
    """
    reading = opening.open_reader(path, key)
    try:
        ((pages,), (free,)) = (
            reading.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "freelist_count")
        )
        counted = ((table, reading.execute(f"SELECT count(*) FROM {table}").fetchone()[0]) for table in TABLES)
        rows = ", ".join(f"{count:,} {table}" for table, count in counted)
        return Size(day, path.stat().st_size, (pages - free) * PAGE_BYTES, rows)
    finally:
        reading.close()


def grow(folder: Path, actions_a_day: int, years: float) -> None:
    """Print the size at the end of each year.

    Args:
        folder: takes the store, its key and the number of days.
        actions_a_day: how many a day.
        years: the length of the run.
    """
    path, key_file, day_file = (folder / f"{actions_a_day}.{name}" for name in ("db", "key", "day"))
    before = int(day_file.read_text()) if day_file.exists() else 0
    key = key_file.read_bytes() if before else secrets.token_bytes(32)
    key_file.write_bytes(key)  # the life in it is synthetic
    print(f"{actions_a_day:,} actions a day, {KEEP_DAYS} days whole, the rest as sums and one in a hundred", flush=True)
    if before:
        print(f"  going on after {before / DAYS_A_YEAR:.2f} years, {before:,} days", flush=True)
    store = Store.open(path, key) if before else Store.create(path, key)
    begun = time.perf_counter()
    sizes: list[Size] = []
    for day, is_milestone in simulate(store, actions_a_day, years, before):
        day_file.write_text(str(day))
        if not is_milestone:
            continue
        size = size_of(path, key, day)
        sizes.append(size)
        hours = (time.perf_counter() - begun) / 3_600
        print(f"  after {day / DAYS_A_YEAR:5.2f} years {size.in_use / 1e6:8,.1f} MB in use", end="")
        print(f", file {size.file / 1e6:8,.1f} MB   ({hours:.2f} h)\n    {size.rows}", flush=True)
    store.close()
    print(f"  closed          {path.stat().st_size / 1e6:8,.1f} MB")
    if actions_a_day == BAR_ACTIONS:
        # From the first thinned days on: before that, every day adds 20,000 whole actions.
        first, last = next((size for size in sizes if size.day >= 2 * KEEP_DAYS), sizes[-1]), sizes[-1]
        left = BAR_YEARS * DAYS_A_YEAR - last.day
        ahead = last.in_use + left * (last.in_use - first.in_use) / max(1, last.day - first.day)
        basis = f"estimated from the growth of days {first.day} to {last.day}" if left > 0 else "measured"
        print(f"  ten years       {ahead / 1e6:8,.1f} MB   (bar: below {BAR_BYTES / 1e6:,.0f} MB; {basis})")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--years", type=float, default=float(os.environ["YEARS"]) if "YEARS" in os.environ else None)
    parser.add_argument("--actions-a-day", type=int, default=BAR_ACTIONS)
    parser.add_argument("--folder", type=Path, help="folder in which the store stays, to go on with it later")
    options = parser.parse_args()
    if options.folder is not None:
        options.folder.mkdir(parents=True, exist_ok=True)
        grow(options.folder, options.actions_a_day, BAR_YEARS if options.years is None else options.years)
        return
    folder = Path(tempfile.mkdtemp(prefix="store-growth-"))
    try:
        if options.years is not None:
            grow(folder, options.actions_a_day, options.years)
        else:
            grow(folder, 100, BAR_YEARS)
            grow(folder, BAR_ACTIONS, 0.33)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
