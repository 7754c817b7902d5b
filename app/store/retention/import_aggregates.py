"""What an export knows and its actions do not: which days were thinned, and the sums of them.

A sum is raised to what the export has, and never lowered, so that taking the same export in twice changes nothing. Only
sums that may know more than the actions are touched: those of thinned days, and of the days into which something that
began on them may have lasted.
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
    """Note that days were thinned, so that what is there of them is not thinned again; in the caller's transaction."""
    connection.executemany(
        "INSERT OR IGNORE INTO thinned_days (day, seed, seen, kept) VALUES (?, ?, ?, ?)",
        [(each.day, each.seed, each.seen, each.kept) for each in days],
    )
    # A clock's offset is at most a day, and so a local day lies within three.
    connection.executemany(
        _SAMPLED,
        [
            {"day": each.day, "low_us": (each.day - 1) * US_PER_DAY, "high_us": (each.day + 2) * US_PER_DAY}
            for each in days
        ],
    )


def raise_sums(connection: Connection, interner: Interner, sums: tuple[KeptSum, ...]) -> None:
    """Raise sums of thinned days; in the caller's transaction."""
    known = {day for (day,) in connection.execute("SELECT day FROM thinned_days")}
    rows = []
    for each in sums:
        day = each.local_hour // HOURS_PER_DAY
        if known.isdisjoint(range(day - SPILL_DAYS, day + 1)):
            continue
        code = event_codec.code_of(each.source, each.kind)
        names = [interner.name_or_none(name) or 0 for name in (each.app, each.site, each.project)]
        rows.append((each.local_hour, each.utc_offset_s, code, *names, *each.sums))
    connection.executemany(_RAISE, rows)
    for day in sorted({row[0] // HOURS_PER_DAY for row in rows}):
        roll_up(connection, day, day + 1)
