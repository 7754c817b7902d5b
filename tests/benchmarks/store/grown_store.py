"""Makes a store ten times as long: its days are copied forward, with new titles."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from app.store.rows.aggregates import HOURS_PER_DAY, roll_up
from app.store.sqlite import connection as opening
from collectors.events import US_PER_DAY

# Command lines stay. Titles get another number at their end and other projects, as they would in time.
_TEXTS: Final = """INSERT INTO texts SELECT id + :shift, digest + :copy, target,
    replace(title, 'project', 'project' || :copy) || :copy FROM texts WHERE title IS NOT NULL AND id <= :shift_one"""
_ACTIONS: Final = """INSERT INTO actions (ts_us, code, utc_offset_s, app, token, site, project, text, duration_us, detail)
    SELECT ts_us + :later_us, code, utc_offset_s, app, token, site, project,
    CASE WHEN title IS NULL THEN text ELSE text + :shift END, duration_us, detail
    FROM actions LEFT JOIN texts ON texts.id = actions.text WHERE actions.id <= :first_actions ORDER BY actions.id"""
_SUMS: Final = """INSERT INTO data_aggregates SELECT local_hour + :later_hours, utc_offset_s, code, app, site, project,
    actions, active_us, keys, clicks, scrolls FROM data_aggregates WHERE local_hour < :last_hour"""


def copy_forward(path: Path, key: bytes, days: int, copies: int) -> None:
    """Append copies of its days to a closed store.

    Args:
        path: of the store.
        key: its data key.
        days: how many whole days it holds.
        copies: how many copies to append.
    """
    writing = opening.open_writer(path, key)
    (texts,) = writing.execute("SELECT max(id) FROM texts").fetchone()
    (actions,) = writing.execute("SELECT max(id) FROM actions").fetchone()
    (first_hour,) = writing.execute("SELECT min(local_hour) FROM data_aggregates").fetchone()
    first_day = first_hour // HOURS_PER_DAY
    for copy in range(1, copies + 1):
        writing.execute("BEGIN")
        bounds = {
            "copy": copy,
            "shift": copy * texts,
            "shift_one": texts,
            "later_us": copy * days * US_PER_DAY,
            "first_actions": actions,
            "later_hours": copy * days * HOURS_PER_DAY,
            "last_hour": (first_day + days) * HOURS_PER_DAY,
        }
        for statement in (_TEXTS, _ACTIONS, _SUMS):
            used = {name: value for name, value in bounds.items() if f":{name}" in statement}
            writing.execute(statement, used)
        writing.execute("COMMIT")
    writing.execute("BEGIN")
    writing.execute("UPDATE stored_counts SET actions = actions * ?", (copies + 1,))
    writing.execute("INSERT INTO texts_words (texts_words) VALUES ('rebuild')")
    roll_up(writing)
    writing.execute("COMMIT")
    writing.close()
