"""Whether a store file is what it should be: its seals, its pages, its words, its numbers.

`quick` asks what every copy must answer well before it may be trusted;
`app.store.integrity.full_check` asks everything. Nothing here writes, and a problem is told without any captured text.
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
"""Of one check are told; a file that is broken all over need not be listed whole."""
_PAGE: Final = re.compile(r"\bpage (\d+)\b")
_VARINT_BITS: Final = 7
_VARINT_MORE: Final = 0x80
_VARINT_BYTES: Final = 9


class Part(StrEnum):
    """What is checked."""

    SEALS = "seals"
    PAGES = "pages"
    REFERENCES = "references"
    WORDS = "words"
    COUNTS = "counts"
    NUMBERS = "numbers"
    SUMS = "sums"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that must not be; `text` is a sentence without captured text."""

    part: Part
    text: str


Check = Callable[[Connection], Iterator[str]]


def quick(connection: Connection) -> tuple[Problem, ...]:
    """What is wrong with a file: every page's seal, the trees, the word indexes, references and counts.

    It reads the file once or twice, and needs neither the write lock nor memory that grows with the file. What the
    writer does meanwhile is not seen: the checks run in one read transaction.

    Args:
        connection: of any kind, without an open transaction; a read-only one serves.

    Raises:
        Error: if the file cannot be read for a reason that may pass (a failing disk, an interrupt).
    """
    try:
        return tuple(problem for part, check in QUICK for problem in run_check(connection, part, check))
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def run_check(connection: Connection, part: Part, check: Check) -> Iterator[Problem]:
    """The problems of one check; that it cannot go to its end, because the file is damaged, is one as well."""
    try:
        for text in check(connection):
            yield Problem(part, text)
    except Error as error:
        if may_pass(error) or is_interrupt(error):
            raise
        yield Problem(part, f"The check of the {part} could not be finished ({error}).")


def is_interrupt(error: Exception) -> bool:
    """Whether a statement ended because it was told to."""
    return getattr(error, "sqlite_errorname", None) == "SQLITE_INTERRUPT"


def seals(connection: Connection) -> Iterator[str]:
    """Every page of the file bears its seal (SQLCipher's HMAC), but for those that the write-ahead log still holds.

    `cipher_integrity_check` reads the file alone, in which a page is old or missing until its newest content is copied
    from the log; such a page is overwritten before anybody reads it. What fails only once is not told: a read of the
    disk may fail in passing.

    Args:
        connection: of any kind, without an open transaction. A read transaction is begun, which the caller ends.
    """
    current = write_ahead_log.begin(connection)
    broken = _broken_pages(connection, current)
    if broken:
        again = _broken_pages(connection, current)
        yield from [text for page, text in again.items() if page in broken][:MOST_ROWS]


def _broken_pages(connection: Connection, current: write_ahead_log.Snapshot) -> dict[int, str]:
    """Map each broken page to what SQLCipher says of it; 0 stands for what belongs to no page."""
    texts = [f"{text}." for (text,) in connection.execute("PRAGMA cipher_integrity_check").fetchall()]
    broken = {_page_named(text): text for text in texts}
    excused = current.pages_not_copied() if broken else frozenset()
    return {page: text for page, text in broken.items() if page <= current.page_count and page not in excused}


def _page_named(text: str) -> int:
    match = _PAGE.search(text)
    return int(match[1]) if match else 0


def pages(connection: Connection) -> Iterator[str]:
    """Trees, rows and the inside of the word indexes are in order (sqlite.org/pragma.html#pragma_quick_check)."""
    for (text,) in connection.execute(f"PRAGMA quick_check({MOST_ROWS})").fetchall():
        if text != "ok":
            yield f"{text}."


def references(connection: Connection) -> Iterator[str]:
    """Declared references lead somewhere."""
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check").fetchmany(MOST_ROWS):
        yield f"Row {row} of {table} refers to a row of {parent} that is not there."


def counted_words(connection: Connection) -> Iterator[str]:
    """The word indexes know as many texts as there are."""
    for index, table in (("texts_words", "texts"), ("chat_words", "chat_messages")):
        (stored,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608  # the two names above
        indexed = indexed_rows(connection, index)
        if indexed != stored:
            yield f"The index {index} knows {indexed} texts, and {stored} are stored."


def counts(connection: Connection) -> Iterator[str]:
    """The numbers of stored actions add up to the actions that there are."""
    (there,) = connection.execute("SELECT count(*) FROM actions").fetchone()
    (counted,) = connection.execute("SELECT coalesce(sum(actions), 0) FROM stored_counts").fetchone()
    if there != counted:
        yield f"{counted} actions are counted, and {there} are stored."


QUICK: Final[tuple[tuple[Part, Check], ...]] = (
    (Part.SEALS, seals),
    (Part.PAGES, pages),
    (Part.REFERENCES, references),
    (Part.WORDS, counted_words),
    (Part.COUNTS, counts),
)
"""In this order: the first begins a read transaction, which the caller ends."""


def indexed_rows(connection: Connection, index: str) -> int:
    """How many rows a word index has taken in, by its own book (the first number of FTS5's averages record)."""
    row = connection.execute(f"SELECT block FROM {index}_data WHERE id = 1").fetchone()  # noqa: S608  # names of ours alone
    return 0 if row is None else _first_varint(row[0])


def _first_varint(block: bytes) -> int:
    """The number at the beginning of a block (sqlite.org/fileformat2.html#varint)."""
    number = 0
    for place, byte in enumerate(block[:_VARINT_BYTES], start=1):
        if place == _VARINT_BYTES:
            return number << 8 | byte
        number = number << _VARINT_BITS | byte & ~_VARINT_MORE
        if not byte & _VARINT_MORE:
            break
    return number
