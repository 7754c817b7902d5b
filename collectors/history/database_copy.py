"""Reads a database that another program is using: a copy is taken, opened, read row by row, and removed."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from collectors.history.reader import HistoryError, Rejected, opened, unreadable

_ATTEMPTS: Final = 4
_STEPS_PER_CHECK: Final = 100_000
_MAX_CHECKS: Final = 20_000  # two thousand million steps of SQLite's machine without a row: a database made to hang us
# A damaged schema comes back inside SQLite's own message, which Python then cannot read as UTF-8.
SQLITE_ERRORS: Final = (sqlite3.Error, UnicodeDecodeError)
"""What a damaged database raises."""
# The write-ahead log and the roll-back journal hold what is not in the file yet. The "-shm" index is left behind: it
# describes the original's locks, and SQLite makes a new one from the log (sqlite.org/walformat.html, section 2).
_COMPANIONS: Final = ("-wal", "-journal")


@contextmanager
def copied(path: Path, owner: str = "the browser") -> Iterator[sqlite3.Connection]:
    """A read-only connection to a copy of the database, in a folder of its own (0700) that goes with it.

    A lock of the program that uses the original does not matter, as nothing is locked or written there.

    Args:
        path: the original.
        owner: the program that uses it, for messages.

    Raises:
        HistoryError: if there is no database at `path`, or it cannot be copied.
    """
    with tempfile.TemporaryDirectory(prefix="kryptictrack-") as folder:
        copy = Path(folder, "copy.sqlite")
        _copy(path, copy)
        with closing(_connect(path, copy, owner)) as connection:
            yield connection


def rows(connection: sqlite3.Connection, query: str, origin: str) -> Iterator[sqlite3.Row | Rejected]:
    """Stream the rows of a query; if the database is broken, the readable rows come first, then a `Rejected`.

    Args:
        connection: to the copy.
        query: one SELECT.
        origin: names the database in a `Rejected`.
    """
    checks = 0

    def check() -> int:
        nonlocal checks
        checks += 1
        return int(checks > _MAX_CHECKS)

    connection.set_progress_handler(check, _STEPS_PER_CHECK)
    try:
        for row in connection.execute(query):
            checks = 0
            yield row
    except SQLITE_ERRORS as error:
        yield Rejected(origin, f"the database is damaged from here on: {error}")


def _copy(path: Path, copy: Path) -> None:
    for _ in range(_ATTEMPTS):
        before = _state(path)
        for suffix in ("", *_COMPANIONS):
            source, target = Path(f"{path}{suffix}"), Path(f"{copy}{suffix}")
            target.unlink(missing_ok=True)
            if not suffix or source.is_file():
                _copy_file(source, target, needed=not suffix)
        # A write in between can tear the copy; after some attempts the last one is read for what is whole in it.
        if _state(path) == before:
            return


def _copy_file(source: Path, target: Path, *, needed: bool) -> None:
    try:
        with opened(source) as original:
            try:
                with target.open("xb") as file:
                    shutil.copyfileobj(original, file, 1 << 20)
            except OSError as error:
                reason = error.strerror or type(error).__name__
                raise HistoryError(
                    f"{source} could not be copied: {reason}.",
                    f"Make room in {target.parent.parent}, then import again.",
                ) from error
    except HistoryError as error:
        # A log that went away while the program closed has been written into the file itself.
        if needed or not isinstance(error.__cause__, FileNotFoundError):
            raise


def _state(path: Path) -> tuple[tuple[int, int] | None, ...]:
    state: list[tuple[int, int] | None] = []
    for suffix in ("", *_COMPANIONS):
        try:
            status = Path(f"{path}{suffix}").stat()
        except FileNotFoundError:
            state.append(None)
        except (OSError, ValueError) as error:
            raise unreadable(path, error if isinstance(error, OSError) else OSError(str(error))) from error
        else:
            state.append((status.st_size, status.st_mtime_ns))
    return tuple(state)


def _connect(path: Path, copy: Path, owner: str) -> sqlite3.Connection:
    if copy.stat().st_size == 0:
        raise HistoryError(f"{path} is empty.", f"Use {owner} once, or choose another file.")
    # Recovery from a log or a journal writes, if only to the copy; from then on nothing may.
    connection = sqlite3.connect(copy, isolation_level=None)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        connection.execute("PRAGMA query_only = ON")
    except SQLITE_ERRORS as error:
        connection.close()
        raise HistoryError(
            f"{path} is not a database that can be read: {error}.",
            f"Close {owner} and import again; if it stays so, its own copy is damaged.",
        ) from error
    # Titles need not be UTF-8: each is decoded when it is used.
    connection.text_factory = bytes
    connection.row_factory = sqlite3.Row
    return connection
