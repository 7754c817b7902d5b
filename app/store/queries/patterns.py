"""Queries for patterns: days in a row, unbroken work, and transitions between actions. Streams, read-only."""

from __future__ import annotations

import datetime as dt
import heapq
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.errors import StoreError
from app.store.rows import event_codec
from app.store.rows.names import Names
from app.store.sqlite.connection import Connection, snapshot
from app.store.sqlite.errors import translated
from app.store.values.records import Dimension
from collectors.clock import EPOCH_DATE
from collectors.events import US_PER_S, CommandDetail, Detail, EventKind, RhythmDetail, Source

LEAST_FOCUS_US: Final = 5 * 60 * US_PER_S
"""The least unbroken time that counts as focus."""
PAUSE_US: Final = 60 * US_PER_S
"""A longer pause between two windows of one application breaks its focus time."""
PROJECT_PAUSE_US: Final = 5 * 60 * US_PER_S
"""The same between two actions in one project, most of which have no duration."""
SITTING_PAUSE_US: Final = 5 * 60 * US_PER_S
"""After a longer pause the next action follows no other."""
LONGEST_BEFORE: Final = 3
MOST_COUNTED: Final = 200_000
"""The most different sequences counted in one pass. If there are more, several passes count a part each."""
_NAMED: Final = {Dimension.APP: "app", Dimension.SITE: "site", Dimension.PROJECT: "project"}
_FOCUS: Final = event_codec.code_of(Source.WINDOW, EventKind.FOCUS)
_LEAVING: Final = tuple(
    event_codec.code_of(Source.PRESENCE, kind) for kind in (EventKind.IDLE, EventKind.LOCK, EventKind.SUSPEND)
)
# The SQL holds the constants above alone.
_DAYS: Final = {
    dimension: f"SELECT DISTINCT {key}, local_day FROM day_aggregates WHERE {key} <> 0"  # noqa: S608
    f" AND (:name IS NULL OR {key} = (SELECT id FROM names WHERE text = :name))"
    " AND (actions > 0 OR active_us > 0) AND local_day >= :first AND local_day <= :last"
    " AND code >= :low AND code < :high ORDER BY 1, 2"
    for dimension, key in _NAMED.items()
}
_RANGE: Final = "FROM actions INDEXED BY actions_by_time WHERE ts_us >= ? AND ts_us < ?"
_WORK: Final = {
    Dimension.APP: f"SELECT ts_us, coalesce(duration_us, 0), coalesce(app, 0) {_RANGE} AND code = {_FOCUS}"
    " ORDER BY ts_us, id",
    Dimension.PROJECT: f"SELECT ts_us, coalesce(duration_us, 0), project {_RANGE} AND project IS NOT NULL"
    " ORDER BY ts_us, id",
}
_COMMAND: Final = event_codec.code_of(Source.TERMINAL, EventKind.COMMAND)
_RHYTHM: Final = event_codec.code_of(Source.INPUT, EventKind.RHYTHM)


def _field(kind: type[Detail], name: str) -> str:
    """Return the SQL for a field of a stored detail; NULL if it has its default."""
    return f"json_extract(detail, '$[{event_codec.DETAIL_FIELDS[kind].index(name)}]')"


_STATUS: Final = _field(CommandDetail, "exit_status")
_COMMANDS: Final = (
    f"SELECT count(*), coalesce(sum({_STATUS} <> 0), 0) {_RANGE} AND code = {_COMMAND} AND {_STATUS} IS NOT NULL"
)
_KEY_SUMS: Final = ", ".join(
    f"coalesce(sum({_field(RhythmDetail, name)}), 0)"
    for name in ("keys", "corrections", "bursts", "burst_keys", "burst_us")
)
_KEYS: Final = f"SELECT {_KEY_SUMS} {_RANGE} AND code = {_RHYTHM}"
_STEPS: Final = f"""SELECT ts_us, coalesce(duration_us, 0), CASE WHEN code IN {_LEAVING} THEN NULL ELSE token END
    {_RANGE} AND (token IS NOT NULL OR code IN {_LEAVING}) ORDER BY ts_us, id"""


@dataclass(frozen=True, slots=True)
class Streak:
    """Local days in a row, without a gap, with use of something."""

    name: str
    first: dt.date
    last: dt.date

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class FocusSession:
    """Unbroken time in one application or project."""

    name: str
    start_us: int
    end_us: int


@dataclass(frozen=True, slots=True)
class Commands:
    """How many commands with a known exit status ran, and how many of them failed."""

    run: int
    failed: int


@dataclass(frozen=True, slots=True)
class Keys:
    """How many keys were pressed, how many of them were corrections, and the bursts without a long pause.

    Attributes:
        pressed: all keys.
        corrections: keys that deleted something.
        bursts: how many runs of keys.
        burst_keys: keys in all bursts.
        burst_us: total time from the first to the last key of each burst.
    """

    pressed: int
    corrections: int
    bursts: int = 0
    burst_keys: int = 0
    burst_us: int = 0


@dataclass(frozen=True, slots=True)
class Transition:
    """How often an action came right after others, which are in the order they were done."""

    before: tuple[str, ...]
    after: str
    count: int


class Patterns:
    """Runs pattern queries on the connection of a reader; for one thread at a time, like the reader."""

    def __init__(self, connection: Connection, names: Names, path: Path) -> None:
        self._connection = connection
        self._names = names
        self._path = path

    def streaks(
        self,
        dimension: Dimension,
        first: dt.date,
        last: dt.date,
        *,
        name: str | None = None,
        least_days: int = 2,
        source: Source | None = None,
    ) -> tuple[Streak, ...]:
        """Return the days in a row with an application, site or project: longest first, then latest first.

        Args:
            dimension: application, site or project.
            first: the first local day; an earlier beginning of a streak is cut off.
            last: the last local day.
            name: one application, site or project; None for all.
            least_days: shorter streaks are left out.
            source: count only this source; None for all.

        Raises:
            StoreError: if the dimension has no names.
        """
        streaks: list[Streak] = []
        low, high = (0, 2**31) if source is None else event_codec.source_range(source)
        days = {"first": (first - EPOCH_DATE).days, "last": (last - EPOCH_DATE).days}
        bounds = {"name": name, **days, "low": low, "high": high}
        with translated(self._path):
            run: list[int] = []
            for name_id, day in self._connection.execute(_sql_for(_DAYS, dimension), bounds):
                if run and (name_id, day) == (run[0], run[2] + 1):
                    run[2] = day
                    continue
                streaks.extend(self._streak(run, least_days))
                run = [name_id, day, day]
            streaks.extend(self._streak(run, least_days))
        return tuple(sorted(streaks, key=lambda streak: (-streak.days, -streak.first.toordinal(), streak.name)))

    def focus_sessions(
        self, dimension: Dimension, start_us: int, end_us: int, least_us: int = LEAST_FOCUS_US
    ) -> tuple[FocusSession, ...]:
        """Return the unbroken times in one application or project within [start_us, end_us), in time order.

        The window of another application ends an application's time, however short it is, and the action of another
        project ends a project's time. So does a pause (`PAUSE_US`, `PROJECT_PAUSE_US`). Actions count that begin in
        the range, up to its end.

        Args:
            dimension: application or project.
            start_us: the beginning of the range, included.
            end_us: the end, excluded.
            least_us: shorter times are left out.

        Raises:
            StoreError: if the dimension is neither of the two.
        """
        pause_us = PAUSE_US if dimension is Dimension.APP else PROJECT_PAUSE_US
        sessions: list[FocusSession] = []
        with translated(self._path):
            work = self._connection.execute(_sql_for(_WORK, dimension), (start_us, end_us))
            current, begun_us, until_us = 0, 0, 0
            for ts_us, duration_us, name_id in work:
                stop_us = min(ts_us + duration_us, end_us)
                if name_id == current and ts_us - until_us <= pause_us:
                    until_us = max(until_us, stop_us)
                    continue
                if current and until_us - begun_us >= least_us:
                    sessions.append(FocusSession(self._names.name_of(current), begun_us, until_us))
                current, begun_us, until_us = name_id, ts_us, stop_us
            if current and until_us - begun_us >= least_us:
                sessions.append(FocusSession(self._names.name_of(current), begun_us, until_us))
        return tuple(sessions)

    def commands(self, start_us: int, end_us: int) -> Commands:
        """Count the commands that began within [start_us, end_us)."""
        with translated(self._path):
            return Commands(*self._connection.execute(_COMMANDS, (start_us, end_us)).fetchone())

    def keys(self, start_us: int, end_us: int) -> Keys:
        """Sum the keys of the intervals that began within [start_us, end_us)."""
        with translated(self._path):
            return Keys(*self._connection.execute(_KEYS, (start_us, end_us)).fetchone())

    def transitions(self, start_us: int, end_us: int, before: int = 1, limit: int = 50) -> tuple[Transition, ...]:
        """Return which action follows which, most frequent first.

        A repeated action counts once (another window title, say). Nothing follows across a pause, a lock, a suspend or
        the beginning of the range.

        Args:
            start_us: the beginning of the range, included.
            end_us: the end, excluded.
            before: how many preceding actions to distinguish, 1 to 3.
            limit: the most transitions.

        Raises:
            StoreError: if `before` is out of range.
        """
        if not 1 <= before <= LONGEST_BEFORE:
            raise StoreError(f"{before} actions before another cannot be counted.", f"Ask for 1 to {LONGEST_BEFORE}.")
        with snapshot(self._connection, self._path):
            parts = 1
            while (top := self._most_frequent(start_us, end_us, before, limit, parts)) is None:
                parts *= 4
            return tuple(
                Transition(tuple(map(self._names.name_of, sequence[:-1])), self._names.name_of(sequence[-1]), count)
                for sequence, count in top
            )

    def _most_frequent(
        self, start_us: int, end_us: int, before: int, limit: int, parts: int
    ) -> list[tuple[tuple[int, ...], int]] | None:
        """Return the most frequent sequences, counted in several parts; None if a part is too large."""
        top: list[tuple[tuple[int, ...], int]] = []
        for part in range(parts):
            counts: Counter[tuple[int, ...]] = Counter()
            for sequence in self._sequences(start_us, end_us, before):
                if parts == 1 or hash(sequence) % parts == part:
                    counts[sequence] += 1
                    if len(counts) > MOST_COUNTED:
                        return None
            top = heapq.nsmallest(limit, [*top, *counts.items()], key=lambda item: (-item[1], item[0]))
        return top

    def _sequences(self, start_us: int, end_us: int, before: int) -> Iterator[tuple[int, ...]]:
        recent: deque[int] = deque(maxlen=before + 1)
        until_us = 0
        for ts_us, duration_us, token in self._connection.execute(_STEPS, (start_us, end_us)):
            if token is None or (recent and ts_us - until_us > SITTING_PAUSE_US):
                recent.clear()
            if token is not None:
                until_us = max(until_us, ts_us + duration_us)
                if not recent or recent[-1] != token:
                    recent.append(token)
                    if len(recent) > before:
                        yield tuple(recent)

    def _streak(self, run: list[int], least_days: int) -> Iterator[Streak]:
        if run and run[2] - run[1] + 1 >= least_days:
            first, last = (EPOCH_DATE + dt.timedelta(days=day) for day in run[1:])
            yield Streak(self._names.name_of(run[0]), first, last)


def _sql_for(texts: dict[Dimension, str], dimension: Dimension) -> str:
    sql = texts.get(dimension)
    if sql is None:
        raise StoreError(f"This cannot be asked by {dimension}.", f"Ask by {' or '.join(texts)}.")
    return sql
