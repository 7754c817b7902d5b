"""House-keeping: the sessions table kept true, and the clean-up of old actions once a day while the user is away."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from app.services.backend import Cancelled
from app.services.preferences import Preferences
from app.services.wait_for_commit import wait_for_commit
from app.store.reader import Reader
from app.store.recovery.backup import BackupInfo
from app.store.store import Store
from app.store.values.records import CleanupReport, SessionRecord
from collectors.events import MAX_TS_US, US_PER_DAY, EventKind, Source
from neural.reward.sessions import Sessions

MOST_JOURNAL_BYTES: Final = 64 << 20
LAST_CLEANUP: Final = "last_cleanup_us"
_PRESENCE_ENDS: Final = frozenset({EventKind.IDLE, EventKind.LOCK, EventKind.SUSPEND})


class Hygiene:
    """Keeps the store tidy.

    Args:
        store: what is kept tidy.
        preferences: how many days are kept whole.
        now_us: the clock.
    """

    def __init__(self, store: Store, preferences: Preferences, now_us: Callable[[], int]) -> None:
        self._store = store
        self._preferences = preferences
        self._now_us = now_us

    def rebuild_sessions(self) -> int:
        """Find the sessions of the whole history again; returns how many there are.

        Days that were thinned out keep the sessions that were found while they were whole.
        """
        with self._store.reader() as reader:
            thinned = reader.thinned_days()
            records = [record for record in sessions_of(reader) if not _is_thinned(record, thinned)]
            if thinned:
                records += [record for record in reader.sessions(0, MAX_TS_US) if _is_thinned(record, thinned)]
        wait_for_commit(self._store, self._store.replace_sessions(0, MAX_TS_US, tuple(records)))
        return len(records)

    def cleanup(
        self, keep_days: int, *, dry_run: bool, check_cancelled: Callable[[], None] | None = None
    ) -> CleanupReport:
        """Thin out actions older than `keep_days`, or say exactly what that would remove.

        Args:
            keep_days: how many days stay whole.
            dry_run: only say it.
            check_cancelled: called every second; if it raises `Cancelled`, the clean-up stops after the current slice,
                and the report says what went until then. The next run goes on from there.
        """
        stop = threading.Event()
        cleaning = self._store.cleanup(keep_days, self._now_us(), dry_run, stop=stop)
        try:
            report = wait_for_commit(self._store, cleaning, check_cancelled)
        except Cancelled:
            stop.set()
            report = wait_for_commit(self._store, cleaning)
        if not dry_run:
            if not report.cancelled:
                wait_for_commit(self._store, self._store.put_setting(LAST_CLEANUP, str(self._now_us())))
            wait_for_commit(
                self._store, self._store.audit(self._now_us(), f"clean-up removed {report.actions_removed} actions")
            )
        return report

    def cleanup_if_due(self, check_cancelled: Callable[[], None] | None = None) -> CleanupReport | None:
        """The daily clean-up, if the last one (or the first start) is over a day ago; for when the user is away."""
        with self._store.reader() as reader:
            last = reader.setting(LAST_CLEANUP)
        if last is None:
            # A past that was just imported is old from the start; its owner has a day to look at it and to choose.
            wait_for_commit(self._store, self._store.put_setting(LAST_CLEANUP, str(self._now_us())))
            return None
        if self._now_us() - int(last) < US_PER_DAY:
            return None
        return self.cleanup(self._preferences.settings.keep_days, dry_run=False, check_cancelled=check_cancelled)

    def backup_if_due(self, check_cancelled: Callable[[], None] | None = None) -> BackupInfo | None:
        """The daily backup, or an earlier one if the journal has grown large; for when the user is away."""
        newest = next(iter(self._store.backups()), None)
        young = newest is not None and self._now_us() - newest.made_us < US_PER_DAY
        if young and self._store.journal_bytes() < MOST_JOURNAL_BYTES:
            return None
        try:
            return self._store.backup(progress=lambda _done, _total: check_cancelled() if check_cancelled else None)
        except Cancelled:
            return None


def _is_thinned(record: SessionRecord, thinned: frozenset[int]) -> bool:
    """Whether actions of a session may be missing; a clock's offset is at most a day."""
    day = record.start_us // US_PER_DAY
    return day in thinned or day - 1 in thinned


def sessions_of(reader: Reader) -> list[SessionRecord]:
    """The sessions of a stored history, oldest first; the last one has ended by "open"."""
    tracker = Sessions()
    found: list[SessionRecord] = []
    number: int | None = None
    start_us = end_us = actions = 0
    for row in reader.labelled():
        event = row.event
        belongs_to = tracker.session_of(event)
        if event.source is Source.PRESENCE and event.kind in _PRESENCE_ENDS:
            continue
        if belongs_to != number:
            if number is not None:
                found.append(SessionRecord(start_us, end_us, tracker.ended_by or "idle", actions))
            number, start_us, end_us, actions = belongs_to, event.ts_us, event.ts_us, 0
        end_us = max(end_us, event.ts_us + (event.duration_us or 0))
        actions += row.token is not None
    if number is not None:
        found.append(SessionRecord(start_us, end_us, "open", actions))
    return found
