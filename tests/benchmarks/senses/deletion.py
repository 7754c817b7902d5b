# ruff: noqa: T201  # a benchmark prints what it measured
"""How long the deletion of one entry of the last minute takes until it is answered.

    python -m tests.benchmarks.senses.deletion [--actions 30000] [--times 5]

The answer comes once file and copies are clean. The model is rebuilt from what is left next to that; how long that
takes, which was once part of the answer, is printed as well.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from app.paths import from_environment
from app.services.core import Core
from app.services.ingest.pipeline import new_action
from app.store.store import Store
from app.store.values.forget_request import Forget
from collectors import clock
from collectors.events import US_PER_S, Event, EventKind, Source
from tests.app import speaker
from tests.desktop.running import home

KEY: Final = bytes(range(32))
LINES: Final = ("make", "git status", "ls", "vim a.py", "make test", "pytest")
EVERY_S: Final = 20
BATCH: Final = 2_000


def lived(actions: int) -> list[Event]:
    """Commands up to now, in time order."""
    draw, now_us = random.Random(1), clock.now_us()
    return [
        Event(
            now_us - (actions - number) * EVERY_S * US_PER_S,
            Source.TERMINAL,
            EventKind.COMMAND,
            "bash",
            f"{draw.choice(LINES)} {draw.randrange(50)}",
        )
        for number in range(actions)
    ]


def measure(actions: int, times: int, folder: Path) -> None:
    """Fill a store, delete its latest entry again and again, and print how long that took."""
    environ = home(folder)
    paths = from_environment(environ)
    paths.create()
    core = Core(paths, Store.create(paths.store, KEY), environ, brain=speaker.brain("well"))
    try:
        core.forgetter.set_rebuild_hook(lambda: None)
        events = lived(actions)
        for first in range(0, actions, BATCH):
            core.store.append([new_action(event) for event in events[first : first + BATCH]]).result()
        answered_s: list[float] = []
        known_s: list[float] = []
        for _ in range(times):
            with core.store.reader() as reader:
                (row,) = reader.recent(1)
            begun_s = time.perf_counter()
            core.forgetter.forget(Forget(actions=((row.id, row.event.ts_us),)))
            answered_s.append(time.perf_counter() - begun_s)
            begun_s = time.perf_counter()
            core.forecaster.rebuild()
            known_s.append(time.perf_counter() - begun_s)
    finally:
        core.close()
    for what, took_s in (("answered", answered_s), ("the model made anew, beside that", known_s)):
        print(
            f"{actions} actions, one deleted: {what}: median {statistics.median(took_s):.1f} s, "
            f"longest of {times} {max(took_s):.1f} s (load {os.getloadavg()[0]:.1f})"
        )


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--actions", type=int, default=30_000)
    parser.add_argument("--times", type=int, default=5)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(chosen.actions, chosen.times, Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
