"""Against a real gnome-keyring on a bus of the test's own."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
import secretstorage
from jeepney import message_bus

from app.errors import LockedError, StoreError
from app.store import key_rotation
from app.store.keys.envelope import Cost
from app.store.keys.key_ring import KeyRing
from app.store.keys.secret_service import SecretService
from app.store.store import Store
from tests.desktop.programs import on_bus

NAME = "org.freedesktop.secrets"
WAIT_S = 180
CHEAP = Cost(passes=1, memory_kib=64, lanes=1)

pytestmark = pytest.mark.desktop


def test_the_keyring_gives_the_key_back(keyring: None, tmp_path: Path):
    ring = KeyRing(tmp_path / "keys.json", CHEAP)
    created = ring.create(SecretService(WAIT_S), None)
    assert ring.unlock_with_secret_service(SecretService(WAIT_S)) == created.key
    assert ring.methods() == {"secret service", "recovery code"}


def test_several_profiles_keep_their_keys_in_one_keyring(keyring: None, tmp_path: Path):
    rings = [KeyRing(tmp_path / f"keys-{number}.json", CHEAP) for number in range(2)]
    made = [ring.create(SecretService(WAIT_S), None).key for ring in rings]
    assert [ring.unlock_with_secret_service(SecretService(WAIT_S)) for ring in rings] == made


def test_a_keyring_that_holds_nothing_for_this_store_says_so(keyring: None):
    with pytest.raises(LockedError, match="no key for this store") as caught:
        SecretService(WAIT_S).load("another")
    assert "recovery code" in caught.value.remedy


def test_a_locked_keyring_says_so(keyring: None, tmp_path: Path):
    ring = KeyRing(tmp_path / "keys.json", CHEAP)
    ring.create(SecretService(WAIT_S), None)
    with closing(secretstorage.dbus_init()) as connection:
        secretstorage.get_default_collection(connection).lock()
    with pytest.raises(LockedError, match="locked"):
        ring.unlock_with_secret_service(SecretService(WAIT_S))


def test_the_keyring_is_added_and_taken_away_again_with_its_item(keyring: None, tmp_path: Path):
    ring = KeyRing(tmp_path / "keys.json", CHEAP)
    created = ring.create(None, "p")
    ring.add_secret_service(created.key, SecretService(WAIT_S))
    assert ring.unlock_with_secret_service(SecretService(WAIT_S)) == created.key
    assert ring.methods() == {"secret service", "passphrase", "recovery code"}
    ring.remove_secret_service(created.key, SecretService(WAIT_S))
    assert ring.methods() == {"passphrase", "recovery code"}
    with pytest.raises(LockedError, match="no key for this store"):
        SecretService(WAIT_S).load(ring.store_id())


def test_the_passphrase_goes_where_the_keyring_stays(keyring: None, tmp_path: Path):
    ring = KeyRing(tmp_path / "keys.json", CHEAP)
    created = ring.create(SecretService(WAIT_S), "p")
    ring.remove_passphrase(created.key)
    with pytest.raises(LockedError, match="never set up"):
        ring.unlock_with_passphrase("p")
    with pytest.raises(StoreError, match="only way"):
        ring.remove_secret_service(created.key, SecretService(WAIT_S))
    assert ring.unlock_with_secret_service(SecretService(WAIT_S)) == created.key


def test_a_keyring_that_opens_the_store_is_not_added_twice(keyring: None, tmp_path: Path):
    ring = KeyRing(tmp_path / "keys.json", CHEAP)
    created = ring.create(SecretService(WAIT_S), None)
    with pytest.raises(StoreError, match="already"):
        ring.add_secret_service(created.key, SecretService(WAIT_S))
    assert ring.unlock_with_secret_service(SecretService(WAIT_S)) == created.key


def test_a_new_data_key_is_kept_by_the_keyring_and_the_old_item_goes(keyring: None, tmp_path: Path):
    ring = KeyRing(tmp_path / "keys.json", CHEAP)
    created = ring.create(SecretService(WAIT_S), None)
    path, old_id = tmp_path / "store.db", ring.store_id()
    Store.create(path, created.key).close()
    rotated = key_rotation.rotate(path, ring, created.key, passphrase=None, secret_service=SecretService(WAIT_S))
    assert rotated.left_over == ""
    assert ring.unlock_with_secret_service(SecretService(WAIT_S)) == rotated.created.key
    Store.open(path, rotated.created.key).close()
    with pytest.raises(LockedError, match="no key for this store"):
        SecretService(WAIT_S).load(old_id)


def test_a_bus_without_a_keyring_says_so(bus: str, tmp_path: Path):
    ring = KeyRing(tmp_path / "keys.json", CHEAP)
    with pytest.raises(LockedError, match="No keyring runs"):
        ring.create(SecretService(WAIT_S), None)
    assert not ring.exists()


def test_a_session_without_a_bus_says_so(tmp_path: Path):
    with pytest.raises(LockedError, match="no session bus"):
        KeyRing(tmp_path / "keys.json", CHEAP).create(SecretService(WAIT_S), None)


def test_a_keyring_that_never_answers_is_given_up_on(bus: str):
    with closing(on_bus()) as silent:
        silent.send_and_get_reply(message_bus.RequestName(NAME), timeout=WAIT_S)
        with pytest.raises(LockedError, match="did not answer"):
            SecretService(timeout_s=0.2).load("any")
