"""What is found worth doing: the stored history to the brain process, its report kept for all who show it."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from app.errors import KnownError
from app.services.learning.brain import Brain
from app.services.learning.forecast import steps_of
from app.services.learning.training import FIRST_TRAINING_ACTIONS, LATEST_STEPS
from app.services.wait_for_commit import wait_for_commit
from app.store.reader import Reader
from app.store.store import Store
from collectors.events import US_PER_DAY
from neural.messages import AppraiseRequest, Progress
from neural.reward import checkpoint
from neural.reward.explaining import report
from neural.reward.explaining.report_values import Chosen, RewardReport
from neural.reward.sessions import Sessions

REPORT: Final = "reward_report"
"""The setting that holds the latest report; it names what was done, so it goes whenever anything is forgotten."""

_COMPARED_US: Final = 62 * US_PER_DAY


class RewardReporter:
    """Has the reward of the last month explained, and keeps the latest report.

    Args:
        store: holds the history and the report.
        brain: does the work in a process of its own.
        now_us: the clock.
    """

    def __init__(self, store: Store, brain: Brain, now_us: Callable[[], int]) -> None:
        self._store = store
        self._brain = brain
        self._now_us = now_us
        self._lock = threading.Lock()
        self._dropped = 0

    def appraise(self, progress: Callable[[Progress], None] = lambda _: None) -> RewardReport:
        """Explain the last month with the weights in use; blocks until the report is kept.

        Raises:
            JobCancelledError: `cancel` was called, or something was forgotten meanwhile; no report is kept.
            BrainError: it failed; the report before it stays.
        """
        dropped = self._dropped
        with self._store.reader() as reader:
            steps = tuple(deque(steps_of(reader, Sessions()), maxlen=LATEST_STEPS))
            active = reader.active_weights()
            chosen = _chosen(reader, self._now_us()) if reader.thinned_days() else ()
        weights = checkpoint.prior_bytes() if active is None else active[1]
        request = AppraiseRequest(0, steps, weights, self._now_us(), chosen)
        text = self._brain.appraise(request, progress)
        made = report.from_json(text)
        kept = json.dumps({"made_us": self._now_us(), "report": json.loads(text)}, ensure_ascii=False)
        with self._lock:
            if dropped != self._dropped:
                raise KnownError(
                    "Something was forgotten meanwhile, so the reward was not explained.",
                    "It is explained again later.",
                )
            wait_for_commit(self._store, self._store.put_setting(REPORT, kept))
        return made

    def due(self) -> bool:
        """Whether it is time to explain again: a day after the last report, or after a training since."""
        with self._store.reader() as reader:
            kept = _kept(reader)
            runs = reader.training_runs(1)
            counts = reader.counts()
        if counts.last_us is None or counts.actions < FIRST_TRAINING_ACTIONS:
            return False
        if kept is None:
            return True
        made_us, made = kept
        trained = bool(runs) and runs[0].started_us > made_us
        return trained or (self._now_us() - made_us >= US_PER_DAY and counts.last_us >= made.until_us)

    def drop(self) -> None:
        """Let go of the report, and of one that is under way: something that it may tell of is forgotten."""
        with self._lock:
            self._dropped += 1
            wait_for_commit(self._store, self._store.put_setting(REPORT, "null"))

    def cancel(self) -> None:
        """Stop an explanation under way."""
        self._brain.cancel(AppraiseRequest)


def _chosen(reader: Reader, now_us: int) -> tuple[Chosen, ...]:
    """The choices that predictions were scored by: those stay whole if clean-up has thinned the actions out."""
    return tuple(Chosen(*row) for row in reader.scored(now_us - _COMPARED_US))


class Settings(Protocol):
    """The part of `app.store.reader.Reader` that the report is read with."""

    def setting(self, name: str) -> str | None:
        """The JSON text that is kept under a name."""
        ...


def latest_report(reader: Settings) -> RewardReport | None:
    """The latest report; None if there is none, or an older version of the program made it."""
    kept = _kept(reader)
    return None if kept is None else kept[1]


def _kept(reader: Settings) -> tuple[int, RewardReport] | None:
    text = reader.setting(REPORT)
    if text is None or text == "null":
        return None
    try:
        raw = json.loads(text)
        return int(raw["made_us"]), report.from_json(json.dumps(raw["report"]))
    except (ValueError, KeyError, TypeError):
        return None  # of another version; it is rebuilt when it is due
