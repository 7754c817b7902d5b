"""Many rows with few statements.

Around each statement the interpreter's lock is given up and has to be got back, which takes milliseconds if another
thread computes; so a statement that stores two hundred rows is over before one of two hundred could be.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Final

from app.store.sqlite.connection import Connection

_AT_ONCE: Final = (200, 20, 1)
"""Rows with one statement, the most that fit first; SQLite takes 32,766 values with one."""


def insert(connection: Connection, into: str, rows: Sequence[Sequence[object]], then: str = "") -> None:
    """Insert rows.

    Args:
        connection: of the writer.
        into: the statement up to its values ("INSERT INTO names VALUES").
        rows: all equally long.
        then: the statement after its values.
    """
    start = 0
    for size in _AT_ONCE:
        while len(rows) - start >= size:
            statement = _statement(into, len(rows[start]), size, then)
            connection.execute(statement, tuple(chain.from_iterable(rows[start : start + size])))
            start += size


@cache
def _statement(into: str, width: int, size: int, then: str) -> str:
    row = f"({', '.join('?' * width)})"
    return f"{into} {', '.join([row] * size)} {then}"
