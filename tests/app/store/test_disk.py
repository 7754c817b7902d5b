"""What a full, read-only or missing disk does to the store."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.errors import StoreError
from app.store.store import Store
from tests.app.store.checks import problems, visits

WAIT_S = 60


@dataclass
class SmallDisk:
    """A disk with little room: a tmpfs of 4 MB for root, a limit on the size of files for others."""

    folder: Path
    mounted: bool

    def fill(self) -> None:
        if self.mounted:
            room = shutil.disk_usage(self.folder).free
            (self.folder / "ballast").write_bytes(bytes(room))
        else:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))

    @contextmanager
    def read_only(self) -> Iterator[None]:
        if self.mounted:
            subprocess.run(["mount", "-o", "remount,ro", str(self.folder)], check=True)
        else:
            (self.folder / "store.db.lock").unlink()
            self.folder.chmod(0o500)
        yield
        if self.mounted:
            subprocess.run(["mount", "-o", "remount,rw", str(self.folder)], check=True)
        else:
            self.folder.chmod(0o700)

    def free(self) -> None:
        (self.folder / "ballast").unlink(missing_ok=True)
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(mount, check=False, capture_output=True).returncode == 0
    disk = SmallDisk(folder, mounted)
    yield disk
    disk.free()
    if mounted:
        subprocess.run(["umount", str(folder)], check=True)


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
