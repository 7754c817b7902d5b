"""The first start and every later one, by passphrase, by a real keyring, and by recovery code."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest
import secretstorage

from app.errors import DamagedError, LockedError, StoreError, WrongKeyError
from app.paths import Paths, from_environment
from app.services.access.unlock import (
    Credentials,
    first_start,
    is_set_up,
    opens_by_itself,
    recover,
    restore,
    unlock,
    unlock_with_recovery,
)

BY_PASSPHRASE = Credentials(passphrase="correct horse battery staple", use_secret_service=False)


@pytest.fixture
def paths(own_home: Path) -> Paths:
    return from_environment(os.environ)


def test_a_passphrase_makes_the_store_and_opens_it_again(paths: Paths) -> None:
    opened = first_start(paths, BY_PASSPHRASE)
    opened.store.close()
    assert opened.recovery_code
    assert is_set_up(paths)
    assert not opens_by_itself(paths)
    unlock(paths, BY_PASSPHRASE).close()


@pytest.mark.desktop
@pytest.mark.usefixtures("keyring")
def test_with_a_keyring_nobody_is_asked(paths: Paths) -> None:
    first_start(paths, Credentials()).store.close()
    assert opens_by_itself(paths)
    unlock(paths, Credentials()).close()


@pytest.mark.desktop
def test_a_keyring_that_is_gone_is_said_and_the_recovery_code_still_opens(
    paths: Paths, keyring: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = first_start(paths, Credentials())
    opened.store.close()
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    with pytest.raises(LockedError, match="session bus"):
        unlock(paths, Credentials())
    unlock_with_recovery(paths, opened.recovery_code or "").close()


@pytest.mark.desktop
def test_a_keyring_that_refuses_at_the_first_start_names_no_code_that_is_not_there_yet(
    paths: Paths, keyring: None
) -> None:
    with closing(secretstorage.dbus_init()) as connection:
        secretstorage.get_default_collection(connection).lock()
    with pytest.raises(LockedError) as caught:
        first_start(paths, Credentials())
    assert "recovery code" not in caught.value.remedy
    assert "passphrase" in caught.value.remedy
    assert not is_set_up(paths)


def test_a_new_passphrase_is_as_long_as_the_window_asks_for(paths: Paths) -> None:
    with pytest.raises(StoreError, match="at least 10"):
        first_start(paths, Credentials(passphrase="too short", use_secret_service=False))
    assert not is_set_up(paths)
    opened = first_start(paths, BY_PASSPHRASE)
    opened.store.close()
    with pytest.raises(StoreError, match="at least 10"):
        recover(paths, opened.recovery_code or "", "too short")
    unlock(paths, BY_PASSPHRASE).close()


def test_without_a_bus_and_a_passphrase_no_key_is_made(paths: Paths) -> None:
    with pytest.raises(LockedError) as caught:
        first_start(paths, Credentials())
    assert "--passphrase-file" in caught.value.remedy
    assert not is_set_up(paths)
    assert not paths.store.exists()


def test_a_person_at_a_terminal_is_asked_where_there_is_no_keyring(paths: Paths) -> None:
    credentials = Credentials(ask_passphrase=lambda: "typed by a person")
    first_start(paths, credentials).store.close()
    store = unlock(paths, credentials)
    with store.reader() as reader:
        assert reader.counts().actions == 0
    store.close()


def test_a_wrong_passphrase_opens_nothing(paths: Paths) -> None:
    first_start(paths, BY_PASSPHRASE).store.close()
    with pytest.raises(WrongKeyError):
        unlock(paths, Credentials(passphrase="something else", use_secret_service=False))


def test_recovering_replaces_the_passphrase(paths: Paths) -> None:
    opened = first_start(paths, BY_PASSPHRASE)
    opened.store.close()
    recover(paths, opened.recovery_code or "", "a new passphrase")
    unlock(paths, Credentials(passphrase="a new passphrase", use_secret_service=False)).close()
    with pytest.raises(WrongKeyError):
        unlock(paths, BY_PASSPHRASE)


def test_a_lost_store_is_not_replaced_by_an_empty_one(paths: Paths) -> None:
    first_start(paths, BY_PASSPHRASE).store.close()
    paths.store.unlink()
    with pytest.raises(StoreError, match="nothing was created"):
        unlock(paths, BY_PASSPHRASE)
    assert not paths.store.exists()


def test_a_store_without_its_key_file_is_left_alone(paths: Paths) -> None:
    first_start(paths, BY_PASSPHRASE).store.close()
    before = paths.store.read_bytes()
    paths.envelope.unlink()
    with pytest.raises(StoreError, match="left alone"):
        first_start(paths, BY_PASSPHRASE)
    assert paths.store.read_bytes() == before
    assert not paths.envelope.exists()


@pytest.mark.parametrize("place", [0, 7, 15])
def test_damage_that_makes_the_key_look_wrong_is_reported_from_a_wrong_key_and_restored(
    paths: Paths, place: int
) -> None:
    opened = first_start(paths, BY_PASSPHRASE)
    opened.store.audit(1, "stored").result(60)
    opened.store.close()
    content = bytearray(paths.store.read_bytes())
    content[place] ^= 1
    paths.store.write_bytes(content)
    for attempt in (
        lambda: unlock(paths, BY_PASSPHRASE),
        lambda: unlock_with_recovery(paths, opened.recovery_code or ""),
    ):
        with pytest.raises(DamagedError, match="The key is right") as caught:
            attempt()
        assert "kryptic restore" in caught.value.remedy
    assert paths.store.read_bytes() == content
    restore(paths, BY_PASSPHRASE)
    again = unlock(paths, BY_PASSPHRASE)
    with again.reader() as reader:
        assert "stored" in [what for _, what in reader.audit()]
    again.close()


def test_a_key_file_of_another_store_is_a_wrong_key(paths: Paths) -> None:
    first_start(paths, BY_PASSPHRASE).store.close()
    aside = paths.store.with_name("aside.db")
    paths.store.rename(aside)
    paths.envelope.unlink()
    first_start(paths, BY_PASSPHRASE).store.close()
    for backup in paths.store.with_name("backups").iterdir():
        backup.unlink()
    aside.replace(paths.store)
    with pytest.raises(WrongKeyError):
        unlock(paths, BY_PASSPHRASE)
