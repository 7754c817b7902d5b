"""Your past, imported: from a history's file, through the gate, into the store; never anything twice."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from app.errors import KnownError
from app.services.ingest.import_aggregates import bring_back
from app.services.ingest.pipeline import new_action
from app.services.preferences import Preferences
from app.services.wait_for_commit import wait_for_commit
from app.store.store import Store
from app.store.values.records import Appended, NewAction
from collectors.events import Event
from collectors.history.own_export import OwnExport
from collectors.history.reader import HistoryError, HistoryReader, Rejected
from collectors.privacy.gate import Dropped, Origin, judge

BATCH: Final = 500
BATCHES_IN_FLIGHT: Final = 4
EXAMPLES: Final = 5


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of one history; everything read is stored, a duplicate, dropped or rejected.

    Attributes:
        source: the history's name.
        read: entries seen.
        stored: new in the store.
        duplicates: there already.
        dropped: stopped by the privacy gate, by reason.
        redacted: secrets taken out.
        rejected: entries that could not be read, the first few with their place and reason in `problems`.
        problems: sentences, also of files that could not be read at all.
        done: False in progress reports.
        cancelled: the user stopped it; what was stored stays.
    """

    source: str
    read: int = 0
    stored: int = 0
    duplicates: int = 0
    dropped: tuple[tuple[str, int], ...] = ()
    redacted: int = 0
    rejected: int = 0
    problems: tuple[str, ...] = ()
    done: bool = False
    cancelled: bool = False


@dataclass(slots=True)
class _Count:
    """The running count behind an `ImportReport`."""

    source: str
    read: int = 0
    stored: int = 0
    duplicates: int = 0
    redacted: int = 0
    rejected: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def report(self, *, done: bool = False, cancelled: bool = False) -> ImportReport:
        return ImportReport(
            source=self.source,
            read=self.read,
            stored=self.stored,
            duplicates=self.duplicates,
            dropped=tuple(sorted(self.dropped.items())),
            redacted=self.redacted,
            rejected=self.rejected,
            problems=tuple(self.problems),
            done=done,
            cancelled=cancelled,
        )


class Importer:
    """Imports histories, one after the other.

    Args:
        store: takes the actions.
        preferences: the exclusions; an import is the user's own act, so neither consent nor a pause stops it.
        home: searched for histories.
        environ: the environment (HISTFILE and the XDG variables are read from it).
        now_us: the clock.
    """

    def __init__(
        self,
        store: Store,
        preferences: Preferences,
        home: Path,
        environ: Mapping[str, str],
        now_us: Callable[[], int],
    ) -> None:
        self._store = store
        self._preferences = preferences
        self._home = home
        self._environ = environ
        self._now_us = now_us

    def run(
        self,
        reader: HistoryReader,
        path: Path | None,
        progress: Callable[[ImportReport], None],
        cancelled: threading.Event,
    ) -> ImportReport:
        """Import one history.

        Args:
            reader: which.
            path: a file of it; None for every file found in the usual places.
            progress: called after every batch.
            cancelled: set it to stop after the batch under way.

        Raises:
            KnownError: if `path` cannot be read at all. (Of several files found, the others are still read.)
            StoreError: if the store takes no more; what was committed before stays.
        """
        count = _Count(reader.name)
        paths = (path,) if path is not None else reader.discover(self._home, self._environ)
        for each in paths:
            try:
                self._read(reader.read(each), count, progress, cancelled)
                if isinstance(reader, OwnExport):
                    bring_back(self._store, each, self._preferences.policy, cancelled)
            except HistoryError as error:
                if path is not None:
                    raise KnownError(error.reason, error.remedy) from error
                count.problems.append(f"{error.reason} {error.remedy}")
        return count.report(done=True, cancelled=cancelled.is_set())

    def take(
        self,
        source: str,
        events: Iterable[Event],
        progress: Callable[[ImportReport], None],
        cancelled: threading.Event,
    ) -> ImportReport:
        """Import events that are made rather than read (the sample person); as `run`.

        Args:
            source: its name in the report.
            events: in any order.
            progress: takes a report now and then.
            cancelled: ends the import once it is set.
        """
        count = _Count(source)
        self._read(events, count, progress, cancelled)
        return count.report(done=True, cancelled=cancelled.is_set())

    def _read(
        self,
        entries: Iterable[Event | Rejected],
        count: _Count,
        progress: Callable[[ImportReport], None],
        cancelled: threading.Event,
    ) -> None:
        iterator = iter(entries)
        pending: list[tuple[int, Future[Appended]]] = []
        for batch in _batches(iterator):
            if cancelled.is_set():
                break
            actions = self._judge(batch, count)
            if any(action.event.origin_key is None for action in actions):
                while pending:
                    self._settle(pending.pop(0), count)
                actions = self._without_known(actions, count)
            if actions:
                pending.append((len(actions), self._store.append(actions)))
            while len(pending) > BATCHES_IN_FLIGHT:
                self._settle(pending.pop(0), count)
            progress(count.report())
        for each in pending:
            self._settle(each, count)

    def _judge(self, batch: list[Event | Rejected], count: _Count) -> list[NewAction]:
        actions: list[NewAction] = []
        policy, now_us = self._preferences.policy, self._now_us()
        for entry in batch:
            count.read += 1
            if isinstance(entry, Rejected):
                count.rejected += 1
                if len(count.problems) < EXAMPLES:
                    count.problems.append(f"{entry.where}: {entry.reason}")
                continue
            verdict = judge(entry, policy, Origin.IMPORT, now_us)
            if isinstance(verdict, Dropped):
                count.dropped[verdict.reason] += 1
            else:
                count.redacted += verdict.redactions
                actions.append(new_action(verdict.event))
        return actions

    def _without_known(self, actions: list[NewAction], count: _Count) -> list[NewAction]:
        """Leave out actions without an origin key that are stored already, as often as they are."""
        moments = sorted({action.event.ts_us for action in actions if action.event.origin_key is None})
        with self._store.reader() as reader:
            known = Counter(_identity(row.event) for row in reader.at_times(moments))
        new: list[NewAction] = []
        for action in actions:
            identity = _identity(action.event)
            if action.event.origin_key is None and known[identity]:
                known[identity] -= 1
                count.duplicates += 1
            else:
                new.append(action)
        return new

    def _settle(self, pending: tuple[int, Future[Appended]], count: _Count) -> None:
        sent, future = pending
        stored = wait_for_commit(self._store, future).stored
        count.stored += stored
        count.duplicates += sent - stored


def _batches(entries: Iterator[Event | Rejected]) -> Iterator[list[Event | Rejected]]:
    """So many at once; what happened at one moment stays together, because it is looked up together."""
    batch: list[Event | Rejected] = []
    for entry in entries:
        last = batch[-1] if batch else None
        together = isinstance(last, Event) and isinstance(entry, Event) and last.ts_us == entry.ts_us
        if len(batch) >= BATCH and not together:
            yield batch
            batch = []
        batch.append(entry)
    if batch:
        yield batch


def _identity(event: Event) -> Event:
    """What makes an action the same one: all but its duration, which goes on growing while it lasts."""
    return replace(event, duration_us=None, origin_key=None)
