"""One run of a sense on a thread of its own, so that one that hangs can be let go of.

A thread cannot be ended from outside. One that hangs is muted instead, asked to stop, and left behind: whatever it
still emits goes nowhere, and it ends by itself should it ever look at its stop again.
"""

from __future__ import annotations

import logging
import select
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from collectors.catalog import CollectorSpec
from collectors.collector import CollectorError, DeclinedError, Emit, Stop, Unavailable
from collectors.events import Event

_LOG: Final = logging.getLogger(__name__)
_STOP_WITHIN_S: Final = 0.8
_LOOKS: Final = 4
BUG: Final = Unavailable(
    "This source failed through a fault of the program; what it had recorded is kept.",
    "Please report it with the log file, which has the details.",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended.

    Attributes:
        trouble: what went wrong; None when it was stopped.
        ran: whether it got as far as running.
        hangs: whether its thread had to be left behind.
        declined: whether the user did not want it.
    """

    trouble: Unavailable | None
    ran: bool
    hangs: bool = False
    declined: bool = False


class Attempt:
    """One run; used once.

    Args:
        sense: what to run, by a fresh collector.
        emit: takes the events.
        running: called, on the run's own thread, that it got as far as running.
    """

    def __init__(self, sense: CollectorSpec, emit: Emit, running: Callable[[], None]) -> None:
        self._sense = sense
        self._sink = emit
        self._running = running
        self._stop, self._ended = Stop(), Stop()
        self._lock = threading.Lock()
        self._emitting = False
        self._let_go = False
        self._ran = False
        self._trouble: Unavailable | None = None
        self._declined = False
        self._thread = threading.Thread(target=self._run, name=f"sense-{sense.name}", daemon=True)

    @property
    def is_alive(self) -> bool:
        """Whether its thread is still there."""
        return self._thread.is_alive()

    def run(self, stop: Stop, patience_s: float) -> Outcome:
        """Run until `stop` is set, it ends, or it hangs.

        Args:
            stop: ends it.
            patience_s: it hangs when it neither waits, nor emits, nor looks at its stop for so long.
        """
        self._thread.start()
        looks = still = 0
        while True:
            ready = select.select([stop, self._ended], [], [], patience_s / _LOOKS)[0]
            if self._ended in ready:
                return self._outcome(stop)
            if ready:
                self._stop.set()
                if self._ended.wait(_STOP_WITHIN_S):
                    return self._outcome(stop)
                _LOG.error("the collector %r did not stop within a second; it is left behind", self._sense.name)
                return self._leave(None, stop)
            if self._stop.looks != looks or self._shows_life():
                looks, still = self._stop.looks, 0
                continue
            still += 1  # counted, not timed: a machine that stands still for a while makes nobody hang
            if still >= _LOOKS:
                _LOG.error("the collector %r hangs at %s; it is left behind", self._sense.name, self._place())
                return self._leave(_hung(patience_s), stop)

    def _shows_life(self) -> bool:
        if self._emitting:
            return True  # whoever takes its events is slow, or waits for room on the disk
        frame = sys._current_frames().get(self._thread.ident or 0)  # noqa: SLF001 - the public way to ask for a thread's frame
        return frame is None or self._stop.is_waited_on(frame)

    def _place(self) -> str:
        frame = sys._current_frames().get(self._thread.ident or 0)  # noqa: SLF001 - as above
        return "an unknown place" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"

    def _outcome(self, stop: Stop) -> Outcome:
        self._close()  # not joined: that would have Python keep a name for this thread, which is none of its own
        if self._trouble is None and not stop.is_set():
            _LOG.error("the collector %r ended without having been asked to", self._sense.name)
            return Outcome(BUG, self._ran)
        return Outcome(self._trouble, self._ran, declined=self._declined)

    def _leave(self, trouble: Unavailable | None, stop: Stop) -> Outcome:
        self._stop.set()
        with self._lock:
            self._let_go = True
            ended = self._ended.is_set()
        if ended:  # at the last moment
            return self._outcome(stop)
        return Outcome(trouble, ran=True, hangs=True)

    def _close(self) -> None:
        self._stop.close()
        self._ended.close()

    def _emit(self, event: Event) -> None:
        if self._let_go:
            return
        self._emitting = True
        try:
            self._sink(event)
        finally:
            self._emitting = False

    def _run(self) -> None:
        try:
            self._trouble = self._work()
        except CollectorError as error:
            self._trouble, self._declined = error.unavailable, isinstance(error, DeclinedError)
        except Exception:  # noqa: BLE001 - the border of a sense: a bug in one is logged whole and ends no other
            _LOG.exception("the collector %r broke", self._sense.name)
            self._trouble, self._ran = BUG, True
        with self._lock:
            self._ended.set()
            left_behind = self._let_go
        if left_behind:
            self._close()

    def _work(self) -> Unavailable | None:
        collector = self._sense.make()
        unavailable = collector.check()
        if unavailable is not None:
            return unavailable
        self._ran = True
        if not self._let_go:
            self._running()
        collector.run(self._emit, self._stop)
        return None


def _hung(patience_s: float) -> Unavailable:
    return Unavailable(
        f"This source hung for {patience_s:g} s and was left behind; what it had recorded is kept.",
        "It is started again by itself. If that comes again and again, please report it with the log file.",
    )
