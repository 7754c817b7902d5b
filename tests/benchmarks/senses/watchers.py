# ruff: noqa: T201  # a benchmark prints what it measured
"""How fast heartbeats of ActivityWatch's own client are taken, by our `/api/0` and by its own server, in turn.

    python -m tests.benchmarks.senses.watchers [--heartbeats 300] [--rounds 3] [--messages 10000]

Each heartbeat is for a new thing and waits for its answer, which with us means that it is on the disk, through the
privacy gate and encrypted. Then so many bad messages: the inlet stays up, and the store takes none of them.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from app.api.http.limits import Limits
from app.api.server.activitywatch import WatcherApi
from app.services.activitywatch.ingest import Watching
from app.services.activitywatch.service import ActivityWatch
from app.services.backend import LogReport, Sent
from app.services.ingest.pipeline import IngestPipeline
from app.services.learning.forecast import Forecaster
from app.services.preferences import Preferences
from app.store.store import Store
from collectors.clock import now_us
from tests.app.api.watcher import BAD_VALUES
from tests.benchmarks import activitywatch
from tests.benchmarks.loopback import Rate

KEY: Final = bytes(range(32))
ALLOWED: Final = frozenset({200, 304, 400, 403, 404, 405, 413, 415})


class NoBackend:
    """The watchers' inlet asks the program for nothing else."""

    def log(self, raw_events: Sequence[object], client: str) -> LogReport:
        """Not asked for."""
        raise NotImplementedError

    def log_soon(self, sent: Sequence[Sent]) -> None:
        """Not asked for."""
        raise NotImplementedError

    def command(self, name: str, arguments: Mapping[str, Any], report: Callable[[Mapping[str, Any]], None]) -> Any:
        """Not asked for."""
        raise NotImplementedError

    status = predictions = stats = cleanup = command


@contextmanager
def ours(directory: Path) -> Iterator[tuple[WatcherApi, Store]]:
    """The inlet over a store of its own."""

    store = Store.create(directory / "store.db", KEY)
    preferences = Preferences(store)
    observer = IngestPipeline(store, preferences, Forecaster(store, now_us), now_us)
    watching = Watching(store, observer, preferences, now_us, lambda _: False)
    service = ActivityWatch(store, watching, preferences, now_us)
    api = WatcherApi(service, NoBackend(), 0, limits=Limits(burst=10**9))
    api.start()
    try:
        yield api, store
    finally:
        api.stop()
        observer.close()
        store.close()


def bad_messages(port: int, messages: int) -> Counter[int]:
    """Send what no watcher would; the answers by their status."""
    chance = random.Random(7)
    values = [*BAD_VALUES, "0001-01-01T00:00:00+23"]
    answers: Counter[int] = Counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for _ in range(messages):
        names = ("timestamp", "duration", "data", "id", "type", "query", "timeperiods", "buckets")
        body = {chance.choice(names): chance.choice(values) for _ in range(4)}
        data = json.dumps(chance.choice((body, [body], chance.choice(values)))).encode()
        if chance.random() < 0.3:
            data = bytes(chance.randrange(256) for _ in range(chance.randrange(60)))
        paths = (
            "heartbeat?pulsetime=5",
            "heartbeat",
            "events",
            "",
            "%00",
            "..",
            "events/1",
            "../../query/",
            "../../import",
        )
        path = f"/api/0/buckets/aw-watcher-window_bad/{chance.choice(paths)}"
        connection.request(
            chance.choice(("POST", "PUT", "GET", "DELETE")), path, data, {"Content-Type": "application/json"}
        )
        response = connection.getresponse()
        response.read()
        answers[response.status] += 1
    connection.close()
    return answers


def main() -> int:
    """Measure, print, and fail if a bad message did harm."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--heartbeats", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--messages", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kryptictrack-") as folder:
        root = Path(folder)
        with ours(root) as (api, store):
            _race(root, api.port, options.heartbeats, options.rounds)
            before = _actions(store)
            answers = bad_messages(api.port, options.messages)
            after = _actions(store)
            reported = ", ".join(f"{status}: {count}" for status, count in sorted(answers.items()))
            print(f"{options.messages} bad messages: answers {reported}; actions before {before}, after {after}")
            sound = set(answers) <= ALLOWED and before == after and api.running
    print("sound" if sound else "NOT SOUND")
    return 0 if sound else 1


def _actions(store: Store) -> int:
    with store.reader() as reader:
        return reader.counts().actions


def _race(root: Path, port: int, heartbeats: int, rounds: int) -> None:
    try:
        python = activitywatch.install(root / "aw")
        with activitywatch.serving(python, root / "home") as their_port:
            rates: dict[str, list[Rate]] = {"ours": [], "aw-server": []}
            for number in range(rounds):
                for name, at in (("ours", port), ("aw-server", their_port)):
                    rates[name].append(activitywatch.own_client(python, root, at, number, heartbeats))
    except activitywatch.NotHadError as error:
        print(f"aw-server was left out: {error}")
        return
    for name, each in rates.items():
        per_s = [rate.per_s for rate in each]
        print(
            f"{name}: {statistics.median(per_s):.0f} heartbeats a second (median of {rounds}; {min(per_s):.0f} to {max(per_s):.0f})"
        )


if __name__ == "__main__":
    sys.exit(main())
