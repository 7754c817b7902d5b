"""Which pages of the database file are out of date, because their newest content lies in the write-ahead log alone.

While a reader holds an older snapshot, a checkpoint copies only those pages into the file whose newest frame that
reader may see. Every other page of the file stays as it was: an older version, or, if the file grew, a hole of zeros.
SQLite never reads such a page from the file, but whoever looks at the file itself finds it broken.

Source: sqlite.org/walformat.html, and walIteratorNext and walCheckpoint in SQLite's wal.c.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import BinaryIO, Final

from app.errors import StoreError
from app.store.sqlite.connection import Connection

_HEADER_BYTES: Final = 32
_PAGE_BYTES: Final = slice(8, 12)
_SALTS: Final = slice(16, 24)
_FRAME: Final = struct.Struct(">II8s8x")
"""Page number, pages of the database after a commit (0 in other frames), salts, checksums; none of it is encrypted."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A read transaction, and what is known of the log that belongs to it.

    Attributes:
        page_count: how many pages the database has in this transaction.
        log: the log file; it may be missing.
        salts: of the log as the transaction began; a log that is begun again has others.
        frames_copied: how many frames of it had been copied into the file before that.
    """

    page_count: int
    log: Path
    salts: bytes
    frames_copied: int

    def pages_not_copied(self) -> frozenset[int]:
        """Return the numbers of the pages whose newest frame had not been copied into the file.

        To be called inside the transaction, and after what was read of the file: no page that a checkpoint wrote
        meanwhile is missing then. If the log was begun again meanwhile, the transaction needs none of it: then no
        checkpoint can write to the file before the transaction ends, and the file is whole.

        Raises:
            StoreError: if the log cannot be read.
        """
        with _opened(self.log) as file:
            if file is None or _salts(file) != self.salts:
                return frozenset()
            return frozenset(page for page, frame in _newest_frames(file).items() if frame > self.frames_copied)


def begin(connection: Connection) -> Snapshot:
    """Begin a read transaction in which the log can be compared with the file; the caller ends it.

    Args:
        connection: to a file, of any kind, without an open transaction.

    Raises:
        Error: if the file cannot be read.
        StoreError: if the log cannot be read.
    """
    (_, _, path) = connection.execute("PRAGMA database_list").fetchone()
    log = Path(f"{path}-wal")
    while True:
        salts = _read_salts(log)
        _, _, copied = connection.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        # From here on the log is not begun again, or not needed; if it was before, the count belongs to another log.
        if _read_salts(log) == salts:
            break
        connection.execute("ROLLBACK")
    (page_count,) = connection.execute("PRAGMA page_count").fetchone()
    return Snapshot(page_count, log, salts, copied)


@contextmanager
def _opened(log: Path) -> Iterator[BinaryIO | None]:
    """Open a log for reading; None if there is none."""
    try:
        with log.open("rb") as file:
            yield file
    except FileNotFoundError:
        yield None
    except OSError as error:
        raise StoreError(
            f"{log.name} cannot be read ({error.strerror}).", "Check the disk; nothing was changed."
        ) from error


def _read_salts(log: Path) -> bytes:
    with _opened(log) as file:
        return b"" if file is None else _salts(file)


def _salts(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(_HEADER_BYTES)[_SALTS]


def _newest_frames(file: BinaryIO) -> dict[int, int]:
    """Map each page of a log to its newest committed frame, counted from 1."""
    file.seek(0)
    header = file.read(_HEADER_BYTES)
    newest: dict[int, int] = {}
    uncommitted: dict[int, int] = {}
    if len(header) < _HEADER_BYTES:
        return newest
    frame_bytes = _FRAME.size + int.from_bytes(header[_PAGE_BYTES], "big")
    for frame in count(1):
        file.seek(_HEADER_BYTES + (frame - 1) * frame_bytes)
        content = file.read(_FRAME.size)
        if len(content) < _FRAME.size:
            break
        page, pages_after_commit, salts = _FRAME.unpack(content)
        if salts != header[_SALTS]:
            break
        uncommitted[page] = frame
        if pages_after_commit:
            newest |= uncommitted
            uncommitted.clear()
    return newest
