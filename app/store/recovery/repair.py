"""A damaged store made whole again: the newest sound backup, brought up to date from the journal.

The new file is finished next to the damaged one before anything is moved. Then the damaged file gets a second name in
the folder `damaged` (nothing is deleted or overwritten), its write-ahead log follows it, and the new file takes the
store's name in one rename. There is no moment at which no store is there.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

from app.errors import KnownError, StoreError
from app.store.journal.command_codec import decode
from app.store.journal.frames import Frame, Kind, Missing, Torn
from app.store.journal.segments import Segments
from app.store.layout import SIDE_FILES, StoreLayout, check_room, remove, sync_file, sync_folder, with_suffix
from app.store.recovery.backup import BackupInfo, Backups
from app.store.recovery.opening import aside_in
from app.store.sqlite import connection, migrations
from app.store.sqlite.connection import Connection
from app.store.sqlite.errors import translated
from app.store.sqlite.journal_position import lineage_of, position_of
from app.store.values import commands
from app.store.writer.apply import CommandExecutor
from collectors.events import US_PER_S

BATCH: Final = 500
_SPARE_BYTES: Final = 16 << 20
_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Repair:
    """What a repair did.

    Attributes:
        why: what was wrong, a sentence; "" if the user asked for it.
        backup: what was restored.
        unsound: newer backups that could not be used.
        replayed: how many commands came from the journal.
        lost: commands that are damaged or missing in the journal.
        cut_bytes: of a torn end of the journal.
        forgets: whether something was being forgotten, which the backup still has: it is to be forgotten again.
        moved_to: the damaged file's new path; None if there was none.
    """

    why: str
    backup: BackupInfo
    unsound: int
    replayed: int
    lost: int
    cut_bytes: int
    forgets: bool = False
    moved_to: Path | None = None

    def __str__(self) -> str:
        made = datetime.fromtimestamp(self.backup.made_us / US_PER_S, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
        text = (
            f"{self.why} The backup of {made} was restored, with {self.replayed} changes since then from the journal. "
        )
        if self.unsound:
            text += f"Newer backups could not be used: {self.unsound}. "
        if self.lost:
            text += f"Lost: {self.lost} changes that the journal no longer holds. "
        elif self.cut_bytes:
            text += "Nothing that was acknowledged is known to be lost; what was being written then was cut off. "
        else:
            text += "Nothing is lost. "
        if self.forgets:
            text += "What was being forgotten came back with it, and is forgotten again before anything else. "
        if self.moved_to is not None:
            text += f"The damaged file is kept: {self.moved_to}."
        return text.strip()


@dataclass(slots=True)
class Prepared:
    """A restored store, finished and not yet in place."""

    places: StoreLayout
    repair: Repair

    def put_in_place(self) -> Repair:
        """Move the damaged file aside and give the restored one its name; nobody has either open.

        Raises:
            StoreError: if the folder cannot be written.
        """
        places = self.places
        try:
            moved_to = _move_aside(places) if places.store.exists() else None
            places.restoring.rename(places.store)
            sync_folder(places.store.parent)
        except OSError as error:
            raise StoreError(
                f"The restored store could not take its place ({error.strerror}).", "Make the folder writable."
            ) from error
        self.repair = replace(self.repair, moved_to=moved_to)
        _log.warning("%s", self.repair)
        return self.repair


def prepare(
    places: StoreLayout,
    key: bytes,
    why: str,
    now_us: int,
    *,
    until: int | None = None,
    only: BackupInfo | None = None,
) -> Prepared:
    """Rebuild the store next to the damaged one.

    Args:
        places: of the store.
        key: the data key.
        why: what was wrong, a sentence.
        now_us: the moment, for the audit.
        until: up to which number of the journal to go; None to its end.
        only: the backup to use; None for the newest that is sound.

    Raises:
        StoreError: if there is no sound backup, or no room.
    """
    backups = Backups(places, key)
    candidates = backups.list() if only is None else (only,)
    for unsound, info in enumerate(candidates):
        try:
            check_room(places.store.parent, info.size_bytes + _SPARE_BYTES, "Restoring a backup")
            remove(places.restoring)
            shutil.copyfile(info.path, places.restoring)
            places.restoring.chmod(0o600)
            problems = backups.problems(places.restoring)
            if problems:
                _log.warning("%s is not sound: %s", info.path.name, problems[0])
                continue
            repair = Repair(why, info, unsound, 0, 0, 0)
            with translated(places.restoring):
                repair = _bring_up_to_date(places, key, repair, now_us, until)
            sync_file(places.restoring)
        except OSError as error:
            raise StoreError(f"A backup could not be copied ({error.strerror}).", "Look at the disk.") from error
        return Prepared(places, repair)
    remove(places.restoring)
    raise StoreError(
        f"{why} There is no backup that this key opens and that is sound; the file was left as it is.".strip(),
        "Copy the file away, then put back a backup of yours.",
    )


def _bring_up_to_date(places: StoreLayout, key: bytes, repair: Repair, now_us: int, until: int | None) -> Repair:
    opened = connection.open_writer(places.restoring, key)
    try:
        migrations.migrate(opened, places.restoring, now_us)
        segments = Segments(places.journal, places.stem, key, lineage_of(opened))
        replayed, lost, cut_bytes = replay(opened, places.store, segments, until)
        # Whatever of a forgetting had been done, here it is not.
        begun = opened.execute("UPDATE forgetting SET receipt_json = NULL WHERE request_json IS NOT NULL RETURNING id")
        forgets = begun.fetchone() is not None
        repair = replace(repair, replayed=replayed, lost=lost, cut_bytes=cut_bytes, forgets=forgets)
        CommandExecutor(opened).commit(
            (commands.Audit(now_us, f"repair: {repair}"),), position_of(opened), places.store
        )
    finally:
        opened.close()
    return repair


def replay(opened: Connection, path: Path, segments: Segments, until: int | None) -> tuple[int, int, int]:
    """Do what the journal has beyond a file.

    Args:
        opened: the file, of today's shape.
        path: its name, for messages.
        segments: the journal.
        until: up to which number; None to its end.

    Returns:
        How many commands were done, how many are missing or damaged, and the bytes of a torn end.

    Raises:
        Error: if the file cannot be written.
    """
    ledger = CommandExecutor(opened)
    lost = cut_bytes = replayed = 0

    def commands_left() -> Iterator[tuple[int, commands.Command | StoreError]]:
        nonlocal lost, cut_bytes
        for item in segments.frames(position_of(opened)):
            if isinstance(item, Torn):
                cut_bytes += item.length
            elif until is not None and (item.first if isinstance(item, Missing) else item.number) > until:
                return
            elif isinstance(item, Missing):
                lost += item.last - item.first + 1
            elif item.kind is Kind.COMMAND:
                yield item.number, _understood(item)

    left = commands_left()
    while batch := list(islice(left, BATCH)):
        ledger.commit((command for _, command in batch), batch[-1][0], path)
        replayed += len(batch)
    return replayed, lost, cut_bytes


def _understood(frame: Frame) -> commands.Command | StoreError:
    try:
        return decode(frame.content)
    except StoreError as error:
        _log.warning("Number %d of the journal: %s", frame.number, error)
        return error


def _move_aside(places: StoreLayout) -> Path:
    aside = aside_in(places.damaged, places.store.name)
    try:
        os.link(places.store, aside)
    except OSError:  # a file system without hard links
        places.store.rename(aside)
    for suffix in SIDE_FILES:
        side = with_suffix(places.store, suffix)
        if side.exists():
            side.rename(with_suffix(aside, suffix))
    return aside


def mending(
    places: StoreLayout, key: bytes, now_us: Callable[[], int], on_repaired: Callable[[Repair], None]
) -> Callable[[KnownError, int], Callable[[], Connection]]:
    """How a writer gets a damaged file made whole while the program runs; see `app.store.writer.writer.Writer`.

    Args:
        places: the paths of the store.
        key: the data key, 32 bytes.
        now_us: the clock.
        on_repaired: takes the report of a repair, on the writer's thread.
    """

    def prepare_it(damage: KnownError, until: int) -> Callable[[], Connection]:
        prepared = prepare(places, key, damage.message, now_us(), until=until)

        def put_in_place() -> Connection:
            on_repaired(prepared.put_in_place())
            opened = connection.open_writer(places.store, key)
            opened.execute("PRAGMA synchronous = NORMAL")
            return opened

        return put_in_place

    return prepare_it
