"""Programs the user starts and ends, by comparing the list of process numbers every two seconds."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

import psutil

from collectors.collector import Emit, Stop, Unavailable
from collectors.events import Event, EventKind, ProcessDetail, Source, local_offset_s
from collectors.machine import procfs
from collectors.machine.procfs import Process
from collectors.timestamp import Timestamp, now

SCAN_EVERY_S: Final = 2.0


class ProcessesCollector:
    """Emits LAUNCH and EXIT for the user's own programs: name, number and parent's name, never the command line.

    Of a new number nothing is read until the next look finds it still there: most commands are over by then, and are
    no programs anyone sits in front of. What a program starts of itself (a browser's tabs, a shell's subshells: the
    same executable as the parent's) and the kernel's threads are left out. A program that lives shorter than a look,
    or whose number is taken again within one, is not seen.

    Args:
        every_s: seconds between two looks.
        now: the two clocks.
    """

    source = Source.PROCESS

    def __init__(self, every_s: float = SCAN_EVERY_S, now: Callable[[], Timestamp] = now) -> None:
        self._every_s = every_s
        self._now = now
        self._uid = os.getuid()

    def check(self) -> Unavailable | None:
        """Whether this system shows its processes."""
        if procfs.read(os.getpid()) is None:
            return Unavailable("The process list (/proc) is not mounted here.", "Mount it: `mount -t proc proc /proc`.")
        return None

    def run(self, emit: Emit, stop: Stop) -> None:
        """Tell of launches and exits until `stop` is set; what runs already is no launch."""
        booted_us = procfs.booted_us()
        seen = frozenset(psutil.pids())
        programs = {pid: process for pid in seen if (process := self._program(pid)) is not None}
        fresh: frozenset[int] = frozenset()
        while not stop.wait(self._every_s):
            alive = frozenset(psutil.pids())
            at = self._now()
            for pid in sorted(fresh & alive):
                process = self._program(pid)
                if process is not None:
                    programs[pid] = process
                    emit(_event(EventKind.LAUNCH, min(at.ts_us, process.started_us(booted_us)), process))
            for pid in sorted(programs.keys() - alive):
                emit(_event(EventKind.EXIT, at.ts_us, programs.pop(pid)))
            fresh, seen = alive - seen, alive

    def _program(self, pid: int) -> Process | None:
        """The process, if it is a program of the user's."""
        process = procfs.read(pid)
        if process is None or process.uid != self._uid or process.kernel or pid == os.getpid():
            return None
        parent = procfs.read(process.parent_pid)
        return None if parent is not None and parent.program == process.program else process


def _event(kind: EventKind, ts_us: int, process: Process) -> Event:
    parent = procfs.read(process.parent_pid) if kind is EventKind.LAUNCH else None
    return Event(
        ts_us=ts_us,
        source=Source.PROCESS,
        kind=kind,
        app=process.name,
        utc_offset_s=local_offset_s(ts_us),
        detail=ProcessDetail(pid=process.pid, parent=parent.name if parent else None),
    )
