"""The SQL statements of each slice of a forgetting, for the writer's thread and its transaction alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from app.store.forgetting import names
from app.store.forgetting.aggregates import ROW, Row, add_row, rows_reaching_into, sums_of
from app.store.forgetting.plan import Plan
from app.store.rows import moments
from app.store.rows.aggregates import Cell, Deltas, drop_empty
from app.store.sqlite.connection import Connection
from app.store.values.forget_request import Forget, Receipt
from collectors.events import US_PER_DAY


def delete(connection: Connection, table: str, key: str, values: Sequence[int] | Sequence[str]) -> None:
    """Delete the rows with the listed keys.

    Args:
        connection: the writer's.
        table: name of the table; from this program alone, never from outside.
        key: name of the key column, likewise.
        values: the keys.
    """
    connection.execute(
        f"DELETE FROM {table} WHERE {key} IN (SELECT value FROM json_each(?))",  # noqa: S608  # names of this program alone
        (json.dumps(values),),
    )


def actions(connection: Connection, ids: Sequence[int]) -> list[Row]:
    """Return the actions that are still stored."""
    return connection.execute(
        f"SELECT {ROW} FROM actions WHERE id IN (SELECT value FROM json_each(?))",  # noqa: S608  # a constant
        (json.dumps(ids),),
    ).fetchall()


def forget_thinned_days(connection: Connection, request: Forget) -> None:
    """Delete the marks of thinned days that lie in the range as a whole and have no action left."""
    if request.names or request.text is not None:
        return
    connection.execute(
        "DELETE FROM thinned_days WHERE (day - 1) * ?1 >= ?2 AND (day + 2) * ?1 <= ?3"
        " AND NOT EXISTS (SELECT 1 FROM actions WHERE ts_us >= (day - 1) * ?1 AND ts_us < (day + 2) * ?1)",
        (US_PER_DAY, request.low_us, request.high_us),
    )


def recount_cells(connection: Connection, cells: Sequence[Cell], plan: Plan) -> None:
    """Recount cells from the actions that are left in them; a cell without any is deleted.

    Args:
        connection: the writer's.
        cells: hourly cells that go whole.
        plan: the plan of the forgetting.
    """
    connection.executemany(
        "DELETE FROM data_aggregates WHERE local_hour = ? AND utc_offset_s = ? AND code = ?"
        " AND app = ? AND site = ? AND project = ?",
        cells,
    )
    rows: dict[int, Row] = {}
    cut = set(plan.cut)
    for cell in cells:
        if cell in cut:
            rows.update((row[0], row) for row in rows_reaching_into(connection, cell))
    later = connection.execute(f"SELECT {ROW} FROM actions WHERE id > ?", (plan.up_to_id,))  # noqa: S608  # a constant
    rows.update((row[0], row) for row in later)
    connection.executemany(
        "INSERT INTO data_aggregates VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(*cell, *sums) for cell, sums in sums_of(cells, rows.values()).items()],
    )


def take_from_sums(connection: Connection, rows: Sequence[Row]) -> None:
    """Subtract the contribution of actions from the sums."""
    deltas = Deltas()
    for row in rows:
        add_row(deltas, row, -1)
    touched = list(deltas.cells())
    deltas.write(connection)
    drop_empty(connection, touched)


def forget_messages(connection: Connection, ids: Sequence[int]) -> None:
    """Delete chat messages and their words in the index."""
    for identity in ids:
        row = connection.execute("DELETE FROM chat_messages WHERE id = ? RETURNING text", (identity,)).fetchone()
        if row is not None:
            connection.execute(
                "INSERT INTO chat_words (chat_words, rowid, text) VALUES ('delete', ?, ?)", (identity, row[0])
            )


def forget_chats(connection: Connection, request: Forget, asked_us: int) -> None:
    """Delete the conversations of the range that have no message left.

    The latest stays, empty, because it is still open.

    Args:
        connection: the writer's.
        request: what is to be forgotten.
        asked_us: when the user asked; the latest conversation counts as begun then.
    """
    if not request.has_range or request.actions:
        return
    bounds = (request.low_us, request.high_us)
    empty = """FROM chat_sessions WHERE started_us >= ? AND started_us < ?
        AND NOT EXISTS (SELECT 1 FROM chat_messages WHERE chat_id = chat_sessions.id)
        AND NOT EXISTS (SELECT 1 FROM memories WHERE chat_id = chat_sessions.id)"""
    (latest,) = connection.execute("SELECT max(id) FROM chat_sessions").fetchone()
    connection.execute(f"DELETE {empty} AND id <> ?", (*bounds, latest))  # constants alone
    connection.execute(
        f"UPDATE chat_sessions SET started_us = ? WHERE id IN (SELECT id {empty})",  # noqa: S608  # likewise
        (asked_us, *bounds),
    )


def retire(connection: Connection, plan: Plan) -> None:
    """Delete the weights of models that learned from the forgotten, and use the latest training that did not."""
    if plan.first_us is not None:
        moments.retire_encoders(connection, plan.first_us)
    runs, adapters = json.dumps(plan.training_runs), json.dumps(plan.adapters)
    connection.execute(
        "UPDATE training_runs SET weights = x'', active = 0 WHERE id IN (SELECT value FROM json_each(?))", (runs,)
    )
    connection.execute(
        "UPDATE training_runs SET active = 1 WHERE id = (SELECT max(id) FROM training_runs WHERE length(weights) > 0)"
        " AND NOT EXISTS (SELECT 1 FROM training_runs WHERE active)"
    )
    connection.execute(
        "UPDATE adapters SET weights = x'', active = 0, report_json = '{}'"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (adapters,),
    )


def names_used_since(connection: Connection, plan: Plan) -> set[int]:
    """Return the ids of the names that were used again after the plan was made."""
    rows: list[tuple[Any, ...]] = connection.execute(
        "SELECT app, token, site, project FROM actions WHERE id > ?", (plan.up_to_id,)
    ).fetchall()
    used = {name_id for row in rows for name_id in row}
    return used | names.names_in_predictions_after(connection, plan.up_to_prediction)


def note(receipt: Receipt) -> str:
    """Return the audit note: how much was forgotten, and not what."""
    return (
        f"forgot {receipt.actions} actions, {receipt.chat_messages} messages and {receipt.predictions} predictions;"
        f" retired {receipt.training_runs} trainings"
    )
