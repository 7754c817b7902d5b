"""The machine's load: processor, memory and disk every half minute, and who causes it when it is high."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import psutil

from collectors.collector import Emit, Stop, Unavailable
from collectors.events import Event, EventKind, LoadDetail, Source, local_offset_s
from collectors.machine import procfs
from collectors.moment import Moment, now

EVERY_S: Final = 30.0
SPIKE_PERCENT: Final = 80.0
_CULPRIT_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Sample:
    """The counters of the machine at one moment; rates come from the difference of two.

    Attributes:
        busy_s: processor time spent on work since the start of the machine, all cores, seconds.
        total_s: processor time that passed, all cores, seconds.
    """

    at: Moment
    busy_s: float
    total_s: float
    memory_percent: float
    read_bytes: int
    written_bytes: int


def sample(at: Moment) -> Sample:
    """Read the counters (proc(5): stat, meminfo, diskstats)."""
    times = psutil.cpu_times()
    guest_s = times.guest + times.guest_nice  # counted in user and nice already
    total_s = sum(times) - guest_s
    disks = psutil.disk_io_counters()
    return Sample(
        at=at,
        busy_s=total_s - times.idle - times.iowait,
        total_s=total_s,
        memory_percent=psutil.virtual_memory().percent,
        read_bytes=disks.read_bytes if disks else 0,  # a machine without disks of its own has none to read
        written_bytes=disks.write_bytes if disks else 0,
    )


def load_between(first: Sample, last: Sample) -> LoadDetail:
    """The load between two samples; counters that went back (a disk was unplugged) count as nothing."""
    seconds = max(last.at.mono_s - first.at.mono_s, 1e-3)
    passed_s = last.total_s - first.total_s
    busy = (last.busy_s - first.busy_s) / passed_s if passed_s > 0 else 0.0
    return LoadDetail(
        cpu_percent=round(100.0 * min(max(busy, 0.0), 1.0), 1),
        memory_percent=last.memory_percent,
        disk_read_bytes_per_s=round(max(0, last.read_bytes - first.read_bytes) / seconds),
        disk_write_bytes_per_s=round(max(0, last.written_bytes - first.written_bytes) / seconds),
    )


class ResourcesCollector:
    """Emits LOAD every half minute; the busiest program is named when the processor is over 80 % busy.

    Only then are all processes looked at, twice, a second apart.

    Args:
        every_s: seconds between two events.
        spike_percent: from which load on the busiest program is looked for.
        now: the two clocks.
    """

    source = Source.RESOURCES

    def __init__(
        self, every_s: float = EVERY_S, spike_percent: float = SPIKE_PERCENT, now: Callable[[], Moment] = now
    ) -> None:
        self._every_s = every_s
        self._spike_percent = spike_percent
        self._now = now

    def check(self) -> Unavailable | None:
        """Whether this system shows its load."""
        try:
            sample(self._now())
        except OSError as error:
            return Unavailable(
                f"The system does not show its load ({error}).", "Mount /proc: `mount -t proc proc /proc`."
            )
        return None

    def run(self, emit: Emit, stop: Stop) -> None:
        """Tell of the load until `stop` is set."""
        first = sample(self._now())
        while not stop.wait(self._every_s):
            last = sample(self._now())
            load = load_between(first, last)
            culprit = busiest(stop) if load.cpu_percent >= self._spike_percent else None
            emit(_event(first, load, culprit))
            first = last


def busiest(stop: Stop, seconds: float = _CULPRIT_SECONDS) -> str | None:
    """Name of the program whose processes together use the most processor time from now on; None if none uses any."""
    before = _cpu_ticks()
    stop.wait(seconds)
    used: dict[str, int] = {}
    for pid, (name, ticks) in _cpu_ticks().items():
        if pid in before and before[pid][0] == name:
            used[name] = used.get(name, 0) + ticks - before[pid][1]
    top = max(used, key=lambda name: used[name], default=None)
    return top if top is not None and used[top] > 0 else None


def _cpu_ticks() -> dict[int, tuple[str, int]]:
    found = (procfs.read(pid) for pid in psutil.pids())
    return {process.pid: (process.name, process.cpu_ticks) for process in found if process is not None}


def _event(first: Sample, load: LoadDetail, culprit: str | None) -> Event:
    return Event(
        ts_us=first.at.ts_us,
        source=Source.RESOURCES,
        kind=EventKind.LOAD,
        utc_offset_s=local_offset_s(first.at.ts_us),
        detail=dataclasses.replace(load, culprit=culprit),
    )
