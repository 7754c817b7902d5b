"""What a full, read-only or missing disk does to the store."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from app.errors import StoreError
from app.store.store import Store
from tests.app.small_disk import SmallDisk
from tests.app.store.checks import problems, visits

WAIT_S = 60


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


def test_a_store_on_a_read_only_disk_is_told_and_kept(small_disk: SmallDisk, key: bytes):
    path = small_disk.folder / "store.db"
    Store.create(path, key).close()
    before = path.read_bytes()
    with small_disk.read_only(), pytest.raises(StoreError) as caught:
        Store.open(path, key)
    assert "writable" in caught.value.remedy
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, key: bytes):
    with pytest.raises(StoreError) as caught:
        Store.create(tmp_path / "nowhere" / "store.db", key)
    assert caught.value.remedy
