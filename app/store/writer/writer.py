"""The owner thread: the one writing connection, a queue before it, an answer after each commit.

Whatever waits in the queue is committed together, as soon as the queue is drained: a single command does not wait for
company, a flood shares its flushes. Actions that are only to be kept (`keep`) are answered when the journal is
flushed, and committed with others a moment later, or before somebody reads. Before a batch is committed, the journal
that holds it is flushed; the commit itself is not (`synchronous=NORMAL`), so there is one flush a batch, and what a
power cut takes from the file comes back from the journal. A command that fails is undone alone. When the disk is full
or failing, nothing is dropped: the batch stays at the head and is tried again, what comes meanwhile is kept in the
journal, and `on_trouble` tells. A file found damaged is mended from a backup and the journal (see `repair`), and the
batch is tried again on that.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final

from app.errors import DamagedError, StoreError, UnstorableError, WrongKeyError
from app.store.journal.command_codec import encode
from app.store.journal.frames import Frame
from app.store.journal.journal import Journal
from app.store.rows import event_codec
from app.store.sqlite.connection import Connection
from app.store.sqlite.errors import Error, is_damage, may_pass, to_store_error
from app.store.values import commands
from app.store.writer.listeners import Listeners, OnCommitted, OnTrouble
from app.store.writer.queue import QUEUE_WEIGHT, ClosedError, CommandQueue, QueuedCommand
from app.store.writer.resolve import answer
from app.store.writer.store_file import Circumstances, Mend, StoreFile
from app.store.writer.task import IncrementalTask
from app.store.writer.task_queue import QueuedTask, TaskQueue

WRITER_NAME: Final = "store-writer"
"""Of the thread."""
BATCH_WEIGHT: Final = 2_000
RETRY_S: Final = 1.0
LEISURE_S: Final = 0.1
"""How long what is durable already waits for company: a commit costs about as much as the rows of forty actions."""
READ_AFTER_S: Final = 2.0
"""How long somebody who wants to read waits at most for what was answered before."""

_log: Final = logging.getLogger(__name__)


class Writer:
    """Runs commands against a connection on a thread of its own.

    Args:
        connection: the writing connection; it is used and closed by the thread alone.
        path: of the file, for messages.
        journal: takes each command first; closed with the connection.
        backlog: what an earlier process left in the journal.
        mend: rebuilds the file, up to a number of the journal, if it is damaged; what it returns, called once
            the damaged one is closed, puts it in place and opens it.
        queue_weight: how many actions may wait in memory.
        retry_s: how long to wait before a failed write is tried again.
    """

    def __init__(
        self,
        connection: Connection,
        path: Path,
        journal: Journal,
        backlog: Iterable[Frame] = (),
        mend: Mend | None = None,
        *,
        queue_weight: int = QUEUE_WEIGHT,
        retry_s: float = RETRY_S,
    ) -> None:
        self._path = path
        self._journal = journal
        self._retry_s = retry_s
        self._changed = threading.Condition()
        self._line = CommandQueue(journal, self._changed, queue_weight)
        self._slices = TaskQueue(lambda: bool(self._line))
        self._listeners = Listeners(self._changed)
        self._closing = self._ended = False
        self._resting = False
        self._hasty = False
        self._file = StoreFile(
            connection,
            path,
            journal,
            self._line.command,
            Circumstances(self._listeners.tell_trouble, self._rest, self._pause, lambda: self._closing),
            mend,
        )
        self._caught_up = self._line.restore_backlog(backlog)
        self._thread = threading.Thread(target=self._run, name=WRITER_NAME)
        self._thread.start()

    def catch_up(self) -> None:
        """Wait until what an earlier process left in the journal is committed, or cannot be for now."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._caught_up is None or self._caught_up.done() or self._listeners.trouble or self._closing
            )

    @property
    def trouble(self) -> StoreError | None:
        """Why nothing can be written now; None while all is well."""
        return self._listeners.trouble

    def on_committed(self, callback: OnCommitted) -> None:
        """Call back with the stored actions of each commit, on the writer's thread."""
        self._listeners.on_committed(callback)

    def on_trouble(self, callback: OnTrouble) -> None:
        """Call back, on the writer's thread, when writing stops working and (with None) when it works again."""
        self._listeners.on_trouble(callback)

    def submit(self, command: commands.Command) -> Future[Any]:
        """Write a command to the journal and queue it; it cannot be cancelled any more.

        If the queue stays full for a moment, the store is in trouble or works long, it waits in the journal alone.

        Raises:
            StoreError: if the store is closed, or even the journal can take no more; the command was not taken.
        """
        own = threading.current_thread() is self._thread
        try:
            return self._line.put(command, patient=not own, hurried=self._is_hurried, closed=lambda: self._closing)
        except ClosedError:
            raise _closed(self._path) from None

    def keep(self, command: commands.Append) -> None:
        """Write actions to the journal; returns once it is flushed. They are committed soon, together with others.

        Raises:
            UnstorableError: if one of them could never be committed; none was taken.
            StoreError: if the store is closed or the journal cannot be written. What was taken is kept all the same.
        """
        try:
            for action in command.actions:
                event_codec.check_event(action.event)
            content = encode(command)
        except StoreError as error:
            raise UnstorableError(error.message, error.remedy) from error
        try:
            self._line.keep(command, content, hurried=self._is_hurried, closed=lambda: self._closing)
        except ClosedError:
            raise _closed(self._path) from None

    def let_read(self) -> None:
        """Have committed what is durable, so that somebody who reads now finds it; not for long, and not in trouble."""
        kept = self._line.kept
        if kept <= self._journal.applied or threading.current_thread() is self._thread:
            return
        with self._changed:
            self._hasty = True
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: kept <= self._journal.applied or self._listeners.trouble or self._resting or self._closing,
                READ_AFTER_S,
            )

    def work(self, work: IncrementalTask, stop: threading.Event | None = None) -> Future[Any]:
        """Queue work that runs in slices between the other commands; answered with its report.

        Args:
            work: what to do.
            stop: set it to end the work before its next slice, if the work can be ended so.

        Raises:
            StoreError: if the store is closed.
        """
        with self._changed:
            if self._closing:
                raise _closed(self._path)
            future = self._slices.add(work, stop)
            self._changed.notify_all()
        return future

    def mend(self, damage: StoreError) -> Future[Any]:
        """Have the file made whole: somebody found it damaged. Answered once that is done, with an error if not."""
        with self._changed:
            if self._ended:
                refused: Future[Any] = Future()
                refused.set_exception(_closed(self._path))
                return refused
            future = self._slices.mend(damage)
            self._changed.notify_all()
        return future

    def close(self) -> None:
        """Commit what waits, end the thread, close the file. Work in slices is broken off; the next one resumes it."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        ended = False
        try:
            while True:
                batch = self._take()
                self._slices.rest(was_busy=bool(batch))
                if batch:
                    done, answers = self._file.settle(batch)
                    rows = answer(batch, done, answers, with_rows=self._listeners.hear_commits)
                    with self._changed:
                        self._changed.notify_all()
                    if rows:
                        self._listeners.tell_committed(rows)
                elif self._closing and not self._slices.is_to_mend:
                    break
                if self._slices and (not self._closing or self._slices.is_to_mend):
                    self._slice(self._slices.first)
            ended = True
        finally:
            self._shut(in_order=ended and not self._file.left_over)

    def _shut(self, *, in_order: bool) -> None:
        with self._changed:
            self._closing = self._ended = True
            left = [waiting.future for waiting in self._line.take(sys.maxsize) if waiting.future is not None]
            left += self._slices.clear()
            self._changed.notify_all()
        for future in left:
            if future.running() or future.set_running_or_notify_cancel():
                future.set_exception(_closed(self._path))
        self._file.connection.close()
        no_log_left = not self._path.with_name(f"{self._path.name}-wal").exists()
        try:
            self._journal.close(in_order=in_order and no_log_left)
        except StoreError:
            _log.exception("The journal could not be closed in good order.")

    def _take(self) -> list[QueuedCommand]:
        with self._changed:
            self._changed.wait_for(lambda: self._line or self._closing or self._slices)
            self._changed.wait_for(
                lambda: not self._line.can_delay_commit or self._hasty or self._closing or self._slices, LEISURE_S
            )
            self._hasty = False
            batch = self._line.take(BATCH_WEIGHT)
            self._changed.notify_all()
        return batch

    def _slice(self, long: QueuedTask) -> None:
        """One slice of the work that is first in line."""
        if not self._slices.begin(self._file.connection):
            return
        ended = long.work.abort_report() if long.stop.is_set() else None
        if ended is not None:
            self._slices.end(long, self._file.connection, ended)
            return
        try:
            self._journal.open_up()
            following = self._slices.take(long, self._file.connection, self._file.ledger.interner)
        except Exception as error:  # noqa: BLE001  # whatever it is belongs to the one who asked for the work
            self._file.undo()
            self._slice_failed(long, error)
            return
        self._listeners.tell_trouble(None)
        long.work = following
        if following.report is not None:
            self._slices.end(long, self._file.connection, following.report)
        elif following.pause_s:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or self._line, following.pause_s)

    def _slice_failed(self, long: QueuedTask, error: Exception) -> None:
        """Leave the work in line if it may yet be done; else answer it with what went wrong."""
        if isinstance(error, DamagedError | WrongKeyError) and self._file.mended(error):
            return
        if is_damage(error) and self._file.mended(to_store_error(error, self._path)):
            return
        if may_pass(error):
            self._listeners.tell_trouble(to_store_error(error, self._path))
            self._pause()
            return
        outcome = to_store_error(error, self._path) if isinstance(error, Error) else error
        self._slices.end(long, self._file.connection, outcome)

    def _is_hurried(self) -> bool:
        return self._resting or self.trouble is not None

    def _rest(self, resting: bool) -> None:  # called with a value of its own name alone
        with self._changed:
            self._resting = resting
            self._changed.notify_all()

    def _pause(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._closing, self._retry_s)


def _closed(path: Path) -> StoreError:
    return StoreError(f"{path.name} is closed.", "Unlock it again.")
