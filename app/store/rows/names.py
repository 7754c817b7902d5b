"""Numbers back to names, for readers."""

from __future__ import annotations

from app.errors import StoreError
from app.store.sqlite.connection import Connection


class Names:
    """Remembers the names it was asked for; a number never changes its name."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._texts: dict[int, str] = {}

    def get(self, number: int | None) -> str | None:
        """The name of a number, None for none."""
        return None if number is None else self.known(number)

    def known(self, number: int) -> str:
        """The name of a number.

        Raises:
            StoreError: if there is none, which only damage can bring about.
        """
        text = self._texts.get(number)
        if text is None:
            row = self._connection.execute("SELECT text FROM names WHERE id = ?", (number,)).fetchone()
            if row is None:
                raise StoreError(f"The store has lost the name numbered {number}.", "Put back a backup.")
            text = self._texts[number] = str(row[0])
        return text
