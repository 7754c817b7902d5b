"""Sums by app, site, project, source, hour and day over any range, exact and quick.

Whole days come from `day_aggregates`, and the remaining whole hours from the hourly sums. Both still count the actions
that a clean-up removed. Parts of an hour at the edges of the range come from the actions themselves. An action counts
at its beginning; its duration is shared out over the hours it covers.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from app.store.rows import event_codec
from app.store.rows.aggregates import HOURS_PER_DAY
from app.store.rows.names import Names
from app.store.sqlite.connection import Connection
from app.store.values.records import Dimension, Total
from collectors.clock import EPOCH_DATE
from collectors.events import MAX_DURATION_US, US_PER_HOUR, US_PER_S, Source

_NAMED: Final = {Dimension.APP: "app", Dimension.SITE: "site", Dimension.PROJECT: "project"}
_SOURCE: Final = f"code >> {event_codec.KIND_BITS}"


def _sums_sql(table: str, unit: str, key: str) -> str:
    # Constants alone make the text, and so nothing can be injected.
    return (
        f"SELECT {key}, sum(actions), sum(active_us) FROM {table} WHERE {unit} >= ? AND {unit} < ?"  # noqa: S608
        " AND utc_offset_s = ? AND code >= ? AND code < ? GROUP BY 1"
    )


_BY_DAY_SQL: Final = {
    **{dimension: _sums_sql("day_aggregates", "local_day", key) for dimension, key in _NAMED.items()},
    Dimension.SOURCE: _sums_sql("day_aggregates", "local_day", _SOURCE),
    Dimension.DAY: _sums_sql("day_aggregates", "local_day", f"local_day * {HOURS_PER_DAY}"),
}
_BY_HOUR_SQL: Final = {
    **{dimension: _sums_sql("data_aggregates", "local_hour", key) for dimension, key in _NAMED.items()},
    Dimension.SOURCE: _sums_sql("hour_aggregates", "local_hour", _SOURCE),
    Dimension.HOUR: _sums_sql("hour_aggregates", "local_hour", "local_hour"),
    Dimension.WEEK_HOUR: _sums_sql("hour_aggregates", "local_hour", "local_hour"),
    Dimension.DAY: _sums_sql("hour_aggregates", "local_hour", "local_hour"),
}
_EDGE_COLUMNS: Final = "SELECT ts_us, code, app, site, project, coalesce(duration_us, 0) FROM actions"
_ONLY: Final = "AND utc_offset_s = ? AND code >= ? AND code < ?"
_EDGE_SQL: Final = f"""{_EDGE_COLUMNS} WHERE ts_us >= ? AND ts_us < ? {_ONLY} UNION ALL {_EDGE_COLUMNS}
    WHERE ts_us >= ? AND ts_us < ? AND duration_us > {US_PER_HOUR} {_ONLY}"""

Sums = defaultdict[int, list[int]]
"""By key (id of a name, index of a source or a local hour): actions, active_us."""


@dataclass(frozen=True, slots=True)
class TotalsQuery:
    """A query for sums by `dimension` over [start_us, end_us), of one source or (None) of all."""

    dimension: Dimension
    start_us: int
    end_us: int
    source: Source | None = None


def totals(connection: Connection, names: Names, query: TotalsQuery) -> tuple[Total, ...]:
    """Return the groups that are not empty: hours and days in order, other groups most active first.

    Args:
        connection: a reading connection, within one transaction.
        names: the names of the same connection.
        query: the range, the dimension and the source.
    """
    summing = _Summing(connection, query)
    if query.start_us < query.end_us:
        for (offset_s,) in connection.execute("SELECT DISTINCT utc_offset_s FROM day_aggregates").fetchall():
            summing.add_offset(offset_s)
    return _named(summing.sums, names, query.dimension)


@dataclass(slots=True)
class _Summing:
    connection: Connection
    query: TotalsQuery
    sums: Sums = field(default_factory=lambda: defaultdict(lambda: [0, 0]))

    @property
    def codes(self) -> tuple[int, int]:
        """The range of codes of the source: first, and the one after the last."""
        return (0, 2**31) if self.query.source is None else event_codec.source_range(self.query.source)

    def add_offset(self, offset_s: int) -> None:
        """Add everything recorded under one clock offset: whole hours from the sums, cut ones from the actions."""
        start_us, end_us = self.query.start_us, self.query.end_us
        offset_us = offset_s * US_PER_S
        low_hour = -((-start_us - offset_us) // US_PER_HOUR)
        high_hour = (end_us + offset_us) // US_PER_HOUR
        if low_hour >= high_hour:
            self._add_edge(start_us, end_us, offset_s)
            return
        low_day, high_day = -(-low_hour // HOURS_PER_DAY), high_hour // HOURS_PER_DAY
        whole_days = _BY_DAY_SQL.get(self.query.dimension)
        if whole_days is None or low_day >= high_day:
            self._add_cells(_BY_HOUR_SQL[self.query.dimension], low_hour, high_hour, offset_s)
        else:
            self._add_cells(_BY_HOUR_SQL[self.query.dimension], low_hour, low_day * HOURS_PER_DAY, offset_s)
            self._add_cells(whole_days, low_day, high_day, offset_s)
            self._add_cells(_BY_HOUR_SQL[self.query.dimension], high_day * HOURS_PER_DAY, high_hour, offset_s)
        self._add_edge(start_us, low_hour * US_PER_HOUR - offset_us, offset_s)
        self._add_edge(high_hour * US_PER_HOUR - offset_us, end_us, offset_s)

    def _add_cells(self, sql: str, low: int, high: int, offset_s: int) -> None:
        if low >= high:
            return
        for key, actions, active_us in self.connection.execute(sql, (low, high, offset_s, *self.codes)):
            self.sums[key][0] += actions
            self.sums[key][1] += active_us

    def _add_edge(self, start_us: int, end_us: int, offset_s: int) -> None:
        """Add a stretch of less than two hours from the actions that begin in it or reach into it."""
        if start_us >= end_us:
            return
        near_us = start_us - US_PER_HOUR
        rows = self.connection.execute(
            _EDGE_SQL,
            (near_us, end_us, offset_s, *self.codes, start_us - MAX_DURATION_US, near_us, offset_s, *self.codes),
        )
        offset_us = offset_s * US_PER_S
        for ts_us, code, app, site, project, duration_us in rows:
            begins_in = ts_us >= start_us
            at_us = max(ts_us, start_us)
            stop_us = min(ts_us + duration_us, end_us)
            while begins_in or at_us < stop_us:
                hour = (at_us + offset_us) // US_PER_HOUR
                piece_us = max(0, min(stop_us, (hour + 1) * US_PER_HOUR - offset_us) - at_us)
                sums = self.sums[self._key((code, app, site, project), hour)]
                sums[0] += begins_in
                sums[1] += piece_us
                at_us += piece_us
                begins_in = False

    def _key(self, ids: tuple[int, int | None, int | None, int | None], hour: int) -> int:
        code, app, site, project = ids
        match self.query.dimension:
            case Dimension.APP:
                return app or 0
            case Dimension.SITE:
                return site or 0
            case Dimension.PROJECT:
                return project or 0
            case Dimension.SOURCE:
                return code >> event_codec.KIND_BITS
            case _:
                return hour


def _named(sums: Sums, names: Names, dimension: Dimension) -> tuple[Total, ...]:
    if dimension in (Dimension.HOUR, Dimension.DAY, Dimension.WEEK_HOUR):
        merged: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
        for hour, (actions, active_us) in sums.items():
            day = EPOCH_DATE + dt.timedelta(days=hour // HOURS_PER_DAY)
            if dimension is Dimension.HOUR:
                key = f"{hour % HOURS_PER_DAY:02d}"
            elif dimension is Dimension.WEEK_HOUR:
                key = f"{day.isoweekday()} {hour % HOURS_PER_DAY:02d}"
            else:
                key = day.isoformat()
            merged[key][0] += actions
            merged[key][1] += active_us
        return tuple(Total(key, *merged[key]) for key in sorted(merged) if any(merged[key]))
    result = [
        Total(
            event_codec.SOURCES[key].value if dimension is Dimension.SOURCE else names.name_of(key), actions, active_us
        )
        for key, (actions, active_us) in sums.items()
        if (key or dimension is Dimension.SOURCE) and (actions or active_us)
    ]
    return tuple(sorted(result, key=lambda total: (-total.active_us, -total.actions, total.key)))
