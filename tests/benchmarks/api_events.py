# ruff: noqa: T201  # a benchmark prints what it measured
"""How fast single events become durable through the local API: 8 clients, one event a request, each waits for its answer.

    python -m tests.benchmarks.api_events [--clients 8] [--events 500] [--directory PATH]

Each client is a process of its own with one kept-alive TCP connection and its own token. An answer means that the event
is committed to the encrypted store. The directory decides which disk pays for the commits.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from app.api.limits import Limits
from app.api.server import LocalApi
from app.api.tokens import Scope, Tokens
from app.services.backend import LogReport
from app.store.records import NewAction
from app.store.store import Store
from collectors.events import US_PER_S, from_wire

WARM_UP = 20


class StoreBackend:
    """The shortest way from a request to the disk: events are read and appended; there is no gate and no prediction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def log(self, raw_events: Sequence[object], client: str) -> LogReport:
        """Append, and wait for the commit."""
        appended = self._store.append([NewAction(from_wire(raw)) for raw in raw_events]).result()
        return LogReport(appended.stored, len(raw_events) - appended.stored, (), 0, (), 0)

    def command(self, name: str, arguments: Mapping[str, Any], report: Callable[[Mapping[str, Any]], None]) -> Any:
        """The benchmark sends no commands."""
        raise NotImplementedError

    status = predictions = stats = cleanup = command


@dataclass(frozen=True, slots=True)
class Job:
    """What one client does: `number` tells its events from those of the others."""

    port: int
    token: str
    number: int
    events: int


def send(job: Job, together: Barrier) -> list[float]:
    """Send events one after another; the seconds that each took."""
    connection = http.client.HTTPConnection("127.0.0.1", job.port)
    headers = {"Authorization": f"Bearer {job.token}", "Content-Type": "application/json"}
    taken_s: list[float] = []
    for index in range(WARM_UP + job.events):
        if index == WARM_UP:
            together.wait()
        event = {
            "ts_us": (1_760_000_000 + job.number * 1_000_000 + index) * US_PER_S,
            "source": "terminal",
            "kind": "command",
            "app": "bash",
            "target": f"make target-{index % 50}",
            "detail": {"cwd": "/home/someone/project", "exit_status": 0},
        }
        start_s = time.perf_counter()
        connection.request("POST", "/api/log-action", json.dumps(event), headers)
        response = connection.getresponse()
        body = json.loads(response.read())
        taken_s.append(time.perf_counter() - start_s)
        assert response.status == 200, body
        assert body["stored"] == 1, body
    connection.close()
    return taken_s[WARM_UP:]


def _work(job: Job, together: Barrier, results: Any) -> None:
    results.put(send(job, together))


def measure(directory: Path, clients: int, events: int) -> tuple[float, list[float]]:
    """Events a second over all clients, and every event's seconds, in order of size."""
    store = Store.create(directory / "store.db", os.urandom(32))
    tokens = Tokens()
    limits = Limits(burst=10**9)
    api = LocalApi(StoreBackend(store), tokens, directory / "run" / "control.sock", limits=limits)
    api.start()
    try:
        context = multiprocessing.get_context("spawn")
        together, results = context.Barrier(clients + 1), context.Queue()
        workers = [
            context.Process(
                target=_work,
                args=(Job(api.port, tokens.issue(f"client {number}", Scope.INGEST), number, events), together, results),
            )
            for number in range(clients)
        ]
        for worker in workers:
            worker.start()
        together.wait()
        start_s = time.perf_counter()
        taken_s = sorted(taken for _ in workers for taken in results.get())
        wall_s = time.perf_counter() - start_s
        for worker in workers:
            worker.join()
        return clients * events / wall_s, taken_s
    finally:
        api.stop()
        store.close()


def main() -> None:
    """Measure and print one line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--events", type=int, default=500)
    parser.add_argument("--directory", type=Path, default=None)
    chosen = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="kryptic-bench-", dir=chosen.directory))
    try:
        events_per_s, taken_s = measure(directory, chosen.clients, chosen.events)
    finally:
        shutil.rmtree(directory)
    median_ms, p99_ms = (taken_s[int(len(taken_s) * share)] * 1e3 for share in (0.5, 0.99))
    print(
        f"local API, durable single events, {chosen.clients} clients, real store: {events_per_s:.0f} events/s, "
        f"median {median_ms:.1f} ms, p99 {p99_ms:.1f} ms"
    )


if __name__ == "__main__":
    main()
