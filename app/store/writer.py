"""The owner thread: the one writing connection, a bounded queue before it, an answer after each commit.

Whatever waits in the queue is committed together, as soon as the queue is drained: a single event does not wait for
company, a flood shares its flushes. A command that fails is undone alone. When the disk is full or failing, nothing is
dropped: the batch stays at the head and is tried again, and `on_trouble` tells.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from app.errors import StoreError
from app.store import commands
from app.store.connection import LOG_PAGES, Connection, Error, may_pass, primary_code, to_store_error
from app.store.ledger import Ledger, committed_rows
from app.store.records import ActionRow, Appended
from app.store.sliced import Sliced

BATCH_WEIGHT: Final = 2_000
QUEUE_WEIGHT: Final = 50_000
PUT_TIMEOUT_S: Final = 30.0
RETRY_S: Final = 1.0
SLICE_S: Final = 0.02
"""How long the work in slices goes on before it is committed; where something waits, one step alone is done."""
LONG_LOG_PAGES: Final = 500
"""Meanwhile the log is brought into the file so often: with more at once, whoever waits would wait for all of it."""

_log: Final = logging.getLogger(__name__)
_Value = TypeVar("_Value")

OnCommitted = Callable[[tuple[ActionRow, ...]], None]
OnTrouble = Callable[[StoreError | None], None]


@dataclass(frozen=True, slots=True)
class _Waiting:
    command: commands.Command
    future: Future[Any]


@dataclass(slots=True)
class _Long:
    """Work in slices, and whether it is to stop."""

    work: Sliced
    stop: threading.Event
    future: Future[Any]


class Writer:
    """Runs commands against a connection on a thread of its own.

    Args:
        connection: the writing connection; it is used and closed by the thread alone.
        path: of the file, for messages.
        queue_weight: how many actions may wait; a caller beyond that waits too.
        retry_s: how long to wait before a failed write is tried again.
    """

    def __init__(
        self, connection: Connection, path: Path, queue_weight: int = QUEUE_WEIGHT, retry_s: float = RETRY_S
    ) -> None:
        self._connection = connection
        self._path = path
        self._queue_weight = queue_weight
        self._retry_s = retry_s
        self._ledger = Ledger(connection)
        self._changed = threading.Condition()
        self._waiting: deque[_Waiting] = deque()
        self._waiting_weight = 0
        self._long: deque[_Long] = deque()
        self._closing = False
        self._trouble: StoreError | None = None
        self._on_committed: list[OnCommitted] = []
        self._on_trouble: list[OnTrouble] = []
        self._thread = threading.Thread(target=self._run, name="store-writer")
        self._thread.start()

    @property
    def trouble(self) -> StoreError | None:
        """Why nothing can be written now; None while all is well."""
        return self._trouble

    def on_committed(self, callback: OnCommitted) -> None:
        """Call back with the stored actions of each commit, on the writer's thread."""
        with self._changed:
            self._on_committed.append(callback)

    def on_trouble(self, callback: OnTrouble) -> None:
        """Call back, on the writer's thread, when writing stops working and (with None) when it works again."""
        with self._changed:
            self._on_trouble.append(callback)

    def submit(self, command: commands.Command) -> Future[Any]:
        """Queue a command. Where the queue is full, wait for room: at most half a minute, and not during trouble.

        Raises:
            StoreError: where the store is closed or the queue stayed full; the command was not taken.
        """
        weight = commands.weight(command)
        with self._changed:
            self._changed.wait_for(lambda: self._closing or self._trouble or self._has_room(weight), PUT_TIMEOUT_S)
            if self._closing:
                raise _closed(self._path)
            if not self._has_room(weight):
                raise self._trouble or StoreError(
                    f"{self._path.name} takes events more slowly than they come; the latest were not taken.",
                    "Wait a moment and send them again.",
                )
            waiting = _Waiting(command, Future())
            self._waiting.append(waiting)
            self._waiting_weight += weight
            self._changed.notify_all()
        return waiting.future

    def work(self, work: Sliced, stop: threading.Event | None = None) -> Future[Any]:
        """Queue work that runs in slices between the other commands; answered with its report.

        Args:
            work: what to do.
            stop: set it to end the work before its next slice, where the work can be ended so.

        Raises:
            StoreError: where the store is closed.
        """
        long = _Long(work, stop or threading.Event(), Future())
        with self._changed:
            if self._closing:
                raise _closed(self._path)
            self._long.append(long)
            self._changed.notify_all()
        return long.future

    def close(self) -> None:
        """Commit what waits, end the thread, close the file. Work in slices is broken off; the next one resumes it."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()

    def _has_room(self, weight: int) -> bool:
        # One command heavier than the whole bound still goes through an empty queue.
        return not self._waiting or self._waiting_weight + weight <= self._queue_weight

    def _run(self) -> None:
        try:
            while True:
                batch = self._take()
                if batch:
                    self._settle(batch)
                elif self._closing:
                    break
                if self._long and not self._closing:
                    self._slice(self._long[0])
        finally:
            with self._changed:
                self._closing = True
                left = [waiting.future for waiting in self._waiting] + [long.future for long in self._long]
                self._waiting.clear()
                self._long.clear()
                self._changed.notify_all()
            for future in left:
                if future.running() or future.set_running_or_notify_cancel():
                    future.set_exception(_closed(self._path))
            self._connection.close()

    def _take(self) -> list[_Waiting]:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing or self._long)
            batch: list[_Waiting] = []
            weight = 0
            while self._waiting and (not batch or weight < BATCH_WEIGHT):
                waiting = self._waiting.popleft()
                weight += commands.weight(waiting.command)
                if waiting.future.set_running_or_notify_cancel():
                    batch.append(waiting)
            self._waiting_weight -= weight
            self._changed.notify_all()
        return batch

    def _settle(self, batch: list[_Waiting]) -> None:
        """Commit a batch, however often it takes, and answer each of its commands."""
        while True:
            try:
                answers = self._commit(batch)
            except Error as error:
                problem = to_store_error(error, self._path)
                self._undo()
                if may_pass(error) and not self._closing:
                    self._set_trouble(problem)
                    self._pause()
                    continue
                answers = [problem] * len(batch)
            else:
                self._set_trouble(None)
            break
        rows: list[ActionRow] = []
        for waiting, answer in zip(batch, answers, strict=True):
            if isinstance(answer, BaseException):
                waiting.future.set_exception(answer)
                continue
            waiting.future.set_result(answer)
            if self._on_committed and isinstance(answer, Appended) and isinstance(waiting.command, commands.Append):
                rows.extend(committed_rows(waiting.command.actions, answer))
        if rows:
            for callback in tuple(self._on_committed):
                _call(callback, tuple(rows))

    def _commit(self, batch: list[_Waiting]) -> list[object]:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        answers: list[object] = []
        for waiting in batch:
            connection.execute("SAVEPOINT command")
            try:
                answers.append(self._ledger.apply(waiting.command))
            except Exception as error:
                # Whatever a command raises is its caller's to see, and must not take its batch mates with it.
                if isinstance(error, Error) and (may_pass(error) or not connection.in_transaction):
                    raise
                connection.execute("ROLLBACK TO command")
                self._ledger.forget()
                answers.append(to_store_error(error, self._path) if primary_code(error) >= 0 else error)
            connection.execute("RELEASE command")
        connection.execute("COMMIT")
        return answers

    def _slice(self, long: _Long) -> None:
        """One slice of the work that is first in line."""
        if not long.future.running():
            if not long.future.set_running_or_notify_cancel():
                self._long.popleft()
                return
            self._connection.execute(f"PRAGMA wal_autocheckpoint = {LONG_LOG_PAGES}")
        ended = long.work.stopped() if long.stop.is_set() else None
        if ended is not None:
            self._end(long, ended)
            return
        try:
            following = self._steps(long.work)
        except Exception as error:  # noqa: BLE001  # whatever it is belongs to the one who asked for the work
            self._undo()
            if may_pass(error):
                self._set_trouble(to_store_error(error, self._path))
                self._pause()
                return
            self._end(long, to_store_error(error, self._path) if isinstance(error, Error) else error)
            return
        self._set_trouble(None)
        long.work = following
        if following.report is not None:
            self._end(long, following.report)
        elif following.pause_s:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or self._waiting, following.pause_s)

    def _end(self, long: _Long, answer: object) -> None:
        self._long.popleft()
        self._connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
        if isinstance(answer, BaseException):
            long.future.set_exception(answer)
        else:
            long.future.set_result(answer)

    def _steps(self, work: Sliced) -> Sliced:
        if work.outside:
            return work.step(self._connection, self._ledger.interner)
        self._connection.execute("BEGIN IMMEDIATE")
        until_s = time.monotonic() + SLICE_S
        while work.report is None and not work.outside:
            work = work.step(self._connection, self._ledger.interner)
            if self._waiting or work.pause_s or time.monotonic() > until_s:
                break
        self._connection.execute("COMMIT")
        return work

    def _undo(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        self._ledger.forget()

    def _pause(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._closing, self._retry_s)

    def _set_trouble(self, trouble: StoreError | None) -> None:
        with self._changed:
            changed = (self._trouble is None) != (trouble is None)
            self._trouble = trouble
            callbacks = tuple(self._on_trouble) if changed else ()
            self._changed.notify_all()
        for callback in callbacks:
            _call(callback, trouble)


def _call(callback: Callable[[_Value], None], value: _Value) -> None:
    """Tell a listener; its faults go to the log, for they must not end the thread that keeps everything."""
    try:
        callback(value)
    except Exception:  # noqa: BLE001  # logged whole, and the writer goes on
        _log.exception("A listener of the store failed.")


def _closed(path: Path) -> StoreError:
    return StoreError(f"{path.name} is closed.", "Unlock it again.")
