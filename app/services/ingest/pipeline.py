"""Event in, prediction out: the one way from a sense, a client or an import into the store.

    sense  → privacy gate → queue → heartbeat merge → store → follower → forecaster
    client → privacy gate → intake → journal of the store → answer → follower → forecaster

The gate runs in the caller's thread, before anything is queued, so that what must stay unseen is held nowhere.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final

from app.errors import StoreError
from app.services.backend import LogReport, Sent
from app.services.ingest.filter import DropCounts, EventFilter
from app.services.ingest.group_commit import GroupCommit, PendingEvent
from app.services.learning.forecast import Forecaster
from app.services.learning.forecast_worker import ForecastWorker
from app.services.preferences import Preferences
from app.services.wait_for_commit import wait_for_commit
from app.store.store import Store
from app.store.values.records import Appended, NewAction
from collectors.desktop.focused_window import FocusedWindow
from collectors.desktop.window.foreground import Before, Foreground, HiddenReason
from collectors.events import Event, Source
from collectors.heartbeat import ExtendAction, HeartbeatMerge, StartAction
from collectors.privacy.gate import Dropped, Origin, Passed
from neural.reward.actions import label

LOGGER = logging.getLogger(__name__)
MOST_WAITING: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Sensed:
    """An event of a sense, before the heartbeat merge."""

    event: Event


@dataclass(frozen=True, slots=True)
class _Unseen:
    """The focus went to something that may not be recorded (an excluded window): the open action ends here."""

    ts_us: int


@dataclass(frozen=True, slots=True)
class _Paused:
    """The senses stop: what was open ends here, and nothing is known of what follows."""

    ts_us: int


@dataclass(frozen=True, slots=True)
class _Pulse:
    """Time goes on: the open focus is lengthened, so that a crash costs at most the time since the last pulse."""

    ts_us: int


_Item = _Sensed | _Unseen | _Paused | _Pulse | threading.Event


class IngestPipeline:
    """Takes events from any thread; threads of its own merge, store and predict.

    Args:
        store: takes the actions.
        preferences: asked for the policy at every event, so that a pause holds from the next one on.
        forecaster: notified of every action.
        now_us: the clock.
        most_waiting: sensed events in memory; a sense that comes with one more waits.
    """

    def __init__(
        self,
        store: Store,
        preferences: Preferences,
        forecaster: Forecaster,
        now_us: Callable[[], int],
        *,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._store = store
        self._sieve = EventFilter(preferences, now_us)
        self.front: Final = Foreground()
        """The window in front, as far as the gate lets it be known; for collectors that run alongside the window's."""
        self._now_us = now_us
        self._heartbeat = HeartbeatMerge()
        self._open: dict[str, Future[Appended]] = {}
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._room = threading.Semaphore(most_waiting)
        self._follower = ForecastWorker(forecaster, lambda: self._intake.busy_at_s)
        self._intake = GroupCommit(store, self._follower.put)
        self._on_sent: list[Callable[[Event], None]] = []
        self._worker = threading.Thread(target=self._run, name="observer")
        self._worker.start()

    def sense(self, event: Event) -> None:
        """Take an event of a sense; blocks only while too many wait."""
        verdict = self._sieve.judge(event, Origin.COLLECTOR)
        if event.source is Source.WINDOW:
            self.front.show(_before(verdict))
        if isinstance(verdict, Passed):
            self._room.acquire()
            self._queue.put(_Sensed(verdict.event))
        elif event.source is Source.WINDOW:
            self._room.acquire()
            self._queue.put(_Unseen(event.ts_us))

    def on_sent(self, listener: Callable[[Event], None]) -> None:
        """Call `listener` with every event of a client that the gate let pass, in the thread that brings it."""
        self._on_sent.append(listener)

    def pause(self) -> None:
        """End what is open: the senses see nothing from now on. Never blocks."""
        self.front.show(HiddenReason.UNKNOWN)
        self._queue.put(_Paused(self._now_us()))

    def extend_open(self) -> None:
        """Lengthen what is open up to now. Never blocks; while much waits the next pulse will do."""
        if self._room.acquire(blocking=False):
            self._queue.put(_Pulse(self._now_us()))

    def log(self, raw_events: Sequence[object]) -> LogReport:
        """Take wire events of a client; returns once they are committed.

        Raises:
            StoreError: if they could not be stored; none of the batch counts as stored then.
        """
        sifted = self._sieve.many(raw_events)
        if not sifted.events:
            return sifted.report(())
        self._tell_sent(sifted.events)
        actions = [new_action(event) for event in sifted.events]
        ids = wait_for_commit(self._store, self._store.append(actions)).ids
        self._follower.put([action for action, identity in zip(actions, ids, strict=True) if identity is not None])
        return sifted.report(ids)

    def log_soon(self, sent: Sequence[Sent]) -> None:
        """Take wire events that came at the same time without waiting; each is reported when it is on the disk."""
        sifted = [(each, *self._sieve.one(each.event)) for each in sent]
        if taken := [PendingEvent(new_action(event), report, each.tell) for each, event, report in sifted if event]:
            self._tell_sent([each.action.event for each in taken])
            self._intake.put(taken)
        for each, event, report in sifted:
            if event is None:
                each.tell(report)

    def _tell_sent(self, events: Sequence[Event]) -> None:
        for listener in self._on_sent:
            for event in events:
                listener(event)

    def take(self, event: Event) -> Future[int | None]:
        """Take an event of a client that may last on.

        Returns:
            Its id, once it is committed; None if the gate stopped it, or it was there already.

        Raises:
            StoreError: if nothing can be taken now.
        """
        taken: Future[int | None] = Future()
        verdict = self._sieve.judge(event, Origin.CLIENT)
        if not isinstance(verdict, Passed):
            taken.set_result(None)
            return taken
        self._tell_sent((verdict.event,))
        action = new_action(verdict.event)

        def tell(appended: Future[Appended]) -> None:
            if error := appended.exception():
                taken.set_exception(error)
                return
            (identity,) = appended.result().ids
            if identity is not None:
                self._follower.put((action,))
            taken.set_result(identity)

        self._store.append((action,)).add_done_callback(tell)
        return taken

    def tally(self) -> DropCounts:
        """Counts since the start of the program."""
        return self._sieve.tally()

    def flush(self) -> None:
        """Wait until everything taken so far is committed."""
        done = threading.Event()
        self._queue.put(done)
        done.wait()
        self._intake.flush()
        self._follower.flush()
        self._store.append(()).result()  # commands are taken in order, so an empty one ends after all before it

    def close(self, within_s: float | None = None) -> bool:
        """Take in what is queued, end the open focus, and stop.

        Args:
            within_s: how long to wait for that; None as long as it takes. It may be called again.

        Returns:
            Whether all is taken in; not while the store waits for room on the disk.
        """
        if self._worker.is_alive():
            self._queue.put(None)
            self._worker.join(within_s)
        # The senses' worker and the intake feed the follower, so it ends last.
        if self._worker.is_alive() or not self._intake.close(within_s):
            return False
        return self._follower.close(within_s)

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            if isinstance(item, (_Sensed, _Unseen, _Pulse)):
                self._room.release()
            try:
                self._take(item)
            except StoreError:
                LOGGER.exception("an event could not be stored")
            except Exception:
                LOGGER.exception("an event was not understood; the next one is taken")
        try:
            self._end_open(self._now_us())
        except StoreError:
            LOGGER.exception("how long the last window lasted could not be stored")

    def _take(self, item: _Item) -> None:
        if isinstance(item, threading.Event):
            item.set()
        elif isinstance(item, _Unseen):
            self._apply(self._heartbeat.lose(item.ts_us))
        elif isinstance(item, _Paused):
            self._end_open(item.ts_us)
        elif isinstance(item, _Pulse):
            self._apply(self._heartbeat.pulse(item.ts_us))
        else:
            self._apply(self._heartbeat.feed(item.event))

    def _end_open(self, ts_us: int) -> None:
        self._apply(self._heartbeat.finish(ts_us))
        self._open.clear()

    def _apply(self, steps: tuple[StartAction | ExtendAction, ...]) -> None:
        for step in steps:
            if isinstance(step, StartAction):
                action = new_action(step.event)
                self._open[step.stream] = self._store.append((action,))
                self._follower.put((action,))
            else:
                opened = self._open.get(step.stream)
                identity = None if opened is None else opened.result().ids[0]
                if identity is not None:
                    self._store.extend(identity, step.duration_us)


def _before(verdict: Passed | Dropped) -> Before:
    """What is in front after an event of the window's sense."""
    if isinstance(verdict, Dropped):
        return HiddenReason.HIDDEN
    event = verdict.event
    return FocusedWindow(event.app, event.title, None) if event.app else HiddenReason.UNKNOWN


def new_action(event: Event) -> NewAction:
    """An event with what it is filed under."""
    labels = label(event)
    return NewAction(event, labels.token, labels.site, labels.project)
