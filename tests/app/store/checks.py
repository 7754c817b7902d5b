"""Something to store, and what must hold of a store file after anything that may happen to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.store.integrity import recount
from app.store.rows.aggregates import Cell, Sums
from app.store.sqlite.connection import Connection, open_writer
from app.store.values.records import NewAction
from collectors.events import US_PER_S, Event, EventKind, Source

NOON_US = 1_760_000_000 * US_PER_S


def visits(count: int, first: int = 0, text: str = "page") -> list[NewAction]:
    return [
        NewAction(
            Event(NOON_US + n, Source.BROWSER, EventKind.VISIT, "firefox", f"https://example.org/{n}", f"{text} {n}"),
            f"web:{n}.example.org",
            f"{n}.example.org",
        )
        for n in range(first, first + count)
    ]


def differing_cells(connection: Connection) -> Iterator[tuple[Cell, Sums, Sums]]:
    """Yield (cell, stored sums, counted sums) for cells that differ from the actions; for one read transaction.

    After a clean-up the sums hold more than the actions, as they should.
    """
    empty = (0, 0, 0, 0, 0)
    for low_hour, high_hour, counted in recount.from_actions(connection):
        kept = recount.stored(connection, low_hour, high_hour)
        for cell in sorted(counted.keys() | kept.keys()):
            stored_sums, counted_sums = kept.get(cell, empty), counted.get(cell, empty)
            if stored_sums != counted_sums:
                yield cell, stored_sums, counted_sums


def problems(path: Path, key: bytes, *, cleaned: bool) -> list[str]:
    """Everything that is wrong with a closed store; `cleaned` if a clean-up ran, after which sums know more."""
    connection = open_writer(path, key)
    try:
        found = [str(row) for row in connection.execute("PRAGMA cipher_integrity_check")]
        found += [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
        found += [str(row) for row in connection.execute("PRAGMA foreign_key_check")]
        connection.execute("INSERT INTO texts_words (texts_words, rank) VALUES ('integrity-check', 1)")
        connection.execute("INSERT INTO chat_words (chat_words, rank) VALUES ('integrity-check', 1)")
        counted = dict(connection.execute("SELECT code, count(*) FROM actions GROUP BY code").fetchall())
        stored = dict(connection.execute("SELECT code, actions FROM stored_counts WHERE actions").fetchall())
        if counted != stored:
            found.append(f"counts {stored} instead of {counted}")
        for table, column in (("texts", "text"), ("names", "app"), ("names", "token")):
            lost = connection.execute(
                f"SELECT count(*) FROM actions WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT id FROM {table})"
            ).fetchone()[0]
            if lost:
                found.append(f"{lost} actions have lost their {column}")
        if not cleaned:
            found += [f"sums differ in {cell}" for cell, _, _ in differing_cells(connection)]
        found += recount.uneven(connection)
        return found
    finally:
        connection.close()
