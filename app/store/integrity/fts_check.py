"""Checks that each full-text index holds exactly the words of its texts.

FTS5 compares the two itself only in a writing transaction, which would block the one writer for seconds. So both sides
are reduced to a fingerprint: the sum of a hash of every (word, text, column, position). The index lists these itself
(sqlite.org/fts5.html#the_fts5vocab_virtual_table_module). The texts go into an index in memory, some thousand at a
time, and that index is read the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from app.store.sqlite.connection import Connection

_AT_ONCE: Final = 20_000
_TOKENIZER: Final = "unicode61 remove_diacritics 2"
_BITS: Final = 2**64
_INDEXES: Final = (
    ("texts_words", "texts", "target, title"),
    ("chat_words", "chat_messages", "text"),
)
# The SQL below is built from the names above alone.


def different_words(connection: Connection, check_cancelled: Callable[[], None]) -> Iterator[str]:
    """Yield a sentence for each index that differs from the words of its texts; for one read transaction.

    Args:
        connection: read-only for its file; temporary tables in memory must be allowed.
        check_cancelled: called between steps; raises to end the check.
    """
    for index, table, columns in _INDEXES:
        if _of_index(connection, index) != _of_texts(connection, table, columns, check_cancelled):
            yield f"The index {index} does not hold the words of {table}."
        check_cancelled()


def _of_index(connection: Connection, index: str, schema: str = "main") -> int:
    connection.execute(f"CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab('{schema}', '{index}', 'instance')")
    try:
        # Only within this process, so that its own hash serves.
        return sum(map(hash, connection.execute("SELECT term, doc, col, offset FROM temp.vocabulary"))) % _BITS
    finally:
        connection.execute("DROP TABLE temp.vocabulary")


def _of_texts(connection: Connection, table: str, columns: str, check_cancelled: Callable[[], None]) -> int:
    connection.execute(
        f"CREATE VIRTUAL TABLE temp.words USING fts5({columns}, content='', columnsize=0, tokenize=\"{_TOKENIZER}\")"
    )
    try:
        total, last = 0, 0
        while True:
            (end,) = connection.execute(
                f"SELECT max(id) FROM (SELECT id FROM {table} WHERE id > ? ORDER BY id LIMIT ?)",  # noqa: S608
                (last, _AT_ONCE),
            ).fetchone()
            if end is None:
                return total
            connection.execute(
                f"INSERT INTO temp.words (rowid, {columns}) SELECT id, {columns} FROM {table} WHERE id > ? AND id <= ?",  # noqa: S608
                (last, end),
            )
            total = (total + _of_index(connection, "words", "temp")) % _BITS
            connection.execute("INSERT INTO temp.words (words) VALUES ('delete-all')")
            last = end
            check_cancelled()
    finally:
        connection.execute("DROP TABLE temp.words")
