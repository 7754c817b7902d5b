"""How the file gets its shape: append-only steps of frozen SQL (see `schema`), each in one transaction with its record.

`PRAGMA user_version` is the number of steps taken; a file with more of them than this program knows is refused, because
it may hold what we cannot keep.
"""

from __future__ import annotations

from pathlib import Path

from app.errors import StoreError
from app.store.sqlite.connection import Connection
from app.store.sqlite.schema import MIGRATIONS, Migration


def migrate(
    connection: Connection, path: Path, now_us: int, migrations: tuple[Migration, ...] = MIGRATIONS
) -> tuple[int, int]:
    """Take the steps a file has not taken yet.

    Args:
        connection: writing.
        path: of the file, for messages.
        now_us: microseconds since the epoch, for the record.
        migrations: all there are, in order.

    Returns:
        The number of steps before and after.

    Raises:
        StoreError: if the file is of a later version; it is left as it is.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(migrations):
        raise StoreError(
            f"{path.name} was written by a newer version of the program (format {version}, known {len(migrations)}).",
            "Start the newer version; this one did not touch it.",
        )
    for number, step in enumerate(migrations[version:], start=version + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            step(connection)
            connection.execute("INSERT INTO migrations VALUES (?, ?, ?)", (number, step.__name__, now_us))
            connection.execute(f"PRAGMA user_version = {number}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    return version, len(migrations)
