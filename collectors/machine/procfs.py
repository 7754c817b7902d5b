"""The few facts about a process that are needed, from one small file each (proc(5)); never its command line.

psutil's name of a process may come from its command line, which can hold a password; the kernel's own short name cannot
hold arguments.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from collectors.events import US_PER_S, clean_text

_KERNEL_THREAD: Final = 0x00200000  # PF_KTHREAD
_SHORT_NAME_CHARS: Final = 15  # the kernel cuts names here
_TICKS_PER_S: Final[int] = os.sysconf("SC_CLK_TCK")
_PARENT, _FLAGS, _USER_TICKS, _SYSTEM_TICKS, _START_TICKS = 1, 6, 11, 12, 19  # fields behind the name


@dataclass(frozen=True, slots=True)
class Process:
    """A process at one moment.

    Attributes:
        name: the program's name, without arguments.
        program: what tells programs apart: the executable's path, or the name if that may not be read.
        start_ticks: when it was started, clock ticks since the machine was.
        cpu_ticks: processor time it has used.
    """

    pid: int
    parent_pid: int
    uid: int
    name: str
    program: str
    kernel: bool
    start_ticks: int
    cpu_ticks: int

    def started_us(self, booted_us: int) -> int:
        """When it was started, microseconds since the epoch.

        Args:
            booted_us: when the machine was, see `booted_us`.
        """
        return booted_us + self.start_ticks * US_PER_S // _TICKS_PER_S


def booted_us() -> int:
    """When the machine was started, microseconds since the epoch, by the clock as it is set now."""
    return int(psutil.boot_time()) * US_PER_S


def read(pid: int, proc: Path = Path("/proc")) -> Process | None:
    """A process by its number; None if it is gone already, or hidden from us (mounted with hidepid)."""
    folder = proc / str(pid)
    try:
        uid = folder.stat().st_uid
        stat = (folder / "stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
    head, _, tail = stat.rpartition(b")")  # a name may itself hold blanks and brackets
    fields = tail.split()
    name = clean_text(head.partition(b"(")[2].decode("utf-8", "replace"))
    path = _executable(folder)
    base = Path(path).name
    if len(name.encode()) >= _SHORT_NAME_CHARS and base.startswith(name):
        name = base
    return Process(
        pid=pid,
        parent_pid=int(fields[_PARENT]),
        uid=uid,
        name=name,
        program=path or name,
        kernel=bool(int(fields[_FLAGS]) & _KERNEL_THREAD),
        start_ticks=int(fields[_START_TICKS]),
        cpu_ticks=int(fields[_USER_TICKS]) + int(fields[_SYSTEM_TICKS]),
    )


def _executable(folder: Path) -> str:
    try:
        return clean_text(str((folder / "exe").readlink()).removesuffix(" (deleted)"))
    except OSError:
        return ""  # another user's, a kernel thread's, or gone: the name has to do
