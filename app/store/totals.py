"""Sums by app, site, project, source, hour and day over any range, exact and quick.

Whole hours come from `data_aggregates`, which also know what a clean-up took away. The rest of an hour that the range
cuts comes from the actions themselves. An action counts where it began; its time counts where it lies.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Final

from app.store import codec
from app.store.aggregates import US_PER_HOUR
from app.store.connection import Connection
from app.store.names import Names
from app.store.records import Dimension, Total
from collectors.events import MAX_DURATION_US, US_PER_S, Source

_HOURS_PER_DAY: Final = 24
_EPOCH: Final = dt.date(1970, 1, 1)
_KEY_SQL: Final = {
    Dimension.APP: "app",
    Dimension.SITE: "site",
    Dimension.PROJECT: "project",
    Dimension.SOURCE: f"code >> {codec.KIND_BITS}",
    Dimension.HOUR: "local_hour",
    Dimension.DAY: "local_hour",
}
_EDGE_ROWS: Final = "SELECT ts_us, code, app, site, project, coalesce(duration_us, 0) FROM actions "

Sums = defaultdict[int, list[int]]
"""By key (a name's id, a source's number or a local hour): actions, active_us."""


def totals(
    connection: Connection, names: Names, dimension: Dimension, start_us: int, end_us: int, source: Source | None
) -> tuple[Total, ...]:
    """The groups that have anything in [start_us, end_us): hours and days in order, the others most active first."""
    sums: Sums = defaultdict(lambda: [0, 0])
    codes = (0, 2**31) if source is None else codec.source_range(source)
    if start_us < end_us:
        for (offset_s,) in connection.execute("SELECT DISTINCT utc_offset_s FROM data_aggregates").fetchall():
            _add_offset(connection, sums, dimension, (start_us, end_us), codes, offset_s)
    return _named(sums, names, dimension)


def _add_offset(
    connection: Connection,
    sums: Sums,
    dimension: Dimension,
    span_us: tuple[int, int],
    codes: tuple[int, int],
    offset_s: int,
) -> None:
    """Everything recorded under one clock offset: the whole hours from the sums, the cut ones from the actions."""
    start_us, end_us = span_us
    offset_us = offset_s * US_PER_S
    low_hour = -((-start_us - offset_us) // US_PER_HOUR)
    high_hour = (end_us + offset_us) // US_PER_HOUR
    if low_hour >= high_hour:
        _add_edge(connection, sums, dimension, span_us, codes, offset_s)
        return
    for key, actions, active_us in connection.execute(
        f"SELECT {_KEY_SQL[dimension]}, sum(actions), sum(active_us) FROM data_aggregates"
        " WHERE local_hour >= ? AND local_hour < ? AND utc_offset_s = ? AND code >= ? AND code < ? GROUP BY 1",
        (low_hour, high_hour, offset_s, *codes),
    ):
        sums[key][0] += actions
        sums[key][1] += active_us
    _add_edge(connection, sums, dimension, (start_us, low_hour * US_PER_HOUR - offset_us), codes, offset_s)
    _add_edge(connection, sums, dimension, (high_hour * US_PER_HOUR - offset_us, end_us), codes, offset_s)


def _add_edge(
    connection: Connection,
    sums: Sums,
    dimension: Dimension,
    span_us: tuple[int, int],
    codes: tuple[int, int],
    offset_s: int,
) -> None:
    """A stretch within less than two hours, from the actions that lie in it or reach into it."""
    start_us, end_us = span_us
    if start_us >= end_us:
        return
    near_us = start_us - US_PER_HOUR
    only = " AND utc_offset_s = ? AND code >= ? AND code < ?"
    rows = connection.execute(
        f"{_EDGE_ROWS} WHERE ts_us >= ? AND ts_us < ? {only} UNION ALL {_EDGE_ROWS}"
        f" WHERE ts_us >= ? AND ts_us < ? AND duration_us > {US_PER_HOUR} {only}",
        (near_us, end_us, offset_s, *codes, start_us - MAX_DURATION_US, near_us, offset_s, *codes),
    )
    offset_us = offset_s * US_PER_S
    for ts_us, code, app, site, project, duration_us in rows:
        begins_in = ts_us >= start_us
        at_us = max(ts_us, start_us)
        stop_us = min(ts_us + duration_us, end_us)
        if not begins_in and stop_us <= at_us:
            continue
        first = True
        while first or at_us < stop_us:
            hour = (at_us + offset_us) // US_PER_HOUR
            piece_us = max(0, min(stop_us, (hour + 1) * US_PER_HOUR - offset_us) - at_us)
            key = {
                Dimension.APP: app or 0,
                Dimension.SITE: site or 0,
                Dimension.PROJECT: project or 0,
                Dimension.SOURCE: code >> codec.KIND_BITS,
            }.get(dimension, hour)
            sums[key][0] += begins_in and first
            sums[key][1] += piece_us
            at_us += piece_us
            first = False


def _named(sums: Sums, names: Names, dimension: Dimension) -> tuple[Total, ...]:
    if dimension in (Dimension.HOUR, Dimension.DAY):
        merged: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
        for hour, (actions, active_us) in sums.items():
            if dimension is Dimension.HOUR:
                key = f"{hour % _HOURS_PER_DAY:02d}"
            else:
                key = (_EPOCH + dt.timedelta(days=hour // _HOURS_PER_DAY)).isoformat()
            merged[key][0] += actions
            merged[key][1] += active_us
        return tuple(Total(key, *merged[key]) for key in sorted(merged) if any(merged[key]))
    found = [
        Total(codec.SOURCES[key].value if dimension is Dimension.SOURCE else names.known(key), actions, active_us)
        for key, (actions, active_us) in sums.items()
        if (key or dimension is Dimension.SOURCE) and (actions or active_us)
    ]
    return tuple(sorted(found, key=lambda total: (-total.active_us, -total.actions, total.key)))
