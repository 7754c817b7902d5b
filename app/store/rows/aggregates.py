"""Sums that outlive their actions, written in the transaction that stores the action.

A cell is one local hour, by clock offset, source and kind, app, site and project. An action counts in the hour of its
beginning. Its duration is shared out over the hours it really covers, so that no hour holds more than an hour.

Two coarser tables follow from the cells, so that a year is summed as quickly as a day: `day_aggregates` drops the hour,
`hour_aggregates` drops app, site and project. Code that changes cells by hand must call `roll_up` as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from app.store.sqlite.bulk_insert import insert
from app.store.sqlite.connection import Connection
from collectors.events import US_PER_HOUR, US_PER_S, RhythmDetail

Cell = tuple[int, int, int, int, int, int]
"""local_hour, utc_offset_s, code, app, site, project (names 0 if there is none)."""

Sums = tuple[int, int, int, int, int]
"""actions, active_us, keys, clicks, scrolls"""
HOURS_PER_DAY: Final = 24
LAST_DAY: Final = 1_000_000
"""Later than any clock shows."""

# The texts below hold constants alone, and so nothing can be injected.
_NAMES: Final = ("actions", "active_us", "keys", "clicks", "scrolls")
_ADD: Final = "ON CONFLICT DO UPDATE SET " + ", ".join(f"{name} = {name} + excluded.{name}" for name in _NAMES)
_INTO: Final = "INSERT INTO data_aggregates VALUES"
_INTO_DAY: Final = "INSERT INTO day_aggregates VALUES"
_INTO_HOUR: Final = "INSERT INTO hour_aggregates VALUES"
SUMMED: Final = ", ".join(f"sum({name}) AS {name}" for name in _NAMES)
# Hours are counted from two days before the epoch, so that division rounds the same way for every offset.
DAY_OF_HOUR: Final = f"((local_hour + {2 * HOURS_PER_DAY}) / {HOURS_PER_DAY} - 2)"
_BETWEEN: Final = "FROM data_aggregates WHERE local_hour >= :low_hour AND local_hour < :high_hour"
_EMPTY_HOUR: Final = "AND utc_offset_s = ? AND code = ? AND NOT (actions OR active_us OR keys OR clicks OR scrolls)"
_EMPTY_CELL: Final = _EMPTY_HOUR.replace("AND NOT", "AND app = ? AND site = ? AND project = ? AND NOT")
_ROLL_UP: Final = (
    "DELETE FROM day_aggregates WHERE local_day >= :low_day AND local_day < :high_day",
    "DELETE FROM hour_aggregates WHERE local_hour >= :low_hour AND local_hour < :high_hour",
    f"""INSERT INTO day_aggregates SELECT {DAY_OF_HOUR}, utc_offset_s, code, app, site, project, {SUMMED}
        {_BETWEEN} GROUP BY 1, 2, 3, 4, 5, 6""",
    f"INSERT INTO hour_aggregates SELECT local_hour, utc_offset_s, code, {SUMMED} {_BETWEEN} GROUP BY 1, 2, 3",
)


def spans(ts_us: int, utc_offset_s: int, duration_us: int) -> Iterator[tuple[int, int]]:
    """Share a duration out over local hours, beginning with the hour of its start.

    Args:
        ts_us: the start.
        utc_offset_s: the clock's offset.
        duration_us: the duration.

    Yields:
        (local_hour, active_us) of each hour.
    """
    local_us = ts_us + utc_offset_s * US_PER_S
    hour = local_us // US_PER_HOUR
    room_us = (hour + 1) * US_PER_HOUR - local_us
    yield hour, min(duration_us, room_us)
    left_us = duration_us - room_us
    while left_us > 0:
        hour += 1
        yield hour, min(left_us, US_PER_HOUR)
        left_us -= US_PER_HOUR


_INTO_COUNTS: Final = "INSERT INTO stored_counts VALUES"
_ADD_COUNT: Final = "ON CONFLICT DO UPDATE SET actions = actions + excluded.actions"


class Deltas:
    """Collects changes to the sums, to write them together."""

    def __init__(self) -> None:
        self._cells: dict[Cell, list[int]] = {}

    def add_action(self, cell: Cell, rhythm: RhythmDetail | None, sign: int = 1) -> None:
        """Add one action to a cell, or subtract it.

        Args:
            cell: the cell of the action.
            rhythm: its input counts, if it has any.
            sign: 1 to add, -1 to subtract.
        """
        sums = self._cells.get(cell)
        if sums is None:
            sums = self._cells[cell] = [0, 0, 0, 0, 0]
        sums[0] += sign
        if rhythm is not None:
            sums[2] += sign * rhythm.keys
            sums[3] += sign * rhythm.clicks
            sums[4] += sign * rhythm.scrolls

    def add_duration(self, cell: Cell, ts_us: int, duration_us: int, sign: int = 1) -> None:
        """Add a duration to the cells it covers, or subtract it.

        Args:
            cell: the cell of the action; gives the offset, the code and the names.
            ts_us: the start.
            duration_us: the duration.
            sign: 1 to add, -1 to subtract.
        """
        for hour, active_us in spans(ts_us, cell[1], duration_us):
            key = (hour, *cell[1:])
            sums = self._cells.get(key)
            if sums is None:
                sums = self._cells[key] = [0, 0, 0, 0, 0]
            sums[1] += sign * active_us

    def write(self, connection: Connection) -> None:
        """Add all changes to the tables; the caller holds the transaction."""
        rows = [(*cell, *sums) for cell, sums in self._cells.items() if any(sums)]
        if rows:
            insert(connection, _INTO, rows, _ADD)
            days: dict[tuple[int, ...], list[int]] = {}
            hours: dict[tuple[int, ...], list[int]] = {}
            for row in rows:
                _add(days, (row[0] // HOURS_PER_DAY, *row[1:6]), row[6:])
                _add(hours, row[:3], row[6:])
            insert(connection, _INTO_DAY, [(*key, *sums) for key, sums in days.items()], _ADD)
            insert(connection, _INTO_HOUR, [(*key, *sums) for key, sums in hours.items()], _ADD)
        self._cells.clear()

    def cells(self) -> dict[Cell, Sums]:
        """Return the changes collected so far."""
        return {cell: (sums[0], sums[1], sums[2], sums[3], sums[4]) for cell, sums in self._cells.items() if any(sums)}


def _add(table: dict[tuple[int, ...], list[int]], key: tuple[int, ...], sums: tuple[int, ...]) -> None:
    there = table.get(key)
    table[key] = list(sums) if there is None else [old + new for old, new in zip(there, sums, strict=True)]


def count_stored(connection: Connection, changes: Mapping[int, int]) -> None:
    """Add to the counts of stored actions, by code; the caller holds the transaction."""
    insert(connection, _INTO_COUNTS, list(changes.items()), _ADD_COUNT)


def cell_of(ts_us: int, utc_offset_s: int, code: int, names: tuple[int | None, int | None, int | None]) -> Cell:
    """Return the cell of an action.

    Args:
        ts_us: when the action began.
        utc_offset_s: the clock's offset.
        code: source and kind, see `event_codec.code_of`.
        names: ids of app, site and project.
    """
    app, site, project = names
    hour = (ts_us + utc_offset_s * US_PER_S) // US_PER_HOUR
    return (hour, utc_offset_s, code, app or 0, site or 0, project or 0)


def drop_empty(connection: Connection, cells: Iterable[Cell]) -> None:
    """Delete empty cells among these, and empty coarser sums over them. The caller holds the transaction.

    An empty cell would still reveal the names of the forgotten.
    """
    listed = list(cells)
    connection.executemany(f"DELETE FROM data_aggregates WHERE local_hour = ? {_EMPTY_CELL}", listed)  # noqa: S608
    days = {(cell[0] // HOURS_PER_DAY, *cell[1:]) for cell in listed}
    connection.executemany(f"DELETE FROM day_aggregates WHERE local_day = ? {_EMPTY_CELL}", list(days))  # noqa: S608
    hours = {cell[:3] for cell in listed}
    connection.executemany(f"DELETE FROM hour_aggregates WHERE local_hour = ? {_EMPTY_HOUR}", list(hours))  # noqa: S608


def roll_up(connection: Connection, low_day: int | None = None, high_day: int | None = None) -> None:
    """Rebuild the coarser tables from the cells of some local days; the caller holds the transaction.

    Args:
        connection: a writing connection.
        low_day: the first day; None for the first in the tables.
        high_day: the day after the last; None for all later ones.
    """
    low = -LAST_DAY if low_day is None else low_day
    high = LAST_DAY if high_day is None else high_day
    bounds = {"low_day": low, "high_day": high, "low_hour": low * HOURS_PER_DAY, "high_hour": high * HOURS_PER_DAY}
    for statement in _ROLL_UP:
        connection.execute(statement, bounds)
