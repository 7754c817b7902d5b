"""The jobs under way, by name: at most one of a name at a time, all of them ended before the program ends."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QDeadlineTimer, QObject, Signal

from app.workers.job import Job, Work

LOGGER = logging.getLogger(__name__)
END_WITHIN_MS: Final = 10_000


class Jobs(QObject):
    """Starts jobs and forgets them when they have ended. Lives on the main thread.

    Args:
        failed: what to do with a job's error if its own starter did not say.
        parent: as for any QObject.
        end_within_ms: how long `close` waits for the ends of all jobs together.
    """

    ended = Signal(str)
    """A job ended and its outcome was reported."""

    def __init__(
        self, failed: Callable[[str, str], None], parent: QObject | None = None, end_within_ms: int = END_WITHIN_MS
    ) -> None:
        super().__init__(parent)
        self._failed = failed
        self._end_within_ms = end_within_ms
        self._running: dict[str, Job] = {}
        self._closed = False

    def start(
        self,
        name: str,
        work: Work,
        *,
        succeeded: Callable[[object], None] | None = None,
        progressed: Callable[[object], None] | None = None,
        failed: Callable[[str, str], None] | None = None,
        stopped: Callable[[], None] | None = None,
    ) -> bool:
        """Start a job; the callbacks run on the main thread.

        Args:
            name: of the job; one of a name runs at a time.
            work: runs in a thread of its own.
            succeeded: takes the result.
            progressed: takes each progress.
            failed: takes message and remedy of a known error.
            stopped: called if the job was stopped.

        Returns:
            False if one of this name is under way already, or the program is ending.
        """
        if self._closed or name in self._running:
            return False
        job = Job(work, name, self)
        # Signals of another thread reach a plain callable in that thread; relayed through this object they reach ours.
        relay = _Relay(
            job,
            succeeded=succeeded,
            progressed=progressed,
            failed=failed or self._failed,
            stopped=stopped,
            finished=lambda tell: self._end(name, tell),
        )
        job.succeeded.connect(relay.on_succeeded)
        job.progressed.connect(relay.on_progressed)
        job.failed.connect(relay.on_failed)
        job.stopped.connect(relay.on_stopped)
        job.finished.connect(relay.on_finished)
        self._running[name] = job
        job.start()
        return True

    def running(self, name: str) -> bool:
        """Whether a job of this name is under way."""
        return name in self._running

    def cancel(self, name: str) -> None:
        """Ask a job to stop, if it is under way."""
        job = self._running.get(name)
        if job is not None:
            job.cancel()

    def close(self) -> None:
        """Start no more, cancel every job and wait for their ends; one that does not end in time is left behind."""
        self._closed = True
        for job in self._running.values():
            job.cancel()
        deadline = QDeadlineTimer(self._end_within_ms)
        for name, job in tuple(self._running.items()):
            if not job.wait(deadline):
                LOGGER.error("the job %r did not end in time", name)

    def _end(self, name: str, tell: Callable[[], None]) -> None:
        job = self._running.pop(name)
        job.wait()
        try:
            tell()
        finally:
            job.deleteLater()
            self.ended.emit(name)


class _Relay(QObject):
    """Carries a job's signals to the main thread, and tells its outcome once its name is free for the next one.

    A thread that has reported its outcome still takes a moment to end. Were the outcome passed on at once, whoever
    answers it by starting the job again, as an unlock dialog does after a wrong passphrase, would be refused in
    that moment.
    """

    def __init__(
        self,
        job: Job,
        *,
        succeeded: Callable[[object], None] | None,
        progressed: Callable[[object], None] | None,
        failed: Callable[[str, str], None],
        stopped: Callable[[], None] | None,
        finished: Callable[[Callable[[], None]], None],
    ) -> None:
        super().__init__(job)
        self._succeeded = succeeded
        self._progressed = progressed
        self._failed = failed
        self._stopped = stopped
        self._finished = finished
        self._tell: Callable[[], None] = _nothing

    def on_succeeded(self, result: object) -> None:
        succeeded = self._succeeded
        if succeeded is not None:
            self._tell = lambda: succeeded(result)

    def on_progressed(self, progress: object) -> None:
        if self._progressed is not None:
            self._progressed(progress)

    def on_failed(self, message: str, remedy: str) -> None:
        self._tell = lambda: self._failed(message, remedy)

    def on_stopped(self) -> None:
        self._tell = self._stopped or _nothing

    def on_finished(self) -> None:
        self._finished(self._tell)


def _nothing() -> None:
    """The outcome that nobody asked for."""
