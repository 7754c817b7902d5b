"""Numbers for what repeats: names, and pairs of target and title. The writer's thread alone uses this."""

from __future__ import annotations

import zlib
from typing import Final

from app.store.rows.event_codec import storable
from app.store.sqlite.bulk_insert import insert
from app.store.sqlite.connection import Connection

MAX_CACHED: Final = 50_000

TextPair = tuple[str | None, str | None]
"""target, title"""


class Interner:
    """Finds or makes the number of a name or of a text pair.

    What it remembers is only true inside the transaction that made it: call `forget` after one that was rolled back.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._names: dict[str, int] = {}
        self._texts: dict[TextPair, int] = {}
        self._new_texts: list[tuple[int, int, str | None, str | None]] = []
        self._next_text = 0

    def forget(self) -> None:
        """Drop everything remembered."""
        self._names.clear()
        self._texts.clear()
        self._new_texts.clear()
        self._next_text = 0

    def forget_text(self, pair: TextPair) -> None:
        """Drop a pair that was deleted."""
        self._texts.pop(pair, None)
        self._next_text = 0

    def name(self, text: str) -> int:
        """The number of a name, made where it is new."""
        number = self._names.get(text)
        if number is not None:
            return number
        row = self._connection.execute("SELECT id FROM names WHERE text = ?", (text,)).fetchone()
        if row is None:
            row = self._connection.execute("INSERT INTO names (text) VALUES (?) RETURNING id", (text,)).fetchone()
        if len(self._names) >= MAX_CACHED:
            self._names.clear()
        self._names[text] = row[0]
        return int(row[0])

    def name_or_none(self, text: str | None) -> int | None:
        """The number of a name that may be missing, cleaned as `codec.storable` does."""
        if text is None:
            return None
        number = self._names.get(text)
        return self.name(storable(text)) if number is None else number

    def text(self, pair: TextPair) -> int:
        """The number of a pair; a new one is written by `write_texts`, which must come before the commit."""
        number = self._texts.get(pair)
        if number is not None:
            return number
        target, title = pair
        digest = digest_of(pair)
        row = self._connection.execute(
            "SELECT id FROM texts WHERE digest = ? AND target IS ? AND title IS ?", (digest, target, title)
        ).fetchone()
        if row is None:
            if not self._next_text:
                (self._next_text,) = self._connection.execute("SELECT coalesce(max(id), 0) + 1 FROM texts").fetchone()
            number = self._next_text
            self._next_text += 1
            self._new_texts.append((number, digest, target, title))
        else:
            number = int(row[0])
        if len(self._texts) >= MAX_CACHED and not self._new_texts:
            self._texts.clear()
        self._texts[pair] = number
        return number

    def write_texts(self) -> None:
        """Write the pairs that are new since the last call, and index their words."""
        if not self._new_texts:
            return
        insert(self._connection, "INSERT INTO texts VALUES", self._new_texts)
        insert(
            self._connection,
            "INSERT INTO texts_words (rowid, target, title) VALUES",
            [(number, target, title) for number, _, target, title in self._new_texts],
        )
        self._new_texts.clear()


def digest_of(pair: TextPair) -> int:
    """32 bits of a pair; equal digests are told apart by the texts themselves."""
    target, title = pair
    # CRC-32 serves: it only has to spread, the texts decide.
    return zlib.crc32(f"{target}\x00{title}".encode())
