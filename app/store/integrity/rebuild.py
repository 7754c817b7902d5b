"""Rebuilds derived data after a full check, in slices and without losing information.

Word indexes, counts and sums are rebuilt from the actions and their texts. A sum of a thinned day holds more than the
remaining actions add up to, so it is only ever raised to their total. A lost name or text cannot be derived from the
file; a backup and the journal may have it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum, auto
from typing import ClassVar, Final

from app.store.integrity import recount
from app.store.integrity.full_check import VerifyReport
from app.store.integrity.quick_check import Part
from app.store.rows.aggregates import roll_up
from app.store.rows.interning import Interner
from app.store.sqlite.connection import Connection

_TEXTS: Final = 200
_DAYS_AT_ONCE: Final = 30
_INDEXES: Final = ("texts_words", "chat_words")
_UNUSED: Final = """SELECT id, target, title FROM texts WHERE id > ? AND NOT EXISTS
    (SELECT 1 FROM actions INDEXED BY actions_by_text WHERE actions.text = texts.id) ORDER BY id LIMIT ?"""


class _Phase(IntEnum):
    """Words come first: unused texts also leave the index, which must hold them for that."""

    WORDS = auto()
    TEXTS = auto()
    COUNTS = auto()
    SUMS = auto()
    COARSE = auto()
    DONE = auto()


@dataclass(frozen=True, slots=True)
class RebuildTask:
    """Repairs the problems of a report step by step, and reports a sentence for each repair.

    Attributes:
        parts: the parts with problems.
        days: local days with hourly sums that differ from the actions.
        phase: the current phase.
        at: the progress within the phase.
        texts: how many texts were deleted.
        cells: how many sums were changed.
        report: the sentences, once all is done.
        pause_s: how long to wait before the next step.
    """

    parts: frozenset[Part]
    days: tuple[int, ...]
    phase: _Phase = _Phase.WORDS
    at: int = 0
    texts: int = 0
    cells: int = 0
    report: tuple[str, ...] | None = None
    pause_s: float = 0.0
    outside_transaction: bool = False

    def step(self, connection: Connection, interner: Interner) -> RebuildTask:
        """Take one step. The rebuild of a word index is one step, however many words it holds."""
        return self._STEPS[self.phase](self, connection, interner)

    def abort_report(self) -> None:
        """Return None: the next check reports an unfinished repair as a problem again."""

    def _next(self) -> RebuildTask:
        return replace(self, phase=_Phase(self.phase + 1), at=0)

    def _words(self, connection: Connection, _: Interner) -> RebuildTask:
        if Part.WORDS not in self.parts or self.at == len(_INDEXES):
            return self._next()
        index = _INDEXES[self.at]
        connection.execute(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")  # noqa: S608  # the names above
        return replace(self, at=self.at + 1)

    def _unused_texts(self, connection: Connection, interner: Interner) -> RebuildTask:
        """Delete texts that no action uses: nobody can see or find them, and no forgetting would reach them."""
        if Part.NUMBERS not in self.parts:
            return self._next()
        rows = connection.execute(_UNUSED, (self.at, _TEXTS)).fetchall()
        if not rows:
            return self._next()
        connection.executemany(
            "INSERT INTO texts_words (texts_words, rowid, target, title) VALUES ('delete', ?, ?, ?)", rows
        )
        connection.executemany("DELETE FROM texts WHERE id = ?", [(row[0],) for row in rows])
        interner.forget()
        return replace(self, at=rows[-1][0], texts=self.texts + len(rows))

    def _counts(self, connection: Connection, _: Interner) -> RebuildTask:
        if self.parts & {Part.COUNTS, Part.SUMS}:
            connection.execute("DELETE FROM stored_counts")
            connection.execute("INSERT INTO stored_counts SELECT code, count(*) FROM actions GROUP BY code")
        return self._next()

    def _sums(self, connection: Connection, _: Interner) -> RebuildTask:
        """Recount the hourly sums of one local day."""
        if self.at == len(self.days):
            return self._next()
        day = self.days[self.at]
        changed = recount.recount_day(connection, day)
        roll_up(connection, day, day + 1)
        return replace(self, at=self.at + 1, cells=self.cells + changed)

    def _coarse(self, connection: Connection, _: Interner) -> RebuildTask:
        """Rebuild the daily sums, and the hourly sums of everything together, of some days."""
        bounds = recount.days_summed(connection) if Part.SUMS in self.parts else None
        if bounds is None or bounds[0] + self.at > bounds[1]:
            return self._next()
        low_day = bounds[0] + self.at
        roll_up(connection, low_day, low_day + _DAYS_AT_ONCE)
        return replace(self, at=self.at + _DAYS_AT_ONCE)

    def _done(self, _connection: Connection, _: Interner) -> RebuildTask:
        sentences = []
        if Part.WORDS in self.parts:
            sentences.append("The word indexes were rebuilt from the texts.")
        if self.texts:
            sentences.append(f"{self.texts} texts that belonged to no action were removed.")
        if self.parts & {Part.COUNTS, Part.SUMS}:
            sentences.append("The counts of stored actions and the sums by day were rebuilt.")
        if self.cells:
            sentences.append(
                f"{self.cells} sums by hour now agree with the actions (on thinned days: they are no less)."
            )
        return replace(self, report=tuple(sentences))

    _STEPS: ClassVar[Mapping[_Phase, Callable[[RebuildTask, Connection, Interner], RebuildTask]]] = {
        _Phase.WORDS: _words,
        _Phase.TEXTS: _unused_texts,
        _Phase.COUNTS: _counts,
        _Phase.SUMS: _sums,
        _Phase.COARSE: _coarse,
        _Phase.DONE: _done,
    }


def rebuild_task(report: VerifyReport) -> RebuildTask:
    """Return the task that repairs the problems of a report, as far as the file allows."""
    return RebuildTask(frozenset(problem.part for problem in report.problems), report.uneven_days)
