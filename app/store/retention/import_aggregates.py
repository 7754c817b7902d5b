"""Imports what an export holds beyond its actions: the thinned days and their sums.

A sum is raised to the value of the export and never lowered, so a second import of the same export changes nothing.
Only sums that may hold more than the actions are touched: those of thinned days, and of the days that their actions may
have reached into.
"""

from __future__ import annotations

from typing import Final

from app.store.integrity.recount import SPILL_DAYS
from app.store.retention.thinning import LOCAL_DAY
from app.store.rows import event_codec
from app.store.rows.aggregates import HOURS_PER_DAY, roll_up
from app.store.rows.interning import Interner
from app.store.sqlite.connection import Connection
from app.store.values.records import KeptSum, ThinnedDay
from collectors.events import US_PER_DAY

_SAMPLED: Final = f"""INSERT OR IGNORE INTO sampled SELECT id FROM actions
    WHERE ts_us >= :low_us AND ts_us < :high_us AND {LOCAL_DAY} = :day"""  # noqa: S608  # constants alone
_RAISE: Final = """INSERT INTO data_aggregates VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
    actions = max(actions, excluded.actions), active_us = max(active_us, excluded.active_us),
    keys = max(keys, excluded.keys), clicks = max(clicks, excluded.clicks), scrolls = max(scrolls, excluded.scrolls)"""


def mark_thinned(connection: Connection, days: tuple[ThinnedDay, ...]) -> None:
    """Mark days as thinned, so that they are not thinned again; in the caller's transaction."""
    connection.executemany(
        "INSERT OR IGNORE INTO thinned_days (day, seed, seen, kept) VALUES (?, ?, ?, ?)",
        [(item.day, item.seed, item.seen, item.kept) for item in days],
    )
    # A clock's offset is at most a day, and so a local day lies within three.
    connection.executemany(
        _SAMPLED,
        [
            {"day": item.day, "low_us": (item.day - 1) * US_PER_DAY, "high_us": (item.day + 2) * US_PER_DAY}
            for item in days
        ],
    )


def raise_sums(connection: Connection, interner: Interner, sums: tuple[KeptSum, ...]) -> None:
    """Raise the sums of thinned days, in the caller's transaction.

    Args:
        connection: the writer's.
        interner: gives the ids of names.
        sums: the sums of the export.
    """
    thinned = {day for (day,) in connection.execute("SELECT day FROM thinned_days")}
    rows = []
    for item in sums:
        day = item.local_hour // HOURS_PER_DAY
        if thinned.isdisjoint(range(day - SPILL_DAYS, day + 1)):
            continue
        code = event_codec.code_of(item.source, item.kind)
        names = [interner.name_or_none(name) or 0 for name in (item.app, item.site, item.project)]
        rows.append((item.local_hour, item.utc_offset_s, code, *names, *item.sums))
    connection.executemany(_RAISE, rows)
    for day in sorted({row[0] // HOURS_PER_DAY for row in rows}):
        roll_up(connection, day, day + 1)
