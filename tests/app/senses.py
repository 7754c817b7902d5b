"""A sense that is worked by hand: it runs on its thread as a real one does, and senses what the test says."""

from __future__ import annotations

import os
import select
import threading
from collections import deque
from collections.abc import Mapping

from collectors.catalog import CollectorSpec
from collectors.collector import Emit, Stop, Unavailable
from collectors.events import Event, Source

WAIT_S = 180


class HandSense:
    """The collector; made again for each run, it is the same one, so that the test can hold it.

    Args:
        source: what it senses.
    """

    def __init__(self, source: Source = Source.TERMINAL) -> None:
        self.source = source
        self.unavailable: Unavailable | None = None
        self.runs = 0
        self.began = threading.Event()
        self.ended = threading.Event()
        self.withdrawals: list[tuple[int, bool]] = []
        """For each time that it was to give back what it has: how often it had run, and whether it ran."""
        self._todo: deque[Event | Exception | threading.Event] = deque()
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)

    def sense(self) -> CollectorSpec:
        """Its place in a catalog."""
        name = self.source.value
        return CollectorSpec(name, name.title(), "Everything.", "Nothing.", self.source, lambda: self, self._withdraw)

    def check(self) -> Unavailable | None:
        return self.unavailable

    def run(self, emit: Emit, stop: Stop) -> None:
        self.runs += 1
        self.ended.clear()
        self.began.set()
        try:
            while not stop.is_set():
                if self._wake in select.select([stop, self._wake], [], [])[0]:
                    os.eventfd_read(self._wake)
                while self._todo:
                    todo = self._todo.popleft()
                    if isinstance(todo, Exception):
                        raise todo
                    if isinstance(todo, threading.Event):
                        todo.wait()
                        return
                    emit(todo)
        finally:
            self.began.clear()
            self.ended.set()

    def does(self, todo: Event | Exception | threading.Event) -> None:
        """Sense an event, break, or hang until something is set."""
        self._todo.append(todo)
        os.eventfd_write(self._wake, 1)

    def _withdraw(self, _environ: Mapping[str, str]) -> None:
        self.withdrawals.append((self.runs, self.began.is_set()))

    def close(self) -> None:
        os.close(self._wake)
