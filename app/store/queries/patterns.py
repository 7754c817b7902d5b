"""What comes back in a life: days in a row, unbroken work, and which action follows which. Read-only, streamed."""

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
from collectors.events import US_PER_S, CommandDetail, Detail, EventKind, RhythmDetail, Source

LEAST_FOCUS_US: Final = 5 * 60 * US_PER_S
"""Unbroken time in one thing that counts as focus."""
PAUSE_US: Final = 60 * US_PER_S
"""A longer pause between two windows of one application breaks the time in it."""
PROJECT_PAUSE_US: Final = 5 * 60 * US_PER_S
"""The same between two actions in one project, most of which last no time."""
SITTING_PAUSE_US: Final = 5 * 60 * US_PER_S
"""After a longer pause the next action follows no other."""
LONGEST_BEFORE: Final = 3
MOST_COUNTED: Final = 200_000
"""Different sequences counted at a time; if there are more, they are counted in parts, and the past read again."""
_EPOCH: Final = dt.date(1970, 1, 1)
_NAMED: Final = {Dimension.APP: "app", Dimension.SITE: "site", Dimension.PROJECT: "project"}
_FOCUS: Final = event_codec.code_of(Source.WINDOW, EventKind.FOCUS)
_LEAVING: Final = tuple(
    event_codec.code_of(Source.PRESENCE, kind) for kind in (EventKind.IDLE, EventKind.LOCK, EventKind.SUSPEND)
)
# The texts hold the constants above alone.
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
    """A field of a stored detail, NULL if it has its default."""
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
_DOINGS: Final = f"""SELECT ts_us, coalesce(duration_us, 0), CASE WHEN code IN {_LEAVING} THEN NULL ELSE token END
    {_RANGE} AND (token IS NOT NULL OR code IN {_LEAVING}) ORDER BY ts_us, id"""


@dataclass(frozen=True, slots=True)
class Streak:
    """Local days in a row, none left out, on which something was used."""

    name: str
    first: dt.date
    last: dt.date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class FocusSession:
    """Unbroken time in one application or project."""

    name: str
    start_us: int
    end_us: int


@dataclass(frozen=True, slots=True)
class Commands:
    """How many commands whose end is known were run, and how many of them failed."""

    run: int
    failed: int


@dataclass(frozen=True, slots=True)
class Keys:
    """How many keys were pressed, how many of them took something back, and the runs of keys without a long pause.

    Attributes:
        bursts: the runs.
        burst_keys: keys in all of them.
        burst_us: from the first to the last key of each.
    """

    pressed: int
    corrections: int
    bursts: int = 0
    burst_keys: int = 0
    burst_us: int = 0


@dataclass(frozen=True, slots=True)
class Transition:
    """How often an action came right after others, which are told in the order they were done."""

    before: tuple[str, ...]
    after: str
    count: int


class Patterns:
    """Asks through a reader's connection; for one thread at a time, like the reader."""

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
        """Days in a row with an application, site or project, longest first, the later of equals first.

        Args:
            dimension: one of these three.
            first: local day; a streak that began before is told from here on.
            last: local day, the last that counts.
            name: one application, site or project; None for all.
            least_days: shorter ones are left out.
            source: only what it has seen counts; None for all.

        Raises:
            StoreError: if the dimension has no names.
        """
        found: list[Streak] = []
        low, high = (0, 2**31) if source is None else event_codec.source_range(source)
        days = {"first": (first - _EPOCH).days, "last": (last - _EPOCH).days}
        bounds = {"name": name, **days, "low": low, "high": high}
        with translated(self._path):
            run: list[int] = []
            for number, day in self._connection.execute(_chosen(_DAYS, dimension), bounds):
                if run and (number, day) == (run[0], run[2] + 1):
                    run[2] = day
                    continue
                found.extend(self._streak(run, least_days))
                run = [number, day, day]
            found.extend(self._streak(run, least_days))
        return tuple(sorted(found, key=lambda each: (-each.days, -each.first.toordinal(), each.name)))

    def focus_sessions(
        self, dimension: Dimension, start_us: int, end_us: int, least_us: int = LEAST_FOCUS_US
    ) -> tuple[FocusSession, ...]:
        """Unbroken time in one application or project within [start_us, end_us), in time order.

        Another application's window breaks the time in one, another project's action the time in one, however short;
        so does a pause (`PAUSE_US`, `PROJECT_PAUSE_US`). What begins in the range counts, up to its end.

        Raises:
            StoreError: if the dimension is neither of the two.
        """
        pause_us = PAUSE_US if dimension is Dimension.APP else PROJECT_PAUSE_US
        found: list[FocusSession] = []
        with translated(self._path):
            work = self._connection.execute(_chosen(_WORK, dimension), (start_us, end_us))
            number, begun_us, until_us = 0, 0, 0
            for ts_us, duration_us, one in work:
                stop_us = min(ts_us + duration_us, end_us)
                if one == number and ts_us - until_us <= pause_us:
                    until_us = max(until_us, stop_us)
                    continue
                if number and until_us - begun_us >= least_us:
                    found.append(FocusSession(self._names.known(number), begun_us, until_us))
                number, begun_us, until_us = one, ts_us, stop_us
            if number and until_us - begun_us >= least_us:
                found.append(FocusSession(self._names.known(number), begun_us, until_us))
        return tuple(found)

    def commands(self, start_us: int, end_us: int) -> Commands:
        """The commands that began within [start_us, end_us)."""
        with translated(self._path):
            return Commands(*self._connection.execute(_COMMANDS, (start_us, end_us)).fetchone())

    def keys(self, start_us: int, end_us: int) -> Keys:
        """The keys of the intervals that began within [start_us, end_us)."""
        with translated(self._path):
            return Keys(*self._connection.execute(_KEYS, (start_us, end_us)).fetchone())

    def transitions(self, start_us: int, end_us: int, before: int = 1, limit: int = 50) -> tuple[Transition, ...]:
        """Which action follows which, most often first.

        The same action again is the same action still (another window title, say). Nothing follows across a pause, a
        lock, a suspend, or the beginning of the range.

        Args:
            start_us: actions that began from then on.
            end_us: and before then.
            before: how many actions before it are told apart, 1 to 3.
            limit: how many at most.

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
                Transition(tuple(map(self._names.known, sequence[:-1])), self._names.known(sequence[-1]), count)
                for sequence, count in top
            )

    def _most_frequent(
        self, start_us: int, end_us: int, before: int, limit: int, parts: int
    ) -> list[tuple[tuple[int, ...], int]] | None:
        """The most frequent sequences, counted in so many parts; None if one of them is still too large."""
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
        lately: deque[int] = deque(maxlen=before + 1)
        until_us = 0
        for ts_us, duration_us, token in self._connection.execute(_DOINGS, (start_us, end_us)):
            if token is None or (lately and ts_us - until_us > SITTING_PAUSE_US):
                lately.clear()
            if token is not None:
                until_us = max(until_us, ts_us + duration_us)
                if not lately or lately[-1] != token:
                    lately.append(token)
                    if len(lately) > before:
                        yield tuple(lately)

    def _streak(self, run: list[int], least_days: int) -> Iterator[Streak]:
        if run and run[2] - run[1] + 1 >= least_days:
            first, last = (_EPOCH + dt.timedelta(days=day) for day in run[1:])
            yield Streak(self._names.known(run[0]), first, last)


def _chosen(texts: dict[Dimension, str], dimension: Dimension) -> str:
    sql = texts.get(dimension)
    if sql is None:
        raise StoreError(f"This cannot be asked by {dimension}.", f"Ask by {' or '.join(texts)}.")
    return sql
