"""The running senses: one thread each, on if there is consent and no pause, with a count of what came from them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.services.activity.live import EventRate
from app.services.ingest.pipeline import IngestPipeline
from app.services.status import SourceState, SourceStatus
from app.settings import PAUSED_UNTIL_RESUMED, Settings
from collectors.catalog import COLLECTORS, CollectorSpec
from collectors.events import PAIRED, US_PER_MIN, US_PER_MS, Event, Source, local_offset_s
from collectors.privacy.quiet_hours import QuietHours, quiet_hours
from collectors.running.supervise import Backoff
from collectors.running.thread import CollectorThread, RunState, ThreadState

LOGGER = logging.getLogger(__name__)
_LONGEST_TIMER_MS: Final = 3_600_000
_STATES: Final = {
    RunState.RUNNING: SourceState.RUNNING,
    RunState.RESTARTING: SourceState.RESTARTING,
    RunState.UNAVAILABLE: SourceState.UNAVAILABLE,
    RunState.FAILED: SourceState.FAILED,
    RunState.STOPPED: SourceState.OFF,
}


class CollectorThreads(QObject):
    """Starts and stops the senses as the settings say. Lives on the main thread; what only asks is safe from any.

    Args:
        observer: takes the events.
        now_us: the clock, for the end of a pause.
        senses: which there are.
        parent: as for any QObject.
        backoff: how often and how patiently each is started again.
    """

    changed = Signal()
    """A sense changed its state."""
    user_left = Signal()
    """The user went idle: a good moment for house-keeping."""
    pause_ended = Signal()
    """A timed pause is over; the senses run again."""

    def __init__(
        self,
        observer: IngestPipeline,
        now_us: Callable[[], int],
        senses: tuple[CollectorSpec, ...] = COLLECTORS,
        parent: QObject | None = None,
        backoff: Backoff = Backoff(),  # noqa: B008 - frozen
    ) -> None:
        super().__init__(parent)
        self._backoff = backoff
        self._observer = observer
        self._now_us = now_us
        self._senses = senses
        self._threads: dict[str, CollectorThread] = {}
        self._lock = threading.Lock()
        self._statuses = {
            sense.name: SourceStatus(sense.name, sense.title, consented=False, state=SourceState.OFF)
            for sense in senses
        }
        self._paired = {sense.source: sense.name for sense in senses if sense.source in PAIRED}
        observer.on_sent(self._count_sent)
        self._paces = {sense.name: EventRate() for sense in senses}
        self._settings = Settings()
        self._quiet: tuple[QuietHours, ...] = ()
        self._paused = False
        self._pause_timer = QTimer(self)
        self._pause_timer.setSingleShot(True)
        self._pause_timer.timeout.connect(self._on_pause_timer)

    def statuses(self) -> tuple[SourceStatus, ...]:
        """How each sense is doing, in the catalog's order."""
        now_us = self._now_us()
        with self._lock:
            return tuple(
                replace(self._statuses[sense.name], per_minute=self._paces[sense.name].per_minute(now_us))
                for sense in self._senses
            )

    def is_sensing(self, source: Source) -> bool:
        """Whether one of the senses sees this source right now; from any thread."""
        names = {sense.name for sense in self._senses if sense.source is source}
        return any(status.name in names and status.state is SourceState.RUNNING for status in self.statuses())

    def apply(self, settings: Settings) -> None:
        """Make the running senses those that the settings allow now."""
        self._settings = settings
        self._quiet = tuple(quiet_hours(line) for line in settings.excluded_times)
        now_us = self._now_us()
        paused = settings.paused_until_us > now_us
        self._paused = paused
        closed = paused or self._is_quiet(now_us)
        self._pause_timer.stop()
        waits_ms = [_LONGEST_TIMER_MS]
        if paused and settings.paused_until_us < PAUSED_UNTIL_RESUMED:
            waits_ms.append((settings.paused_until_us - now_us) // US_PER_MS + 1)
        if self._quiet:  # hours begin and end on the minute; asking again each minute survives a clock that is set
            waits_ms.append((US_PER_MIN - now_us % US_PER_MIN) // US_PER_MS + 1)
        if len(waits_ms) > 1:
            self._pause_timer.start(min(waits_ms))
        consented = {sense.name: sense.source in settings.consent for sense in self._senses}
        self._stop_all(tuple(name for name in self._threads if closed or not consented[name]))
        for sense in self._senses:
            self._update(sense.name, consented=consented[sense.name])
            if consented[sense.name] and not closed:
                self._start(sense)
        if closed:
            self._observer.pause()

    def without_consent(self) -> tuple[CollectorSpec, ...]:
        """Those that may not sense. They do not run any more once `apply` has returned."""
        return tuple(sense for sense in self._senses if sense.source not in self._settings.consent)

    def close(self) -> None:
        """Stop every sense."""
        self._pause_timer.stop()
        self._stop_all(tuple(self._threads))

    def _start(self, sense: CollectorSpec) -> None:
        if sense.name in self._threads:
            return
        thread = CollectorThread(sense, lambda event: self._take(sense.name, event), self, self._backoff)
        thread.state_changed.connect(self._on_state)
        self._threads[sense.name] = thread
        thread.start()

    def _stop_all(self, names: tuple[str, ...]) -> None:
        for name in names:
            self._threads[name].ask_to_stop()
        for name in names:
            self._stop(name)

    def _stop(self, name: str) -> None:
        thread = self._threads.pop(name, None)
        if thread is None:
            return
        thread.state_changed.disconnect(self._on_state)
        if thread.stop():
            thread.deleteLater()
        else:
            LOGGER.error("the collector %r is left to end by itself", name)
        if name == Source.WINDOW:
            self._observer.pause()
        self._update(name, state=SourceState.OFF, reason="", remedy="")

    def _take(self, name: str, event: Event) -> None:
        """On the sense's thread: pass the event on, and count it."""
        self._observer.sense(event)
        self._count(name, event)
        if event.kind == "idle":
            self.user_left.emit()

    def _count_sent(self, event: Event) -> None:
        """On a client's thread: count what a paired extension has sensed."""
        name = self._paired.get(event.source)
        if name is not None:
            self._count(name, event)

    def _count(self, name: str, event: Event) -> None:
        with self._lock:
            self._paces[name].record(self._now_us())
            status = self._statuses[name]
            self._statuses[name] = replace(status, events=status.events + 1, last_event_us=event.ts_us)

    def _on_state(self, state: ThreadState) -> None:
        thread = self._threads.get(state.name)
        if thread is None or self.sender() is not thread:
            return  # reported by a thread that was stopped before its word arrived here
        if state.name == Source.WINDOW and state.state is not RunState.RUNNING:
            self._observer.pause()  # what nobody watches must not grow
        again = state.state is RunState.RESTARTING
        with self._lock:
            restarts = self._statuses[state.name].restarts + again
        self._update(
            state.name, state=_STATES[state.state], reason=state.reason, remedy=state.remedy, restarts=restarts
        )

    def _update(self, name: str, **fields: object) -> None:
        with self._lock:
            before = self._statuses[name]
            self._statuses[name] = after = replace(before, **fields)  # type: ignore[arg-type]  # fields of SourceStatus
        if before != after:
            self.changed.emit()

    def _is_quiet(self, now_us: int) -> bool:
        return any(hours.holds(now_us, local_offset_s(now_us)) for hours in self._quiet)

    def _on_pause_timer(self) -> None:
        was_paused = self._paused
        self.apply(self._settings)
        if was_paused and not self._paused:
            self.pause_ended.emit()
