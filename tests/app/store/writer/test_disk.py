"""What a full, read-only or missing disk does to the store."""

from __future__ import annotations

import secrets
import threading
from pathlib import Path

import pytest

from app.errors import StoreError
from app.store.store import Store
from tests.app.small_disk import SmallDisk
from tests.app.store.checks import problems, visits

WAIT_S = 180


def test_a_full_disk_keeps_every_event_until_there_is_room(small_disk: SmallDisk, key: bytes):
    path = small_disk.folder / "store.db"
    store = Store.create(path, key)
    troubled, mended = threading.Event(), threading.Event()
    store.on_trouble(lambda trouble: troubled.set() if trouble else mended.set())
    before = store.append(visits(100)).result(WAIT_S)
    small_disk.fill()
    waiting = [store.append(visits(200, first)) for first in range(1_000, 9_000, 200)]
    assert troubled.wait(WAIT_S)
    assert store.trouble is not None
    assert store.trouble.remedy
    assert not waiting[-1].done()
    small_disk.free()
    assert mended.wait(WAIT_S)
    assert sum(future.result(WAIT_S).stored for future in waiting) == 8_000
    store.close()
    assert before.stored == 100
    assert problems(path, key, cleaned=False) == []


def test_what_comes_while_the_disk_is_full_waits_on_the_disk_and_survives_a_restart(small_disk: SmallDisk, key: bytes):
    path = small_disk.folder / "store.db"
    store = Store.create(path, key)
    troubled = threading.Event()
    store.on_trouble(lambda trouble: troubled.set())
    small_disk.fill()
    waiting = [store.append(visits(200, first)) for first in range(0, 4_000, 200)]
    assert troubled.wait(WAIT_S)
    waiting += [store.append(visits(50, first)) for first in range(4_000, 6_000, 50)]
    store.close()
    reported = 0
    for future in waiting:
        error = future.exception(WAIT_S)
        if error is not None:
            assert "stored at the next start" in str(error)
            reported += 1
    assert reported
    small_disk.free()
    again = Store.open(path, key)
    with again.reader() as reader:
        assert reader.counts().actions == 6_000
    again.close()
    assert problems(path, key, cleaned=False) == []


def test_when_even_the_room_kept_in_advance_is_used_up_it_is_said(small_disk: SmallDisk, key: bytes):
    store = Store.create(small_disk.folder / "store.db", key)
    taken = 0

    def go_on() -> None:
        nonlocal taken
        while True:
            store.put_setting("page", secrets.token_hex(30_000))
            taken += 1

    small_disk.fill()
    with pytest.raises(StoreError, match="used up"):
        go_on()
    assert taken
    assert store.trouble is not None
    small_disk.free()
    store.put_setting("page", "the last").result(WAIT_S)
    with store.reader() as reader:
        assert reader.setting("page") == "the last"
    store.close()


def test_closing_on_a_full_disk_says_what_was_not_stored(small_disk: SmallDisk, key: bytes):
    store = Store.create(small_disk.folder / "store.db", key)
    troubled = threading.Event()
    store.on_trouble(lambda trouble: troubled.set())
    small_disk.fill()
    waiting = [store.append(visits(500, first)) for first in range(0, 10_000, 500)]
    assert troubled.wait(WAIT_S)
    store.close()
    with pytest.raises(StoreError):
        waiting[-1].result(WAIT_S)


def test_a_store_on_a_read_only_disk_is_reported_and_kept(small_disk: SmallDisk, key: bytes):
    path = small_disk.folder / "store.db"
    Store.create(path, key).close()
    before = path.read_bytes()
    with small_disk.read_only(), pytest.raises(StoreError) as caught:
        Store.open(path, key)
    assert "writable" in caught.value.remedy
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path, key: bytes):
    with pytest.raises(StoreError) as caught:
        Store.create(tmp_path / "nowhere" / "store.db", key)
    assert caught.value.remedy
