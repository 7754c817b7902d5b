"""Opening the encrypted file.

The data key is given raw (`PRAGMA key = "x'…'"`), so that no passphrase is derived here: that is the key ring's work.
A writing connection runs in WAL mode with `synchronous=FULL`: every commit is flushed to the disk before it returns, so
what was acknowledged survives both the death of the process and a power cut (as far as the disk itself keeps its word).

`cipher_memory_security` stays off: wiping each allocation more than doubled the time of a bulk append (0.32 s to 0.77 s
of CPU for 20,000 actions), and the key is in this process's memory either way.

Sources: SQLCipher API (zetetic.net/sqlcipher/sqlcipher-api), SQLite file format and result codes (sqlite.org).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol, cast

import sqlcipher3.dbapi2 as sqlcipher  # type: ignore[import-untyped]  # the wheel ships no stubs

from app.errors import DamagedError, StoreError, WrongKeyError
from app.store.sqlite.errors import RESTORE, Error, primary_code, translated
from app.store.sqlite.memory_wipe import key_statement, zero_memory
from app.store.sqlite.page_hmac import PAGE_BYTES, page_hmac_matches

KEY_BYTES: Final = 32
APPLICATION_ID: Final = 0x4B545243  # "KTRC"
BUSY_TIMEOUT_MS: Final = 5_000
WRITER_CACHE_KIB: Final = 64 * 1024
LOG_PAGES: Final = 4_000
"""With so many pages in the write-ahead log they are brought into the file."""
READER_CACHE_KIB: Final = 16 * 1024
PLAINTEXT_MAGIC: Final = b"SQLite format 3\x00"

Cursor = sqlite3.Cursor
"""Typed as the standard library's cursor, whose interface SQLCipher's copies."""


class Connection(Protocol):
    """The part of a SQLCipher connection that the store uses."""

    def execute(self, sql: str, parameters: object = (), /) -> Cursor:
        """Run one statement."""
        ...

    def executescript(self, sql: str, /) -> Cursor:
        """Run statements that are kept nowhere."""
        ...

    def executemany(self, sql: str, parameters: object, /) -> Cursor:
        """Run one statement for many rows."""
        ...

    def backup(self, target: Connection, *, pages: int, progress: Callable[[int, int, int], None]) -> None:
        """Copy the whole file, some pages at a time; `progress` takes a status, the pages left, and all pages.

        Args:
            target: an empty database.
            pages: copied at a time.
            progress: takes a status, the pages left, and all pages.
        """
        ...

    def interrupt(self) -> None:
        """Make a running statement of another thread end."""
        ...

    def set_progress_handler(self, handler: Callable[[], int] | None, steps: int, /) -> None:
        """Call back after so many steps of a statement's program; what is not 0 ends it."""
        ...

    def close(self) -> None:
        """Give the file back."""
        ...

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        ...


def create_file(path: Path, key: bytes) -> Connection:
    """Make a new, empty encrypted file at `path` and open it for writing.

    Raises:
        StoreError: if something is there already, or the place cannot be written.
    """
    _check_key(key)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    except FileExistsError as error:
        raise StoreError(f"{path} is there already; it was not touched.", "Open it instead of making it.") from error
    except OSError as error:
        raise StoreError(
            f"{path} cannot be made ({error.strerror}).", "Make room, or make the folder writable, and try again."
        ) from error
    with translated(path):
        connection = _connect(path, key, mode="rw")
        # auto_vacuum is fixed by the first page ever written, and so stands before everything else.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        _prepare_writer(connection)
    return connection


def open_writer(path: Path, key: bytes) -> Connection:
    """Open a store for writing. It is never made, and left as it was found if it does not open.

    Raises:
        WrongKeyError: if the key does not fit.
        StoreError: if there is no store, or it is damaged, plaintext, or of another program.
    """
    _check_key(key)
    _check_file(path)
    with translated(path):
        connection = _connect(path, key, mode="rw")
        try:
            _check_identity(connection, path)
            _prepare_writer(connection)
        except BaseException as error:
            connection.close()
            if (
                isinstance(error, Error)
                and primary_code(error) == sqlcipher.SQLITE_NOTADB
                and page_hmac_matches(path, key)
            ):
                raise DamagedError(f"The first page of {path.name} is damaged; the key is right.", RESTORE) from error
            raise
    return connection


def open_reader(path: Path, key: bytes, *, without_log: bool = False) -> Connection:
    """Open a read-only connection, usable from any one thread at a time.

    Args:
        path: of the file.
        key: 32 bytes.
        without_log: read the file as if no write-ahead log lay next to it; only while nobody writes.

    Raises:
        StoreError: as `open_writer` does.
    """
    with translated(path):
        connection = _connect(path, key, mode="ro&immutable=1" if without_log else "ro")
        connection.execute(f"PRAGMA cache_size = {-READER_CACHE_KIB}")
        connection.execute("PRAGMA query_only = ON")
        return connection


def open_memory() -> Connection:
    """An empty database that lies in memory alone."""
    return cast("Connection", sqlcipher.connect(":memory:", isolation_level=None, check_same_thread=False))


def wipe_what_is_freed() -> None:
    """Have SQLCipher overwrite all memory that it gives back from now on: before the last connections are closed.

    It holds for the whole process and cannot be taken back; it more than doubles the cost of a bulk append.
    """
    connection = sqlcipher.connect(":memory:")
    try:
        connection.execute("PRAGMA cipher_memory_security = ON").fetchall()
    finally:
        connection.close()


@contextmanager
def snapshot(connection: Connection, path: Path) -> Iterator[None]:
    """All that is asked inside is answered as of one moment, whatever the writer does meanwhile; errors translated."""
    with translated(path):
        if connection.in_transaction:
            yield
            return
        connection.execute("BEGIN")
        try:
            yield
        finally:
            connection.execute("COMMIT")


def _connect(path: Path, key: bytes, mode: str) -> Connection:
    connection = cast(
        "Connection",
        sqlcipher.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=BUSY_TIMEOUT_MS / 1_000,
            cached_statements=256,
        ),
    )
    try:
        # SQLCipher's own log would write on standard error; what it says comes back as an error code as well.
        connection.execute("PRAGMA cipher_log_level = NONE").fetchall()
        # A PRAGMA takes no parameters; the key is hexadecimal digits alone, so nothing can be injected. A script is not
        # kept in the connection's cache of statements.
        statement = key_statement(key)
        try:
            connection.executescript(statement)
        finally:
            zero_memory(statement)
        for pragma in ("mmap_size = 0", "temp_store = MEMORY", "foreign_keys = ON", "trusted_schema = OFF"):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare_writer(connection: Connection) -> None:
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "secure_delete = FAST",
        f"cache_size = {-WRITER_CACHE_KIB}",
        f"wal_autocheckpoint = {LOG_PAGES}",
        f"journal_size_limit = {64 * 1024 * 1024}",
    ):
        connection.execute(f"PRAGMA {pragma}").fetchall()


def _check_identity(connection: Connection, path: Path) -> None:
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application_id != APPLICATION_ID:
        raise StoreError(f"{path.name} is an encrypted file of another program.", "Put the right file in its place.")


def _check_key(key: bytes) -> None:
    if len(key) != KEY_BYTES:
        raise WrongKeyError(f"A data key has {KEY_BYTES} bytes, not {len(key)}.", "Unlock again.")


def _check_file(path: Path) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(len(PLAINTEXT_MAGIC))
            size = file.seek(0, os.SEEK_END)
    except FileNotFoundError as error:
        raise StoreError(
            f"There is no store at {path}, and none was made.", "Put back a backup, or start over on purpose."
        ) from error
    except OSError as error:
        raise StoreError(
            f"{path} cannot be read ({error.strerror}).", "Take back the right to read and write it."
        ) from error
    if head == PLAINTEXT_MAGIC:
        raise StoreError(
            f"{path.name} is a plaintext database in the place of the encrypted store; it was not touched.",
            f"Put the store back in its place. {RESTORE}",
        )
    # With a journal next to it the last page may be half written, and the journal then has it whole.
    if size < PAGE_BYTES or (size % PAGE_BYTES and not _has_journal(path)):
        raise DamagedError(f"{path.name} is cut off: {size} bytes are no whole pages.", RESTORE)


def _has_journal(path: Path) -> bool:
    try:
        return path.with_name(path.name + "-wal").stat().st_size > 0
    except FileNotFoundError:
        return False
