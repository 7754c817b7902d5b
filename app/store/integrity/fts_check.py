"""Whether an index of words holds exactly the words of the texts it is made over.

FTS5 compares the two itself only in a transaction that writes, which would hold up the one writer for seconds. So both
sides are reduced to a fingerprint: the sum of a hash of every (word, text, column, place). The index tells its own
(sqlite.org/fts5.html#the_fts5vocab_virtual_table_module); the texts are put, some thousand at a time, into an index in
memory that is asked the same.
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
# The texts below are made of the names above alone.


def different_words(connection: Connection, check_cancelled: Callable[[], None]) -> Iterator[str]:
    """Indexes that do not hold the words of their texts, as sentences; for one read transaction.

    Args:
        connection: read-only as to its file; its temporary tables are used, in memory.
        check_cancelled: called between steps; what it raises ends the check.
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
