"""Learning from what was stored, in its order, behind everybody who waits for an answer."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from app.services.learning.forecast import Forecaster
from app.store.values.records import NewAction
from neural.reward.actions import Labels

LOGGER = logging.getLogger(__name__)
MOST_WAITING: Final = 10_000
"""An action beyond them is stored like any other, and learned from at the next rebuild of the model."""
FLOOD: Final = 64
"""With so many actions waiting the next ones are known: they are learned from, and not predicted."""
_CALM_S: Final = 0.02
_SHARE: Final = 20
_LONGEST_WAIT_S: Final = 0.4


class ForecastWorker:
    """A thread that tells the forecaster what happened.

    While clients wait for answers it takes a twentieth of the time, so that predicting, which takes far longer than
    storing, does not hold them up.

    Args:
        forecaster: notified of every action.
        busy_at_s: when somebody last waited for an answer, on the monotonic clock.
    """

    def __init__(self, forecaster: Forecaster, busy_at_s: Callable[[], float]) -> None:
        self._forecaster = forecaster
        self._busy_at_s = busy_at_s
        self._waiting: deque[NewAction | threading.Event | None] = deque()
        self._woken = threading.Event()
        self._hurry = threading.Event()
        self._missed = 0
        self._thread = threading.Thread(target=self._run, name="follower")
        self._thread.start()

    def put(self, actions: Sequence[NewAction]) -> None:
        """Learn from actions that are stored or about to be; never blocks."""
        if len(self._waiting) >= MOST_WAITING:
            self._missed += len(actions)
            return
        self._waiting.extend(actions)
        self._woken.set()

    def flush(self) -> None:
        """Wait until everything put so far is learned from."""
        done = threading.Event()
        self._hurry.set()
        self._waiting.append(done)
        self._woken.set()
        done.wait()
        self._hurry.clear()

    def close(self, within_s: float | None = None) -> bool:
        """Learn from what waits and stop; whether that is done after `within_s`. It may be called again."""
        if self._thread.is_alive():
            self._hurry.set()
            self._waiting.append(None)
            self._woken.set()
            self._thread.join(within_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (item := self._next()) is not None:
            if isinstance(item, threading.Event):
                item.set()
                continue
            start_s = time.monotonic()
            try:
                labels = Labels(item.token, item.site, item.project)
                self._forecaster.observe(item.event, labels, predict=len(self._waiting) < FLOOD)
            except Exception:
                LOGGER.exception("an action was not understood; the next one is taken")
            self._say_missed()
            now_s = time.monotonic()
            if now_s - self._busy_at_s() < _CALM_S:
                self._hurry.wait(min((_SHARE - 1) * (now_s - start_s), _LONGEST_WAIT_S))

    def _next(self) -> NewAction | threading.Event | None:
        while not self._waiting:
            self._woken.wait()
            self._woken.clear()  # before looking again, so that what comes now is either seen or wakes once more
        return self._waiting.popleft()

    def _say_missed(self) -> None:
        if self._missed and not self._waiting:
            LOGGER.warning("%d actions came faster than they can be learned from; the next rebuild does", self._missed)
            self._missed = 0
