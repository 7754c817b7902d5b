"""Recounts the hourly sums from the actions, a day at a time: to check the stored sums and to repair them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from app.store.rows import event_codec
from app.store.rows.aggregates import DAY_OF_HOUR, HOURS_PER_DAY, SUMMED, Cell, Deltas, Sums, cell_of, drop_empty
from app.store.sqlite.connection import Connection
from collectors.events import MAX_DURATION_US, US_PER_DAY, US_PER_HOUR, US_PER_S, EventKind, Source

_STEP_US: Final = US_PER_DAY
_RHYTHM: Final = event_codec.code_of(Source.INPUT, EventKind.RHYTHM)
SPILL_DAYS: Final = MAX_DURATION_US // US_PER_DAY + 1
_NONE: Final = (0, 0, 0, 0, 0)
# Times are counted from two days before the epoch, so that division rounds the same way for every offset.
_LOCAL_US: Final = f"(ts_us + utc_offset_s * {US_PER_S} + {2 * US_PER_DAY})"
_ROOM_US: Final = f"({US_PER_HOUR} - {_LOCAL_US} % {US_PER_HOUR})"
_KEY: Final = "coalesce(app, 0), coalesce(site, 0), coalesce(project, 0)"
# The SQL holds constants alone. A field that a compact detail leaves out at its end is 0 (see `event_codec`).
_INPUTS: Final = ", ".join(
    f"sum(CASE WHEN code = {_RHYTHM} THEN coalesce(json_extract(detail, '$[{index}]'), 0) ELSE 0 END)"
    for index in (1, 2, 3)
)
_WITHIN: Final = f"""SELECT {_LOCAL_US} / {US_PER_HOUR} - {2 * HOURS_PER_DAY}, utc_offset_s, code, {_KEY}, count(*),
    sum(CASE WHEN duration_us <= {_ROOM_US} THEN duration_us ELSE 0 END), {_INPUTS}
    FROM actions INDEXED BY actions_by_time WHERE ts_us >= ? AND ts_us < ? GROUP BY 1, 2, 3, 4, 5, 6"""  # noqa: S608
_ACROSS: Final = f"""SELECT ts_us, utc_offset_s, code, {_KEY}, duration_us FROM actions INDEXED BY actions_by_time
    WHERE ts_us >= ? AND ts_us < ? AND duration_us > {_ROOM_US}"""  # noqa: S608
_LONG: Final = f"""SELECT ts_us, utc_offset_s, code, {_KEY}, duration_us FROM actions INDEXED BY actions_long
    WHERE ts_us >= ? AND ts_us < ? AND duration_us > {US_PER_HOUR}"""  # noqa: S608
_STORED: Final = "SELECT * FROM data_aggregates WHERE local_hour >= ? AND local_hour < ?"

_DAYS_AT_ONCE: Final = 30
_HOURS: Final = f"""SELECT min(low), max(high) FROM (
    SELECT min(local_hour) AS low, max(local_hour) AS high FROM data_aggregates
    UNION ALL SELECT min(local_hour), max(local_hour) FROM hour_aggregates
    UNION ALL SELECT min(local_day) * {HOURS_PER_DAY}, max(local_day) * {HOURS_PER_DAY} FROM day_aggregates)"""  # noqa: S608
_ANY: Final = "(actions OR active_us OR keys OR clicks OR scrolls)"
_CELLS: Final = "FROM data_aggregates WHERE local_hour >= :low AND local_hour < :high"


def _uneven(counted: str, kept: str) -> str:
    return f"""WITH counted AS ({counted}), kept AS ({kept})
        SELECT (SELECT count(*) FROM (SELECT * FROM counted WHERE {_ANY} EXCEPT SELECT * FROM kept))
        + (SELECT count(*) FROM (SELECT * FROM kept WHERE {_ANY} EXCEPT SELECT * FROM counted))"""  # noqa: S608


_UNEVEN_DAYS: Final = _uneven(
    f"SELECT {DAY_OF_HOUR}, utc_offset_s, code, app, site, project, {SUMMED} {_CELLS} GROUP BY 1, 2, 3, 4, 5, 6",
    "SELECT * FROM day_aggregates WHERE local_day >= :low_day AND local_day < :high_day",
)
_UNEVEN_HOURS: Final = _uneven(
    f"SELECT local_hour, utc_offset_s, code, {SUMMED} {_CELLS} GROUP BY 1, 2, 3",
    "SELECT * FROM hour_aggregates WHERE local_hour >= :low AND local_hour < :high",
)

Hours = tuple[int, int, dict[Cell, Sums]]
"""First local hour, the hour after the last, and every cell between them that is not empty."""


def from_actions(connection: Connection) -> Iterator[Hours]:
    """Yield the cells of all stored actions, in order of hours and without a gap; for one read transaction."""
    first_us, last_us = connection.execute("SELECT min(ts_us), max(ts_us) FROM actions").fetchone()
    done_hour = -(2**40)
    waiting: dict[Cell, Sums] = {}
    at_us = first_us
    while at_us is not None:
        end_us = at_us + _STEP_US
        _collect(connection, at_us, end_us, waiting)
        following = connection.execute("SELECT min(ts_us) FROM actions WHERE ts_us >= ?", (end_us,)).fetchone()
        at_us = following[0]
        # Later actions may lie up to a day earlier on the local clock.
        safe_hour = 2**40 if at_us is None else at_us // US_PER_HOUR - HOURS_PER_DAY
        done = {cell: waiting.pop(cell) for cell in [cell for cell in waiting if cell[0] < safe_hour]}
        yield done_hour, safe_hour, done
        done_hour = safe_hour
    if last_us is None:
        yield done_hour, 2**40, {}


def _collect(connection: Connection, low_us: int, high_us: int, cells: dict[Cell, Sums]) -> None:
    """Add the actions that began in [low_us, high_us) to the cells."""
    for row in connection.execute(_WITHIN, (low_us, high_us)):
        _add(cells, row[:6], (row[6], row[7] or 0, row[8], row[9], row[10]))
    spread = Deltas()
    for ts_us, offset_s, code, app, site, project, duration_us in connection.execute(_ACROSS, (low_us, high_us)):
        spread.add_duration(cell_of(ts_us, offset_s, code, (app, site, project)), ts_us, duration_us)
    for cell, sums in spread.cells().items():
        _add(cells, cell, sums)


def _add(cells: dict[Cell, Sums], cell: Cell, sums: Sums) -> None:
    old = cells.get(cell, _NONE)
    cells[cell] = (old[0] + sums[0], old[1] + sums[1], old[2] + sums[2], old[3] + sums[3], old[4] + sums[4])


def stored(connection: Connection, low_hour: int, high_hour: int) -> dict[Cell, Sums]:
    """Return the stored cells of some local hours, without empty ones.

    Args:
        connection: a reading connection.
        low_hour: the first local hour.
        high_hour: the hour after the last.
    """
    return {row[:6]: row[6:] for row in connection.execute(_STORED, (low_hour, high_hour)) if any(row[6:])}


def expected_sums(cell: Cell, kept: Mapping[Cell, Sums], counted: Mapping[Cell, Sums], thinned: set[int]) -> Sums:
    """Return what a cell must hold: the total of the actions, or no less than that if a clean-up removed actions.

    Args:
        cell: the cell.
        kept: the cells as stored.
        counted: the cells as the actions add up.
        thinned: the local days that a clean-up has thinned.
    """
    stored_sums, counted_sums = kept.get(cell, _NONE), counted.get(cell, _NONE)
    day = cell[0] // HOURS_PER_DAY
    if any(
        earlier in thinned for earlier in range(day - SPILL_DAYS, day + 1)
    ):  # removed actions may have lasted to here
        return (
            max(stored_sums[0], counted_sums[0]),
            max(stored_sums[1], counted_sums[1]),
            max(stored_sums[2], counted_sums[2]),
            max(stored_sums[3], counted_sums[3]),
            max(stored_sums[4], counted_sums[4]),
        )
    return counted_sums


def recount_day(connection: Connection, day: int) -> int:
    """Correct the hourly sums of a local day. The caller holds the transaction, and calls `roll_up`.

    If actions of the day use names that are lost, its sums stay: they still hold the ids of those names.

    Returns:
        How many cells were changed.
    """
    low_hour, high_hour = day * HOURS_PER_DAY, (day + 1) * HOURS_PER_DAY
    # A clock's offset is at most a day, and so the actions that begin in the day lie within these bounds.
    low_us, high_us = (day - 1) * US_PER_DAY, (day + 2) * US_PER_DAY
    cells: dict[Cell, Sums] = {}
    _collect(connection, low_us - US_PER_HOUR, high_us, cells)
    reaching = Deltas()
    long = connection.execute(_LONG, (low_us - MAX_DURATION_US, low_us - US_PER_HOUR))
    for ts_us, offset_s, code, app, site, project, duration_us in long:
        reaching.add_duration(cell_of(ts_us, offset_s, code, (app, site, project)), ts_us, duration_us)
    for cell, sums in reaching.cells().items():
        _add(cells, cell, sums)
    counted = {cell: sums for cell, sums in cells.items() if low_hour <= cell[0] < high_hour and any(sums)}
    if _names_lost(connection, counted):
        return 0
    kept = stored(connection, low_hour, high_hour)
    thinned = {row[0] for row in connection.execute("SELECT day FROM thinned_days")}
    expected = {cell: expected_sums(cell, kept, counted, thinned) for cell in counted.keys() | kept.keys()}
    changed = [(*cell, *sums) for cell, sums in expected.items() if sums != kept.get(cell, _NONE)]
    connection.executemany("INSERT OR REPLACE INTO data_aggregates VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", changed)
    drop_empty(connection, [cell for cell, sums in expected.items() if not any(sums)])
    return len(changed)


def _names_lost(connection: Connection, cells: Iterable[Cell]) -> bool:
    name_ids = sorted({name_id for cell in cells for name_id in cell[3:]} - {0})
    (known,) = connection.execute(
        "SELECT count(*) FROM names WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(name_ids),)
    ).fetchone()
    return bool(known < len(name_ids))


def days_summed(connection: Connection) -> tuple[int, int] | None:
    """Return the first and the last local day with any sum; None if there is none."""
    first_hour, last_hour = connection.execute(_HOURS).fetchone()
    return None if first_hour is None else (first_hour // HOURS_PER_DAY, last_hour // HOURS_PER_DAY)


def uneven(connection: Connection) -> Iterator[str]:
    """Yield sentences about coarser sums that differ from the hourly ones; for one read transaction."""
    summed = days_summed(connection)
    if summed is None:
        return
    for day in range(summed[0], summed[1] + 1, _DAYS_AT_ONCE):
        end = day + _DAYS_AT_ONCE
        bounds = {"low_day": day, "high_day": end, "low": day * HOURS_PER_DAY, "high": end * HOURS_PER_DAY}
        for table, sql in (("day_aggregates", _UNEVEN_DAYS), ("hour_aggregates", _UNEVEN_HOURS)):
            (wrong,) = connection.execute(sql, bounds).fetchone()
            if wrong:
                yield f"{wrong} sums of {table} do not agree with the sums by hour in {_DAYS_AT_ONCE} days from {day}."
