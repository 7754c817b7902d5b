"""Interning: ids for repeated names and pairs of target and title. For the writer's thread alone."""

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
    """Finds or creates the id of a name or of a text pair.

    The cache is only valid within the transaction that filled it: call `forget` after a rollback.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._names: dict[str, int] = {}
        self._texts: dict[TextPair, int] = {}
        self._new_texts: list[tuple[int, int, str | None, str | None]] = []
        self._next_text = 0

    def forget(self) -> None:
        """Clear the cache."""
        self._names.clear()
        self._texts.clear()
        self._new_texts.clear()
        self._next_text = 0

    def forget_text(self, pair: TextPair) -> None:
        """Drop a deleted pair from the cache."""
        self._texts.pop(pair, None)
        self._next_text = 0

    def name(self, text: str) -> int:
        """Return the id of a name, which is created if it is new."""
        identity = self._names.get(text)
        if identity is not None:
            return identity
        row = self._connection.execute("SELECT id FROM names WHERE text = ?", (text,)).fetchone()
        if row is None:
            row = self._connection.execute("INSERT INTO names (text) VALUES (?) RETURNING id", (text,)).fetchone()
        if len(self._names) >= MAX_CACHED:
            self._names.clear()
        self._names[text] = row[0]
        return int(row[0])

    def name_or_none(self, text: str | None) -> int | None:
        """Return the id of a name or None, cleaned as `event_codec.storable` does."""
        if text is None:
            return None
        identity = self._names.get(text)
        return self.name(storable(text)) if identity is None else identity

    def text(self, pair: TextPair) -> int:
        """Return the id of a pair. A new pair is written by `write_texts`, which must come before the commit."""
        identity = self._texts.get(pair)
        if identity is not None:
            return identity
        target, title = pair
        digest = digest_of(pair)
        row = self._connection.execute(
            "SELECT id FROM texts WHERE digest = ? AND target IS ? AND title IS ?", (digest, target, title)
        ).fetchone()
        if row is None:
            if not self._next_text:
                (self._next_text,) = self._connection.execute("SELECT coalesce(max(id), 0) + 1 FROM texts").fetchone()
            identity = self._next_text
            self._next_text += 1
            self._new_texts.append((identity, digest, target, title))
        else:
            identity = int(row[0])
        if len(self._texts) >= MAX_CACHED and not self._new_texts:
            self._texts.clear()
        self._texts[pair] = identity
        return identity

    def write_texts(self) -> None:
        """Write the new pairs since the last call, and index their words."""
        if not self._new_texts:
            return
        insert(self._connection, "INSERT INTO texts VALUES", self._new_texts)
        insert(
            self._connection,
            "INSERT INTO texts_words (rowid, target, title) VALUES",
            [(identity, target, title) for identity, _, target, title in self._new_texts],
        )
        self._new_texts.clear()


def digest_of(pair: TextPair) -> int:
    """Return 32 bits of a hash of the pair; the texts themselves distinguish pairs with equal digests."""
    target, title = pair
    # CRC-32 is enough: it only has to spread, and the texts decide.
    return zlib.crc32(f"{target}\x00{title}".encode())
