"""Learning: the stored history to the brain process, its weights back into the store, the live model renewed."""

from __future__ import annotations

import dataclasses
import json
from bisect import bisect_right
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from app.errors import KnownError
from app.services.learning.brain import Brain
from app.services.learning.forecast import REPLAYED_STEPS, Forecaster, steps_of
from app.services.learning.moment_index import Moments
from app.services.wait_for_commit import wait_for_commit
from app.store.reader import Reader
from app.store.store import Store
from app.store.values.records import NewTrainingRun, TrainingRunRow
from collectors.events import US_PER_DAY
from neural.messages import EncodeRequest, Progress, TrainRequest
from neural.reward import checkpoint
from neural.reward.sessions import Sessions
from neural.reward.training.promotion import regret
from neural.reward.training.train_report import TrainReport

LATEST_STEPS: Final = 100_000
"""The past that is learned from; a training holds it in memory, and what lies further back says little of today."""
FIRST_TRAINING_ACTIONS: Final = 500
WHOLE_EVERY_US: Final = 7 * US_PER_DAY
RUNS_LOOKED_AT: Final = 100
FEWEST_STEPS: Final = 100
"""Below this there is no tail to judge a model by, and the shipped prior serves better; the brain asks for as many."""


class Learner:
    """Trains the reward net on the stored history.

    Args:
        store: holds the history and the record of runs.
        forecaster: renewed with the new weights.
        brain: does the work in a process of its own.
        now_us: the clock.
        moments: learned from as well, by each whole training.
    """

    def __init__(
        self,
        store: Store,
        forecaster: Forecaster,
        brain: Brain,
        now_us: Callable[[], int],
        moments: Moments | None = None,
    ) -> None:
        self._store = store
        self._forecaster = forecaster
        self._brain = brain
        self._now_us = now_us
        self._moments = moments

    def train(
        self, progress: Callable[[Progress], None], device: str = "auto", seed: int = 0, *, quick: bool = False
    ) -> TrainReport:
        """Train on everything stored; blocks until the run is saved, and its weights are in use if they are better.

        Args:
            progress: called with how far it is.
            device: "auto", "cpu" or "cuda".
            seed: of every random choice.
            quick: go on from the weights in use with one pass over the latest days; if there are none, train whole.

        Raises:
            KnownError: if there is too little to learn from.
            JobCancelledError: `cancel` was called; the running model stays.
            BrainError: the training failed; the running model stays.
        """
        started_us = self._now_us()
        with self._store.reader() as reader:
            steps = tuple(deque(steps_of(reader, Sessions()), maxlen=LATEST_STEPS))
            active = reader.active_weights()
            known_until_us = _known_until_us(reader, active)
        if len(steps) < FEWEST_STEPS:
            raise KnownError(
                f"There are {len(steps)} actions so far, too few to learn from; at least {FEWEST_STEPS} are needed.",
                "Import a history, or let it record for a while.",
            )
        prior = checkpoint.dump(checkpoint.prior())
        running = prior if active is None else active[1]
        request = TrainRequest(
            job_id=0,
            steps=steps,
            start_weights=running if quick else prior,
            device=device,
            seed=seed,
            quick=quick and active is not None,
            running_weights=running,
            running_until_us=known_until_us,
        )
        trained = self._brain.train(request, progress)
        promoted = trained.report.promoted
        run = NewTrainingRun(
            started_us,
            json.dumps(dataclasses.asdict(trained.report)),
            trained.weights if promoted else b"",
            active=promoted,
        )
        wait_for_commit(self._store, self._store.save_training_run(run))
        if promoted:
            self._forecaster.rebuild()
        if self._moments is not None and not request.quick:
            self._moments.learn(progress)
        return trained.report

    def due(self) -> bool:
        """Whether it is time to train by itself: a day after the last run, with something new; or a first time.

        A last run that is not in use though it was the better one was retired, because something that it had learned
        from was forgotten.
        """
        with self._store.reader() as reader:
            runs = reader.training_runs(1)
            counts = reader.counts()
        if not runs or (not runs[0].active and _report(runs[0]).get("promoted", True)):
            return counts.actions >= FIRST_TRAINING_ACTIONS
        age_us = self._now_us() - runs[0].started_us
        return age_us >= US_PER_DAY and (counts.last_us or 0) > runs[0].started_us

    def review(self) -> bool:
        """Go back to the weights before, if those in use predicted worse than they would have.

        Both are asked again about everything that was done since the weights in use were made (see
        `neural.reward.training.promotion.regret`); takes seconds.

        Returns:
            Whether the weights were changed back.
        """
        with self._store.reader() as reader:
            active = reader.active_weights()
            if active is None:
                return False
            until_us = _known_until_us(reader, active)
            before = reader.weights_before(active[0])
            steps = tuple(deque(steps_of(reader, Sessions()), maxlen=REPLAYED_STEPS))
        since = bisect_right(steps, until_us or 0, key=lambda step: step.ts_us or 0)
        other = checkpoint.prior() if before is None else checkpoint.load(before[1])
        found = regret(steps, since, checkpoint.load(active[1]), other)
        if not found.is_certain:
            return False
        wait_for_commit(self._store, self._store.use_training_run(None if before is None else before[0]))
        what = f"training run {active[0]} predicted {found.nats:.3f} nats an action worse than the weights before it"
        wait_for_commit(self._store, self._store.audit(self._now_us(), f"{what}; those are in use again"))
        self._forecaster.rebuild()
        return True

    def quick_will_do(self) -> bool:
        """Whether the next training by itself may be a quick one: the last whole one is less than a week ago."""
        with self._store.reader() as reader:
            runs = reader.training_runs(RUNS_LOOKED_AT)
        since_us = self._now_us() - WHOLE_EVERY_US
        return any(run.started_us > since_us and not _report(run).get("quick", False) for run in runs)

    def cancel(self) -> None:
        """Stop a training under way."""
        for kind in (TrainRequest, EncodeRequest):
            self._brain.cancel(kind)


def _report(run: TrainingRunRow) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(run.report_json)
    return report


def _known_until_us(reader: Reader, active: tuple[int, bytes] | None) -> int | None:
    """Up to when the weights in use have learned from this person; None if they are the shipped ones."""
    if active is None:
        return None
    for run in reader.training_runs(RUNS_LOOKED_AT):
        if run.id == active[0]:
            until_us: int | None = _report(run).get("last_ts_us")
            return run.started_us if until_us is None else until_us
    return None
