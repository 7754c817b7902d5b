"""The quick check of a store file: page seals, trees, references, word indexes and counts.

Every copy must pass `quick` before it may be trusted; `app.store.integrity.full_check` checks everything. Nothing here
writes, and no problem contains captured text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.store.sqlite import write_ahead_log
from app.store.sqlite.connection import Connection
from app.store.sqlite.errors import Error, may_pass

MOST_ROWS: Final = 20
"""The most problems that one check reports: a file broken all over need not be listed whole."""
_PAGE: Final = re.compile(r"\bpage (\d+)\b")
_VARINT_BITS: Final = 7
_VARINT_MORE: Final = 0x80
_VARINT_BYTES: Final = 9


class Part(StrEnum):
    """A part of the store that is checked."""

    SEALS = "seals"
    PAGES = "pages"
    REFERENCES = "references"
    WORDS = "words"
    COUNTS = "counts"
    NUMBERS = "numbers"
    SUMS = "sums"


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault in the file; `text` is a sentence without captured text."""

    part: Part
    text: str


Check = Callable[[Connection], Iterator[str]]


def quick(connection: Connection) -> tuple[Problem, ...]:
    """Check every page's seal, the trees, the word indexes, references and counts.

    It reads the file once or twice, and needs neither the write lock nor memory that grows with the file. The checks
    run in one read transaction, so they do not see what the writer does meanwhile.

    Args:
        connection: of any kind, without an open transaction; a read-only one is enough.

    Raises:
        Error: if the file cannot be read for a reason that may pass (a failing disk, an interrupt).
    """
    try:
        return tuple(problem for part, check in QUICK for problem in run_check(connection, part, check))
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def run_check(connection: Connection, part: Part, check: Check) -> Iterator[Problem]:
    """Yield the problems of one check. If damage stops the check, that is a problem as well.

    Args:
        connection: passed to the check.
        part: what the check is about.
        check: yields one sentence for each problem.

    Raises:
        Error: if the file cannot be read for a reason that may pass, or the check was interrupted.
    """
    try:
        for text in check(connection):
            yield Problem(part, text)
    except Error as error:
        if may_pass(error) or is_interrupt(error):
            raise
        yield Problem(part, f"The check of the {part} could not be finished ({error}).")


def is_interrupt(error: Exception) -> bool:
    """Return whether a statement ended because it was interrupted."""
    return getattr(error, "sqlite_errorname", None) == "SQLITE_INTERRUPT"


def seals(connection: Connection) -> Iterator[str]:
    """Check the seal (SQLCipher's HMAC) of every page, except pages that the write-ahead log still holds.

    `cipher_integrity_check` reads the file alone. A page in it is old or missing until its newest content is copied
    from the log, and such a page is overwritten before anybody reads it. A page that fails only once is not reported:
    a disk read may fail in passing.

    Args:
        connection: of any kind, without an open transaction. This begins a read transaction, which the caller ends.
    """
    current = write_ahead_log.begin(connection)
    broken = _broken_pages(connection, current)
    if broken:
        again = _broken_pages(connection, current)
        yield from [text for page, text in again.items() if page in broken][:MOST_ROWS]


def _broken_pages(connection: Connection, current: write_ahead_log.Snapshot) -> dict[int, str]:
    """Map each broken page to the message of SQLCipher; 0 stands for messages about no page."""
    texts = [f"{text}." for (text,) in connection.execute("PRAGMA cipher_integrity_check").fetchall()]
    broken = {_page_named(text): text for text in texts}
    excused = current.pages_not_copied() if broken else frozenset()
    return {page: text for page, text in broken.items() if page <= current.page_count and page not in excused}


def _page_named(text: str) -> int:
    match = _PAGE.search(text)
    return int(match[1]) if match else 0


def pages(connection: Connection) -> Iterator[str]:
    """Check trees, rows and the insides of the word indexes (sqlite.org/pragma.html#pragma_quick_check)."""
    for (text,) in connection.execute(f"PRAGMA quick_check({MOST_ROWS})").fetchall():
        if text != "ok":
            yield f"{text}."


def references(connection: Connection) -> Iterator[str]:
    """Check that declared references lead to a row."""
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check").fetchmany(MOST_ROWS):
        yield f"Row {row} of {table} refers to a row of {parent} that is not there."


def counted_words(connection: Connection) -> Iterator[str]:
    """Check that the word indexes count as many texts as are stored."""
    for index, table in (("texts_words", "texts"), ("chat_words", "chat_messages")):
        (stored,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608  # the two names above
        indexed = indexed_rows(connection, index)
        if indexed != stored:
            yield f"The index {index} knows {indexed} texts, and {stored} are stored."


def counts(connection: Connection) -> Iterator[str]:
    """Check that the counts by kind add up to the number of stored actions."""
    (stored,) = connection.execute("SELECT count(*) FROM actions").fetchone()
    (counted,) = connection.execute("SELECT coalesce(sum(actions), 0) FROM stored_counts").fetchone()
    if stored != counted:
        yield f"{counted} actions are counted, and {stored} are stored."


QUICK: Final[tuple[tuple[Part, Check], ...]] = (
    (Part.SEALS, seals),
    (Part.PAGES, pages),
    (Part.REFERENCES, references),
    (Part.WORDS, counted_words),
    (Part.COUNTS, counts),
)
"""In this order: the first begins a read transaction, which the caller ends."""


def indexed_rows(connection: Connection, index: str) -> int:
    """Return how many rows a word index counts itself (the first number of FTS5's averages record)."""
    row = connection.execute(f"SELECT block FROM {index}_data WHERE id = 1").fetchone()  # noqa: S608  # names of ours alone
    return 0 if row is None else _first_varint(row[0])


def _first_varint(block: bytes) -> int:
    """Decode the integer at the beginning of a block (sqlite.org/fileformat2.html#varint)."""
    value = 0
    for position, byte in enumerate(block[:_VARINT_BYTES], start=1):
        if position == _VARINT_BYTES:
            return value << 8 | byte
        value = value << _VARINT_BITS | byte & ~_VARINT_MORE
        if not byte & _VARINT_MORE:
            break
    return value
