"""From the file and its journal to an open store: what is looked at in which order, so that nothing gets lost.

1. A write-ahead log next to a store that was closed in good order is not its own, and is set aside unread; so is one
   with which the file would know less than without it, or be another store: SQLite takes any log that is whole in
   itself for the file's own (sqlite.org/walformat.html), and would write what it holds over what is newer.
2. The file is opened with its log; an older shape is backed up, and then brought to the one of today.
3. If the file knows less than the journal says it had committed, part of it may be missing (its log, say), and it is
   checked before anything is built upon it.
4. What the journal has beyond the file waits, in order, for the writer.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from app.errors import DamagedError, StoreError, WrongKeyError
from app.store.integrity import quick_check
from app.store.journal.frames import Frame, Kind, Missing
from app.store.journal.journal import RESERVE_BYTES, Journal
from app.store.journal.segments import Segments
from app.store.layout import StoreLayout, with_suffix
from app.store.recovery.backup import Backups
from app.store.sqlite import connection, migrations
from app.store.sqlite.connection import Connection
from app.store.sqlite.errors import RESTORE, translated
from app.store.sqlite.journal_position import lineage_of, position_of
from app.store.sqlite.schema import MIGRATIONS
from collectors.clock import now_us

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """An open store file: its writing connection, its journal, and what the journal has beyond it."""

    writing: Connection
    journal: Journal
    backlog: tuple[Frame, ...]


def open_parts(places: StoreLayout, key: bytes, reserve_bytes: int = RESERVE_BYTES) -> Opened:
    """Open the file and its journal.

    Args:
        places: the paths of the store.
        key: the data key, 32 bytes.
        reserve_bytes: set aside in the journal for a full disk.

    Raises:
        WrongKeyError: if the key does not fit.
        DamagedError: if the file is not what was written to it.
        StoreError: if it is missing, plaintext, newer than the program, or cannot be written.
    """
    _set_strange_log_aside(places, key)
    writing = connection.open_writer(places.store, key)
    try:
        with translated(places.store):
            return _open_journal(places, key, writing, reserve_bytes)
    except BaseException:
        writing.close()
        raise


def _open_journal(places: StoreLayout, key: bytes, writing: Connection, reserve_bytes: int) -> Opened:
    segments = Segments(places.journal, places.stem, key, lineage_of(writing))
    survey = look_through(segments, position_of(writing))
    if survey.behind:
        problems = quick_check.quick(writing)
        if problems:
            raise DamagedError(f"{places.store.name} is damaged: {problems[0].text}", RESTORE)
    journal = Journal(segments, survey.last, at_rest=survey.at_rest, reserve_bytes=reserve_bytes)
    try:
        (version,) = writing.execute("PRAGMA user_version").fetchone()
        if 0 < version < len(MIGRATIONS):
            journal.open_up()
            Backups(places, key).make(now_us())
        migrations.migrate(writing, places.store, now_us())
        writing.execute("PRAGMA synchronous = NORMAL")  # the journal is flushed before each commit instead
        journal.applied = position_of(writing)
    except BaseException:
        journal.close(in_order=False)
        raise
    return Opened(writing, journal, survey.frames)


@dataclass(frozen=True, slots=True)
class Survey:
    """What the journal has beyond a file.

    Attributes:
        last: the last number there is.
        at_rest: whether the last frame says that the store was closed in good order.
        behind: whether the file knows less than had been committed.
        frames: the commands, without their content, which stays on the disk.
    """

    last: int
    at_rest: bool
    behind: bool
    frames: tuple[Frame, ...]


def look_through(segments: Segments, position: int) -> Survey:
    """Read what the journal has beyond a number, and say what of it cannot be read."""
    good, bad = segments.readable()
    for path in bad:
        _log.warning("%s in the journal is damaged, or of another key or store; it is left alone.", path.name)
    if good:
        good[-1].give_back()
    last, at_rest, behind = position, False, False
    frames: list[Frame] = []
    for item in segments.frames(position):
        if isinstance(item, Frame):
            last, at_rest = item.number, item.kind is Kind.CLOSED
            behind = behind or item.applied > position
            if item.kind is Kind.COMMAND:
                frames.append(replace(item, content=b""))
        elif isinstance(item, Missing):
            last = item.last
            _log.warning("The journal lacks the numbers %d to %d, or they are damaged.", item.first, item.last)
        else:
            _log.warning("The journal's end, %d bytes, was cut off: it was being written.", item.length)
    return Survey(last, at_rest, behind, tuple(frames))


def _set_strange_log_aside(places: StoreLayout, key: bytes) -> None:
    log = places.log
    if not log.exists() or not log.stat().st_size:
        return
    if _closed_in_order(places, key):
        why = "was closed in good order"
    elif _knows_less_with_its_log(places, key):
        why = "knows more without it"
    else:
        return
    aside = aside_in(places.damaged, log.name)
    log.rename(aside)
    with_suffix(places.store, "-shm").unlink(missing_ok=True)
    _log.warning("%s %s, so its write-ahead log is not its own; the log is now %s.", places.store.name, why, aside)


def _closed_in_order(places: StoreLayout, key: bytes) -> bool:
    newest = Segments(places.journal, places.stem, key, None).readable()[0][-1:]
    ends = [item for segment in newest for item in segment.frames(0)]
    return bool(ends) and isinstance(ends[-1], Frame) and ends[-1].kind is Kind.CLOSED


def _knows_less_with_its_log(places: StoreLayout, key: bytes) -> bool:
    """Whether the log is of an earlier time, of another store or key: a file never knows more than with its own.

    Neither connection can write, so that whatever the log holds stays out of the file.
    """
    try:
        store, known_up_to = _known(places, key, without_log=True)
    except StoreError:
        return False  # what cannot be read either way is reported by the opening itself
    try:
        logged_store, logged_up_to = _known(places, key, without_log=False)
    except (DamagedError, WrongKeyError):
        return True
    except StoreError:
        return False
    return logged_store != store or logged_up_to < known_up_to


def _known(places: StoreLayout, key: bytes, *, without_log: bool) -> tuple[bytes, int]:
    """Which store a file is, and up to which number of the journal it knows everything."""
    with translated(places.store):
        reading = connection.open_reader(places.store, key, without_log=without_log)
        try:
            return lineage_of(reading), position_of(reading)
        finally:
            reading.close()


def aside_in(folder: Path, name: str) -> Path:
    """A new name in the folder of damaged files."""
    folder.mkdir(mode=0o700, exist_ok=True)
    stamp = now_us()
    while (aside := folder / f"{stamp}-{name}").exists():
        stamp += 1
    return aside
