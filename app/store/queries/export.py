"""The export of all user data: one JSON-able object per row; `table` names its table."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any, Final

from app.store.rows import event_codec
from app.store.rows.names import Names
from app.store.rows.predictions import RANKED
from app.store.sqlite.connection import Connection

_PLAIN_TABLES: Final = (
    ("sessions", "start_us"),
    ("thinned_days", "day"),
    ("insights", "id"),
    ("chat_sessions", "id"),
    ("chat_messages", "id"),
    ("memories", "id"),
    ("training_runs", "id"),
    ("adapters", "id"),
    ("moment_encoders", "id"),
    ("moments", "start_us"),
    ("settings", "name"),
    ("audit", "id"),
)
_NAMED_COLUMNS: Final = {
    "predictions": ("after_action", "truth"),
    "data_aggregates": ("app", "site", "project"),
}


def export_rows(connection: Connection, names: Names) -> Iterator[dict[str, Any]]:
    """Yield the rows of every table but `actions`; ids become names, and binary values become base64."""
    for table, order in _PLAIN_TABLES:
        yield from _rows(connection, table, order)
    for row in _rows(connection, "predictions", "id"):
        ranked = base64.b64decode(row["ranked"])
        row["ranked"] = [[names.name_of(token), p, r] for token, p, r in RANKED.iter_unpack(ranked)]
        yield _with_names(row, names)
    for row in _rows(connection, "data_aggregates", "local_hour"):
        source, kind = event_codec.pair_of(row.pop("code"))
        yield _with_names({**row, "source": source.value, "kind": kind.value}, names)


def _rows(connection: Connection, table: str, order: str) -> Iterator[dict[str, Any]]:
    cursor = connection.execute(f"SELECT * FROM {table} ORDER BY {order}")  # noqa: S608  # names from the tables above alone
    columns = [column[0] for column in cursor.description]
    for row in cursor:
        values = (base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value for value in row)
        yield {"table": table, **dict(zip(columns, values, strict=True))}


def _with_names(row: dict[str, Any], names: Names) -> dict[str, Any]:
    for column in _NAMED_COLUMNS[row["table"]]:
        row[column] = names.name_of(row[column]) if row[column] else None
    return row
