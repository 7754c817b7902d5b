"""Who asks the running program for whole tables shows again that the store is theirs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import KnownError, LockedError, WrongKeyError
from app.paths import Paths, from_environment
from app.services.access.reauthenticate import FREE_ATTEMPTS, LONGEST_WAIT_S, Reauthenticator
from app.services.access.unlock import Credentials, first_start
from app.services.commands.dispatch import Commands
from app.services.core import Core
from app.store.keys.envelope import Cost
from app.store.keys.key_ring import KeyRing
from app.store.store import Store
from tests.app.clock import Clock
from tests.app.store.checks import visits

PASSPHRASE = "salt lantern quiet river"
CHEAP = Cost(passes=1, memory_kib=64, lanes=1)


@pytest.fixture
def paths(own_home: Path) -> Paths:
    made = from_environment(os.environ)
    made.create()
    created = KeyRing(made.envelope, CHEAP).create(None, PASSPHRASE)
    Store.create(made.store, created.key).close()
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def doorkeeper(paths: Paths, clock: Clock) -> Reauthenticator:
    return Reauthenticator(paths, clock)


def wrong(doorkeeper: Reauthenticator, times: int) -> None:
    for _ in range(times):
        with pytest.raises(WrongKeyError):
            doorkeeper.verify("not the passphrase")


def test_the_passphrase_is_enough(doorkeeper: Reauthenticator) -> None:
    doorkeeper.verify(PASSPHRASE)


def test_nothing_is_not_enough_where_no_keyring_is_a_way(doorkeeper: Reauthenticator) -> None:
    with pytest.raises(LockedError):
        doorkeeper.verify(None)


def test_after_a_few_wrong_ones_even_the_right_one_waits(doorkeeper: Reauthenticator, clock: Clock) -> None:
    wrong(doorkeeper, FREE_ATTEMPTS)
    with pytest.raises(KnownError, match="3 wrong passphrases"):
        doorkeeper.verify(PASSPHRASE)
    clock.now_s += 1
    doorkeeper.verify(PASSPHRASE)


def test_each_further_one_doubles_the_wait_up_to_a_bound(doorkeeper: Reauthenticator, clock: Clock) -> None:
    wrong(doorkeeper, FREE_ATTEMPTS)
    for wait_s in (1, 2, 4, 8, 16, 32, 64, 128, 256, LONGEST_WAIT_S, LONGEST_WAIT_S):
        clock.now_s += wait_s - 0.5
        with pytest.raises(KnownError, match="in a row"):
            doorkeeper.verify(PASSPHRASE)
        clock.now_s += 0.5
        wrong(doorkeeper, 1)


def test_the_right_one_wipes_the_slate_clean(doorkeeper: Reauthenticator) -> None:
    for _ in range(3):
        wrong(doorkeeper, FREE_ATTEMPTS - 1)
        doorkeeper.verify(PASSPHRASE)


@pytest.mark.desktop
@pytest.mark.usefixtures("keyring")
def test_a_keyring_that_is_a_way_is_asked_again(own_home: Path) -> None:
    paths = from_environment(os.environ)
    first_start(paths, Credentials()).store.close()
    Reauthenticator(paths).verify(None)


@pytest.fixture
def core(paths: Paths) -> Iterator[Core]:
    made = Core(paths, Store.open(paths.store, KeyRing(paths.envelope, CHEAP).unlock_with_passphrase(PASSPHRASE)))
    made.store.append(visits(3)).result()
    yield made
    made.close()


def test_an_export_without_proof_writes_nothing(core: Core, doorkeeper: Reauthenticator, tmp_path: Path) -> None:
    commands = Commands(core, None, doorkeeper)
    target = tmp_path / "export.jsonl"
    for given in ({}, {"passphrase": "not the passphrase"}, {"passphrase": 7}):
        with pytest.raises(KnownError):
            commands.command("export", {"path": str(target), **given}, lambda _: None)
    assert not target.exists()
    result = commands.command("export", {"path": str(target), "passphrase": PASSPHRASE}, lambda _: None)
    assert result["rows"] == len(target.read_text().splitlines())


def test_a_search_is_no_way_around_it(core: Core, doorkeeper: Reauthenticator) -> None:
    with pytest.raises(KnownError, match="at most 1000"):
        Commands(core, None, doorkeeper).command("search", {"text": "page", "limit": 1_001}, lambda _: None)
