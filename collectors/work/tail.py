"""What was added to a journal since the last look, even if the journal was rewritten meanwhile."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

MAX_READ_BYTES: Final = 1 << 20
_MAX_LINE_BYTES: Final = 1 << 14


class Tail:
    """Follows a file to whose end lines are added.

    Git adds to its journals, and now and then rewrites one without its oldest lines: then what follows the line that
    was read last is new, and nothing if that line is gone.

    Args:
        path: the file; it may not be there yet.
        from_start: whether what it holds now is new too, as far as it is no more than MAX_READ_BYTES.
    """

    def __init__(self, path: Path, *, from_start: bool) -> None:
        self._path = path
        self._inode = 0
        self._offset = 0
        self._last = b""
        if not from_start:
            self.read()

    def read(self) -> list[bytes]:
        """The lines that are new, without their ends; a line without an end is left for the next time."""
        try:
            with self._path.open("rb") as file:
                status = os.fstat(file.fileno())
                rewritten = status.st_ino != self._inode or status.st_size < self._offset
                start = max(0 if rewritten else self._offset, status.st_size - MAX_READ_BYTES)
                file.seek(start)
                data = file.read(status.st_size - start)
        except OSError:
            return []  # it is gone, or not there yet: nothing was added
        whole, end, _ = data.rpartition(b"\n")
        lines = whole.split(b"\n") if end else []
        if rewritten and self._last:
            known = next((place for place in reversed(range(len(lines))) if lines[place] == self._last), len(lines) - 1)
            lines = lines[known + 1 :]
        self._inode = status.st_ino
        self._offset = start + len(whole) + len(end)
        if lines:
            self._last = lines[-1]
        return lines


def last_line(path: Path) -> bytes | None:
    """The last whole line of a file, without its end; None if there is none."""
    try:
        with path.open("rb") as file:
            size_bytes = os.fstat(file.fileno()).st_size
            file.seek(max(0, size_bytes - _MAX_LINE_BYTES))
            lines = file.read(_MAX_LINE_BYTES).splitlines()
    except OSError:
        return None
    return lines[-1] if lines else None
