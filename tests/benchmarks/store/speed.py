# ruff: noqa: T201  # a benchmark prints what it measured
"""Measure speed and size of the store: `python -m tests.benchmarks.store.speed [--actions 10000000]`.

Bulk append goes through the public writer and is compared with bare `sqlcipher3`: the same rows, prepared, into the same
tables and indexes, with `executemany` in batches of 500 and the same flushes. The bars are those of ten million actions;
the default is a tenth of that, which takes a few minutes (`make bench ACTIONS=10000000`). Everything is measured in one
run, in temporary files.
"""

from __future__ import annotations

import argparse
import itertools
import os
import secrets
import shutil
import statistics
import tempfile
import time
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher

from app.store.sqlite import connection as opening
from app.store.sqlite import migrations
from app.store.store import Store
from app.store.values.records import Appended, NewAction
from app.store.writer.writer import BATCH_WEIGHT
from tests.benchmarks import questions
from tests.benchmarks.life import ACTIONS_PER_DAY, START_US, life
from tests.benchmarks.questions import percentile
from tests.benchmarks.store import wait_times
from tests.benchmarks.store.grown_store import copy_forward

BATCH = 500
IN_FLIGHT = 20
COMPARED = 400_000
"""Actions written in each of the compared ways."""
LIVED = 1_000_000
"""Actions appended one by one; a longer store adds copies of these days with other titles."""
BAR_RATIO = 0.50
BAR_BYTES = 150
BAR_OPEN_MS = 300
BAR_SINGLE_MS = 50
TABLES = ("names", "texts", "actions", "data_aggregates", "day_aggregates", "hour_aggregates")


def batches_of(actions: Iterable[NewAction]) -> Iterable[list[NewAction]]:
    """Split actions into batches of 500."""
    endless = iter(actions)
    return iter(lambda: list(itertools.islice(endless, BATCH)), [])


Seconds = tuple[float, float]
"""Wall time and processor time."""


def fill(store: Store, batches: Iterable[list[NewAction]], in_flight: int) -> Seconds:
    """Append everything through the public writer, and return the time up to the last commit.

    Args:
        store: takes the actions.
        batches: the actions.
        in_flight: the most batches without an answer.
    """
    waiting: deque[Future[Appended]] = deque()
    begun, begun_processor = time.perf_counter(), time.process_time()
    for batch in batches:
        waiting.append(store.append(batch))
        if len(waiting) > in_flight:
            waiting.popleft().result()
    for future in waiting:
        future.result()
    return time.perf_counter() - begun, time.process_time() - begun_processor


def fill_bare(source: Path, key: bytes, path: Path, size: int) -> Seconds:
    """Write the same prepared rows with bare executemany, and return the time: the limit for the writer.

    Args:
        source: a closed store with the rows.
        key: its data key, and that of the new file.
        path: of the new file.
        size: actions in a batch.
    """
    reading = opening.open_reader(source, key)
    rows = {table: reading.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}
    reading.close()
    writing = opening.create_file(path, key)
    migrations.migrate(writing, path, 0)
    marks = {table: ",".join("?" * len(rows[table][0])) for table in TABLES}
    batches = -(-len(rows["actions"]) // size)
    begun, begun_processor = time.perf_counter(), time.process_time()
    for batch in range(batches):
        writing.execute("BEGIN")
        for table in TABLES:
            low, high = (len(rows[table]) * (batch + step) // batches for step in (0, 1))
            part = rows[table][low:high]
            writing.executemany(f"INSERT INTO {table} VALUES ({marks[table]})", part)
            if table == "texts":
                writing.executemany(
                    "INSERT INTO texts_words (rowid, target, title) VALUES (?, ?, ?)",
                    [(text_id, target, title) for text_id, _, target, title in part],
                )
        writing.execute("COMMIT")
    seconds = time.perf_counter() - begun, time.process_time() - begun_processor
    writing.close()
    return seconds


def fill_plain(batches: Iterable[list[NewAction]], path: Path) -> int:
    """Return the bytes of the same actions as plain text rows with a time index and FTS, unencrypted: the usual way."""
    plain = sqlcipher.connect(path)
    plain.execute(
        "CREATE TABLE a (ts INTEGER, source TEXT, kind TEXT, app TEXT, target TEXT, title TEXT, d INTEGER, o INTEGER, detail TEXT, token TEXT, site TEXT, project TEXT)"
    )
    plain.execute("CREATE INDEX a_ts ON a (ts)")
    plain.execute("CREATE VIRTUAL TABLE f USING fts5 (target, title, content='a')")
    for batch in batches:
        for action in batch:
            e = action.event
            values = (e.ts_us, e.source.value, e.kind.value, e.app, e.target, e.title, e.duration_us, e.utc_offset_s)
            row = plain.execute(
                "INSERT INTO a VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
                (*values, repr(e.detail), action.token, action.site, action.project),
            )
            plain.execute("INSERT INTO f (rowid, target, title) VALUES (?, ?, ?)", (row.lastrowid, e.target, e.title))
        plain.commit()
    plain.close()
    return path.stat().st_size


def compare(folder: Path, key: bytes, actions: list[NewAction]) -> None:
    """Print speed and size of the same actions written in each way.

    Args:
        folder: takes the files, which are deleted at the end.
        key: their data key.
        actions: what is written.
    """
    path = folder / "compared.db"
    batches = list(batches_of(actions))
    store = Store.create(path, key)
    seconds = fill(store, batches, len(batches))
    store.close()
    journal = sum(segment.stat().st_size for segment in (folder / "journal").iterdir())
    used = path.stat().st_size
    bare = fill_bare(path, key, folder / "bare.db", BATCH)
    larger = fill_bare(path, key, folder / "larger.db", BATCH_WEIGHT)
    plain = fill_plain(batches, folder / "plain.db")
    print(f"{len(actions):,} actions of a realistic mix")
    print(f"  {'':32} {'actions/s':>10} {'of processor time':>20}")
    for title, (wall_s, processor_s) in (
        ("bulk append, public writer", seconds),
        ("bare executemany, batches of 500", bare),
        ("bare, in the writer's batches", larger),
    ):
        print(f"  {title:32} {len(actions) / wall_s:10,.0f} {len(actions) / processor_s:20,.0f}")
    print(
        f"  ratio {bare[0] / seconds[0]:.2f}, of processor time {bare[1] / seconds[1]:.2f} (bar: at least {BAR_RATIO:.2f})"
    )
    print(f"  in the writer's batches {larger[0] / seconds[0]:.2f}, of processor time {larger[1] / seconds[1]:.2f}")
    print(f"  bytes an action, in all          {used / len(actions):10.1f}   (bar: at most {BAR_BYTES})")
    print(f"  bytes an action in the journal   {journal / len(actions):10.1f}   (until the oldest backup is newer)")
    print(f"  plain text rows with FTS         {plain / len(actions):10.1f}", flush=True)
    for item in folder.iterdir():
        if item.is_dir():
            shutil.rmtree(item)
        else:
            item.unlink()


def measure(path: Path, key: bytes, actions: int, last_us: int, watch_s: float) -> None:
    """Print the time to open, query and clean up a closed store.

    Args:
        path: of the store.
        key: its data key.
        actions: how many it holds.
        last_us: the time of the last one.
        watch_s: how long to watch appends during the clean-up.
    """
    print(f"at {actions:,} actions")
    print(f"  bytes an action, in all          {path.stat().st_size / actions:10.1f}   (bar: at most {BAR_BYTES})")
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        store = Store.open(path, key)
        with store.reader() as reader:
            reader.counts()
        times.append((time.perf_counter() - begun) * 1_000)
        store.close()
    print(f"  opening and counting, slowest of 5{max(times):9.1f} ms   (bar: below {BAR_OPEN_MS} ms)")
    store = Store.open(path, key)
    try:
        with store.reader() as reader:
            questions.ask_all(reader, actions)
        singles = [wait_times.single(store, last_us + number) for number in range(2_000)]
        print(
            f"  single durable events            {1_000 / statistics.mean(singles):10,.0f} /s, median"
            f" {statistics.median(singles):.2f} ms, p99 {percentile(singles, 0.99):.2f} ms (bar: p99 < {BAR_SINGLE_MS})"
        )
        wait_times.appends_while_cleaning(store, START_US, last_us, watch_s)
    finally:
        store.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--actions", type=int, default=int(os.environ.get("ACTIONS", "1000000")))
    parser.add_argument("--watch-s", type=float, default=60.0, help="seconds to watch appends during a clean-up")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="store-speed-"))
    key = secrets.token_bytes(32)
    try:
        compare(folder, key, list(life(min(options.actions, COMPARED), seed=1)))
        store = Store.create(folder / "store.db", key)
        lived = min(options.actions, LIVED)
        fill(store, batches_of(life(lived, seed=1)), IN_FLIGHT)
        store.close()
        if options.actions > lived:
            copy_forward(folder / "store.db", key, lived // ACTIONS_PER_DAY, options.actions // lived - 1)
        store = Store.open(folder / "store.db", key)
        with store.reader() as reader:
            counts = reader.counts()
        store.close()
        measure(folder / "store.db", key, counts.actions, counts.last_us or START_US, options.watch_s)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
