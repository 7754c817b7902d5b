"""Whether a store file is what it should be: its seals, its pages, its words, its numbers.

`quick` asks what every copy must answer well before it may be trusted; `app.store.verify_whole` asks everything.
Nothing here writes, and a problem is told without any captured text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.store.connection import Connection
from app.store.faults import Error, may_pass

MOST_ROWS: Final = 20
"""Of one check are told; a file that is broken all over need not be listed whole."""
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
        Error: where the file cannot be read for a reason that may pass (a failing disk, an interrupt).
    """
    try:
        return tuple(problem for part, check in (BEGIN, *QUICK) for problem in run(connection, part, check))
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def run(connection: Connection, part: Part, check: Check) -> Iterator[Problem]:
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


def begun(connection: Connection) -> Iterator[str]:
    """Begin to read as of now, which a transaction does not do before it reads something."""
    connection.execute("BEGIN")
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    yield from ()


def seals(connection: Connection) -> Iterator[str]:
    """Every page of the file bears its seal (SQLCipher's HMAC).

    A page that is being written while it is read has none for a moment, and so only what fails twice is told.
    """
    if _broken_seals(connection):
        yield from _broken_seals(connection)[:MOST_ROWS]


def _broken_seals(connection: Connection) -> list[str]:
    return [f"{row[0]}." for row in connection.execute("PRAGMA cipher_integrity_check").fetchall()]


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


BEGIN: Final[tuple[Part, Check]] = (Part.PAGES, begun)
"""The first of all checks; the caller ends the transaction."""
QUICK: Final[tuple[tuple[Part, Check], ...]] = (
    (Part.SEALS, seals),
    (Part.PAGES, pages),
    (Part.REFERENCES, references),
    (Part.WORDS, counted_words),
    (Part.COUNTS, counts),
)


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
