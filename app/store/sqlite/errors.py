"""What SQLCipher says when something is wrong, as sentences with a remedy.

Source: SQLite's result codes (sqlite.org/rescode.html).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import sqlcipher3.dbapi2 as sqlcipher  # type: ignore[import-untyped]  # the wheel ships no stubs

from app.errors import DamagedError, StoreError, WrongKeyError

RESTORE: Final = "The newest backup comes back with: kryptic restore; the file is moved aside, not deleted."

Error: Final = sqlcipher.Error
"""Base of everything SQLCipher raises."""


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLCipher's errors into sentences with a remedy; see `to_store_error`.

    Raises:
        StoreError: in place of an error of SQLCipher.
    """
    try:
        yield
    except sqlcipher.Error as error:
        raise to_store_error(error, path) from error


def to_store_error(error: Exception, path: Path) -> StoreError:
    """The sentence for an error of SQLCipher's, by its result code (sqlite.org/rescode.html)."""
    code = primary_code(error)
    if code == sqlcipher.SQLITE_NOTADB:
        return WrongKeyError(
            f"The key does not open {path.name}, or its first bytes are damaged; nothing was changed.",
            "Unlock with the recovery code; if that does not open it either, put back a backup: kryptic restore.",
        )
    if code == sqlcipher.SQLITE_CORRUPT:
        return DamagedError(f"{path.name} is damaged: a page of it is not what was written.", RESTORE)
    sentences: dict[int, tuple[str, str]] = {
        sqlcipher.SQLITE_FULL: (
            f"The disk that holds {path.name} is full; nothing that was stored is lost.",
            "Make room on it.",
        ),
        sqlcipher.SQLITE_BUSY: (
            f"{path.name} is held by another process.",
            "End the other program that has it open.",
        ),
        sqlcipher.SQLITE_LOCKED: (f"{path.name} is held by another connection.", "Try again in a moment."),
        sqlcipher.SQLITE_READONLY: (
            f"{path.name} cannot be written; it was left as it is.",
            "Give yourself the right to write it, and look whether its disk is mounted read-only.",
        ),
        sqlcipher.SQLITE_IOERR: (
            f"The disk that holds {path.name} cannot be read or written ({error}).",
            "Look at the disk; what was acknowledged before is stored.",
        ),
        sqlcipher.SQLITE_CANTOPEN: (
            f"{path.name} cannot be opened.",
            "Look whether it is there and whether you may read and write it and its folder.",
        ),
        sqlcipher.SQLITE_PERM: (f"You may not open {path.name}.", "Take back the right to read and write it."),
        sqlcipher.SQLITE_NOMEM: (f"There is too little memory to use {path.name}.", "End other programs."),
    }
    message, remedy = sentences.get(
        code, (f"{path.name} could not be used ({error}).", "This is a fault of the program; its log says more.")
    )
    return StoreError(message, remedy)


def primary_code(error: Exception) -> int:
    """The primary result code of an error of SQLCipher's; -1 if it has none."""
    extended = getattr(error, "sqlite_errorcode", None)
    return extended & 0xFF if isinstance(extended, int) else -1


def may_pass(error: Exception) -> bool:
    """Whether waiting can help: the disk is full, busy or failing, and the same write may work later."""
    return primary_code(error) in {
        sqlcipher.SQLITE_FULL,
        sqlcipher.SQLITE_BUSY,
        sqlcipher.SQLITE_LOCKED,
        sqlcipher.SQLITE_IOERR,
        sqlcipher.SQLITE_READONLY,
        sqlcipher.SQLITE_CANTOPEN,
    }


def is_damage(error: Exception) -> bool:
    """Whether an error says that the file is not what was written to it."""
    return primary_code(error) in {sqlcipher.SQLITE_CORRUPT, sqlcipher.SQLITE_NOTADB}
