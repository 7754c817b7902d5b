"""Forgetting in a running program: what is in memory and in copies of the file is forgotten as well."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.paths import from_environment
from app.services.core import Core
from app.services.observe import new_action
from app.store.forget_values import Forget
from app.store.records import NewTrainingRun
from app.store.store import Store
from collectors.events import US_PER_S, Event, EventKind, Source, to_wire
from tests.app import speaker
from tests.app.services.conftest import KEY, NOW_US, Clock
from tests.app.store.plain_bytes import plain_bytes

CANARY = "zwitscherlein"


def command(number: int, line: str) -> Event:
    return Event(NOW_US - (1_000 - number) * US_PER_S, Source.TERMINAL, EventKind.COMMAND, "bash", line)


@pytest.fixture
def core(own_home: Path, clock: Clock) -> Iterator[Core]:
    paths = from_environment(os.environ)
    paths.create()
    made = Core(paths, Store.create(paths.store, KEY), os.environ, clock, speaker.brain("well"))
    yield made
    made.close()


def live(core: Core) -> None:
    lines = ["make", f"{CANARY} it", "git status"] * 20
    core.observer.log([to_wire(command(number, line)) for number, line in enumerate(lines)])
    core.observer.flush()
    core.hygiene.rebuild_sessions()


def test_the_model_knows_nothing_of_it_any_more(core: Core) -> None:
    live(core)
    assert any(CANARY in each.action for each in core.forecaster.forecasts())
    told = core.forgetter.preview(Forget(text=CANARY))
    assert any(CANARY in each.action for each in core.forecaster.forecasts())
    receipt = core.forgetter.forget(Forget(text=CANARY))
    assert (told.actions, receipt.actions, receipt.sessions) == (20, 20, 1)
    assert all(CANARY not in each.action for each in core.forecaster.forecasts())
    with core.store.reader() as reader:
        (session,) = reader.sessions(0, 2**62)
        assert session.actions == 40
        assert reader.unfinished_forgetting() is None


def test_what_comes_in_after_it_is_foretold_and_kept(core: Core) -> None:
    live(core)
    core.forgetter.forget(Forget(app="bash"))
    core.observer.log([to_wire(command(900, "make")), to_wire(command(901, f"{CANARY} again"))])
    core.observer.flush()
    with core.store.reader() as reader:
        assert len(list(reader.timeline(0, 2**62))) == 2
        assert reader.search(CANARY)


def test_a_fresh_backup_takes_the_place_of_all_others_and_of_the_journal(core: Core) -> None:
    live(core)
    core.store.backup()
    old = {path for path in core.paths.data.rglob("*") if path.is_file()}
    core.forgetter.forget(Forget(text=CANARY))
    (kept,) = core.store.backups()
    assert kept.path not in old
    assert CANARY.encode() not in plain_bytes(kept.path, KEY)
    left = {path for path in core.paths.data.rglob("*") if path.is_file()} & old
    assert not [path for path in left if path.parent != core.paths.data], "of backups and journal nothing old is left"


def test_learning_is_due_again_where_it_had_learned_from_it(core: Core, clock: Clock) -> None:
    core.store.append([new_action(command(number, f"make {number}")) for number in range(700)]).result()
    core.store.save_training_run(NewTrainingRun(NOW_US, "{}", b"w")).result()
    assert not core.learner.due()
    clock.now_us += US_PER_S
    assert core.forgetter.forget(Forget(text="699")).training_runs == 1
    assert core.forecaster.weights_run is None
    assert core.learner.due()


def test_what_an_earlier_process_had_begun_is_gone_on_with(core: Core) -> None:
    live(core)
    core.store.write_down_forgetting(Forget(text=CANARY), NOW_US).result()
    heard: list[int] = []
    core.forgetter.on_forgotten(lambda receipt: heard.append(receipt.actions))
    receipt = core.forgetter.go_on()
    assert receipt is not None
    assert heard == [receipt.actions] == [20]
    assert core.forgetter.go_on() is None


def test_nothing_is_forgotten_because_it_was_said_in_the_chat(core: Core) -> None:
    live(core)
    for words in ("Forget bash", "forget everything I did today", "please delete all about git"):
        core.narrating.answer(words, lambda _: None)
    with core.store.reader() as reader:
        assert reader.counts().actions == 60
        assert reader.unfinished_forgetting() is None
