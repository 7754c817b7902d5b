"""The status, read off the main thread when something changed, and no more often than is worth looking at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.services.status import Status
from app.workers.jobs import Jobs

WATCHED_MS: Final = 1_000
UNWATCHED_MS: Final = 5_000


class StatusFeed(QObject):
    """Gathers changes, and reads the status once for all of them.

    Args:
        read: makes the status; runs off the main thread.
        jobs: runs it.
    """

    status = Signal(object)
    """A fresh `Status`."""

    def __init__(self, read: Callable[[], Status], jobs: Jobs) -> None:
        super().__init__()
        self._read = read
        self._jobs = jobs
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.refresh)
        self.watched = False
        """Whether a window shows it: then it comes within a second of a change, else within five."""

    def stale(self) -> None:
        """Something changed."""
        if not self._timer.isActive():
            self._timer.start(WATCHED_MS if self.watched else UNWATCHED_MS)

    def refresh(self) -> None:
        """Read it now; while one is being read, the change waits for the next."""
        self._timer.stop()
        if not self._jobs.start("status", lambda *_: self._read(), succeeded=self.status.emit):
            self.stale()
