from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from app.errors import LockedError, StoreError, WrongKeyError
from app.store.keys import key_ring, recovery_code
from app.store.keys.envelope import Cost
from app.store.keys.key_ring import KeyRing

CHEAP = Cost(passes=1, memory_kib=64, lanes=1)
DEFAULT = key_ring.DEFAULT_COST  # as it is outside of tests


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "keys.json", CHEAP)


def test_the_passphrase_gives_the_key_back(ring: KeyRing):
    created = ring.create(None, "correct horse")
    assert len(created.key) == 32
    assert ring.unlock_with_passphrase("correct horse") == created.key


def test_a_guess_costs_what_rfc_9106_recommends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(key_ring, "DEFAULT_COST", DEFAULT)
    KeyRing(tmp_path / "keys.json").create(None, "p")
    costs = [slot["argon2id"] for slot in json.loads((tmp_path / "keys.json").read_text())["slots"]]
    assert [(cost["passes"], cost["memory_kib"], cost["lanes"]) for cost in costs] == [(3, 65_536, 4)] * 2


def test_a_passphrase_is_the_same_however_its_letters_are_composed(ring: KeyRing):
    created = ring.create(None, "caf\u00e9")
    assert ring.unlock_with_passphrase("cafe\u0301") == created.key


def test_the_wrong_passphrase_is_reported_with_a_way_out(ring: KeyRing):
    ring.create(None, "right")
    with pytest.raises(WrongKeyError) as caught:
        ring.unlock_with_passphrase("wrong")
    assert "recover" in caught.value.remedy


def test_the_recovery_code_is_read_generously(ring: KeyRing):
    created = ring.create(None, "p")
    sloppy = created.recovery_code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert ring.unlock_with_recovery(f"  {sloppy} ") == created.key


def test_a_slip_in_the_recovery_code_is_reported_from_a_wrong_code(ring: KeyRing, tmp_path: Path):
    code = ring.create(None, "p").recovery_code
    slipped = ("3" if code[0] == "2" else "2") + code[1:]
    with pytest.raises(WrongKeyError, match="slip"):
        ring.unlock_with_recovery(slipped)
    other = KeyRing(tmp_path / "other.json", CHEAP).create(None, "p").recovery_code
    with pytest.raises(WrongKeyError, match="does not open"):
        ring.unlock_with_recovery(other)


@pytest.mark.parametrize(("code", "named"), [("U" * 28, "'U'"), ("0" * 27, "27"), ("", "28 characters")])
def test_what_is_no_recovery_code_is_named(ring: KeyRing, code: str, named: str):
    with pytest.raises(WrongKeyError, match=named):
        ring.unlock_with_recovery(code)


def test_every_recovery_code_is_read_back_and_every_single_slip_is_seen():
    secret = bytes(range(16))
    code = recovery_code.write(secret)
    assert recovery_code.read(code) == secret
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    seen = 0
    slips = [
        code[:at] + c + code[at + 1 :] for at in range(len(code)) if code[at] != "-" for c in alphabet if c != code[at]
    ]
    for slip in slips:
        try:
            recovery_code.read(slip)
        except WrongKeyError:
            seen += 1
    assert seen >= len(slips) * 0.99


def test_a_new_passphrase_takes_the_old_ones_place(ring: KeyRing):
    created = ring.create(None, "old")
    ring.set_passphrase(created.key, "new")
    assert ring.unlock_with_passphrase("new") == created.key
    assert ring.unlock_with_recovery(created.recovery_code) == created.key
    with pytest.raises(WrongKeyError):
        ring.unlock_with_passphrase("old")


def test_only_the_stores_own_key_changes_the_passphrase(ring: KeyRing):
    created = ring.create(None, "old")
    with pytest.raises(WrongKeyError):
        ring.set_passphrase(bytes(32), "new")
    assert ring.unlock_with_passphrase("old") == created.key


def test_a_key_file_is_never_written_over(ring: KeyRing, tmp_path: Path):
    ring.create(None, "first")
    before = (tmp_path / "keys.json").read_bytes()
    with pytest.raises(StoreError, match="not touched"):
        ring.create(None, "second")
    assert (tmp_path / "keys.json").read_bytes() == before


def test_the_key_file_is_its_owners_and_holds_no_key(ring: KeyRing, tmp_path: Path):
    created = ring.create(None, "p")
    file = tmp_path / "keys.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert created.key.hex() not in file.read_text()
    assert created.recovery_code not in file.read_text()
    assert [entry.name for entry in tmp_path.glob("*keys*")] == ["keys.json"]


@pytest.mark.parametrize("passphrase", [None, ""])
def test_a_store_without_a_way_to_unlock_it_is_not_made(ring: KeyRing, passphrase: str | None):
    with pytest.raises(StoreError):
        ring.create(None, passphrase)
    assert not ring.exists()


def test_a_way_that_was_never_set_up_names_those_that_were(ring: KeyRing, tmp_path: Path):
    ring.create(None, "p")
    file = tmp_path / "keys.json"
    content = json.loads(file.read_text())
    content["slots"] = [slot for slot in content["slots"] if slot["method"] != "passphrase"]
    file.write_text(json.dumps(content))
    assert ring.methods() == {"recovery code"}
    with pytest.raises(LockedError, match="recovery code"):
        ring.unlock_with_passphrase("p")


def test_no_flipped_byte_of_the_key_file_gives_another_key(ring: KeyRing, tmp_path: Path):
    created = ring.create(None, "p")
    file = tmp_path / "keys.json"
    whole = file.read_bytes()
    reported = 0
    for at in range(0, len(whole), 3):
        flipped = bytearray(whole)
        flipped[at] ^= 0x04
        file.write_bytes(flipped)
        try:
            assert ring.unlock_with_passphrase("p") == created.key
        except StoreError:
            reported += 1
        assert file.read_bytes() == flipped
    assert reported > len(whole) / 3 / 3


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff\xfe", b'{"format": "kryptictrack-keys", "version": 1}'])
def test_a_damaged_key_file_is_reported_and_kept(ring: KeyRing, tmp_path: Path, content: bytes):
    file = tmp_path / "keys.json"
    file.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        ring.unlock_with_passphrase("p")
    assert file.read_bytes() == content


def test_a_key_file_that_asks_for_too_much_memory_is_refused(ring: KeyRing, tmp_path: Path):
    ring.create(None, "p")
    file = tmp_path / "keys.json"
    file.write_text(file.read_text().replace('"memory_kib": 64', '"memory_kib": 99999999'))
    with pytest.raises(StoreError, match="damaged"):
        ring.unlock_with_passphrase("p")


def test_a_missing_key_file_is_reported(ring: KeyRing):
    with pytest.raises(StoreError, match="no key file"):
        ring.unlock_with_passphrase("p")


def test_a_passphrase_that_is_the_only_way_stays(ring: KeyRing):
    created = ring.create(None, "p")
    with pytest.raises(StoreError, match="only way"):
        ring.remove_passphrase(created.key)
    assert ring.unlock_with_passphrase("p") == created.key


def test_only_the_stores_own_key_takes_a_way_away(ring: KeyRing, tmp_path: Path):
    ring.create(None, "p")
    before = (tmp_path / "keys.json").read_bytes()
    with pytest.raises(WrongKeyError):
        ring.remove_passphrase(bytes(32))
    assert (tmp_path / "keys.json").read_bytes() == before


def test_a_code_counts_as_seen_once_that_was_said_and_until_there_is_another(ring: KeyRing):
    created = ring.create(None, "p")
    assert not ring.code_seen()
    ring.confirm_recovery_code()
    assert ring.code_seen()
    ring.set_passphrase(created.key, "other")
    assert ring.code_seen()
    ring.renew_recovery_code(created.key)
    assert not ring.code_seen()


def test_a_key_file_from_before_that_was_asked_counts_as_seen(ring: KeyRing, tmp_path: Path):
    ring.create(None, "p")
    file = tmp_path / "keys.json"
    content = json.loads(file.read_text())
    del content["recovery_code_seen"]
    file.write_text(json.dumps(content))
    assert ring.code_seen()
