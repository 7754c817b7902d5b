"""Forgetting: deletes the requested data from every table and index, in slices between other commands.

The request is recorded before anything goes (`commands.BeginForgetting`), in the file and in the journal. After a crash
the next opening finds the record and goes on (`unfinished`). A fresh backup replaces all older copies at the end. Until
then a repair or a restore brings the forgotten data back. But the journal that it replays brings back the record too,
as one with nothing done yet, and so the data is forgotten again. The journal goes with the older copies, and the record
goes with the journal. Then nothing names the forgotten data any more.

A range may cut an hour of a thinned day. Then nothing shows which part of the sum lies in the range. So that sum goes
whole and is recounted from the actions that are left. Sums of other hours lose exactly the contribution of the
forgotten actions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum, auto
from itertools import islice
from typing import ClassVar, Final

from app.errors import StoreError
from app.store.forgetting import statements
from app.store.forgetting.plan import Plan
from app.store.retention.thinning import delete_actions
from app.store.rows.aggregates import HOURS_PER_DAY, roll_up
from app.store.rows.interning import Interner
from app.store.sqlite.connection import BUSY_TIMEOUT_MS, Connection
from app.store.values.forget_request import Receipt

_ACTIONS: Final = 50
_ROWS: Final = 100
_NAMES: Final = 500
_PAGES: Final = 100
_BUSY_PAUSE_S: Final = 0.1
_TRIES: Final = 100


class RebuiltError(StoreError):
    """A backup replaced the file meanwhile: the deleted rows are back, and must be found again."""


@dataclass(frozen=True, slots=True)
class EndForgetting:
    """Delete the record of a forgetting, once all copies of the file are renewed.

    Reports whether that is the end: a file that was replaced meanwhile must forget everything again.
    """

    report: bool | None = None
    pause_s: float = 0.0
    outside_transaction: bool = False

    def step(self, connection: Connection, _interner: Interner) -> EndForgetting:
        """Delete the record in one step."""
        connection.execute("DELETE FROM forgetting WHERE request_json IS NULL")
        (left,) = connection.execute("SELECT count(*) FROM forgetting").fetchone()
        return replace(self, report=not left)

    def abort_report(self) -> None:
        """Return None: it goes on."""


class _Phase(IntEnum):
    """The phases in order: rows that later phases search go last."""

    BEGIN = auto()
    ACTIONS = auto()
    SUMS = auto()
    PREDICTIONS = auto()
    REST = auto()
    NAMES = auto()
    SHRINK = auto()
    EMPTY_LOG = auto()


@dataclass(frozen=True, slots=True)
class ForgetTask:
    """Carries out a plan slice by slice, and reports the receipt.

    Attributes:
        plan: what goes.
        asked_us: when the user asked.
        phase: the current phase.
        at: the progress within the phase: the last action, or the index of the last row.
        report: the receipt, once all is done.
        pause_s: how long to wait before the next step.
    """

    plan: Plan
    asked_us: int
    phase: _Phase = _Phase.BEGIN
    at: int = -1
    report: Receipt | None = None
    pause_s: float = 0.0

    @property
    def outside_transaction(self) -> bool:
        """Whether the next step runs outside of a transaction, as switching key checks and emptying the log require."""
        return self.phase in (_Phase.NAMES, _Phase.EMPTY_LOG)

    def abort_report(self) -> None:
        """Return None: it goes on, because half forgotten is not forgotten."""

    def step(self, connection: Connection, interner: Interner) -> ForgetTask:
        """Do one slice.

        Raises:
            RebuiltError: if the plan does not fit the file any more.
        """
        if self.phase > _Phase.BEGIN:
            row = connection.execute("SELECT receipt_json FROM forgetting").fetchone()
            if row is None or row[0] is None:  # `_begin` wrote it
                raise RebuiltError(
                    "The store was replaced by a backup while it forgot.", "The next start forgets it again."
                )
        return self._STEPS[self.phase](self, connection, interner)

    def _next(self) -> ForgetTask:
        return replace(self, phase=_Phase(self.phase + 1), at=-1)

    def _begin(self, connection: Connection, _: Interner) -> ForgetTask:
        """Record the counts, and the names that only the forgotten may use."""
        receipt = replace(self.plan.receipt, dry_run=False)
        connection.execute("UPDATE forgetting SET receipt_json = coalesce(receipt_json, ?)", (receipt.to_json(),))
        block = sorted(self.plan.names_of_forgotten)[self.at + 1 : self.at + 1 + _NAMES]
        connection.executemany("INSERT OR IGNORE INTO forgotten_names VALUES (?)", [(name,) for name in block])
        return replace(self, at=self.at + len(block)) if block else self._next()

    def _forget_actions(self, connection: Connection, interner: Interner) -> ForgetTask:
        ids = list(islice(self.plan.actions.after(self.at), _ACTIONS))
        if not ids:
            return self._next()
        rows = statements.actions(connection, ids)
        statements.take_from_sums(connection, rows)
        delete_actions(connection, interner, [row[0] for row in rows])
        statements.delete(connection, "sampled", "id", ids)
        return replace(self, at=ids[-1])

    def _forget_sums(self, connection: Connection, _: Interner) -> ForgetTask:
        """Forget the cells of one local day that go whole."""
        first, cells = self.at + 1, self.plan.cells
        if first >= len(cells):
            statements.forget_thinned_days(connection, self.plan.request)
            return self._next()
        day = cells[first][0] // HOURS_PER_DAY
        last = first
        while last + 1 < len(cells) and cells[last + 1][0] // HOURS_PER_DAY == day:
            last += 1
        statements.recount_cells(connection, cells[first : last + 1], self.plan)
        roll_up(connection, day, day + 1)
        return replace(self, at=last)

    def _forget_predictions(self, connection: Connection, _: Interner) -> ForgetTask:
        first = self.at + 1
        ids = list(self.plan.predictions[first : first + _ROWS])
        if not ids:
            return self._next()
        statements.delete(connection, "predictions", "id", ids)
        return replace(self, at=self.at + len(ids))

    def _forget_rest(self, connection: Connection, _: Interner) -> ForgetTask:
        """Forget sessions, conversations and other texts, and retire models that learned from the forgotten."""
        plan, first = self.plan, self.at + 1
        messages = plan.texts.chat_messages[first : first + _ROWS]
        if messages:
            statements.forget_messages(connection, messages)
            return replace(self, at=self.at + len(messages))
        statements.delete(connection, "sessions", "start_us", plan.sessions)
        statements.delete(connection, "insights", "id", plan.texts.insights)
        statements.delete(connection, "memories", "id", plan.texts.memories)
        statements.delete(connection, "audit", "id", plan.texts.notes)
        statements.delete(connection, "settings", "name", plan.texts.settings)
        statements.forget_chats(connection, plan.request, self.asked_us)
        statements.retire(connection, plan)
        return self._next()

    def _forget_names(self, connection: Connection, interner: Interner) -> ForgetTask:
        """Delete the names that no stored row uses any more.

        Key checks are off, because the plan knows that: SQLite would look through all predictions for each name.
        """
        block = sorted(self.plan.names)[self.at + 1 : self.at + 1 + _NAMES]
        connection.execute("PRAGMA foreign_keys = OFF")
        try:
            connection.execute("BEGIN IMMEDIATE")
            if block:
                statements.delete(
                    connection, "names", "id", sorted(set(block) - statements.names_used_since(connection, self.plan))
                )
                interner.forget()
            else:
                connection.execute("DELETE FROM forgotten_names")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        finally:
            connection.execute("PRAGMA foreign_keys = ON")
        return replace(self, at=self.at + len(block)) if block else self._next()

    def _shrink(self, connection: Connection, _: Interner) -> ForgetTask:
        (free,) = connection.execute("PRAGMA freelist_count").fetchone()
        if free:
            connection.execute(f"PRAGMA incremental_vacuum({_PAGES})").fetchall()
            (left,) = connection.execute("PRAGMA freelist_count").fetchone()
            if left and left < free:
                return self
        (receipt_json,) = connection.execute("SELECT receipt_json FROM forgetting").fetchone()
        receipt = Receipt.from_json(receipt_json)
        connection.execute("UPDATE forgetting SET request_json = NULL")
        connection.execute("INSERT INTO audit (ts_us, what) VALUES (?, ?)", (self.asked_us, statements.note(receipt)))
        return replace(self._next(), plan=replace(self.plan, receipt=receipt))

    def _empty_log(self, connection: Connection, _: Interner) -> ForgetTask:
        """Empty the write-ahead log, which holds pages as they were before.

        Readers may block this for a while. If they do so for long, the log is emptied when the file is closed.
        """
        connection.execute("PRAGMA busy_timeout = 0")
        try:
            (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        if busy and self.at < _TRIES:
            return replace(self, at=self.at + 1, pause_s=_BUSY_PAUSE_S)
        return replace(self, report=self.plan.receipt, pause_s=0.0)

    _STEPS: ClassVar[Mapping[_Phase, Callable[[ForgetTask, Connection, Interner], ForgetTask]]] = {
        _Phase.BEGIN: _begin,
        _Phase.ACTIONS: _forget_actions,
        _Phase.SUMS: _forget_sums,
        _Phase.PREDICTIONS: _forget_predictions,
        _Phase.REST: _forget_rest,
        _Phase.NAMES: _forget_names,
        _Phase.SHRINK: _shrink,
        _Phase.EMPTY_LOG: _empty_log,
    }
