"""Which program causes a load: looked for only if there is one, in what the kernel counts for each process."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collectors.collector import Stop
from collectors.machine import procfs

LOOK_S: Final = 1.0
PROC: Final = Path("/proc")
_STATM_FIELDS: Final = 3  # whole size, resident, shared, and more that is not needed


@dataclass(frozen=True, slots=True)
class Used:
    """What a process has used so far, of whatever is counted."""

    name: str
    amount: int


def top_cpu(stop: Stop, seconds: float = LOOK_S) -> str | None:
    """The program whose processes together use the most processor time from now on; None if none uses any."""
    return _most_from_now(processor_ticks, stop, seconds)


def top_io(stop: Stop, seconds: float = LOOK_S) -> str | None:
    """The program that moves the most bytes from and to disks from now on; None if none that may be looked at does."""
    return _most_from_now(disk_bytes, stop, seconds)


def top_memory(proc: Path = PROC) -> str | None:
    """The program whose processes together hold the most memory; what they share with others does not count."""
    held: Counter[str] = Counter()
    for pid in _pids(proc):
        process = procfs.read(pid, proc)
        if process is not None and (pages := _own_pages(proc / str(pid))):
            held[process.name] += pages
    return _first(held)


def most(before: Mapping[int, Used], after: Mapping[int, Used]) -> str | None:
    """The name under which most was used between two looks, both by process number."""
    used: Counter[str] = Counter()
    for pid, now in after.items():
        earlier = before.get(pid)
        if earlier is not None and earlier.name == now.name:  # a number taken by another program starts from zero
            used[now.name] += max(0, now.amount - earlier.amount)
    return _first(used)


def processor_ticks(pid: int, proc: Path = PROC) -> Used | None:
    """Processor time of a process, clock ticks."""
    process = procfs.read(pid, proc)
    return None if process is None else Used(process.name, process.cpu_ticks)


def disk_bytes(pid: int, proc: Path = PROC) -> Used | None:
    """Bytes that a process made disks read and write (proc_pid_io(5)); None of other users' processes."""
    try:
        lines = (proc / str(pid) / "io").read_bytes().splitlines()
    except OSError:
        return None
    counts = dict(line.split(b": ", 1) for line in lines if b": " in line)
    process = procfs.read(pid, proc)
    if process is None:
        return None
    return Used(process.name, int(counts.get(b"read_bytes", 0)) + int(counts.get(b"write_bytes", 0)))


def own_processes(proc: Path = PROC) -> list[Path]:
    """The folders of the user's own processes."""
    uid = os.getuid()
    found = []
    for pid in _pids(proc):
        folder = proc / str(pid)
        try:
            if folder.stat().st_uid == uid:
                found.append(folder)
        except OSError:
            continue  # gone already
    return found


def _most_from_now(count: Callable[[int], Used | None], stop: Stop, seconds: float) -> str | None:
    before = _counted(count)
    stop.wait(seconds)
    return most(before, _counted(count))


def _counted(count: Callable[[int], Used | None]) -> Mapping[int, Used]:
    return {pid: found for pid in _pids(PROC) if (found := count(pid)) is not None}


def _pids(proc: Path) -> list[int]:
    return [int(name) for name in os.listdir(proc) if name.isdecimal()]  # noqa: PTH208  # thousands: names are enough


def _own_pages(folder: Path) -> int:
    try:
        sizes = (folder / "statm").read_bytes().split()
    except OSError:
        return 0
    return max(0, int(sizes[1]) - int(sizes[2])) if len(sizes) >= _STATM_FIELDS else 0


def _first(amounts: Counter[str]) -> str | None:
    top = amounts.most_common(1)
    return top[0][0] if top and top[0][1] > 0 else None
