"""Learning: the stored history to the brain process, its weights back into the store, the live model renewed."""

from __future__ import annotations

import dataclasses
import json
from collections import deque
from collections.abc import Callable
from typing import Final

from app.errors import KnownError
from app.services.brain import Brain
from app.services.forecast import Forecaster, steps_of
from app.services.settled import settled
from app.store.records import NewTrainingRun
from app.store.store import Store
from collectors.events import US_PER_DAY
from neural.messages import Progress, TrainReport, TrainRequest
from neural.reward import checkpoint
from neural.reward.sessions import Sessions

LATEST_STEPS: Final = 100_000
"""The past that is learned from; a training holds it in memory, and what lies further back says little of today."""
FIRST_TRAINING_ACTIONS: Final = 500
FEWEST_STEPS: Final = 100
"""Below this there is no tail to judge a model by, and the shipped prior serves better; the brain asks for as many."""


class Learner:
    """Trains the reward net on the stored history.

    Args:
        store: the history, and where the run is recorded.
        forecaster: renewed with the new weights.
        brain: does the work in a process of its own.
        now_us: the clock.
    """

    def __init__(self, store: Store, forecaster: Forecaster, brain: Brain, now_us: Callable[[], int]) -> None:
        self._store = store
        self._forecaster = forecaster
        self._brain = brain
        self._now_us = now_us

    def train(self, progress: Callable[[Progress], None], device: str = "auto", seed: int = 0) -> TrainReport:
        """Train on everything stored; blocks until the new weights are saved and in use.

        Raises:
            KnownError: where there is too little to learn from.
            JobCancelledError: `cancel` was called; the running model stays.
            BrainError: the training failed; the running model stays.
        """
        started_us = self._now_us()
        with self._store.reader() as reader:
            steps = tuple(deque(steps_of(reader, Sessions()), maxlen=LATEST_STEPS))
            active = reader.active_weights()
        if len(steps) < FEWEST_STEPS:
            raise KnownError(
                f"There are {len(steps)} actions so far, too few to learn from; at least {FEWEST_STEPS} are needed.",
                "Import a history, or let it record for a while.",
            )
        start = checkpoint.dump(checkpoint.prior()) if active is None else active[1]
        request = TrainRequest(job_id=0, steps=steps, start_weights=start, device=device, seed=seed)
        trained = self._brain.train(request, progress)
        run = NewTrainingRun(started_us, json.dumps(dataclasses.asdict(trained.report)), trained.weights)
        settled(self._store, self._store.save_training_run(run))
        self._forecaster.rebuild()
        return trained.report

    def due(self) -> bool:
        """Whether it is time to train by itself: a day after the last run, with something new; or a first time.

        A last run that is not in use was retired, because something that it had learned from was forgotten.
        """
        with self._store.reader() as reader:
            runs = reader.training_runs(1)
            counts = reader.counts()
        if not runs or not runs[0].active:
            return counts.actions >= FIRST_TRAINING_ACTIONS
        age_us = self._now_us() - runs[0].started_us
        return age_us >= US_PER_DAY and (counts.last_us or 0) > runs[0].started_us

    def cancel(self) -> None:
        """Stop a training under way."""
        self._brain.cancel(TrainRequest)
