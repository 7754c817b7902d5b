"""Small files of the user's that the program writes: whole or not at all, with words for what the system refuses."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import Final

from app.errors import KnownError

FILE_MODE: Final = 0o644


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, in the place of one that is there, whose mode it keeps.

    Raises:
        KnownError: it could not be written; what was there is unchanged.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else FILE_MODE
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise refused(path, error) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise refused(path, error) from error


def content_of(path: Path) -> bytes | None:
    """What a file holds; None if there is none.

    Raises:
        KnownError: it is there and cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KnownError(f"{path} could not be read: {error.strerror}.", "Check its permissions.") from error


def remove(path: Path) -> None:
    """Remove a file, if it is there.

    Raises:
        KnownError: it could not be removed.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise refused(path, error) from error


def refused(path: Path, error: OSError) -> KnownError:
    """What the system said about a change, in words that name a way out."""
    return KnownError(
        f"{path} could not be changed: {error.strerror}.", "Check that the folder is yours and that the disk has room."
    )
