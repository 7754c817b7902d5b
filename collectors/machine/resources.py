"""The machine's load every half minute, what it runs on, and the moment a part of it begins to be hard at work."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from collectors.collector import Emit, Stop, Unavailable
from collectors.events import Event, EventKind, LoadDetail, PowerDetail, Source, SpikeDetail, local_offset_s
from collectors.machine import gpu, spikes, top_processes
from collectors.machine.battery import Power, power
from collectors.machine.gpu import GpuLoad, GpuMeter
from collectors.machine.spikes import Spikes
from collectors.timestamp import Timestamp, now

EVERY_S: Final = 30.0
LOOK_EVERY_S: Final = 5.0
POWER_STEP_PERCENT: Final = 10.0
_BLOCK: Final = Path("/sys/block")
_MS_PER_S: Final = 1_000


@dataclass(frozen=True, slots=True)
class Sample:
    """The counters of the machine at one moment; rates come from the difference of two.

    Attributes:
        busy_s: processor time spent on work since the start of the machine, all cores, seconds.
        total_s: processor time that passed, all cores, seconds.
        disk_busy_ms: by disk, the time in which it had something to do.
    """

    at: Timestamp
    busy_s: float
    total_s: float
    memory_percent: float
    read_bytes: int
    written_bytes: int
    disk_busy_ms: Mapping[str, int] = dataclasses.field(default_factory=dict)


def sample(at: Timestamp) -> Sample:
    """Read the counters (proc(5): stat, meminfo, diskstats)."""
    times = psutil.cpu_times()
    guest_s = times.guest + times.guest_nice  # counted in user and nice already
    total_s = sum(times) - guest_s
    # Real disks alone: a partition, or a volume laid over a disk, would count the same bytes again.
    disks = {
        name: counters
        for name, counters in psutil.disk_io_counters(perdisk=True, nowrap=False).items()
        if (_BLOCK / name / "device").exists()
    }
    return Sample(
        at=at,
        busy_s=total_s - times.idle - times.iowait,
        total_s=total_s,
        memory_percent=psutil.virtual_memory().percent,
        read_bytes=sum(disk.read_bytes for disk in disks.values()),
        written_bytes=sum(disk.write_bytes for disk in disks.values()),
        disk_busy_ms={name: disk.busy_time for name, disk in disks.items()},
    )


def load_between(first: Sample, last: Sample) -> LoadDetail:
    """The load between two samples; counters that went back (a disk was unplugged) count as nothing."""
    seconds = max(last.at.mono_s - first.at.mono_s, 1e-3)
    passed_s = last.total_s - first.total_s
    busy = (last.busy_s - first.busy_s) / passed_s if passed_s > 0 else 0.0
    disks_ms = [
        busy_ms - first.disk_busy_ms[disk] for disk, busy_ms in last.disk_busy_ms.items() if disk in first.disk_busy_ms
    ]
    return LoadDetail(
        cpu_percent=_percent(busy),
        memory_percent=last.memory_percent,
        disk_read_bytes_per_s=round(max(0, last.read_bytes - first.read_bytes) / seconds),
        disk_write_bytes_per_s=round(max(0, last.written_bytes - first.written_bytes) / seconds),
        disk_busy_percent=_percent(max(disks_ms) / (seconds * _MS_PER_S)) if disks_ms else None,
    )


class ResourcesCollector:
    """Emits LOAD every half minute, SPIKE with its main culprit when one begins, and POWER when it changed.

    Looks at four small files every five seconds. Only at a spike all processes are looked at, twice, a second apart.
    The graphics processor and the battery are asked every half minute.

    Args:
        every_s: seconds between two LOAD events.
        look_every_s: seconds between two looks for a spike.
        follow: tells when a spike begins.
        read_power: tells how the machine is fed.
        gpu_meters: made at the start of each run.
        now: the two clocks.
    """

    source = Source.RESOURCES

    def __init__(
        self,
        every_s: float = EVERY_S,
        look_every_s: float = LOOK_EVERY_S,
        *,
        follow: Callable[[], Spikes] = Spikes,
        read_power: Callable[[], Power | None] = power,
        gpu_meters: Callable[[], Sequence[GpuMeter]] = gpu.meters,
        now: Callable[[], Timestamp] = now,
    ) -> None:
        self._every_s = every_s
        self._look_every_s = min(look_every_s, every_s)
        self._follow = follow
        self._read_power = read_power
        self._gpu_meters = gpu_meters
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
        meters, following = tuple(self._gpu_meters()), self._follow()
        first = before = sample(self._now())
        _gpu_load(meters, first.at.mono_s)  # rates need a beginning
        fed = self._tell_power(emit, None, first.at)
        while not stop.wait(self._look_every_s):
            last = sample(self._now())
            latest = load_between(before, last)
            percents = {spikes.PROCESSOR: latest.cpu_percent, spikes.MEMORY: latest.memory_percent}
            if latest.disk_busy_percent is not None:
                percents[spikes.DISK] = latest.disk_busy_percent
            drawing = None
            if last.at.mono_s - first.at.mono_s >= self._every_s:
                drawing = _gpu_load(meters, last.at.mono_s)
                percent = None if drawing is None else drawing.percent
                emit(
                    _event(
                        EventKind.LOAD, first.at, dataclasses.replace(load_between(first, last), gpu_percent=percent)
                    )
                )
                fed = self._tell_power(emit, fed, last.at)
                first = last
            if drawing is not None:
                percents[spikes.GPU] = drawing.percent
            for part in following.begun(percents, last.at.mono_s):
                culprit = _culprit(part, drawing, stop)
                emit(_event(EventKind.SPIKE, before.at, SpikeDetail(part, percents[part]), culprit))
            before = last

    def _tell_power(self, emit: Emit, reported: Power | None, at: Timestamp) -> Power | None:
        """Report the plug, or a tenth of the battery, if it changed; return what was reported last."""
        fed = self._read_power()
        if fed is None:
            return reported
        step = POWER_STEP_PERCENT
        same = reported is not None and reported.plugged == fed.plugged
        if same and reported is not None and abs(reported.battery_percent - fed.battery_percent) < step:
            return reported
        emit(_event(EventKind.POWER, at, PowerDetail(fed.plugged, fed.battery_percent)))
        return fed


def _culprit(part: str, drawing: GpuLoad | None, stop: Stop) -> str | None:
    match part:
        case spikes.PROCESSOR:
            return top_processes.top_cpu(stop)
        case spikes.MEMORY:
            return top_processes.top_memory()
        case spikes.DISK:
            return top_processes.top_io(stop)
        case _:
            return None if drawing is None else drawing.culprit


def _gpu_load(meters: Sequence[GpuMeter], mono_s: float) -> GpuLoad | None:
    """The load of the busiest graphics processor."""
    loads = [load for meter in meters if (load := meter.read(mono_s)) is not None]
    return max(loads, key=lambda load: load.percent, default=None)


def _percent(share: float) -> float:
    return round(100.0 * min(max(share, 0.0), 1.0), 1)


def _event(
    kind: EventKind, at: Timestamp, detail: LoadDetail | SpikeDetail | PowerDetail, app: str | None = None
) -> Event:
    return Event(
        ts_us=at.ts_us,
        source=Source.RESOURCES,
        kind=kind,
        app=app,
        utc_offset_s=local_offset_s(at.ts_us),
        detail=detail,
    )
