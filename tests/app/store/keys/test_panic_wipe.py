"""The panic wipe: whatever happens on the way, the key goes first."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import pytest

from app.errors import LockedError, StoreError
from app.paths import Paths, from_environment
from app.services.access.unlock import Credentials, first_start, unlock
from app.services.maintenance import panic_wipe as service
from app.services.maintenance.panic_wipe import destroy_key, sweep
from app.store.keys import panic_wipe
from app.store.keys.envelope import load
from app.store.keys.secret_service import SecretService
from collectors.desktop.screen.permission import keep
from tests.app.keyrings import bus, keyring
from tests.desktop.peers import peer

__all__ = ["bus", "keyring"]


@pytest.fixture
def paths(own_home: Path) -> Paths:
    made = from_environment(os.environ)
    made.create()
    return made


def set_up(paths: Paths, passphrase: str | None = "a long passphrase") -> str:
    opened = first_start(paths, Credentials(passphrase=passphrase))
    opened.store.close()
    return opened.recovery_code or ""


def test_the_key_is_overwritten_where_it_lies_before_it_is_removed(paths: Paths, tmp_path: Path):
    set_up(paths)
    kept = tmp_path / "a hard link sees what becomes of the blocks"
    os.link(paths.envelope, kept)
    before = kept.read_bytes()
    assert destroy_key(paths).key_files >= 1
    assert not paths.envelope.exists()
    assert len(kept.read_bytes()) == len(before)
    assert b"wrapped" not in kept.read_bytes()
    assert paths.store.exists(), "the key goes before anything else"


def test_unfinished_and_incoming_keys_go_as_well(paths: Paths):
    set_up(paths)
    for name in ("keys.json.next", ".keys.json.new-77", "backups/keys.json"):
        path = paths.data / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(paths.envelope.read_bytes())
    assert destroy_key(paths).key_files >= 4
    assert not list(paths.data.rglob("*keys.json*"))


def test_without_the_key_neither_passphrase_nor_recovery_code_opens_anything(paths: Paths):
    set_up(paths)
    destroy_key(paths)
    with pytest.raises(StoreError):
        unlock(paths, Credentials(passphrase="a long passphrase"))


def test_everything_of_the_profile_goes_and_a_new_life_can_begin(paths: Paths):
    set_up(paths)
    for folder in (
        paths.data / "journal",
        paths.data / "backups",
        paths.cache,
        paths.state,
        paths.config,
        paths.runtime,
    ):
        folder.mkdir(exist_ok=True)
        (folder / "something").write_bytes(secrets.token_bytes(100))
    destroy_key(paths)
    assert sweep(paths) == ()
    gone = (paths.data, paths.cache, paths.state, paths.config, paths.runtime)
    assert not any(folder.exists() for folder in gone)
    set_up(paths)


def test_the_desktop_forgets_that_it_may_share_the_screen(paths: Paths, bus: str):
    keep(os.environ, "token")
    with peer(bus, "org.freedesktop.impl.portal.PermissionStore", {"Delete": lambda _: (None, ())}) as desktop:
        assert sweep(paths) == ()
        assert desktop.calls == [("Delete", ("screencast", "token"))]


def test_what_cannot_be_removed_is_said(paths: Paths, monkeypatch: pytest.MonkeyPatch):
    set_up(paths)

    def refuse(path: str | Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "unlink", refuse)
    assert str(paths.store) in sweep(paths)


def test_a_key_that_cannot_be_destroyed_stops_the_wipe(paths: Paths, monkeypatch: pytest.MonkeyPatch):
    set_up(paths)

    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(panic_wipe, "_overwrite", refuse)
    with pytest.raises(StoreError, match="nothing was removed"):
        destroy_key(paths)
    assert paths.envelope.exists()
    assert paths.store.exists()


def test_a_key_file_that_may_not_be_written_is_removed(paths: Paths):
    set_up(paths)
    paths.envelope.chmod(0o400)
    destroy_key(paths)
    assert not paths.envelope.exists()


@pytest.mark.usefixtures("keyring")
def test_the_keyring_loses_its_part(paths: Paths):
    set_up(paths, passphrase=None)
    name = load(paths.envelope).store_id
    assert len(SecretService().load(name)) == 32
    assert destroy_key(paths).keyring == "removed"
    with pytest.raises(LockedError, match="holds no key"):
        SecretService().load(name)


@pytest.mark.usefixtures("keyring")
def test_the_keyring_is_asked_by_name_even_where_the_key_file_is_damaged(paths: Paths):
    set_up(paths, passphrase=None)
    name = load(paths.envelope).store_id
    paths.envelope.write_bytes(paths.envelope.read_bytes()[:-40])
    assert destroy_key(paths).keyring == "removed"
    with pytest.raises(LockedError):
        SecretService().load(name)


def test_without_a_keyring_the_wipe_goes_on_and_says_so(paths: Paths):
    set_up(paths)
    paths.envelope.write_bytes(paths.envelope.read_bytes()[:-40])
    assert "session bus" in destroy_key(paths).keyring
    assert service.KEYRING_TIMEOUT_S < 60
