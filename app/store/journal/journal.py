"""The encrypted journal: every command is written here before the store commits it, in the order they were handed in.

It serves twice. What does not fit the queue, or comes while the store cannot be written, lies here on the disk instead
of in memory and is applied later; and a store that was restored from a backup is brought up to date from it. Because a
commit follows only once the journal is flushed, it is the journal's flush that makes an answer durable.

Room for some megabytes is kept in advance, so that it can be written for a while after the disk is full.
"""

from __future__ import annotations

import errno
import os
import threading
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from app.errors import StoreError
from app.store.journal.frames import HEADER_BYTES, Frame, Kind, Place, SegmentKey
from app.store.journal.segments import SUFFIX, UNREADABLE, Segments, name_of
from app.store.layout import sync_folder

RESERVE_BYTES: Final = 4 << 20
SMALLEST_RESERVE_BYTES: Final = 64 << 10
BUFFER_BYTES: Final = 1 << 20
"""How much may wait in memory while the journal cannot be written."""
_FOLDER_MODE: Final = 0o700
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(slots=True)
class _Current:
    """The segment that is written to."""

    path: Path
    descriptor: int
    key: SegmentKey
    first: int
    end: int
    reserved: int


class Journal:
    """Writes the journal of one store; from any thread.

    Args:
        segments: the files of the journal.
        last: the last number that was given; the next command has the one after.
        at_rest: whether the last frame there is says that the store was closed in good order.
        reserve_bytes: how much room to keep in advance.

    Raises:
        StoreError: if it cannot be written.
    """

    def __init__(
        self, segments: Segments, last: int, *, at_rest: bool = False, reserve_bytes: int = RESERVE_BYTES
    ) -> None:
        self._segments = segments
        self._reserve_bytes = reserve_bytes
        self._lock = threading.Lock()
        self._disk = threading.Lock()
        self._buffer = bytearray()
        self._last = last
        self._at_rest = at_rest
        self.applied = last
        """Up to which number the store has committed; noted in every frame."""
        self.bytes_written = 0
        self._current = self._begin(last + 1)

    @property
    def last(self) -> int:
        """The latest number given."""
        return self._last

    def append(self, content: bytes, kind: Kind = Kind.COMMAND) -> tuple[int, Place]:
        """Take a command; it is on the disk after `sync`.

        Raises:
            StoreError: if the journal cannot be written and holds as much in memory as it may; it was not taken.
        """
        if len(self._buffer) > BUFFER_BYTES:
            self.sync()
        with self._lock:
            current = self._current
            sealed = current.key.seal(Frame(self._last + 1, self.applied, kind, content))
            self._last += 1
            self._at_rest = kind is Kind.CLOSED
            place = Place(current.path, current.end + len(self._buffer), len(sealed))
            self._buffer += sealed
            return self._last, place

    def sync(self) -> None:
        """Flush what was taken to the disk.

        Raises:
            StoreError: if that fails; it stays in memory, and the next call tries again.
        """
        with self._disk:
            self._sync()

    def _sync(self) -> None:
        with self._lock:
            chunk, current = bytes(self._buffer), self._current
        if chunk:
            self._write(current, chunk)
            with self._lock:
                self._written(current, len(chunk))

    def _write(self, current: _Current, chunk: bytes) -> None:
        try:
            self._keep_room(current, current.end + len(chunk))
            done = 0
            while done < len(chunk):
                done += os.pwrite(current.descriptor, memoryview(chunk)[done:], current.end + done)
            os.fdatasync(current.descriptor)
        except OSError as error:
            raise _unwritable(current.path, error) from error

    def _written(self, current: _Current, length: int) -> None:
        del self._buffer[:length]
        current.end += length
        self.bytes_written += length

    def open_up(self) -> None:
        """Note that the file is about to change, if the last frame says that it was closed in good order.

        Raises:
            StoreError: if that cannot be written.
        """
        if self._at_rest:
            self.append(b"", Kind.OPENED)
            self.sync()

    def read(self, place: Place) -> Frame | None:
        """A frame that was appended by this process and synced; None if it is damaged."""
        with self._disk:
            current = self._current
            if place.segment == current.path:
                return current.key.open(os.pread(current.descriptor, place.length, place.offset))
        segment = self._segments.at(place.segment)
        return None if segment is None else segment.read(place)

    def roll(self) -> int:
        """Begin a new segment.

        Returns:
            The number that the new segment begins with.

        Raises:
            StoreError: if it cannot be written; the old one goes on.
        """
        with self._disk:
            self._sync()
            with self._lock:
                current = self._current
                # What slipped in since the flush belongs to the old segment; with the lock held nothing more can.
                if self._buffer:
                    self._write(current, bytes(self._buffer))
                    self._written(current, len(self._buffer))
                if current.end > HEADER_BYTES:
                    self._current = self._begin(self._last + 1)
                    self._finish(current)
                return self._current.first

    def files(self) -> list[tuple[int, Path]]:
        """The segments there are: first number and path, oldest first."""
        return self._segments.files()

    def remove_before(self, number: int) -> int:
        """Remove the segments that hold nothing from `number` on; returns how many."""
        with self._disk:
            files = self._segments.files()
            removed = 0
            for (_, path), (following, _) in pairwise(files):
                if following <= number and path != self._current.path:
                    path.unlink()
                    removed += 1
            return removed

    def remove_strangers(self) -> None:
        """Remove what lies next to the segments and cannot be read by this store: other keys', damaged ones."""
        _, bad = self._segments.readable()
        folder = self._segments.folder
        for path in (*bad, *folder.glob(f"{self._segments.stem}-*{SUFFIX}{UNREADABLE}*")):
            path.unlink(missing_ok=True)

    def close(self, *, in_order: bool) -> None:
        """Flush and close; `in_order` if the store has committed everything and left no write-ahead log."""
        try:
            if in_order and self._current.end + len(self._buffer) > HEADER_BYTES:
                self.append(b"", Kind.CLOSED)
            self.sync()
        finally:
            self._finish(self._current)

    def _begin(self, first: int) -> _Current:
        folder = self._segments.folder
        path = folder / name_of(self._segments.stem, first)
        key = self._segments.new_key(first)
        try:
            folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
            if path.exists():
                self._clear(path)
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
            try:
                os.pwrite(descriptor, key.header, 0)
                current = _Current(path, descriptor, key, first, HEADER_BYTES, HEADER_BYTES)
                self._keep_room(current, HEADER_BYTES)
                os.fsync(descriptor)
                sync_folder(folder)
            except BaseException:
                os.close(descriptor)
                path.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise _unwritable(path, error) from error
        return current

    def _clear(self, path: Path) -> None:
        """Make way if a segment of this name holds nothing that could be read."""
        segment = self._segments.at(path)
        if segment is not None:
            segment.give_back()
        if segment is not None and path.stat().st_size == HEADER_BYTES:
            path.unlink()
        else:
            _set_aside(path)
        self._segments.forget(path)

    def _keep_room(self, current: _Current, end: int) -> None:
        """Keep room ahead of what is written; if the disk is full, what was kept before is used up."""
        step = self._reserve_bytes
        while current.reserved < end + self._reserve_bytes // 2 and step >= SMALLEST_RESERVE_BYTES:
            try:
                os.posix_fallocate(current.descriptor, current.reserved, step)
            except OSError as error:
                if error.errno not in _FULL:
                    raise
                step //= 2
            else:
                current.reserved += step

    def _finish(self, current: _Current) -> None:
        """Give back the room that was kept; a segment without a frame goes."""
        try:
            os.ftruncate(current.descriptor, current.end)
            os.fsync(current.descriptor)
        finally:
            os.close(current.descriptor)
        if current.end == HEADER_BYTES:
            current.path.unlink(missing_ok=True)


def _set_aside(path: Path) -> None:
    """Give a segment that could not be read another name; it is not overwritten."""
    number = 0
    while (aside := path.with_name(f"{path.name}{UNREADABLE}-{number}")).exists():
        number += 1
    path.rename(aside)


def _unwritable(path: Path, error: OSError) -> StoreError:
    if error.errno in _FULL:
        return StoreError(
            "The disk is full, and the room kept in advance for that is used up; what was taken before is kept.",
            "Make room on it.",
        )
    return StoreError(
        f"The journal {path.name} cannot be written ({error.strerror}).",
        "Look at the disk, and whether you may write the folder.",
    )
