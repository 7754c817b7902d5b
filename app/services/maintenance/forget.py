"""Forgetting in a running program: the file, and everything in memory that was drawn from it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from app.errors import DamagedError, StoreError
from app.services.ingest.pipeline import IngestPipeline
from app.services.learning.forecast import Forecaster
from app.services.learning.reward_report import RewardReporter
from app.services.learning.training import Learner
from app.services.maintenance.housekeeping import Hygiene
from app.services.wait_for_commit import wait_for_commit
from app.store.forgetting.plan import Plan
from app.store.forgetting.task import RebuiltError
from app.store.store import Store
from app.store.values.forget_request import Forget, Receipt, Unfinished

_ROUNDS: Final = 3
_TURN_S: Final = 0.000_5


class Forgetter:
    """Forgets what the user names, once and for all.

    Args:
        store: what is to forget.
        observer: is asked to store what it holds, so that it is forgotten as well.
        forecaster: predicts nothing meanwhile, and is rebuilt afterwards (see `set_rebuild_hook`).
        hygiene: finds the sessions again.
        learner: its training is stopped, because it learns from what is being forgotten.
        appraiser: its report goes, because it tells of what is being forgotten.
        now_us: the clock.
    """

    def __init__(
        self,
        store: Store,
        *,
        observer: IngestPipeline,
        forecaster: Forecaster,
        hygiene: Hygiene,
        learner: Learner,
        appraiser: RewardReporter,
        now_us: Callable[[], int],
    ) -> None:
        self._store = store
        self._observer = observer
        self._forecaster = forecaster
        self._hygiene = hygiene
        self._learner = learner
        self._appraiser = appraiser
        self._now_us = now_us
        self._one = threading.Lock()
        self._planning = threading.Lock()
        self._listeners: list[Callable[[Receipt], None]] = []
        self._know_again: Callable[[], object] = forecaster.rebuild

    def set_rebuild_hook(self, know_again: Callable[[], object]) -> None:
        """Have the model rebuilt by somebody else, so that nobody waits for that; it predicts nothing until then.

        Args:
            know_again: called in the thread that forgot, once the rest is done.
        """
        self._know_again = know_again

    def on_forgotten(self, listener: Callable[[Receipt], None]) -> None:
        """Call `listener` after every forgetting, in the thread that did it."""
        self._listeners.append(listener)

    def preview(self, request: Forget) -> Receipt:
        """What `forget` would do, exactly; nothing is changed. It waits only for another plan."""
        self._observer.flush()
        return self._plan(request).receipt

    def forget(self, request: Forget) -> Receipt:
        """Forget; returns when it has left file and backups. It cannot be stopped: the next start would go on with it.

        Raises:
            StoreError: if the store cannot be written now (a full disk, say); it is gone on with at the next start.
        """
        with self._one:
            self._go_on()
            self._observer.flush()
            return self._carry_out(
                wait_for_commit(self._store, self._store.write_down_forgetting(request, self._now_us()))
            )

    def resume_unfinished(self) -> Receipt | None:
        """Go on with a forgetting that an earlier process did not bring to its end; None if there is none."""
        with self._one:
            return self._go_on()

    def _go_on(self) -> Receipt | None:
        begun = self._unfinished()
        return None if begun is None else self._carry_out(begun)

    def _unfinished(self) -> Unfinished | None:
        with self._store.reader() as reader:
            return reader.unfinished_forgetting()

    def _plan(self, request: Forget, up_to_id: int | None = None) -> Plan:
        # One plan at a time: `_shorter_turns` changes a setting of the whole process, and puts back what it found.
        with self._planning, self._store.reader() as reader, _shorter_turns():
            return reader.plan_to_forget(request, up_to_id)

    def _carry_out(self, begun: Unfinished) -> Receipt:
        """Forget, and renew the copies; all of it once more if a repair meanwhile brought back what was gone."""
        self._learner.cancel()
        self._appraiser.cancel()
        self._forecaster.suspend()
        for _ in range(_ROUNDS):
            repaired = self._store.repaired
            try:
                receipt = self._leave_file(begun)
                self._appraiser.drop()
                self._hygiene.rebuild_sessions()
                self._renew_copies()
                ended = wait_for_commit(self._store, self._store.end_forgetting())
                if ended:
                    self._know_again()
            except (RebuiltError, DamagedError):
                self._store.wait_for_repair()
                if self._store.repaired is repaired:
                    raise
                ended = False
            if ended and self._store.repaired is repaired:
                for listener in self._listeners:
                    listener(receipt)
                return receipt
            begun = self._unfinished() or self._written_down(begun)
        raise StoreError(
            f"The store was damaged {_ROUNDS} times while it forgot; it may still hold what it was to forget.",
            "Look at the disk (kryptic doctor, kryptic verify). It is gone on with at the next start.",
        )

    def _leave_file(self, begun: Unfinished) -> Receipt:
        if begun.request is None:
            assert begun.receipt is not None
            return begun.receipt
        plan = self._plan(begun.request, begun.up_to_id)
        return wait_for_commit(self._store, self._store.forget(plan, begun.asked_us))

    def _written_down(self, begun: Unfinished) -> Unfinished:
        """Once more, if even the journal that a repair went through had lost it."""
        if begun.request is None:
            return begun
        return wait_for_commit(self._store, self._store.write_down_forgetting(begun.request, begun.asked_us))

    def _renew_copies(self) -> None:
        """A backup of the store as it is now takes the place of all others, and of the journal."""
        try:
            self._store.backup(fresh=True)
        except DamagedError:
            raise
        except StoreError as error:
            raise StoreError(
                f"It has left the store, but older backups and the journal still hold it: {error.message}",
                f"{error.remedy} It is gone on with at the next start.",
            ) from error


@contextmanager
def _shorter_turns() -> Iterator[None]:
    """Let threads take turns more often: the writer waits for its turn several times for each commit."""
    before_s = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before_s)
