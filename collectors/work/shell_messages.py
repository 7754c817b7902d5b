"""What a shell writes when a command has ended: one small file, in a folder in memory that is there while we listen.

A folder of files, because that is the one way which bash, zsh and fish all have without starting a process, and which
can neither block a prompt nor lose what was written: a socket is beyond bash and fish, and a pipe blocks the shell that
opens it while nobody reads. `extensions/shell` holds the writers.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collectors.events import MAX_DURATION_US

ALIVE: Final = "alive"
"""A link in the folder to the listener's own entry in /proc: it leads nowhere once that process has ended."""
OWN: Final = "own"
"""A folder next to the messages, for what a shell writes to itself."""
MAX_LETTER_BYTES: Final = 1 << 20
SHELLS: Final = ("bash", "zsh", "fish")
_FIELDS: Final = 5


class LetterError(ValueError):
    """No letter of a shell's; the message says what is wrong with it, and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class ShellMessage:
    """A command that has ended.

    Attributes:
        shell: which shell ran it.
        exit_status: how it ended, 0 to 255.
        duration_us: how long it took.
        folder: the shell's folder afterwards.
        line: as it was typed.
    """

    shell: str
    exit_status: int
    duration_us: int
    folder: str
    line: str


def spool_folder(environ: Mapping[str, str]) -> Path:
    """The folder, as the shells find it too (XDG Base Directory Specification 0.8)."""
    named = environ.get("XDG_RUNTIME_DIR", "")
    base = Path(named) if named.startswith("/") else Path(tempfile.gettempdir(), f"kryptictrack-runtime-{os.getuid()}")
    return base / "kryptictrack" / "shell"


def parse(data: bytes) -> ShellMessage:
    """Read a letter: five fields, each with a NUL behind it.

    Raises:
        LetterError: if it is none.
    """
    parts = data.split(b"\0")
    if len(parts) != _FIELDS + 1 or parts[-1]:
        raise LetterError(f"{_FIELDS} fields are wanted, each with a NUL behind it")
    shell, status, duration, folder, line = (part.decode("utf-8", "replace") for part in parts[:_FIELDS])
    if shell not in SHELLS:
        raise LetterError("its shell is not known")
    return ShellMessage(shell, _number(status, 255), _number(duration, MAX_DURATION_US), folder, line)


def _number(text: str, most: int) -> int:
    """A count; what is above the most counts as that, and a clock that was set back as nought."""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 24:  # noqa: PLR2004 - microseconds since the epoch have 16
        raise LetterError("a number of it is none")
    return min(max(int(text), 0), most)
