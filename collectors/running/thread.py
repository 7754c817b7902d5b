"""A sense on a Qt thread of its own: started, watched over, and stopped within a second."""

from __future__ import annotations

import logging
from typing import Final

from PySide6.QtCore import QObject, QThread, Signal

from collectors.catalog import CollectorSpec
from collectors.collector import Emit, Stop
from collectors.running.supervise import Backoff, RunState, ThreadState, supervise

__all__ = ["CollectorThread", "RunState", "ThreadState"]

_LOG: Final = logging.getLogger(__name__)
_STOP_WITHIN_MS: Final = 2_000  # a sense has a second; one that hangs is left behind then


class CollectorThread(QThread):
    """Runs one sense; used once: a sense that is switched on again gets a new thread.

    Args:
        sense: what to run.
        emit: takes the events; called from this thread.
        parent: as for any QObject.
        backoff: how often and how patiently it is started again.
    """

    state_changed = Signal(object)
    """Every change of state, as a `ThreadState`."""

    def __init__(
        self,
        sense: CollectorSpec,
        emit: Emit,
        parent: QObject | None = None,
        backoff: Backoff = Backoff(),  # noqa: B008 - frozen
    ) -> None:
        super().__init__(parent)
        self._sense = sense
        self._emit = emit
        self._backoff = backoff
        self._stop = Stop()
        self._closed = False
        self.setObjectName(f"sense-{sense.name}")

    def run(self) -> None:
        """The thread's own work; Qt calls it."""
        supervise(self._sense, self._emit, self._stop, self.state_changed.emit, backoff=self._backoff)

    def ask_to_stop(self) -> None:
        """Have it end, without waiting for that; before `stop` of several, so that they end together."""
        if not self._closed:
            self._stop.set()

    def stop(self) -> bool:
        """End the sense, and wait for it; safe to call more than once, and before `start`.

        Returns:
            Whether it ended within a second.
        """
        if self._closed:
            return True
        self._stop.set()
        if not self.wait(_STOP_WITHIN_MS):
            _LOG.error("the collector %r did not stop within a second", self._sense.name)
            return False
        self._stop.close()
        self._closed = True
        return True
