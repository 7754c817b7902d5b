"""Backups: whole copies of the store under its key, made while the writer goes on, each checked before it counts.

The copy is SQLite's own, page by page (sqlite.org/backup.html), out of one read transaction: it holds what was there
when it began. It lies under a temporary name until it has been read back whole (see `verify.quick`) and flushed.

Kept are the two newest, one that is at least a week old, and one that is growing old to follow it: so a fault that
shows late finds a copy from before it. That makes four, and a fifth while one is being made.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from app.errors import DamagedError, StoreError
from app.store.integrity import quick_check
from app.store.layout import StoreLayout, check_room, remove, sync_file, sync_folder
from app.store.sqlite import connection
from app.store.sqlite.connection import Connection
from app.store.sqlite.errors import RESTORE, Error, translated
from app.store.sqlite.journal_position import lineage_of, position_of
from collectors.clock import EPOCH
from collectors.events import US_PER_DAY, US_PER_S

NEWEST_KEPT: Final = 2
OLD_US: Final = 7 * US_PER_DAY
SPARE_BYTES: Final = 16 << 20
_STEP_PAGES: Final = 500
_FOLDER_MODE: Final = 0o700
_STAMP: Final = "%Y%m%dT%H%M%S%fZ"

Progress = Callable[[int, int], None]
"""Pages copied, pages in all."""


@dataclass(frozen=True, slots=True)
class BackupInfo:
    """A backup.

    Attributes:
        path: of the file.
        made_us: when it was made.
        position: up to which number of the journal it holds everything.
        size_bytes: of the file.
    """

    path: Path
    made_us: int
    position: int
    size_bytes: int


class Backups:
    """The backups of one store.

    Args:
        places: of the store.
        key: the data key.
    """

    def __init__(self, places: StoreLayout, key: bytes) -> None:
        self._places = places
        self._key = key
        self._name = re.compile(re.escape(places.stem) + r"-[0-9a-f]{8}-(\d{8}T\d{12}Z)-(\d+)\.db")

    def list(self) -> tuple[BackupInfo, ...]:
        """What there is, newest first; of every store that had this name and place."""
        folder = self._places.backups
        if not folder.is_dir():
            return ()
        found = []
        for path in folder.iterdir():
            match = self._name.fullmatch(path.name)
            if match:
                found.append(BackupInfo(path, _to_us(match[1]), int(match[2]), path.stat().st_size))
        return tuple(sorted(found, key=lambda info: (info.made_us, info.position), reverse=True))

    def make(self, now_us: int, progress: Progress = lambda _done, _total: None) -> BackupInfo:
        """Copy the store, check the copy, and only then let it count.

        Args:
            now_us: the moment, for its name.
            progress: notified of the pages; what it raises ends the copying.

        Raises:
            DamagedError: if the store itself is damaged.
            StoreError: if there is no room, or the copy is not sound; there is no new backup then.
        """
        store, folder = self._places.store, self._places.backups
        check_room(store.parent, store.stat().st_size + SPARE_BYTES, "A backup")
        making = folder / f".{self._places.stem}.making"
        try:
            folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
            remove(making)
            with translated(store):
                lineage, position = self._copy(making, progress)
            self._check(making, store)
            sync_file(making)
            path = folder / self._name_of(lineage, now_us, position)
            making.rename(path)
            sync_folder(folder)
        except OSError as error:
            remove(making)
            raise StoreError(
                f"A backup could not be written ({error.strerror}).", "Look whether there is room, and whether you may."
            ) from error
        except BaseException:
            remove(making)
            raise
        return BackupInfo(path, now_us, position, path.stat().st_size)

    def keep_first(self, new: Path, lineage: bytes, now_us: int) -> BackupInfo:
        """Keep a copy of a store that was just made, so that from its first moment there is a backup.

        Args:
            new: the finished store file.
            lineage: of the store.
            now_us: microseconds since the epoch, for the name.

        Raises:
            StoreError: if it cannot be written.
        """
        folder = self._places.backups
        path = folder / self._name_of(lineage, now_us, 0)
        try:
            folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
            shutil.copyfile(new, path)
            path.chmod(0o600)
            sync_file(path)
            sync_folder(folder)
        except OSError as error:
            raise StoreError(
                f"A first backup could not be written ({error.strerror}).", "Make room, or make the folder writable."
            ) from error
        return BackupInfo(path, now_us, 0, path.stat().st_size)

    def rotate(self, now_us: int) -> None:
        """Remove the backups that are not kept any more."""
        known = self.list()
        young = [info for info in known if info.made_us > now_us - OLD_US]
        old = known[len(young) :]
        kept = {*known[:NEWEST_KEPT], *young[-1:], *old[:1]}
        for info in known:
            if info not in kept:
                remove(info.path)

    def remove_older_than(self, newest: BackupInfo) -> None:
        """Remove every backup but one, also those that a forgotten thing or an old key may still lie in."""
        for info in self.list():
            if info.path != newest.path:
                remove(info.path)

    def _copy(self, making: Path, progress: Progress) -> tuple[bytes, int]:
        source = connection.open_reader(self._places.store, self._key)
        try:
            # SQLite's copying takes a page with a broken seal for an empty one and says nothing; so this comes first.
            # It begins the read transaction in which the copy is made.
            for broken in quick_check.seals(source):
                raise DamagedError(f"{self._places.store.name} is damaged: {broken}", RESTORE)
            lineage, position = lineage_of(source), position_of(source)
            target = connection.create_file(making, self._key)
            try:
                # What is in it after a crash counts for nothing, so nothing guards it against one.
                for pragma in ("journal_mode = OFF", "synchronous = OFF"):
                    target.execute(f"PRAGMA {pragma}").fetchall()
                source.backup(
                    target, pages=_STEP_PAGES, progress=lambda _status, left, total: progress(total - left, total)
                )
            finally:
                target.close()
        finally:
            source.close()
        return lineage, position

    def _name_of(self, lineage: bytes, now_us: int, position: int) -> str:
        return f"{self._places.stem}-{lineage.hex()[:8]}-{_to_stamp(now_us)}-{position}.db"

    def _check(self, making: Path, store: Path) -> None:
        problems = self.problems(making)
        if problems:
            reading = connection.open_reader(store, self._key)
            try:
                own = quick_check.quick(reading)
            finally:
                reading.close()
            if own:  # the copy is as good as what it was made from
                raise DamagedError(f"{store.name} is damaged: {own[0].text}", RESTORE)
            raise StoreError(
                f"The new backup is not sound ({problems[0]}); it was removed, the older ones stay.",
                "Try again; if it happens again, look at the disk: kryptic verify.",
            )

    def problems(self, path: Path) -> tuple[str, ...]:
        """What is wrong with a copy; empty if it can be trusted."""
        try:
            opened: Connection = connection.open_writer(path, self._key)
        except StoreError as error:
            return (error.message,)
        try:
            return tuple(problem.text for problem in quick_check.quick(opened))
        except Error as error:
            return (str(error),)
        finally:
            opened.close()


def _to_stamp(moment_us: int) -> str:
    # Whole seconds and the rest apart: a float has no room for the microseconds of our century.
    seconds, rest_us = divmod(moment_us, US_PER_S)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest_us).strftime(_STAMP)


def _to_us(stamp: str) -> int:
    moment = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC) - EPOCH
    return (moment.days * 86_400 + moment.seconds) * US_PER_S + moment.microseconds
