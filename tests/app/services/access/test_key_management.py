"""The ways to unlock, as the command line and the window change them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.errors import StoreError, WrongKeyError
from app.paths import Paths, from_environment
from app.services.access import key_management
from app.services.access.unlock import Credentials, data_key, first_start, unlock, unlock_with_recovery
from app.services.access.unlock_methods import UnlockMethods
from app.store import key_rotation
from app.store.keys.envelope import Cost
from app.store.keys.key_ring import KeyRing

PASSPHRASE = "salt lantern quiet river"
MINE = Credentials(passphrase=PASSPHRASE, use_secret_service=False)
WRONG = Credentials(passphrase="somebody else entirely", use_secret_service=False)


@pytest.fixture
def code(own_home: Path) -> str:
    """The recovery code of a profile with a passphrase."""
    opened = first_start(from_environment(os.environ), MINE)
    opened.store.close()
    assert opened.recovery_code is not None
    return opened.recovery_code


@pytest.fixture
def paths(code: str) -> Paths:
    return from_environment(os.environ)


def test_the_ways_say_what_opens_the_store(paths: Paths) -> None:
    assert key_management.unlock_methods(paths) == UnlockMethods(passphrase=True, keyring=False, code_seen=False)
    key_management.confirm_recovery_code(paths)
    assert key_management.unlock_methods(paths).code_seen


def test_a_new_passphrase_opens_and_the_old_one_does_not(paths: Paths) -> None:
    key_management.set_passphrase(paths, MINE, "another long passphrase")
    unlock(paths, Credentials(passphrase="another long passphrase", use_secret_service=False)).close()
    with pytest.raises(WrongKeyError):
        data_key(paths, MINE)


@pytest.mark.parametrize("new", ["", "too short"])
def test_a_short_new_passphrase_changes_nothing(paths: Paths, new: str) -> None:
    with pytest.raises(StoreError, match="at least 10"):
        key_management.set_passphrase(paths, MINE, new)
    data_key(paths, MINE)


def test_nothing_changes_for_somebody_else(paths: Paths) -> None:
    before = paths.envelope.read_bytes(), paths.store.read_bytes()
    for change in (
        key_management.remove_passphrase,
        key_management.add_keyring,
        key_management.remove_keyring,
        key_management.new_recovery_code,
        key_management.rotate_key,
    ):
        with pytest.raises(WrongKeyError):
            change(paths, WRONG)
    with pytest.raises(WrongKeyError):
        key_management.set_passphrase(paths, WRONG, "a passphrase of my own")
    assert (paths.envelope.read_bytes(), paths.store.read_bytes()) == before


def test_after_a_new_data_key_the_passphrase_opens_and_the_new_code_does(paths: Paths, code: str) -> None:
    reported: list[tuple[int, int]] = []
    rotated = key_management.rotate_key(paths, MINE, lambda done, total: reported.append((done, total)))
    assert reported[-1][0] == reported[-1][1] > 0
    unlock(paths, MINE).close()
    unlock_with_recovery(paths, rotated.created.recovery_code).close()
    with pytest.raises(WrongKeyError):
        unlock_with_recovery(paths, code)


def test_without_the_passphrase_the_key_is_not_changed(paths: Paths) -> None:
    with pytest.raises(StoreError, match="passphrase is needed"):
        key_management.rotate_key(paths, Credentials(use_secret_service=False))
    unlock(paths, MINE).close()


@pytest.fixture
def published(paths: Paths, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rotation that died between its two renames: the store is under the new key, its envelope still next to."""
    ring = KeyRing(paths.envelope, Cost(passes=1, memory_kib=64, lanes=1))
    before = paths.envelope.read_bytes()
    key_rotation.rotate(
        paths.store, ring, ring.unlock_with_passphrase(PASSPHRASE), passphrase=PASSPHRASE, secret_service=None
    )
    paths.envelope.rename(key_rotation.next_envelope(paths.envelope))
    paths.envelope.write_bytes(before)


def test_a_change_that_died_half_way_is_finished_by_the_next_unlock(paths: Paths, published: None) -> None:
    unlock(paths, MINE).close()
    assert not key_rotation.cut_short(paths.store, KeyRing(paths.envelope))
    unlock(paths, MINE).close()


def test_the_code_of_the_other_key_says_what_would_open_it(paths: Paths, code: str, published: None) -> None:
    with pytest.raises(WrongKeyError, match="cut short"):
        unlock_with_recovery(paths, code)
    unlock(paths, MINE).close()


def test_a_person_is_asked_once_also_where_two_keys_are_tried(paths: Paths, published: None) -> None:
    asked = []

    def ask() -> str:
        asked.append(1)
        return PASSPHRASE

    unlock(paths, Credentials(ask_passphrase=ask, use_secret_service=False)).close()
    assert len(asked) == 1
