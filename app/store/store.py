"""The store as the rest of the program sees it: open it, hand it things, ask it things."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Final, Self

from app.errors import DamagedError, StoreError
from app.store.layout import StoreLayout, lock_store, publish_new, remove
from app.store.operations import StoreOperations
from app.store.reader import Reader
from app.store.reader_pool import ReaderPool
from app.store.recovery import repair
from app.store.recovery.backup import BackupInfo, Backups, Progress
from app.store.recovery.opening import Opened, open_parts
from app.store.recovery.repair import Repair
from app.store.sqlite import connection, migrations
from app.store.sqlite.errors import RESTORE, translated
from app.store.sqlite.journal_position import lineage_of
from app.store.sqlite.memory_wipe import zero_memory
from app.store.values import commands
from app.store.writer.listeners import OnCommitted, OnTrouble
from app.store.writer.writer import Writer
from collectors.clock import now_us

_LOOK_S: Final = 1.0


class Store(StoreOperations):
    """The one encrypted file of a profile: one writer, any number of readers. Made by `create` or `open`.

    What a Future has answered is on the disk: it survives the death of the process and a power cut.
    """

    def __init__(
        self, places: StoreLayout, key: bytes, opened: Opened, lock: int, repaired: Repair | None = None
    ) -> None:
        self._path = places.store
        self._places = places
        self._key = key
        self._lock = lock
        self._readers = ReaderPool(self._path, key, self._mend)
        self._closing = threading.Lock()
        self._backup_lock = threading.Lock()
        self._closed = False
        self._mending: Future[object] | None = None
        self._repaired = repaired
        self._on_repaired: list[Callable[[Repair], None]] = []
        self._journal = opened.journal
        mend = repair.mending(places, key, now_us, self._was_repaired)
        self._writer = Writer(opened.writing, places.store, opened.journal, opened.backlog, mend)
        self._writer.catch_up()

    @classmethod
    def create(cls, path: Path, key: bytes) -> Self:
        """Make a new store. It appears at `path` whole or not at all.

        Args:
            path: of the file; its folder exists.
            key: 32 bytes, see `app.store.keys.key_ring`.

        Raises:
            StoreError: if something is at `path` already, or it cannot be written.
        """
        if path.exists():
            raise StoreError(f"{path} is there already; it was not touched.", "Open it instead of making it.")
        lock = lock_store(path)
        new = path.with_name(f".{path.name}.new-{os.getpid()}")
        try:
            remove(new)
            with translated(path):
                making = connection.create_file(new, key)
                try:
                    migrations.migrate(making, path, now_us())
                    lineage = lineage_of(making)
                finally:
                    making.close()
            Backups(StoreLayout(path), key).keep_first(new, lineage, now_us())
            publish_new(new, path)
        except BaseException:
            remove(new)
            os.close(lock)
            raise
        return cls._opened(path, key, lock)

    @classmethod
    def open(cls, path: Path, key: bytes) -> Self:
        """Open a store that is there. It is never made.

        Raises:
            WrongKeyError: if the key does not fit.
            StoreError: if it is missing, damaged, plaintext, newer than the program, or open elsewhere.
        """
        if not path.exists():
            known = Backups(StoreLayout(path), key).list()
            remedy = RESTORE if known else "Put back a backup, or start over on purpose."
            raise StoreError(f"There is no store at {path}, and none was made.", remedy)
        return cls._opened(path, key, lock_store(path))

    @classmethod
    def restore(cls, path: Path, key: bytes, chosen: BackupInfo | None = None) -> Repair:
        """Put a backup in the place of a closed store, bring it up to date from the journal, keep what was there.

        Args:
            path: of the store, which may be missing or damaged.
            key: the data key.
            chosen: which backup; None for the newest that is sound.

        Raises:
            StoreError: if there is none, or the store is open.
        """
        lock = lock_store(path)
        try:
            return repair.prepare(StoreLayout(path), key, "", now_us(), only=chosen).put_in_place()
        finally:
            os.close(lock)

    @classmethod
    def _opened(cls, path: Path, key: bytes, lock: int) -> Self:
        places, repaired = StoreLayout(path), None
        try:
            try:
                opened = open_parts(places, key)
            except DamagedError as error:
                repaired = _repaired(places, key, error)
                opened = open_parts(places, key)
            return cls(places, key, opened, lock, repaired)
        except BaseException:
            os.close(lock)
            raise

    @property
    def path(self) -> Path:
        """The path of the file."""
        return self._path

    @property
    def trouble(self) -> StoreError | None:
        """Why nothing can be written now (a full disk, say); what was handed in is kept and tried again."""
        return self._writer.trouble

    @property
    def repaired(self) -> Repair | None:
        """The latest repair since the store was opened; None if none was needed."""
        return self._repaired

    def on_repaired(self, callback: Callable[[Repair], None]) -> None:
        """Call back after a repair while the store is open, on the writer's thread."""
        self._on_repaired.append(callback)

    def backup(self, *, fresh: bool = False, progress: Progress = lambda _done, _total: None) -> BackupInfo:
        """Copy the store while it is used, check the copy, and let go of backups and journal that it makes needless.

        Args:
            fresh: keep nothing from before: no older backup, no older journal, no damaged file. For what must be
                nowhere any more, because it was forgotten or lies under an old key.
            progress: notified of pages copied and pages in all.

        Raises:
            DamagedError: if the store is damaged; by now it is mended if it can be, and may be tried again.
            StoreError: if there is no room, or the store cannot be written; the older backups stay.
        """
        with self._backup_lock:
            first = self._journal.roll()
            self.settle()
            backups = Backups(self._places, self._key)
            try:
                info = backups.make(now_us(), progress)
            except DamagedError as error:
                self._mend(error)
                self.wait_for_repair()
                raise
            if fresh:
                backups.remove_older_than(info)
                self._journal.remove_before(first)
                self._journal.remove_strangers()
                shutil.rmtree(self._places.damaged, ignore_errors=True)
            else:
                backups.rotate(info.made_us)
                self._journal.remove_before(backups.list()[-1].position + 1)
            return info

    def backups(self) -> tuple[BackupInfo, ...]:
        """The backups there are, newest first."""
        return Backups(self._places, self._key).list()

    def journal_bytes(self) -> int:
        """How much the journal holds that no backup has made needless."""
        return sum(path.stat().st_size for _, path in self._journal.files())

    def settle(self) -> None:
        """Wait until everything handed in before is committed.

        Raises:
            StoreError: if the store cannot be written now; what was handed in stays in the journal.
        """
        done = self._writer.submit(commands.Append(()))
        while True:
            try:
                done.result(_LOOK_S)
            except TimeoutError:
                if self.trouble is not None and not done.done():
                    raise self.trouble from None
            else:
                return

    def rebuild(self, damage: DamagedError) -> Repair | None:
        """Put the newest sound backup, brought up to date from the journal, in the place of a file found damaged.

        Returns:
            What was done; None if it could not be, and the file stays as it is.
        """
        before = self._repaired
        self._mend(damage)
        self.wait_for_repair()
        return None if self._repaired is before else self._repaired

    def wait_for_repair(self) -> None:
        """Wait until a repair that a found damage called for has come to its end, whatever that is; see `repaired`."""
        mending = self._mending
        if mending is not None:
            wait([mending])

    def _mend(self, damage: StoreError) -> None:
        self._mending = self._writer.mend(damage)

    def _was_repaired(self, repaired: Repair) -> None:
        self._repaired = repaired
        self._readers.renew()
        for callback in tuple(self._on_repaired):
            callback(repaired)

    def on_committed(self, callback: OnCommitted) -> None:
        """Call back with the stored actions of each commit, on the writer's thread: be quick there."""
        self._writer.on_committed(callback)

    def on_trouble(self, callback: OnTrouble) -> None:
        """Call back, on the writer's thread, when writing stops working and (with None) when it works again."""
        self._writer.on_trouble(callback)

    def reader(self) -> Reader:
        """A read-only view, for any one thread; a context manager that gives its connection back.

        Raises:
            StoreError: if the store is closed or cannot be read.
        """
        if self._closed:
            raise StoreError(f"{self._path.name} is closed.", "Unlock it again.")
        self._writer.let_read()
        return self._readers.reader()

    def close(self, *, forget: bool = False) -> None:
        """Commit what waits and close the file; safe more than once.

        Args:
            forget: overwrite the key and the pages in memory, for a process that ends or is locked: the bytes that
                were given as the key are zeros afterwards, and SQLCipher is slower from then on.
        """
        if forget:
            connection.wipe_what_is_freed()
        with self._closing:
            if self._closed:
                return
            self._closed = True
        self._readers.close()
        self._writer.close()
        key, self._key = self._key, b""
        if forget:
            zero_memory(key)
        os.close(self._lock)


def _repaired(places: StoreLayout, key: bytes, error: StoreError) -> Repair:
    """The store made whole; if it cannot be, what was wrong is raised as it was."""
    try:
        return repair.prepare(places, key, error.message, now_us()).put_in_place()
    except StoreError as hindrance:
        raise DamagedError(error.message, hindrance.remedy) from hindrance
