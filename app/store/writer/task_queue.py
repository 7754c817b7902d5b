"""Works in slices, in line: the writer does a slice of the first one between its other commands."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final

from app.errors import StoreError
from app.store.rows.interning import Interner
from app.store.sqlite.connection import LOG_PAGES, Connection
from app.store.writer.task import IncrementalTask

SLICE_S: Final = 0.01
"""How long the work in slices goes on before it is committed; if something waits, one step alone is done."""
QUIET_SLICES: Final = 4
"""While nothing else is handed in, a slice grows up to so many times that long: fewer commits write the same pages."""
LONG_LOG_PAGES: Final = 500
"""Meanwhile the log is brought into the file so often: with more at once, whoever waits would wait for all of it."""


@dataclass(slots=True, eq=False)
class QueuedTask:
    """One work in slices: what is done next, what asks it to stop, and who waits for its report."""

    work: IncrementalTask
    stop: threading.Event
    future: Future[Any]

    def answer(self, answer: object) -> None:
        """Hand over the report, or why there is none."""
        if isinstance(answer, BaseException):
            self.future.set_exception(answer)
        else:
            self.future.set_result(answer)


class Damage:
    """Work that raises what was found, once; after the repair it has nothing to do."""

    pause_s = 0.0
    outside_transaction = True

    def __init__(self, found: StoreError) -> None:
        self._found: StoreError | None = found
        self.report: bool | None = None

    def step(self, _connection: Connection, _interner: Interner) -> Damage:
        """Raise the damage, or be done.

        Raises:
            StoreError: what was found, the first time.
        """
        found, self._found = self._found, None
        if found is not None:
            raise found
        self.report = True
        return self

    def abort_report(self) -> None:
        """It must go on."""
        return


class TaskQueue:
    """The line of works. Its methods are called under the writer's lock or on its thread.

    Args:
        is_waited_for: whether a command waits, so that a slice ends after one step.
    """

    def __init__(self, is_waited_for: Callable[[], bool]) -> None:
        self._line: deque[QueuedTask] = deque()
        self._is_waited_for = is_waited_for
        self._quiet = 0

    def __bool__(self) -> bool:
        return bool(self._line)

    @property
    def first(self) -> QueuedTask:
        """Whose turn it is."""
        return self._line[0]

    @property
    def is_to_mend(self) -> bool:
        """Whether the file is to be mended before anything else."""
        return bool(self._line) and isinstance(self._line[0].work, Damage)

    def add(self, work: IncrementalTask, stop: threading.Event | None) -> Future[Any]:
        """Put a work at the end of the line."""
        self._line.append(QueuedTask(work, stop or threading.Event(), Future()))
        return self._line[-1].future

    def mend(self, damage: StoreError) -> Future[Any]:
        """Put a damage at the head of the line."""
        self._line.appendleft(QueuedTask(Damage(damage), threading.Event(), Future()))
        return self._line[0].future

    def clear(self) -> list[Future[Any]]:
        """Give the whole line up; those who wait for its reports."""
        left = [long.future for long in self._line]
        self._line.clear()
        return left

    def rest(self, *, was_busy: bool) -> None:
        """Note whether commands came since the last slice: the longer none does, the longer a slice may be."""
        self._quiet = 0 if was_busy else min(self._quiet + 1, QUIET_SLICES)

    def begin(self, connection: Connection) -> bool:
        """Begin or go on with the first work; False if nobody waits for it any more."""
        long = self.first
        if not long.future.running():
            if not long.future.set_running_or_notify_cancel():
                self._line.remove(long)
                return False
            connection.execute(f"PRAGMA wal_autocheckpoint = {LONG_LOG_PAGES}")
        return True

    def take(self, long: QueuedTask, connection: Connection, interner: Interner) -> IncrementalTask:
        """One slice, committed; what is next. Raises whatever the work does, with its transaction left open.

        Args:
            long: the first task.
            connection: the writing one.
            interner: of texts and names.
        """
        work = long.work
        if work.outside_transaction:
            return work.step(connection, interner)
        connection.execute("BEGIN IMMEDIATE")
        until_s = time.monotonic() + SLICE_S * max(1, self._quiet)
        while work.report is None and not work.outside_transaction:
            work = work.step(connection, interner)
            if self._is_waited_for() or work.pause_s or time.monotonic() > until_s:
                break
        connection.execute("COMMIT")
        return work

    def end(self, long: QueuedTask, connection: Connection, answer: object) -> None:
        """Take a work out of the line and answer it.

        Args:
            long: the first task.
            connection: the writing one.
            answer: its result, or the exception that ended it.
        """
        self._line.remove(long)
        connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
        long.answer(answer)
