"""The events that clients send one at a time: those that come together share a commit, and each has its own answer."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final

from app.errors import KnownError
from app.services.backend import LogReport, Tell
from app.services.settled import settled
from app.store.records import Appended, NewAction
from app.store.store import Store

LOGGER = logging.getLogger(__name__)
MOST_TOGETHER: Final = 256

GATHER_S: Final = 0.000_3
"""How long fewer events than came together last time wait for the others, who were answered at the same moment: less
than a commit takes, whose cost is shared by all that are in it (as PostgreSQL's commit_delay)."""


@dataclass(frozen=True, slots=True)
class Sifted:
    """What the gate has left of wire events.

    Attributes:
        actions: what is to be stored.
        refused: (position, why) of those that could not be read.
        dropped: (reason, how many) of those that the gate stopped.
        noise: how many were of a noisy kind.
        redacted: secrets taken out of the actions.
    """

    actions: tuple[NewAction, ...]
    refused: tuple[tuple[int, str], ...]
    dropped: tuple[tuple[str, int], ...]
    noise: int
    redacted: int

    def report(self, ids: Sequence[int | None]) -> LogReport:
        """What became of them, once the actions are stored under `ids`."""
        stored = sum(identity is not None for identity in ids)
        return LogReport(
            stored=stored,
            duplicates=len(self.actions) - stored,
            dropped=self.dropped,
            noise=self.noise,
            refused=self.refused,
            redacted=self.redacted,
        )


@dataclass(frozen=True, slots=True)
class _Waiting:
    sifted: Sifted
    tell: Tell


class Intake:
    """A thread that stores what waits, all at once, and tells each sender when it is committed.

    Args:
        store: where actions go.
        stored: told, in order, of the actions that are stored.
    """

    def __init__(self, store: Store, stored: Callable[[Iterable[NewAction]], None]) -> None:
        self._store = store
        self._stored = stored
        self._queue: queue.SimpleQueue[_Waiting | threading.Event | None] = queue.SimpleQueue()
        self._busy_at_s = -float("inf")
        self._together = 0
        self._thread = threading.Thread(target=self._run, name="intake")
        self._thread.start()

    @property
    def busy_at_s(self) -> float:
        """When somebody last waited for an answer, on the monotonic clock."""
        return self._busy_at_s

    def put(self, sifted: Sifted, tell: Tell) -> None:
        """Store, and tell from the intake's thread; never blocks."""
        self._queue.put(_Waiting(sifted, tell))

    def flush(self) -> None:
        """Wait until everything put so far is told."""
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
            if self._queue.qsize() + 1 < self._together:
                time.sleep(GATHER_S)
            batch: list[_Waiting] = []
            while isinstance(item, _Waiting):
                batch.append(item)
                if len(batch) >= MOST_TOGETHER or self._queue.empty():
                    break
                item = self._queue.get()
            self._together = len(batch)
            if batch:
                self._busy_at_s = time.monotonic()
                self._store_all(batch)
                self._busy_at_s = time.monotonic()
            if isinstance(item, threading.Event):
                item.set()
            elif item is None:
                break

    def _store_all(self, batch: list[_Waiting]) -> None:
        actions = tuple(action for waiting in batch for action in waiting.sifted.actions)
        appending: Future[Appended] | None = None
        try:
            appending = self._store.append(actions)
            ids = settled(self._store, appending).ids
        except Exception as error:  # whatever it is belongs to the senders
            if len(batch) > 1 and appending is not None and appending.done():
                for waiting in batch:  # one of them cannot be stored, and must not take the others with it
                    self._store_all([waiting])
                return
            if not isinstance(error, KnownError):
                LOGGER.exception("an event of a client could not be stored")
            for waiting in batch:
                _tell(waiting, error)
            return
        start = 0
        for waiting in batch:
            end = start + len(waiting.sifted.actions)
            _tell(waiting, waiting.sifted.report(ids[start:end]))
            start = end
        self._stored(action for action, identity in zip(actions, ids, strict=True) if identity is not None)


def _tell(waiting: _Waiting, outcome: LogReport | Exception) -> None:
    try:
        waiting.tell(outcome)
    except Exception:
        LOGGER.exception("a client could not be told what became of its event")
