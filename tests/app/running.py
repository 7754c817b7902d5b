"""A whole program over a store of its own, with a clock that stands, a sense worked by hand and a scripted brain."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.paths import Paths, from_environment
from app.program.program import Program
from app.services.core import Core
from app.services.ingest.pipeline import new_action
from app.services.learning.training import FEWEST_STEPS
from app.store.store import Store
from collectors.events import US_PER_S, Event, EventKind, Source
from tests.app import speaker
from tests.app.qt import bury
from tests.app.senses import HandSense
from tests.app.services.conftest import KEY, NOW_US, Clock

ENOUGH = FEWEST_STEPS + 20
"""Actions to learn from."""
ROUND = ("git status", "make test", "vim main.py", "make test", "git commit")


def command(number: int) -> Event:
    """One of a round of commands, a minute after the one before it; the last ones lie before the clock."""
    at_us = NOW_US - 86_400 * US_PER_S + number * 60 * US_PER_S
    return Event(at_us, Source.TERMINAL, EventKind.COMMAND, "bash", ROUND[number % len(ROUND)])


def live(store: Store, actions: int) -> None:
    """Store some commands."""
    store.append([new_action(command(number)) for number in range(actions)]).result()


def bash_history(home: Path, entries: int) -> None:
    lines = [f"#{1_760_000_000 + 60 * number}\n{ROUND[number % len(ROUND)]}\n" for number in range(entries)]
    (home / ".bash_history").write_text("".join(lines))


@pytest.fixture
def paths(own_home: Path) -> Paths:
    made = from_environment(os.environ)
    made.create()
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hand() -> Iterator[HandSense]:
    made = HandSense(Source.TERMINAL)
    yield made
    made.close()


Make = Callable[..., Program]


@pytest.fixture
def make(qapp: object, paths: Paths, clock: Clock, hand: HandSense) -> Iterator[Make]:
    """Makes programs; each is closed at the end, if it is not by then."""
    made: list[Program] = []

    def build(
        how: str = "well",
        *,
        store: Path | None = None,
        profile: Paths = paths,
        api_port: int = 0,
        watcher_port: int = 0,
    ) -> Program:
        path = store or profile.store
        opened = Store.open(path, KEY) if path.exists() else Store.create(path, KEY)
        core = Core(profile, opened, os.environ, clock, speaker.brain(how))
        made.append(Program(core, senses=(hand.sense(),), api_port=api_port, watcher_port=watcher_port))
        return made[-1]

    yield build
    for program in made:
        program.close()
    bury(*made)


@pytest.fixture
def program(make: Make) -> Program:
    """A program that is started."""
    made = make()
    made.start()
    return made
