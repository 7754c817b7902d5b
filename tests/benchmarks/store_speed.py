# ruff: noqa: T201  # a benchmark prints what it measured
"""How fast and how small the store is: `python -m tests.benchmarks.store_speed [--actions N]`.

Bulk append goes through the public writer and is set against bare `sqlcipher3`: the same rows, ready made, into the same
tables and indexes, with `executemany` in batches of 500 and the same flushes. Everything is measured in one run.
"""

from __future__ import annotations

import argparse
import random
import secrets
import shutil
import statistics
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher

from app.store import connection as opening
from app.store import migrations
from app.store.records import Appended, Dimension, NewAction
from app.store.store import Store
from app.store.writer import BATCH_WEIGHT
from collectors.events import (
    US_PER_DAY,
    US_PER_S,
    CommandDetail,
    Event,
    EventKind,
    LoadDetail,
    PageDetail,
    PresenceDetail,
    RhythmDetail,
    Source,
    WindowDetail,
)

BATCH = 500
START_US = 1_700_000_000 * US_PER_S
ACTIONS_PER_DAY = 20_000
BAR_RATIO = 0.50
BAR_BYTES = 150
TABLES = ("names", "texts", "actions", "data_aggregates")
# fmt: off
WORDS = (
    "review", "merge", "deploy", "release", "storage", "index", "query", "chart", "report", "budget", "travel",
    "mail", "agenda", "weekly", "design", "draft", "notes", "kernel", "driver", "window", "screen", "editor",
    "cache", "thread", "socket", "parser", "lexer", "module", "branch", "commit", "issue", "ticket", "planning",
    "music", "film", "recipe", "garden", "weather", "train", "flight", "hotel", "map", "photo", "album",
    "invoice", "order", "basket", "bank", "letter", "course", "exam",
)
# fmt: on


def life(actions: int, seed: int) -> Iterator[NewAction]:
    """A realistic mix at 20,000 actions a day: windows and pages that come back, commands, input counts, load."""
    draw = random.Random(seed)
    titles = [" ".join(draw.choices(WORDS, k=draw.randint(2, 7))).capitalize() for _ in range(300)]
    commands = [" ".join(draw.choices(WORDS, k=draw.randint(1, 5))) for _ in range(200)]
    pages = [
        (f"https://{word}.example.org/{draw.choice(WORDS)}/{n}", n % len(titles)) for n, word in enumerate(WORDS * 6)
    ]
    apps = ("firefox", "code", "xterm", "thunderbird", "evince", "gimp", "nautilus", "signal")
    ts_us = START_US
    for number in range(actions):
        ts_us += int(draw.expovariate(ACTIONS_PER_DAY / US_PER_DAY))
        kind = draw.random()
        if number % 4 == 0:
            # One action in four brings words never seen before.
            titles[draw.randrange(len(titles))] = " ".join(draw.choices(WORDS, k=5)).capitalize() + f" {number}"
        if kind < 0.35:
            app = draw.choice(apps)
            detail = WindowDetail(draw.randint(1_000, 30_000))
            event = Event(
                ts_us, Source.WINDOW, EventKind.FOCUS, app, None, draw.choice(titles), 40 * US_PER_S, 3_600, detail
            )
            yield NewAction(event, f"app:{app}", None, None)
        elif kind < 0.50:
            url, title = draw.choice(pages)
            visit = Event(
                ts_us, Source.BROWSER, EventKind.VISIT, "firefox", url, titles[title], None, 3_600, PageDetail()
            )
            yield NewAction(visit, f"web:{url.split('/')[2]}", url.split("/")[2], None)
        elif kind < 0.65:
            line = draw.choice(commands)
            where = CommandDetail(f"/home/me/{draw.choice(WORDS[:12])}", draw.choice((0, 0, 0, 1)), "main")
            command = Event(ts_us, Source.TERMINAL, EventKind.COMMAND, "bash", line, None, 2 * US_PER_S, 3_600, where)
            yield NewAction(command, f"cmd:{line.split()[0]}", None, draw.choice(WORDS[:12]))
        elif kind < 0.85:
            rhythm = RhythmDetail(10 * US_PER_S, draw.randint(0, 80), draw.randint(0, 9), 3, draw.randint(9**5, 9**6))
            yield NewAction(Event(ts_us, Source.INPUT, EventKind.RHYTHM, utc_offset_s=3_600, detail=rhythm))
        elif kind < 0.97:
            load = LoadDetail(round(draw.random() * 100, 1), round(draw.random() * 100, 1), draw.randrange(9**6), 0)
            yield NewAction(Event(ts_us, Source.RESOURCES, EventKind.LOAD, utc_offset_s=3_600, detail=load))
        else:
            idle = PresenceDetail(300 * US_PER_S)
            yield NewAction(Event(ts_us, Source.PRESENCE, EventKind.IDLE, utc_offset_s=3_600, detail=idle))


def percentile(values: list[float], share: float) -> float:
    """The value that `share` of all lie below."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def fill(store: Store, batches: list[list[NewAction]]) -> float:
    """Seconds to append everything through the public writer, the last commit included."""
    waiting: deque[Future[Appended]] = deque()
    begun = time.perf_counter()
    for batch in batches:
        waiting.append(store.append(batch))
    for future in waiting:
        future.result()
    return time.perf_counter() - begun


def fill_bare(source: Path, key: bytes, path: Path, size: int) -> float:
    """Seconds to write the same rows, ready made, with bare executemany: the limit that the writer is held against."""
    reading = opening.open_reader(source, key)
    rows = {table: reading.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}
    reading.close()
    writing = opening.create_file(path, key)
    migrations.migrate(writing, path, 0)
    marks = {table: ",".join("?" * len(rows[table][0])) for table in TABLES}
    batches = -(-len(rows["actions"]) // size)
    begun = time.perf_counter()
    for batch in range(batches):
        writing.execute("BEGIN")
        for table in TABLES:
            low, high = (len(rows[table]) * (batch + step) // batches for step in (0, 1))
            part = rows[table][low:high]
            writing.executemany(f"INSERT INTO {table} VALUES ({marks[table]})", part)
            if table == "texts":
                writing.executemany(
                    "INSERT INTO texts_words (rowid, target, title) VALUES (?, ?, ?)",
                    [(number, target, title) for number, _, target, title in part],
                )
        writing.execute("COMMIT")
    seconds = time.perf_counter() - begun
    writing.close()
    return seconds


def fill_plain(batches: list[list[NewAction]], path: Path) -> int:
    """Bytes of the same actions as plain text rows with a time index and FTS, unencrypted: the usual way."""
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


def single(store: Store, last_us: int, events: int) -> tuple[float, float, float]:
    """One event after the other, each awaited: events a second, median and p99 in milliseconds."""
    times = []
    begun = time.perf_counter()
    for number in range(events):
        event = Event(last_us + number, Source.WINDOW, EventKind.FOCUS, "xterm", None, f"single {number % 50}")
        start = time.perf_counter()
        store.append([NewAction(event, "app:xterm")]).result()
        times.append((time.perf_counter() - start) * 1_000)
    return events / (time.perf_counter() - begun), statistics.median(times), percentile(times, 0.99)


def asked(question: Callable[[int], object], times: int = 60) -> tuple[float, float]:
    """Median and p95 in milliseconds of a question asked many times."""
    taken = []
    for number in range(times):
        start = time.perf_counter()
        question(number)
        taken.append((time.perf_counter() - start) * 1_000)
    return statistics.median(taken), percentile(taken, 0.95)


def ask_all(store: Store, actions: int) -> None:
    """Print what questions cost at this size."""
    days = max(1, actions // ACTIONS_PER_DAY)
    draw = random.Random(3)
    with store.reader() as reader:
        noon = [START_US + draw.randrange(days) * US_PER_DAY for _ in range(60)]
        questions: dict[str, Callable[[int], object]] = {
            "timeline of a day": lambda n: sum(1 for _ in reader.timeline(noon[n], noon[n] + US_PER_DAY)),
            "timeline of a day, first 500": lambda n: list(reader.timeline(noon[n], noon[n] + US_PER_DAY, 500)),
            "totals by app, all time": lambda _: reader.totals(Dimension.APP, 0, START_US * 2),
            "totals by hour, a cut week": lambda n: reader.totals(
                Dimension.HOUR, noon[n] + 7, noon[n] + 7 * US_PER_DAY
            ),
            "search, a common word": lambda n: reader.search(WORDS[n % len(WORDS)]),
            "search, a rare word": lambda n: reader.search(str(4 * (n * 997 % (actions // 4)))),
            "search, a phrase": lambda n: reader.search(f'"{WORDS[n % 7]} {WORDS[n % 11]}"'),
            "counts": lambda _: reader.counts(),
        }
        for name, question in questions.items():
            median, p95 = asked(question)
            print(f"  {name:32} median {median:8.2f} ms   p95 {p95:8.2f} ms")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--actions", type=int, default=1_000_000)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="store-speed-"))
    key = secrets.token_bytes(32)
    try:
        actions = list(life(options.actions, seed=1))
        batches = [actions[at : at + BATCH] for at in range(0, len(actions), BATCH)]
        store = Store.create(folder / "store.db", key)
        seconds = fill(store, batches)
        store.close()
        used = (folder / "store.db").stat().st_size
        bare = fill_bare(folder / "store.db", key, folder / "bare.db", BATCH)
        larger = fill_bare(folder / "store.db", key, folder / "larger.db", BATCH_WEIGHT)
        plain = fill_plain(batches, folder / "plain.db")
        print(f"{len(actions):,} actions of a realistic mix")
        print(f"  bulk append, public writer       {len(actions) / seconds:10,.0f} actions/s")
        print(f"  bare executemany, batches of 500 {len(actions) / bare:10,.0f} actions/s")
        print(f"  ratio                            {bare / seconds:10.2f}   (bar: at least {BAR_RATIO:.2f})")
        print(
            f"  bare, in the writer's batches    {len(actions) / larger:10,.0f} actions/s, ratio {larger / seconds:.2f}"
        )
        print(f"  bytes an action, all in          {used / len(actions):10.1f}   (bar: at most {BAR_BYTES})")
        print(f"  plain text rows with FTS         {plain / len(actions):10.1f}")
        begun = time.perf_counter()
        store = Store.open(folder / "store.db", key)
        print(f"  opening it                       {(time.perf_counter() - begun) * 1_000:10.1f} ms")
        rate, median, p99 = single(store, actions[-1].event.ts_us, 2_000)
        print(
            f"  single durable events            {rate:10,.0f} /s, median {median:.2f} ms, p99 {p99:.2f} ms (bar: p99 < 50)"
        )
        ask_all(store, len(actions))
        store.close()
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
