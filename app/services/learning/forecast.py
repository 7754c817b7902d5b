"""The live model: observes each action, scores what was predicted for it, predicts the next one.

Every prediction is saved before the truth is known and scored after (prequential evaluation, Dawid 1984), next to the
baselines on the same actions.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from itertools import count, takewhile
from typing import Final

from app.errors import StoreError
from app.services.status import ActionForecast
from app.store.reader import Reader
from app.store.store import Store
from app.store.values.records import NewPrediction, PredictionScore
from collectors.events import US_PER_S, Event
from neural.reward import checkpoint
from neural.reward.actions import Labels, Step, kind_of, step_of
from neural.reward.explaining.explanation import Explanation
from neural.reward.predictor import Forecast, Predictor
from neural.reward.scoring import Baselines
from neural.reward.sessions import Sessions

LOGGER = logging.getLogger(__name__)
SAVED_CANDIDATES: Final = 10
_EXPLAIN_WITHIN_S: Final = 1.0
REPLAYED_STEPS: Final = 20_000
"""How much of the past the live statistics are rebuilt from; their slowest decay has forgotten what lies before."""
MISSED: Final = 1_000
"""How many live events a rebuild under way takes in at its end; they may be stored after it has read."""
LATE_US: Final = 600 * US_PER_S
"""An event so much older than the newest is no live action: it is stored, and learned from at the next rebuild."""


class Forecaster:
    """Holds the predictor; every method may be called from any thread.

    Args:
        store: keeps and scores predictions, and holds the past.
        now_us: the clock.
    """

    def __init__(self, store: Store, now_us: Callable[[], int]) -> None:
        self._store = store
        self._now_us = now_us
        self._lock = threading.RLock()
        self._run: int | None = None
        self._sessions = Sessions()
        self._baselines = Baselines()
        self._predictor = Predictor(checkpoint.prior())
        self._last: Step | None = None
        self._pending: tuple[Future[int], Forecast] | None = None
        self._forecast: Forecast | None = None
        self._held = False
        self._missing: list[deque[tuple[Event, Labels]]] = []
        self._turns = count()
        self._turn = next(self._turns)

    @property
    def suspended(self) -> bool:
        """Whether nothing is predicted until the next rebuild."""
        return self._held

    @property
    def weights_run(self) -> int | None:
        """The training run whose weights are in use; None for the shipped prior."""
        return self._run

    def rebuild(self) -> int:
        """Load the active weights (the shipped prior if there are none) and replay the recent past.

        Returns:
            The number of steps replayed; 0 also if it was broken off, because of `suspend` or `cancel_rebuild`.

        Raises:
            CheckpointError: if the stored weights cannot be used; the model that ran before still runs.
        """
        missed: deque[tuple[Event, Labels]] = deque(maxlen=MISSED)
        with self._lock:
            turn = self._turn
            self._missing.append(missed)
        try:
            return self._rebuild(turn, missed)
        finally:
            with self._lock:
                self._missing = [each for each in self._missing if each is not missed]

    def _rebuild(self, turn: int, missed: deque[tuple[Event, Labels]]) -> int:
        sessions = Sessions()
        with self._store.reader() as reader:
            active = reader.active_weights()
            predictor = Predictor(checkpoint.prior() if active is None else checkpoint.load(active[1]))
            every = takewhile(lambda _: self._turn == turn, steps_of(reader, sessions))
            steps = deque(every, maxlen=REPLAYED_STEPS)
        baselines = Baselines()
        for step in steps:
            if self._turn != turn:
                break
            if predictor.observe(step):
                baselines.update(step.action)
        with self._lock:
            if self._turn != turn:
                return 0
            self._predictor, self._baselines, self._sessions = predictor, baselines, sessions
            self._run = None if active is None else active[0]
            self._last = steps[-1] if steps else None
            self._pending = None
            self._held = False
            known_us = None if self._last is None else self._last.ts_us
            for event, labels in missed:
                if known_us is None or event.ts_us > known_us:
                    self._learn(event, labels)
            known = self._last is not None
            self._forecast = predictor.forecast(SAVED_CANDIDATES, self._now_us()) if known else None
        return len(steps)

    def suspend(self) -> None:
        """Predict nothing until the next rebuild, which knows nothing any more of what is being forgotten."""
        with self._lock:
            self._turn = next(self._turns)  # a rebuild under way has read what is to be forgotten
            self._held = True
            self._pending = None
            self._forecast = None

    def cancel_rebuild(self) -> None:
        """End a rebuild that is under way without a result: nobody will ask any more."""
        self._turn = next(self._turns)  # without the lock: see `forecasts`

    def observe(self, event: Event, labels: Labels, *, predict: bool = True) -> None:
        """Take the next live event: score the prediction that waits for it, learn from it, and predict again.

        Args:
            event: in time order; one that is too late is left to the next rebuild.
            labels: what it is filed under.
            predict: whether to predict what follows; needless if what follows is known already.
        """
        with self._lock:
            for missed in self._missing:
                missed.append((event, labels))
            if self._held:
                return
            step = self._learn(event, labels)
            if step is not None and predict:
                self._forecast = self._predictor.forecast(SAVED_CANDIDATES, event.ts_us)
                self._save(step, event.ts_us)

    def _learn(self, event: Event, labels: Labels) -> Step | None:
        """Score by an event what was predicted for it, and learn from it: its step, if that is a new action."""
        step = step_of(event, labels, self._sessions.session_of(event))
        if step is None or _is_late(self._last, step):
            return None
        if not self._predictor.is_action(step):
            self._predictor.observe(step)
            return None
        self._score(step, event.ts_us)
        self._predictor.observe(step)
        self._baselines.update(step.action)
        self._last = step
        return step

    def forecasts(self) -> tuple[ActionForecast, ...]:
        """The most likely next actions, most likely first; empty before anything was seen."""
        forecast = self._forecast  # without the lock: it may be held by one who waits for room on the disk
        if forecast is None:
            return ()
        return tuple(
            ActionForecast(candidate.action, candidate.probability, candidate.reward, candidate.because)
            for candidate in forecast.candidates
        )

    def explanation(self) -> Explanation | None:
        """Why the first of `forecasts` is the first, made for the one who asks; None if there is no choice.

        Also None if the model is held for longer by one who waits for room on the disk.
        """
        if not self._lock.acquire(timeout=_EXPLAIN_WITHIN_S):
            return None
        try:
            return None if self._forecast is None else self._predictor.explain()
        finally:
            self._lock.release()

    def _save(self, step: Step, ts_us: int) -> None:
        assert self._forecast is not None
        ranked = tuple((c.action, c.probability, c.reward) for c in self._forecast.candidates)
        saved = self._store.save_prediction(NewPrediction(ts_us, step.action, ranked, self._run))
        self._pending = (saved, self._forecast)

    def _score(self, step: Step, ts_us: int) -> None:
        if self._pending is None:
            return
        saved, forecast = self._pending
        self._pending = None
        names = [candidate.action for candidate in forecast.candidates]
        rank = names.index(step.action) + 1 if step.action in names else 0
        probability = forecast.candidates[rank - 1].probability if rank else 0.0
        try:
            identity = saved.result()
        except StoreError:
            LOGGER.warning("a prediction could not be saved, so it is not scored")
            return
        ranks = self._baselines.ranks(step.action, banned=_lasting(self._last))
        self._store.score_prediction(PredictionScore(identity, step.action, ts_us, rank, probability, ranks))


def steps_of(reader: Reader, sessions: Sessions) -> Iterator[Step]:
    """A person's steps in time order from the stored actions.

    Args:
        reader: an open reader of the store.
        sessions: numbers the sessions; afterwards it stands at the end of the history.
    """
    for row in reader.labelled():
        session = sessions.session_of(row.event)
        step = step_of(row.event, Labels(row.token, row.site, row.project), session)
        if step is not None:
            yield step


def _lasting(last: Step | None) -> str | None:
    """The application that has the focus cannot be the next one to get it."""
    return last.action if last is not None and kind_of(last.action) == "app" else None


def _is_late(last: Step | None, step: Step) -> bool:
    if last is None or last.ts_us is None or step.ts_us is None:
        return False
    return step.ts_us < last.ts_us - LATE_US
