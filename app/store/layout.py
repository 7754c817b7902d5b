"""The paths of everything that belongs to one store, next to its file."""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

from app.errors import StoreError

SIDE_FILES = ("-wal", "-shm")


@dataclass(frozen=True, slots=True)
class StoreLayout:
    """The places of one store; `store` is its file."""

    store: Path

    @property
    def stem(self) -> str:
        """What the names of its backups and journal segments begin with."""
        return self.store.stem

    @property
    def journal(self) -> Path:
        """The folder of the journal's segments."""
        return self.store.with_name("journal")

    @property
    def backups(self) -> Path:
        """The folder of the backups."""
        return self.store.with_name("backups")

    @property
    def damaged(self) -> Path:
        """The folder of files that were found damaged."""
        return self.store.with_name("damaged")

    @property
    def log(self) -> Path:
        """SQLite's write-ahead log."""
        return with_suffix(self.store, "-wal")

    @property
    def restoring(self) -> Path:
        """A store that is being restored, until it takes its place."""
        return self.store.with_name(f".{self.store.name}.restoring")


def with_suffix(path: Path, suffix: str) -> Path:
    """The file of the same name with something at its end."""
    return path.with_name(path.name + suffix)


def remove(path: Path) -> None:
    """Remove a database that nobody has open, with what SQLite keeps next to it."""
    for suffix in ("", *SIDE_FILES, "-journal"):
        with_suffix(path, suffix).unlink(missing_ok=True)


def sync_file(path: Path) -> None:
    """Make a file's content durable."""
    _sync(path, os.O_RDONLY)


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable."""
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def check_room(path: Path, needed_bytes: int, what: str) -> None:
    """Look whether a disk has room for something large.

    Args:
        path: on the disk in question.
        needed_bytes: that will be written.
        what: for the message, such as "A backup".

    Raises:
        StoreError: if it has not.
    """
    found = os.statvfs(path)
    free = found.f_bavail * found.f_frsize
    if free < needed_bytes:
        raise StoreError(
            f"{what} needs {needed_bytes / 1e6:.0f} MB, the disk has {free / 1e6:.0f} MB free; nothing was changed.",
            "Make room on the disk.",
        )


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def lock_store(path: Path) -> int:
    """Hold the store for this process; the lock goes with the process, so a file left behind is no obstacle.

    Raises:
        StoreError: if the store is open already, or the lock file cannot be created.
    """
    name = path.with_name(path.name + ".lock")
    try:
        # Next to the store, never on it: closing any descriptor of the store would drop SQLite's own locks.
        lock = os.open(name, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(
            f"{name} cannot be made ({error.strerror}).", "Make room, or make the folder writable, and try again."
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise StoreError(
            f"{path.name} is open already, here or in another process.", "Use the program that has it open, or end it."
        ) from error
    return lock


def publish_new(new: Path, path: Path) -> None:
    """Give a finished file its name, without ever taking the place of another.

    Raises:
        StoreError: if something is at `path` already, or the folder cannot be written.
    """
    try:
        sync_file(new)
        os.link(new, path)
        new.unlink()
        sync_folder(path.parent)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be made ({error.strerror}).", "Make room, or make the folder writable, and try again."
        ) from error
