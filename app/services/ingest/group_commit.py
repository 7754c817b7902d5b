"""The events that clients send one at a time: those that come together share a flush, and each has its own answer."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from app.errors import KnownError, UnstorableError
from app.services.backend import LogReport, Tell
from app.store.store import Store
from app.store.values.records import NewAction

LOGGER = logging.getLogger(__name__)
MOST_TOGETHER: Final = 256
QUICK_S: Final = 0.005
"""A flush that takes no longer holds up nobody whom handing it to another thread, and back, would not."""


@dataclass(frozen=True, slots=True)
class PendingEvent:
    """An event that the gate let pass.

    Attributes:
        action: what is to be stored.
        report: what its sender hears then.
        tell: how.
    """

    action: NewAction
    report: LogReport
    tell: Tell


class GroupCommit:
    """Stores what comes, all at once, and tells each sender when it is on the disk.

    While the disk is quick that is done by whoever brings it, because to hand it over and to be woken again costs more
    than the flush; else by a thread of its own.

    Args:
        store: takes the actions.
        stored: called, in order, with the actions that are stored.
    """

    def __init__(self, store: Store, stored: Callable[[Sequence[NewAction]], None]) -> None:
        self._store = store
        self._stored = stored
        self._queue: queue.SimpleQueue[Sequence[PendingEvent] | threading.Event | None] = queue.SimpleQueue()
        self._busy_at_s = -float("inf")
        self._quick = False
        self._turn = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="intake")
        self._thread.start()

    @property
    def busy_at_s(self) -> float:
        """When somebody last waited for an answer, on the monotonic clock."""
        return self._busy_at_s

    def put(self, taken: Sequence[PendingEvent]) -> None:
        """Store, and tell, from this thread or the intake's; blocks only for what a quick disk takes."""
        if self._quick and self._queue.empty() and self._turn.acquire(blocking=False):
            try:
                self._store_in_time(taken)
            finally:
                self._turn.release()
        else:
            self._queue.put(taken)

    def flush(self) -> None:
        """Wait until everything put so far is reported."""
        done = threading.Event()
        self._queue.put(done)
        done.wait()

    def close(self, within_s: float | None = None) -> bool:
        """Store what waits and stop; whether that is done after `within_s`. It may be called again."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join(within_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            batch: list[PendingEvent] = []
            while item is not None and not isinstance(item, threading.Event):
                batch += item
                if len(batch) >= MOST_TOGETHER or self._queue.empty():
                    break
                item = self._queue.get()
            if batch:
                with self._turn:
                    self._store_in_time(batch)
            if isinstance(item, threading.Event):
                item.set()
            elif item is None:
                break

    def _store_in_time(self, batch: Sequence[PendingEvent]) -> None:
        start_s = self._busy_at_s = time.monotonic()
        self._store_all(batch)
        self._busy_at_s = time.monotonic()
        self._quick = self._busy_at_s - start_s < QUICK_S

    def _store_all(self, batch: Sequence[PendingEvent]) -> None:
        actions = [taken.action for taken in batch]
        try:
            self._store.keep(actions)
        except UnstorableError as error:
            if len(batch) == 1:
                _tell(batch[0], error)
            else:
                for taken in batch:  # one of them cannot be stored, and must not take the others with it
                    self._store_all([taken])
            return
        except Exception as error:  # whatever it is belongs to the senders
            if not isinstance(error, KnownError):
                LOGGER.exception("an event of a client could not be stored")
            for taken in batch:
                _tell(taken, error)
            return
        for taken in batch:
            _tell(taken, taken.report)
        self._stored(actions)


def _tell(taken: PendingEvent, outcome: LogReport | Exception) -> None:
    try:
        taken.tell(outcome)
    except Exception:
        LOGGER.exception("a client could not be informed about its event")
