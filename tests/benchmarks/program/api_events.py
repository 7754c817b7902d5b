# ruff: noqa: T201  # a benchmark prints what it measured
"""How fast single events become durable through the local API: 8 clients, one event a request, each waits for its answer.

    python -m tests.benchmarks.program.api_events [--clients 8] [--events 1000] [--rounds 3] [--directory PATH] [--alone]

Behind the API stands what the program puts there: the privacy gate, the encrypted store, learning and prediction. An
answer means that the event is on the disk. Next to it runs ActivityWatch's `aw-server` as it is on PyPI, in turn with ours,
so that both meet the same machine: once with its own client, aw-client, as its watchers use it, and with the same lean
clients as ours (see `loopback`). `--alone` leaves it out. The directory decides which disk pays for the commits of both.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.api.http.limits import Limits
from app.api.server.local import LocalApi
from app.services.access.tokens import Scope, Tokens
from app.services.ingest.pipeline import IngestPipeline
from app.services.learning.forecast import Forecaster
from app.services.preferences import Preferences
from app.store.store import Store
from collectors.events import US_PER_S
from tests.app.api.observing import ObserverBackend
from tests.benchmarks import activitywatch
from tests.benchmarks.loopback import WARM_UP, Job, Rate, drive, request

BAR_RATIO: Final = 20.0
BAR_P99_MS: Final = 50.0


class Program:
    """The part of the running program that takes events over TCP."""

    def __init__(self, store: Store, api: LocalApi, tokens: Tokens) -> None:
        self.store = store
        self._api = api
        self._tokens = tokens
        self._sent = 0

    def jobs(self, run: int, clients: int, events: int) -> list[Job]:
        """One event a request, each of them new."""
        made = []
        for number in range(clients):
            token = self._tokens.issue(f"client {number}", Scope.INGEST)
            bodies = (_event(run * 100 + number, index) for index in range(WARM_UP + events))
            requests = tuple(
                request(self._api.port, "/api/log-action", body, f"Authorization: Bearer {token}\r\n")
                for body in bodies
            )
            made.append(Job(self._api.port, requests, b'"stored": 1,'))
            self._sent += len(requests)
        return made

    def check(self) -> None:
        """Every answered event is in the store."""
        self.store.settle()
        with self.store.reader() as reader:
            counts = reader.counts()
        assert counts.actions == self._sent, (counts.actions, self._sent)
        print(f"  {counts.actions} events stored of {self._sent} acknowledged, {counts.predictions} predictions saved")


def _event(client: int, index: int) -> bytes:
    event = {
        "ts_us": (1_760_000_000 + client * 10_000 + index) * US_PER_S,
        "source": "terminal",
        "kind": "command",
        "app": "bash",
        "target": f"make target-{index % 50}",
        "detail": {"cwd": "/home/someone/project", "exit_status": 0},
    }
    return json.dumps(event).encode()


@contextmanager
def running(directory: Path) -> Iterator[Program]:
    """The program's store, gate, prediction and local API, in a directory of its own."""
    store = Store.create(directory / "store.db", os.urandom(32))
    observer = IngestPipeline(store, Preferences(store), Forecaster(store, _now_us), _now_us)
    tokens = Tokens()
    limits = Limits(burst=10**9)  # the rate limit would be measured otherwise
    api = LocalApi(ObserverBackend(observer), tokens, directory / "run" / "control.sock", limits=limits)
    api.start()
    try:
        yield Program(store, api, tokens)
    finally:
        api.stop()
        observer.close()
        store.close()


def _now_us() -> int:
    return time.time_ns() // 1_000


def _say(what: str, rates: Sequence[Rate]) -> float:
    """Print the median run; its rate."""
    per_s = statistics.median(rate.per_s for rate in rates)
    each = ", ".join(f"{rate.per_s:.0f}" for rate in rates)
    print(
        f"{what:34} {per_s:7.0f} /s  (runs: {each}), median {statistics.median(r.median_ms for r in rates):.1f} ms, "
        f"p99 {max(r.p99_ms for r in rates):.1f} ms at the worst run"
    )
    return per_s


@dataclass(frozen=True, slots=True)
class Peer:
    """A running aw-server."""

    python: Path
    home: Path
    port: int


def _peer(stack: ExitStack, root: Path) -> Peer | None:
    """A running aw-server; None if it cannot be had, which is said."""
    try:
        python = activitywatch.install(root / "environment")
        return Peer(python, root / "home", stack.enter_context(activitywatch.serving(python, root / "home")))
    except activitywatch.NotHadError as error:
        print(f"not compared: aw-server cannot be had here: {error}")
        return None


def measure(root: Path, chosen: argparse.Namespace) -> int:
    """Run in turn, print, and judge; 1 if a bar is missed."""
    ours: list[Rate] = []
    ours_alone: list[Rate] = []
    theirs_own: list[Rate] = []
    theirs: list[Rate] = []
    theirs_together: list[Rate] = []
    with ExitStack() as stack:
        peer = None if chosen.alone else _peer(stack, root / "activitywatch")
        (root / "program").mkdir()
        program = stack.enter_context(running(root / "program"))
        for run in range(chosen.rounds):
            if peer is not None:
                theirs_own.append(activitywatch.own_client(peer.python, peer.home, peer.port, run, chosen.heartbeats))
                theirs.append(drive(activitywatch.jobs(peer.port, 2 * run, 1, chosen.heartbeats)))
                theirs_together.append(drive(activitywatch.jobs(peer.port, 2 * run + 1, chosen.clients, 50)))
            ours_alone.append(drive(program.jobs(2 * run, 1, chosen.events // 2)))
            ours.append(drive(program.jobs(2 * run + 1, chosen.clients, chosen.events)))
        reached = _say(f"local API, {chosen.clients} clients", ours)
        _say("local API, 1 client", ours_alone)
        program.check()
    p99_ms = max(rate.p99_ms for rate in ours)
    missed = p99_ms >= BAR_P99_MS
    print(f"  p99 {p99_ms:.1f} ms, bar < {BAR_P99_MS:.0f} ms: {'missed' if missed else 'met'}")
    if theirs:
        own = reached / _say("aw-server, 1 client, aw-client", theirs_own)
        one = reached / _say("aw-server, 1 lean client", theirs)
        many = reached / _say(f"aw-server, {chosen.clients} lean clients", theirs_together)
        print(
            f"  {own:.1f} x aw-server with aw-client, {one:.1f} x with one lean client, {many:.1f} x with lean clients"
        )
        print(f"  bar {BAR_RATIO:.0f} x one client of its own: {'met' if own >= BAR_RATIO else 'missed'}")
        missed = missed or own < BAR_RATIO
    return int(missed)


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--events", type=int, default=1_000, help="of each client, in each round")
    parser.add_argument("--heartbeats", type=int, default=300, help="sent to aw-server by one client, in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--directory", type=Path, default=None)
    parser.add_argument("--alone", action="store_true", help="without aw-server")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kryptic-bench-", dir=chosen.directory) as root:
        return measure(Path(root), chosen)


if __name__ == "__main__":
    sys.exit(main())
