"""Restarting the program in its own place, so that nothing of what it held stays in its memory.

execve(2) replaces the process: the kernel drops every page it had, and with them what no program could wipe one by
one, the strings of the interpreter and the texts of the window. The process keeps its number, and hands itself the
instance lock, so that no other comes in between.
"""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Final, NoReturn

from app.errors import KnownError
from app.system.single_instance import InstanceLock

OPTION: Final = "--begin"
"""Of `kryptic run`, for its own use."""
_STANDARD_ERROR: Final = 2


class StartMode(StrEnum):
    """With what a start begins."""

    OPEN = "open"
    LOCKED = "locked"


def relaunch(lock: InstanceLock, begin: StartMode) -> NoReturn:
    """Restart. Everything else is closed already; what is still open is closed by the kernel.

    Args:
        lock: held; it passes over without being let go.
        begin: what the new start begins with.

    Raises:
        KnownError: if the interpreter cannot be started any more.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    for entry in Path("/proc/self/fd").iterdir():
        if int(entry.name) > _STANDARD_ERROR:
            _close_on_exec(int(entry.name))
    environ = {**os.environ, **lock.handed_over()}
    try:
        os.execve(sys.executable, _arguments(sys.orig_argv, begin), environ)  # noqa: S606 - our own command line again
    except OSError as error:
        raise KnownError(
            f"It could not restart ({error.strerror}), and ended instead: nothing of it is in memory.",
            "Start it again.",
        ) from error


def _arguments(before: list[str], begin: StartMode) -> list[str]:
    """The command line again, with another beginning."""
    kept = list(before)
    if OPTION in kept:
        at = kept.index(OPTION)
        del kept[at : at + 2]
    return [*kept, OPTION, begin.value]


def _close_on_exec(descriptor: int) -> None:
    try:
        os.set_inheritable(descriptor, False)  # noqa: FBT003 - takes no keyword
    except OSError:
        return  # the one that lists the others is closed by now
