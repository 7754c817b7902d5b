"""The full check of a store: the quick check, and whether all parts agree with each other.

It takes a minute or two for ten million actions and blocks nobody: it uses one read transaction, and memory that does
not grow with the file. It ends as soon as the caller cancels.
"""

from __future__ import annotations

import datetime as dt
import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from app.store.integrity import recount
from app.store.integrity.fts_check import different_words
from app.store.integrity.quick_check import QUICK, Part, Problem, is_interrupt, run_check
from app.store.rows.aggregates import HOURS_PER_DAY
from app.store.sqlite.connection import Connection
from app.store.sqlite.errors import Error
from collectors.clock import EPOCH_DATE
from collectors.events import US_PER_DAY, US_PER_S

GAP_DAYS: Final = 7
"""A gap of more days without any action is noted."""
BACKWARD_US: Final = 3_600 * US_PER_S
"""Collectors report a little late; a clock that went back by more than this was set back."""
MAX_GAPS: Final = 20
_STEPS_A_LOOK: Final = 200_000
_REPORT_S: Final = 0.5
_LOST_TOKENS: Final = """SELECT count(*) FROM (SELECT DISTINCT token FROM actions WHERE token IS NOT NULL) AS used
    WHERE NOT EXISTS (SELECT 1 FROM names WHERE names.id = used.token)"""
_LOST_TEXTS: Final = """SELECT count(*) FROM (SELECT DISTINCT text FROM actions INDEXED BY actions_by_text
    WHERE text IS NOT NULL) AS used WHERE NOT EXISTS (SELECT 1 FROM texts WHERE texts.id = used.text)"""
_UNUSED_TEXTS: Final = """SELECT count(*) FROM texts WHERE NOT EXISTS
    (SELECT 1 FROM actions INDEXED BY actions_by_text WHERE actions.text = texts.id)"""
_AS_STORED: Final = "SELECT ts_us FROM actions WHERE origin_key IS NULL ORDER BY id"
_OVERLAPS: Final = """SELECT count(*) FROM (SELECT start_us, lag(end_us) OVER (ORDER BY start_us) AS before_us
    FROM sessions) WHERE start_us < before_us"""

ReportProgress = Callable[[str, int, int], None]
"""Takes the current check, how many are done, and how many there are. Raises to cancel the check."""


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """The result of a full check.

    Attributes:
        problems: empty if the store is sound.
        notes: no faults of the store, but worth knowing: days without any action, a clock that was set back.
        actions: how many actions were read.
        parts: the parts that were checked, in order.
        seconds: how long the check took.
        uneven_days: local days with hourly sums that differ from the actions.
    """

    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    actions: int
    parts: tuple[Part, ...]
    seconds: float
    uneven_days: tuple[int, ...] = ()


def verify(connection: Connection, now_us: int, report_progress: ReportProgress) -> VerifyReport:
    """Check everything.

    Args:
        connection: of a reader, without an open transaction.
        now_us: the current time; later actions are noted.
        report_progress: called about twice a second.

    Raises:
        Error: if the file cannot be read for a reason that may pass.
    """
    return _Verification(connection, now_us, report_progress).report()


class _Verification:
    def __init__(self, connection: Connection, now_us: int, report_progress: ReportProgress) -> None:
        self._connection = connection
        self._now_us = now_us
        self._report_progress = report_progress
        self._checks = (
            *QUICK,
            (Part.NUMBERS, self._numbers),
            (Part.WORDS, lambda reader: different_words(reader, self._report_if_due)),
            (Part.SUMS, self._sums),
        )
        self._done = 0
        self._reported_s = 0.0
        self._uneven_days: set[int] = set()
        self._ended_by: BaseException | None = None

    def report(self) -> VerifyReport:
        begun_s = time.monotonic()
        connection = self._connection
        connection.set_progress_handler(self._pulse, _STEPS_A_LOOK)
        # The file stays read-only as opened; this only allows temporary tables, which lie in memory.
        connection.execute("PRAGMA query_only = OFF")
        try:
            problems = tuple(self._problems())
            broken = any(problem.part in (Part.SEALS, Part.PAGES) for problem in problems)
            # Notes about a damaged file would describe the damage alone.
            notes = () if broken else tuple(self._notes())
            (actions,) = (0,) if broken else connection.execute("SELECT count(*) FROM actions").fetchone()
        except Error as error:
            if self._ended_by is not None and is_interrupt(error):
                raise self._ended_by from None
            raise
        finally:
            connection.set_progress_handler(None, 0)
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            connection.execute("PRAGMA query_only = ON")
            # Everything was read once; those pages in the cache are of no further use.
            connection.execute("PRAGMA shrink_memory")
        parts = tuple(dict.fromkeys(part for part, _ in self._checks))
        uneven_days = tuple(sorted(self._uneven_days))
        return VerifyReport(problems, notes, actions, parts, time.monotonic() - begun_s, uneven_days)

    def _problems(self) -> Iterator[Problem]:
        for part, check in self._checks:
            self._reported_s = 0.0
            self._report_if_due()
            yield from run_check(self._connection, part, check)
            self._done += 1

    def _report_if_due(self) -> None:
        """Report the progress between two steps."""
        now_s = time.monotonic()
        if now_s - self._reported_s >= _REPORT_S:
            self._reported_s = now_s
            self._report_progress(
                self._checks[min(self._done, len(self._checks) - 1)][0], self._done, len(self._checks)
            )

    def _pulse(self) -> int:
        """Report the progress within a statement. No exception can pass through it, so end it first and raise later."""
        try:
            self._report_if_due()
        except BaseException as error:  # noqa: BLE001  # raised again as soon as the statement has ended
            self._ended_by = error
            return 1
        return 0

    def _numbers(self, connection: Connection) -> Iterator[str]:  # listed with the checks that need self
        """Find ids without a row, and texts without an action. Other names are checked with the sums."""
        for sql, problem in (
            (_LOST_TOKENS, "names of tokens are lost"),
            (_LOST_TEXTS, "texts of actions are lost"),
            (_UNUSED_TEXTS, "texts belong to no action"),
        ):
            (count,) = connection.execute(sql).fetchone()
            if count:
                yield f"{count} {problem}."

    def _sums(self, connection: Connection) -> Iterator[str]:
        """Compare the sums with the actions: they must be equal, or no less on thinned days."""
        thinned = {day for (day,) in connection.execute("SELECT day FROM thinned_days")}
        counted: Counter[int] = Counter()
        names: set[int] = {0}
        wrong = 0
        for low_hour, high_hour, counted_cells in recount.from_actions(connection):
            self._report_if_due()
            kept = recount.stored(connection, low_hour, high_hour)
            for cell, sums in counted_cells.items():
                counted[cell[2]] += sums[0]
            for cell in counted_cells.keys() | kept.keys():
                names.update(cell[3:])
                if recount.expected_sums(cell, kept, counted_cells, thinned) != kept.get(cell, _NONE):
                    wrong += 1
                    self._uneven_days.add(cell[0] // HOURS_PER_DAY)
        if wrong:
            yield f"{wrong} sums by hour are not what the actions add up to."
        lost = names - {0} - {name_id for (name_id,) in connection.execute("SELECT id FROM names")}
        if lost:
            yield f"{len(lost)} names of applications, sites or projects are lost."
        stored = dict(connection.execute("SELECT code, actions FROM stored_counts WHERE actions").fetchall())
        if stored != {code: count for code, count in counted.items() if count}:
            yield "The numbers of stored actions by kind are not those of the actions."
        yield from recount.uneven(connection)

    def _notes(self) -> Iterator[str]:
        days = [
            day
            for (day,) in self._connection.execute(
                "SELECT local_day FROM day_aggregates WHERE actions > 0 GROUP BY 1 ORDER BY 1"
            )
        ]
        gaps = [(before, after) for before, after in itertools.pairwise(days) if after - before > GAP_DAYS]
        for before, after in gaps[-MAX_GAPS:]:
            yield f"No action for {after - before - 1} days, between {_date(before)} and {_date(after)}."
        backward, last_us, before_us = 0, 0, 0
        for (ts_us,) in self._connection.execute(_AS_STORED):
            if ts_us < before_us - BACKWARD_US:
                backward, last_us = backward + 1, max(last_us, before_us)
            before_us = ts_us
        if backward:
            yield f"The clock went back by more than an hour {backward} times, last on {_date(last_us // US_PER_DAY)}."
        (ahead,) = self._connection.execute("SELECT count(*) FROM actions WHERE ts_us > ?", (self._now_us,)).fetchone()
        if ahead:
            yield f"{ahead} actions lie in the future."
        (overlaps,) = self._connection.execute(_OVERLAPS).fetchone()
        if overlaps:
            yield f"{overlaps} sessions begin before the one before them has ended."


_NONE: Final = (0, 0, 0, 0, 0)


def _date(day: int) -> str:
    return (EPOCH_DATE + dt.timedelta(days=day)).isoformat()
