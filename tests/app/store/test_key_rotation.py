"""A new data key: everything comes along, and a death at any moment leaves a store that opens as before."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.errors import StoreError, WrongKeyError
from app.store import key_rotation
from app.store.keys.envelope import Cost
from app.store.keys.key_ring import KeyRing
from app.store.store import Store
from tests.app.small_disk import SmallDisk
from tests.app.store import crash_rotation
from tests.app.store.checks import NOON_US, problems, visits
from tests.checkout import ROOT

CHEAP = Cost(passes=1, memory_kib=64, lanes=1)
PASSPHRASE = "salt lantern quiet river"
KILLS = int(os.environ.get("KRYPTIC_FAULTS", "4"))
WAIT_S = 180


class Profile:
    """A store with its keys."""

    def __init__(self, folder: Path, actions: int = 500) -> None:
        folder.mkdir()
        self.store = folder / "store.db"
        self.ring = KeyRing(folder / "keys.json", CHEAP)
        self.created = self.ring.create(None, PASSPHRASE)
        store = Store.create(self.store, self.created.key)
        store.append(visits(actions)).result(WAIT_S)
        chat = store.new_chat(NOON_US).result(WAIT_S)
        assert chat == 1
        store.close()

    def rotate(self) -> key_rotation.Rotated:
        return key_rotation.rotate(self.store, self.ring, self.created.key, passphrase=PASSPHRASE, secret_service=None)

    def unlock(self) -> bytes:
        """As the program does it: by the passphrase, also after a change that was cut short."""
        if not key_rotation.cut_short(self.store, self.ring):
            return self.ring.unlock_with_passphrase(PASSPHRASE)
        incoming = self.ring.at(key_rotation.next_envelope(self.ring.path))
        for ring in (incoming, self.ring) if incoming.exists() else (self.ring,):
            key = ring.unlock_with_passphrase(PASSPHRASE)
            if key_rotation.fits(self.store, key):
                key_rotation.settle(self.store, self.ring, key, None)
                return key
        raise AssertionError("neither key fits")

    def content(self, key: bytes) -> list[dict[str, object]]:
        store = Store.open(self.store, key)
        try:
            with store.reader() as reader:
                return [*reader.export()]
        finally:
            store.close()

    def files(self) -> set[str]:
        """What lies there, without what SQLite and the lock leave next to a store whose process was killed."""
        files = [file for file in self.store.parent.iterdir() if file.is_file()]
        return {file.name for file in files if not file.name.endswith((".lock", "-wal", "-shm"))}


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return Profile(tmp_path / "profile")


def test_everything_comes_along_under_another_key(profile: Profile) -> None:
    before = profile.content(profile.created.key)
    rotated = profile.rotate()
    assert rotated.created.key != profile.created.key
    assert profile.content(rotated.created.key) == before
    assert problems(profile.store, rotated.created.key, cleaned=False) == []
    assert profile.files() == {"store.db", "keys.json"}
    with pytest.raises(WrongKeyError):
        Store.open(profile.store, profile.created.key)


def test_no_backup_and_no_journal_stays_under_the_old_key(profile: Profile) -> None:
    store = Store.open(profile.store, profile.created.key)
    store.backup()
    store.append(visits(10, first=500)).result(WAIT_S)
    store.close()
    before = {
        file for file in profile.store.parent.rglob("*") if file.is_file() and file.parent != profile.store.parent
    }
    assert before
    rotated = profile.rotate()
    assert rotated.left_over == ""
    left = {file for file in profile.store.parent.rglob("*") if file.is_file()}
    assert not before & left
    store = Store.open(profile.store, rotated.created.key)
    (backup,) = store.backups()
    assert key_rotation.fits(backup.path, rotated.created.key)
    with store.reader() as reader:
        assert reader.counts().actions == 510
    store.close()


def test_words_are_found_and_numbers_go_on_as_before(profile: Profile) -> None:
    rotated = profile.rotate()
    store = Store.open(profile.store, rotated.created.key)
    with store.reader() as reader:
        assert reader.search("page")
    assert store.append(visits(1, first=500)).result(WAIT_S).ids == (501,)
    store.close()


def test_the_same_passphrase_opens_it_and_a_new_code_takes_the_old_ones_place(profile: Profile) -> None:
    rotated = profile.rotate()
    assert profile.ring.unlock_with_passphrase(PASSPHRASE) == rotated.created.key
    assert profile.ring.unlock_with_recovery(rotated.created.recovery_code) == rotated.created.key
    assert not profile.ring.code_seen()
    with pytest.raises(WrongKeyError):
        profile.ring.unlock_with_recovery(profile.created.recovery_code)


def test_no_page_is_encrypted_as_before(profile: Profile) -> None:
    before = profile.store.read_bytes()
    profile.rotate()
    after = profile.store.read_bytes()
    assert len(after) == len(before)
    pages = [(before[at : at + 4096], after[at : at + 4096]) for at in range(0, len(before), 4096)]
    assert all(old != new for old, new in pages)


def test_it_tells_how_far_it_is_and_whoever_hears_it_can_end_it(profile: Profile) -> None:
    class EnoughError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        assert 0 <= done <= total
        raise EnoughError

    with pytest.raises(EnoughError):
        key_rotation.rotate(
            profile.store,
            profile.ring,
            profile.created.key,
            passphrase=PASSPHRASE,
            secret_service=None,
            progress=stop,
        )
    assert profile.files() == {"store.db", "keys.json"}
    assert problems(profile.store, profile.created.key, cleaned=False) == []
    assert profile.unlock() == profile.created.key


def test_a_store_that_is_open_is_left_alone(profile: Profile) -> None:
    store = Store.open(profile.store, profile.created.key)
    with pytest.raises(StoreError, match="open already"):
        profile.rotate()
    store.close()
    assert profile.files() == {"store.db", "keys.json"}


def test_a_damaged_store_is_left_alone(profile: Profile) -> None:
    content = bytearray(profile.store.read_bytes())
    content[-2_000] ^= 1
    profile.store.write_bytes(content)
    with pytest.raises(StoreError):
        profile.rotate()
    assert profile.store.read_bytes()[-4_096:] == content[-4_096:]
    assert profile.files() == {"store.db", "keys.json"}


def test_a_disk_without_room_is_said_before_anything_is_begun(small_disk: SmallDisk) -> None:
    small_disk.must_be_real()
    profile = Profile(small_disk.folder / "profile")
    small_disk.fill()
    with pytest.raises(StoreError, match="MB free"):
        profile.rotate()
    assert profile.files() == {"store.db", "keys.json"}


def died(profile: Profile, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, crash_rotation.__file__, str(profile.store), str(profile.ring.path), PASSPHRASE]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True, env=environment)


def test_it_may_die_at_every_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template = Profile(tmp_path / "first", actions=60)
    truth = template.content(template.created.key)
    kept = shutil.copytree(template.store.parent, tmp_path / "kept")
    before = after = step = 0
    while True:
        shutil.rmtree(template.store.parent)
        shutil.copytree(kept, template.store.parent)
        child = died(template, str(step))
        status = child.wait(WAIT_S)
        assert child.stdout is not None
        child.stdout.close()
        if status == 0:
            break
        assert status == -signal.SIGKILL
        key = template.unlock()
        before, after = before + (key == template.created.key), after + (key != template.created.key)
        assert template.files() == {"store.db", "keys.json"}
        assert template.content(key) == truth
        step += 1
    assert before
    assert after
    with capsys.disabled():
        sys.stdout.write(
            f"\na new key: died at each of {step} steps, {before} with the old key, {after} with the new\n"
        )


def test_it_may_die_at_any_moment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draw = random.Random(3)
    profile = Profile(tmp_path / "profile", actions=3_000)
    truth = profile.content(profile.created.key)
    old = 0
    for _ in range(KILLS):
        key = profile.unlock()
        child = died(profile)
        assert child.stdout is not None
        child.stdout.readline()
        # Not a wait for anything: it spreads the moment of death over the whole change.
        time.sleep(draw.random() * 0.15)
        child.kill()
        child.wait(WAIT_S)
        child.stdout.close()
        opened = profile.unlock()
        old += opened == key
        assert profile.content(opened) == truth
        assert problems(profile.store, opened, cleaned=False) == []
    with capsys.disabled():
        sys.stdout.write(f"\na new key: {KILLS} kills, {old} before the new key held, nothing lost\n")
