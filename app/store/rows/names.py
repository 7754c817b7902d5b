"""Looks up names by their id, for readers."""

from __future__ import annotations

from app.errors import StoreError
from app.store.sqlite.connection import Connection


class Names:
    """Caches the names it has read; an id never changes its name."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._texts: dict[int, str] = {}

    def get(self, name_id: int | None) -> str | None:
        """Return the name of an id; None for None."""
        return None if name_id is None else self.name_of(name_id)

    def name_of(self, name_id: int) -> str:
        """Return the name of an id.

        Raises:
            StoreError: if there is none, which only damage can cause.
        """
        text = self._texts.get(name_id)
        if text is None:
            row = self._connection.execute("SELECT text FROM names WHERE id = ?", (name_id,)).fetchone()
            if row is None:
                raise StoreError(f"The store has lost the name numbered {name_id}.", "Put back a backup.")
            text = self._texts[name_id] = str(row[0])
        return text
