"""Runs a collector on a plain thread and lets a test wait for what it emits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from collectors.collector import Collector, CollectorError, Stop
from collectors.events import Event
from tests.desktop.programs import PATIENCE_S


class Running:
    """A collector at work; `events` grows while it is."""

    def __init__(self, collector: Collector) -> None:
        self.events: list[Event] = []
        self.error: CollectorError | None = None
        self.collector = collector
        self._changed = threading.Condition()
        self._stop = Stop()
        self._thread = threading.Thread(target=self._run, name="collector")
        self._thread.start()

    def until(self, wanted: Callable[[Event], bool]) -> Event:
        """Wait for the first event that is wanted."""

        def found() -> Event | None:
            return next((event for event in self.events if wanted(event)), None)

        with self._changed:
            self._changed.wait_for(lambda: found() is not None or not self._thread.is_alive(), PATIENCE_S)
        event = found()
        assert event is not None, f"never came; what came: {self.events}, {self.error}"
        return event

    def until_true(self, condition: Callable[[], bool]) -> None:
        """Wait for something that shows elsewhere than in what is emitted."""
        deadline_s = time.monotonic() + PATIENCE_S
        while not condition():
            assert self._thread.is_alive(), f"it ended: {self.error}"
            assert time.monotonic() < deadline_s, f"never came true; what came: {self.events}"
            time.sleep(0.005)

    def until_error(self) -> CollectorError:
        """Wait until it gives up."""
        self._thread.join(PATIENCE_S)
        assert self.error is not None
        return self.error

    def stop(self) -> list[Event]:
        """End it: all it emitted."""
        self._stop.set()
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()
        return self.events

    def close(self) -> None:
        self.stop()
        self._stop.close()

    def _run(self) -> None:
        try:
            self.collector.run(self._take, self._stop)
        except CollectorError as error:
            self.error = error
        with self._changed:
            self._changed.notify_all()

    def _take(self, event: Event) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()


@contextmanager
def running(collector: Collector) -> Iterator[Running]:
    """A collector at work for the length of a block."""
    work = Running(collector)
    try:
        yield work
    finally:
        work.close()
