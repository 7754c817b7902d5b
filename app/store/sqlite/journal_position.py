"""How far a file has taken in the journal, and which store it is a copy of."""

from __future__ import annotations

import hashlib
from typing import Final

from app.store.sqlite.connection import Connection

LINEAGE_BYTES: Final = 16


def position_of(connection: Connection) -> int:
    """Up to which number of the journal a file has taken in; 0 for one from before there was a journal."""
    there = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'journal_position'").fetchone()
    return int(connection.execute("SELECT applied FROM journal_position").fetchone()[0]) if there else 0


def lineage_of(connection: Connection) -> bytes:
    """The store's own mark, the same in each of its copies: drawn from the moment it was made."""
    (made_us,) = connection.execute("SELECT applied_us FROM migrations WHERE version = 1").fetchone()
    return hashlib.sha256(f"kryptictrack store {made_us}".encode()).digest()[:LINEAGE_BYTES]
