"""Everything a store can be asked to do with what is in it; each answer is a Future, resolved after the commit."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Final

from app.errors import StoreError
from app.store.forgetting import task
from app.store.forgetting.plan import Plan
from app.store.integrity.full_check import VerifyReport
from app.store.integrity.rebuild import rebuild_task
from app.store.retention import thinning
from app.store.rows.moments import DueSlots, KeepMoments, UseEncoder
from app.store.values import commands
from app.store.values.forget_request import Forget, Receipt, Unfinished
from app.store.values.records import (
    Appended,
    ChatMessage,
    CleanupReport,
    KeptSum,
    NewAction,
    NewPrediction,
    NewTrainingRun,
    PredictionScore,
    SessionRecord,
    ThinnedDay,
)
from app.store.writer.writer import Writer
from collectors.events import US_PER_DAY

MAX_KEEP_DAYS: Final = 36_500


class StoreOperations:
    """What is handed to the writer: commands, and work in slices. `app.store.store.Store` opens and closes it."""

    _writer: Writer

    def append(self, actions: Sequence[NewAction]) -> Future[Appended]:
        """Store actions, all or none; one whose origin key is there already is passed over (id None).

        Raises:
            StoreError: if the store is closed or its queue stayed full; nothing was taken.
        """
        return self._writer.submit(commands.Append(tuple(actions)))

    def keep(self, actions: Sequence[NewAction]) -> None:
        """Store actions, as `append` does; returns as soon as the journal has them on the disk.

        The file follows within a tenth of a second, and before anything that is read from now on.

        Raises:
            UnstorableError: if one of them cannot be stored at all; none was taken.
            StoreError: if the store is closed, or the journal cannot be written now; what it still holds in memory
                it goes on trying to write.
        """
        self._writer.keep(commands.Append(tuple(actions)))

    def extend(self, action_id: int, duration_us: int) -> Future[None]:
        """Set how long an action has lasted in all; the sums follow."""
        return self._writer.submit(commands.Extend(action_id, duration_us))

    def save_prediction(self, prediction: NewPrediction) -> Future[int]:
        """Store a prediction before the truth is known; answered with its id."""
        return self._writer.submit(commands.SavePrediction(prediction))

    def score_prediction(self, score: PredictionScore) -> Future[None]:
        """Store what happened after a prediction."""
        return self._writer.submit(commands.ScorePrediction(score))

    def save_training_run(self, run: NewTrainingRun) -> Future[int]:
        """Store a training run and make its weights the active ones; answered with its id."""
        return self._writer.submit(commands.SaveTrainingRun(run))

    def use_training_run(self, run_id: int | None) -> Future[None]:
        """Go back to the weights of an earlier training run, or (None) the shipped ones; those in use are dropped."""
        return self._writer.submit(commands.UseTrainingRun(run_id))

    def put_setting(self, name: str, json_text: str) -> Future[None]:
        """Store a setting in place of what was there."""
        return self._writer.submit(commands.PutSetting(name, json_text))

    def new_chat(self, ts_us: int) -> Future[int]:
        """Begin a conversation; answered with its id."""
        return self._writer.submit(commands.NewChat(ts_us))

    def add_chat_message(self, message: ChatMessage) -> Future[int]:
        """Store one turn of a conversation; answered with its id."""
        return self._writer.submit(commands.AddChatMessage(message))

    def replace_sessions(self, lo_us: int, hi_us: int, sessions: Sequence[SessionRecord]) -> Future[None]:
        """Store the sessions that begin in [lo_us, hi_us) in place of those that are there.

        Args:
            lo_us: inclusive, microseconds since the epoch.
            hi_us: exclusive, microseconds since the epoch.
            sessions: that begin in the range.
        """
        return self._writer.submit(commands.ReplaceSessions(lo_us, hi_us, tuple(sessions)))

    def bring_back(self, days: tuple[ThinnedDay, ...], sums: tuple[KeptSum, ...]) -> Future[None]:
        """Take in what an export tells of thinned days (`app.store.retention.import_aggregates`)."""
        return self._writer.submit(commands.BringBack(days, sums))

    def audit(self, ts_us: int, what: str) -> Future[None]:
        """Note that something was done with the store."""
        return self._writer.submit(commands.Audit(ts_us, what))

    def cleanup(
        self, keep_days: int, now_us: int, dry_run: bool, seed: int = 0, stop: threading.Event | None = None
    ) -> Future[CleanupReport]:
        """Thin actions older than `keep_days` days to 1 % of each local day (`app.store.retention.thinning`).

        Set `stop` to end it after the slice under way: what went is gone, and the next run goes on.

        Args:
            keep_days: how many days stay whole.
            now_us: microseconds since the epoch.
            dry_run: count alone, and change nothing.
            seed: of the draw of what stays.
            stop: ends it after the current slice, once it is set.

        Raises:
            StoreError: if `keep_days` is out of range or the store is closed.
        """
        if not 0 <= keep_days <= min(MAX_KEEP_DAYS, now_us // US_PER_DAY):
            raise StoreError(
                f"{keep_days} days cannot be kept whole; nothing was removed.",
                f"Give a number from 0 to {MAX_KEEP_DAYS}.",
            )
        return self._writer.work(thinning.begin(keep_days, now_us, dry_run=dry_run, seed=seed), stop)

    def mend(self, report: VerifyReport) -> Future[tuple[str, ...]]:
        """Mend what `Reader.verify` reported, as far as the file itself can; answers what was done."""
        return self._writer.work(rebuild_task(report))

    def write_down_forgetting(self, request: Forget, asked_us: int) -> Future[Unfinished]:
        """Write down what is to be forgotten, before anything of it goes; see `app.store.forgetting.task`."""
        return self._writer.submit(commands.BeginForgetting(request, asked_us))

    def forget(self, plan: Plan, asked_us: int) -> Future[Receipt]:
        """Forget what a plan (see `Reader.plan_to_forget`) lists, in slices; begun by `write_down_forgetting`.

        The answer is a `RebuiltError` if a repair came between: all of it is to be planned and forgotten again.
        """
        return self._writer.work(task.ForgetTask(plan, asked_us))

    def end_forgetting(self) -> Future[bool]:
        """Take away the record of a forgetting, once the copies of the file are renewed; see `EndForgetting`."""
        return self._writer.work(task.EndForgetting())

    def keep_moments(self, due: DueSlots, placed: Sequence[tuple[int, bytes]]) -> Future[bool]:
        """Keep moments (start_us, vector) of the slots that were due; whether that was still right."""
        return self._writer.work(KeepMoments(due, tuple(placed)))

    def use_encoder(self, started_us: int, report_json: str, weights: bytes) -> Future[bool]:
        """Place moments by another encoder from now on; see `app.store.rows.moments.UseEncoder`.

        Args:
            started_us: of the training; 0 for the untrained encoder.
            report_json: of the training.
            weights: of the encoder.
        """
        return self._writer.work(UseEncoder(started_us, report_json, weights))
