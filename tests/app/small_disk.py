"""A disk with little room, for what happens when it is full."""

from __future__ import annotations

import mmap
import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass
class SmallDisk:
    """A disk with little room: a tmpfs of 16 MB for root, a limit on the size of files for others."""

    folder: Path
    mounted: bool

    def must_be_real(self) -> None:
        """End the test here if there is only a limit, which binds no other process."""
        if self.mounted:
            return
        if os.environ.get("CI") == "true":
            pytest.fail("no small disk could be mounted")
        pytest.skip("only root can mount a small disk for another process")

    def fill(self) -> None:
        if self.mounted:
            # A page at a time until it is refused: asked for its room, the disk has less by then, as stores go on writing.
            with suppress(OSError), (self.folder / "ballast").open("wb", buffering=0) as ballast:
                while ballast.write(bytes(mmap.PAGESIZE)):
                    pass
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
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(mount, check=False, capture_output=True).returncode == 0
    disk = SmallDisk(folder, mounted)
    yield disk
    disk.free()
    if mounted:
        subprocess.run(["umount", str(folder)], check=True)
