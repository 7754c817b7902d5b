"""The hourly sums that a forgetting touches: cells that go whole, and what actions contributed to the others."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from app.store.forgetting.match import RequestMatches
from app.store.rows import event_codec
from app.store.rows.aggregates import HOURS_PER_DAY, Cell, Deltas, Sums, cell_of, spans
from app.store.sqlite.connection import Connection
from app.store.values.forget_request import Forget
from collectors.events import MAX_DURATION_US, US_PER_HOUR, US_PER_S, RhythmDetail

Row = tuple[int, int, int, int, int | None, int | None, int | None, int | None, int | None, int | None, str | None]
"""The fields that ROW lists."""
ROW: Final = "id, ts_us, code, utc_offset_s, app, token, site, project, text, duration_us, detail"
_CELL: Final = "local_hour, utc_offset_s, code, app, site, project"
_EDGE: Final = f"""SELECT {ROW} FROM actions INDEXED BY actions_by_time WHERE ts_us >= ? AND ts_us < ?
    UNION ALL SELECT {ROW} FROM actions INDEXED BY actions_long
    WHERE ts_us >= ? AND ts_us < ? AND duration_us > {US_PER_HOUR}"""  # noqa: S608  # constants alone


class CellSelector:
    """Selects the cells that go whole: their hour lies in the range, and their names match.

    Args:
        request: what is to be forgotten.
        matches: the ids that the request matches.
    """

    def __init__(self, request: Forget, matches: RequestMatches) -> None:
        self._request = request
        self._matches = matches

    def goes_whole(self, cell: Cell) -> bool:
        """Return whether everything that a cell can hold is forgotten."""
        if self._request.actions:
            return False  # the contribution of a single action is known, and subtracted
        if self._matches.texts is not None:
            return cell[4] in self._matches.searched_sites
        start_us = _start_us(cell)
        return (
            self._request.low_us <= start_us
            and start_us + US_PER_HOUR <= self._request.high_us
            and self._has_names(cell)
        )

    def is_cut(self, cell: Cell) -> bool:
        """Return whether the range covers only a part of the cell's hour."""
        start_us = _start_us(cell)
        overlaps = start_us < self._request.high_us and start_us + US_PER_HOUR > self._request.low_us
        is_counted = self._matches.texts is not None or bool(self._request.actions)
        return not is_counted and overlaps and self._has_names(cell) and not self.goes_whole(cell)

    def selected(self, connection: Connection) -> Iterator[tuple[Cell, bool]]:
        """Yield the cells that go whole. The flag says that the range cuts the hour of a thinned day."""
        thinned = {row[0] for row in connection.execute("SELECT day FROM thinned_days")}
        for cell in self._near(connection):
            if self.goes_whole(cell):
                yield cell, False
            elif cell[0] // HOURS_PER_DAY in thinned and self.is_cut(cell):
                yield cell, True

    def _has_names(self, cell: Cell) -> bool:
        _, _, _, app, site, project = cell
        return all(
            ids is None or name_id in ids
            for ids, name_id in (
                (self._matches.apps, app),
                (self._matches.sites, site),
                (self._matches.projects, project),
            )
        )

    def _near(self, connection: Connection) -> Iterator[Cell]:
        sites = self._matches.searched_sites
        if self._matches.texts is not None and not sites:
            return
        # A clock's offset is at most a day.
        low_hour = self._request.low_us // US_PER_HOUR - HOURS_PER_DAY - 1
        high_hour = self._request.high_us // US_PER_HOUR + HOURS_PER_DAY + 1
        sql = f"SELECT {_CELL} FROM data_aggregates WHERE local_hour >= ? AND local_hour < ?"  # noqa: S608
        values: list[Any] = [low_hour, high_hour]
        for column, group in (
            ("app", self._matches.apps),
            ("site", self._matches.sites if self._matches.texts is None else sites),
            ("project", self._matches.projects),
        ):
            if group is not None:
                sql += f" AND {column} IN (SELECT value FROM json_each(?))"  # noqa: S608  # columns from above
                values.append(json.dumps(sorted(group)))
        yield from connection.execute(sql, values)


def cells_of(row: Row) -> Iterator[Cell]:
    """Yield every cell that an action contributes to."""
    _, ts_us, code, offset_s, app, _, site, project, _, duration_us, _ = row
    cell = cell_of(ts_us, offset_s, code, (app, site, project))
    yield cell
    if duration_us:
        for hour, _ in spans(ts_us, offset_s, duration_us):
            if hour != cell[0]:
                yield (hour, *cell[1:])


def add_row(deltas: Deltas, row: Row, sign: int) -> None:
    """Add the contribution of an action to the sums, or subtract it.

    Args:
        deltas: collects the changes.
        row: the action, with the fields of ROW.
        sign: 1 to add, -1 to subtract.
    """
    _, ts_us, code, offset_s, app, _, site, project, _, duration_us, detail_text = row
    cell = cell_of(ts_us, offset_s, code, (app, site, project))
    detail = None if detail_text is None else event_codec.decode_detail(*event_codec.pair_of(code), detail_text)
    deltas.add_action(cell, detail if isinstance(detail, RhythmDetail) else None, sign)
    if duration_us:
        deltas.add_duration(cell, ts_us, duration_us, sign)


def sums_of(cells: Iterable[Cell], rows: Iterable[Row]) -> dict[Cell, Sums]:
    """Sum what actions contribute to some cells.

    Args:
        cells: the cells to sum.
        rows: the actions.
    """
    selected = frozenset(cells)
    deltas = Deltas()
    for row in rows:
        if not selected.isdisjoint(cells_of(row)):
            add_row(deltas, row, 1)
    return {cell: sums for cell, sums in deltas.cells().items() if cell in selected}


def rows_reaching_into(connection: Connection, cell: Cell) -> list[Row]:
    """Return the stored actions that begin in a cell's hour or reach into it."""
    start_us = _start_us(cell)
    near_us = start_us - US_PER_HOUR
    parameters = (near_us, start_us + US_PER_HOUR, start_us - MAX_DURATION_US, near_us)
    return connection.execute(_EDGE, parameters).fetchall()


def _start_us(cell: Cell) -> int:
    return cell[0] * US_PER_HOUR - cell[1] * US_PER_S
