"""The jobs under way, by name: at most one of a name at a time, all of them ended before the program ends."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.workers.job import Job, Work

_END_WITHIN_MS = 10_000


class Jobs(QObject):
    """Starts jobs and forgets them when they have ended. Lives on the main thread.

    Args:
        failed: what to do with a job's error where its own starter did not say.
        parent: as for any QObject.
    """

    changed = Signal()
    """A job began or ended."""

    def __init__(self, failed: Callable[[str, str], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._failed = failed
        self._running: dict[str, Job] = {}

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
        """Start a job; False where one of this name is under way already. The callbacks run on the main thread."""
        if name in self._running:
            return False
        job = Job(work, name, self)
        # Signals of another thread reach a plain callable in that thread; relayed through this object they reach ours.
        relay = _Relay(job, succeeded, progressed, failed or self._failed, stopped)
        job.succeeded.connect(relay.on_succeeded)
        job.progressed.connect(relay.on_progressed)
        job.failed.connect(relay.on_failed)
        job.stopped.connect(relay.on_stopped)
        job.finished.connect(lambda: self._forget(name))
        self._running[name] = job
        job.start()
        self.changed.emit()
        return True

    def running(self, name: str) -> bool:
        """Whether a job of this name is under way."""
        return name in self._running

    def cancel(self, name: str) -> None:
        """Ask a job to stop, where it is under way."""
        job = self._running.get(name)
        if job is not None:
            job.cancel()

    def close(self) -> None:
        """Cancel every job and wait for their ends."""
        for job in self._running.values():
            job.cancel()
        for job in tuple(self._running.values()):
            job.wait(_END_WITHIN_MS)

    def _forget(self, name: str) -> None:
        job = self._running.pop(name, None)
        if job is not None:
            job.wait()
            job.deleteLater()
            self.changed.emit()


class _Relay(QObject):
    """Carries a job's signals to the main thread."""

    def __init__(
        self,
        job: Job,
        succeeded: Callable[[object], None] | None,
        progressed: Callable[[object], None] | None,
        failed: Callable[[str, str], None],
        stopped: Callable[[], None] | None,
    ) -> None:
        super().__init__(job)
        self._succeeded = succeeded
        self._progressed = progressed
        self._failed = failed
        self._stopped = stopped

    def on_succeeded(self, result: object) -> None:
        if self._succeeded is not None:
            self._succeeded(result)

    def on_progressed(self, progress: object) -> None:
        if self._progressed is not None:
            self._progressed(progress)

    def on_failed(self, message: str, remedy: str) -> None:
        self._failed(message, remedy)

    def on_stopped(self) -> None:
        if self._stopped is not None:
            self._stopped()
