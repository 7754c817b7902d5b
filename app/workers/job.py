"""A piece of long work on a thread of its own, with progress, a result, and an error in words."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, QThread, Signal

from app.errors import KnownError
from app.services.backend import Cancelled
from app.services.learning.brain import JobCancelledError

LOGGER = logging.getLogger(__name__)

Work = Callable[[Callable[[object], None], threading.Event], object]
"""Does the work: takes a receiver of progress and the flag that asks it to stop; returns the result."""


class Job(QThread):
    """Runs one piece of work once.

    Args:
        work: what to do, off the window's thread.
        name: for the log.
        parent: as for any QObject.
    """

    progressed = Signal(object)
    succeeded = Signal(object)
    failed = Signal(str, str)
    """A sentence and a remedy."""
    stopped = Signal()
    """It was cancelled."""

    def __init__(self, work: Work, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._cancelled = threading.Event()
        self.setObjectName(name)

    def cancel(self) -> None:
        """Ask it to stop; it ends by `stopped`, or by its result if that came first."""
        self._cancelled.set()

    def run(self) -> None:
        """The thread's own work; Qt calls it."""
        try:
            result = self._work(self._report, self._cancelled)
        except (JobCancelledError, Cancelled):
            self.stopped.emit()
        except KnownError as error:
            self.failed.emit(error.message, error.remedy)
        except Exception:
            LOGGER.exception("the job %r broke", self.objectName())
            self.failed.emit(
                "This broke through a fault of the program; what was stored is kept.",
                "Please report it with the log file, which has the details.",
            )
        else:
            self.succeeded.emit(result)

    def _report(self, progress: object) -> None:
        if self._cancelled.is_set():
            raise Cancelled
        self.progressed.emit(progress)
