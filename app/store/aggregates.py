"""Sums that outlive the actions they were made from, kept in the transaction that stores the action.

A cell is one local hour, by clock offset, source and kind, app, site and project. An action counts in the hour in
which it began; its duration is shared out over the hours it really covers, so that no hour holds more than it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from app.store import codec
from app.store.connection import Connection
from collectors.events import US_PER_S, RhythmDetail

US_PER_HOUR: Final = 3_600 * US_PER_S

Cell = tuple[int, int, int, int, int, int]
"""local_hour, utc_offset_s, code, app, site, project (names 0 where there is none)."""

_UPSERT: Final = """INSERT INTO data_aggregates VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET actions = actions + excluded.actions, active_us = active_us + excluded.active_us,
    keys = keys + excluded.keys, clicks = clicks + excluded.clicks, scrolls = scrolls + excluded.scrolls"""


def spans(ts_us: int, utc_offset_s: int, duration_us: int) -> Iterator[tuple[int, int]]:
    """Share a duration out over local hours: (local_hour, active_us), the hour of the beginning first."""
    local_us = ts_us + utc_offset_s * US_PER_S
    hour = local_us // US_PER_HOUR
    room_us = (hour + 1) * US_PER_HOUR - local_us
    yield hour, min(duration_us, room_us)
    left_us = duration_us - room_us
    while left_us > 0:
        hour += 1
        yield hour, min(left_us, US_PER_HOUR)
        left_us -= US_PER_HOUR


_COUNT: Final = """INSERT INTO stored_counts VALUES (?, ?)
    ON CONFLICT DO UPDATE SET actions = actions + excluded.actions"""


class Deltas:
    """Changes to the sums, collected and then written at once."""

    def __init__(self) -> None:
        self._cells: dict[Cell, list[int]] = {}

    def count(self, cell: Cell, rhythm: RhythmDetail | None) -> None:
        """One action more in a cell, with its input counts where it has them."""
        sums = self._cells.get(cell)
        if sums is None:
            sums = self._cells[cell] = [0, 0, 0, 0, 0]
        sums[0] += 1
        if rhythm is not None:
            sums[2] += rhythm.keys
            sums[3] += rhythm.clicks
            sums[4] += rhythm.scrolls

    def last(self, cell: Cell, ts_us: int, duration_us: int, sign: int = 1) -> None:
        """Add (or with sign -1 take away) a duration that began at `ts_us`."""
        for hour, active_us in spans(ts_us, cell[1], duration_us):
            key = (hour, *cell[1:])
            sums = self._cells.get(key)
            if sums is None:
                sums = self._cells[key] = [0, 0, 0, 0, 0]
            sums[1] += sign * active_us

    def write(self, connection: Connection) -> None:
        """Add everything to the table; the caller holds the transaction."""
        rows = [(*cell, *sums) for cell, sums in self._cells.items() if any(sums)]
        if rows:
            connection.executemany(_UPSERT, rows)
        self._cells.clear()

    def cells(self) -> dict[Cell, tuple[int, ...]]:
        """What was collected, for checks."""
        return {cell: tuple(sums) for cell, sums in self._cells.items() if any(sums)}


def count_stored(connection: Connection, changes: Mapping[int, int]) -> None:
    """Add to the numbers of stored actions, by code; the caller holds the transaction."""
    connection.executemany(_COUNT, list(changes.items()))


def cell_of(ts_us: int, utc_offset_s: int, code: int, names: tuple[int | None, int | None, int | None]) -> Cell:
    """The cell an action counts in; `names` are the ids of app, site and project."""
    app, site, project = names
    hour = (ts_us + utc_offset_s * US_PER_S) // US_PER_HOUR
    return (hour, utc_offset_s, code, app or 0, site or 0, project or 0)


def from_actions(connection: Connection) -> Deltas:
    """The sums made anew from every stored action."""
    deltas = Deltas()
    rows: Iterable[tuple[int, int, int, int | None, int | None, int | None, int | None, str | None]] = (
        connection.execute(
            "SELECT ts_us, utc_offset_s, code, app, site, project, duration_us, detail FROM actions ORDER BY ts_us"
        )
    )
    for ts_us, utc_offset_s, code, app, site, project, duration_us, detail_text in rows:
        cell = cell_of(ts_us, utc_offset_s, code, (app, site, project))
        detail = None if detail_text is None else codec.decode_detail(*codec.pair_of(code), detail_text)
        deltas.count(cell, detail if isinstance(detail, RhythmDetail) else None)
        if duration_us:
            deltas.last(cell, ts_us, duration_us)
    return deltas


def differences(connection: Connection) -> tuple[Cell, ...]:
    """Cells that do not agree with the actions; empty where no clean-up has run and all is well.

    After a clean-up the sums know more than the actions do, which is what they are for.
    """
    made = from_actions(connection).cells()
    stored: dict[Cell, tuple[int, ...]] = {}
    for row in connection.execute("SELECT * FROM data_aggregates"):
        if any(row[6:]):
            stored[row[0], row[1], row[2], row[3], row[4], row[5]] = tuple(row[6:])
    return tuple(sorted(cell for cell in made.keys() | stored.keys() if made.get(cell) != stored.get(cell)))


def rebuild(connection: Connection) -> None:
    """Make the table anew from the actions; only right while no clean-up has run. The caller holds the transaction."""
    connection.execute("DELETE FROM data_aggregates")
    from_actions(connection).write(connection)
