"""The stored record of a forgetting: at most one row, kept until all copies of the file are renewed."""

from __future__ import annotations

import json

from app.store.sqlite.connection import Connection
from app.store.values.forget_request import LAST_FORGOTTEN, Forget, Receipt, Unfinished


def write_down(connection: Connection, request: Forget, asked_us: int) -> Unfinished:
    """Record what is to be forgotten, in the caller's transaction. It covers everything stored by now.

    The record replaces an earlier one: only its copies can be left to renew, and this forgetting renews them as well.

    Args:
        connection: a writing connection, within a transaction.
        request: what is to be forgotten.
        asked_us: when the user asked.
    """
    (up_to_id,) = connection.execute("SELECT coalesce(max(id), 0) FROM actions").fetchone()
    connection.execute("DELETE FROM forgetting")
    connection.execute(
        "INSERT INTO forgetting (asked_us, up_to_id, request_json) VALUES (?, ?, ?)",
        (asked_us, up_to_id, request.to_json()),
    )
    connection.execute(
        "INSERT INTO settings VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        (LAST_FORGOTTEN, json.dumps(asked_us)),
    )
    return Unfinished(asked_us, up_to_id, request, None)


def unfinished(connection: Connection) -> Unfinished | None:
    """Return the forgetting that has begun and not ended; None if there is none."""
    row = connection.execute("SELECT asked_us, up_to_id, request_json, receipt_json FROM forgetting").fetchone()
    if row is None:
        return None
    asked_us, up_to_id, request_json, receipt_json = row
    return Unfinished(
        asked_us,
        up_to_id,
        None if request_json is None else Forget.from_json(request_json),
        None if receipt_json is None else Receipt.from_json(receipt_json),
    )
