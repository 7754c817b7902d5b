"""What reading a history is: finding its files, and streaming their rows, the good ones and the bad ones."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from collectors.clock import now_us
from collectors.events import MAX_TS_US, US_PER_DAY, Event

MAX_LINE_BYTES: Final = 1 << 20
"""A longer line is no entry that a person made, and is rejected without being held in memory."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that could not be taken: its place ("~/.bash_history:12"), and why."""

    where: str
    reason: str


class HistoryError(Exception):
    """A history that cannot be read at all.

    Args:
        reason: one sentence: what is wrong.
        remedy: one sentence: what the user can do.
    """

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason} {remedy}")
        self.reason = reason
        self.remedy = remedy


class HistoryReader(Protocol):
    """Reads one kind of history. Keeps nothing between two calls."""

    @property
    def name(self) -> str:
        """The name on the command line ("bash")."""
        ...

    @property
    def title(self) -> str:
        """The name in the window ("Bash history")."""
        ...

    def discover(self, home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
        """The existing files of this kind of history, each once."""
        ...

    def read(self, path: Path) -> Iterator[Event | Rejected]:
        """Stream the rows of one history; its events carry an `origin_key`.

        Raises:
            HistoryError: if the file cannot be read at all, or no longer.
        """
        ...


def origin_key(*parts: str | bytes | int | None) -> int:
    """The identity of an imported row: 64 bits, signed, the same wherever the file lies (BLAKE2b, RFC 7693).

    Args:
        parts: what makes the row that row; each is set apart from its neighbour by its length.
    """
    digest = blake2b(digest_size=8)
    for part in parts:
        raw = part if isinstance(part, bytes) else str(part).encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "big"))
        digest.update(raw)
    return int.from_bytes(digest.digest(), "big", signed=True)


def possible_time(ts_us: int) -> bool:
    """Whether a moment can be one of the user's past: after the epoch, and not later than tomorrow."""
    return 0 < ts_us <= min(MAX_TS_US, now_us() + US_PER_DAY)


def existing(candidates: Iterator[Path] | tuple[Path, ...] | list[Path]) -> tuple[Path, ...]:
    """Those of the paths that are files one may look at, each once, links followed."""
    found: dict[Path, Path] = {}
    for path in candidates:
        try:
            if path.is_file():
                found.setdefault(path.resolve(), path)
        except OSError:
            continue  # a folder that may not be entered holds no history that could be read
    return tuple(found.values())


def path_of(path: Path) -> Path:
    """Return the path, if the system could open it at all.

    Raises:
        HistoryError: if it contains NUL, for which the system raises an error of another kind.
    """
    if "\x00" in str(path):
        raise HistoryError(f"{str(path)!r} is no path.", "Check the path, or choose another file.")
    return path


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a history file for reading.

    Raises:
        HistoryError: if the file cannot be opened or read, or is no regular file.
    """
    try:
        # Without O_NONBLOCK, opening a pipe that nobody writes to would hang.
        descriptor = os.open(path_of(path), os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise HistoryError(f"{path} is not a regular file.", "Choose the history file itself.")
            yield file
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> HistoryError:
    """What the system said about a file, in words that name a way out."""
    match error:
        case FileNotFoundError():
            return HistoryError(f"{path} does not exist.", "Check the path, or choose another file.")
        case PermissionError():
            return HistoryError(f"{path} may not be read.", f"Give yourself the right to: chmod u+r '{path}'.")
        case IsADirectoryError() | NotADirectoryError():
            return HistoryError(f"{path} is not a regular file.", "Choose the history file itself.")
    reason = error.strerror or type(error).__name__
    return HistoryError(f"{path} could not be read: {reason}.", "Check the disk, then import again.")


def lines_of(file: BinaryIO, size_bytes: int) -> Iterator[tuple[int, bytes | None]]:
    """The lines of the first `size_bytes` of a file, without their ends, numbered from 1; None for one too long."""
    number = 0
    left = size_bytes
    while left > 0:
        line = file.readline(min(MAX_LINE_BYTES, left))
        if not line:
            return
        number += 1
        left -= len(line)
        whole = line.endswith(b"\n") or len(line) < MAX_LINE_BYTES
        while line and not line.endswith(b"\n") and left > 0:
            line = file.readline(min(MAX_LINE_BYTES, left))
            left -= len(line)
        yield number, line.removesuffix(b"\n") if whole else None
