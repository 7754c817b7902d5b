"""How busy the graphics processor is, and for whom: from the kernel's own counts of each program that uses it.

Every driver in the kernel tree keeps them (Documentation/gpu/drm-usage-stats.rst: amdgpu, i915, xe, nouveau, msm and
more); NVIDIA's own driver does not, and is asked through its library (`collectors.machine.nvidia`).
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from collectors.machine import procfs
from collectors.machine.nvidia import NvidiaMeter
from collectors.machine.top_processes import own_processes

_NODES: Final = Path("/sys/class/drm")
_DEVICE: Final = "/dev/dri/"
_ENGINE: Final = "drm-engine-"
_CAPACITY: Final = "drm-engine-capacity-"
_CYCLES: Final = "drm-cycles-"
_ALL_CYCLES: Final = "drm-total-cycles-"
_NS_PER_S: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class GpuLoad:
    """Load of the busiest part of the busiest one, 0 to 100, and the program that causes the most of it."""

    percent: float
    culprit: str | None


class GpuMeter(Protocol):
    """Measures over the time since it was last read."""

    def read(self, mono_s: float) -> GpuLoad | None:
        """The load since the last reading; None before the second reading, or if the processor sleeps."""
        ...


@dataclass(frozen=True, slots=True)
class _Engine:
    """One part of one graphics processor as one client uses it."""

    device: str
    client: str
    name: str


@dataclass(frozen=True, slots=True)
class _Use:
    """Time, or clock cycles, that a client had of an engine; `of` is how many went by, 0 if time is counted."""

    pid: int
    amount: int
    of: int
    capacity: int

    def share_since(self, before: _Use, seconds: float) -> float:
        """Which part of the engine was used since then, percent."""
        passed = self.of - before.of if self.of else round(seconds * _NS_PER_S)
        return max(0.0, 100.0 * (self.amount - before.amount) / (passed * self.capacity)) if passed > 0 else 0.0


def meters(nodes: Path = _NODES) -> tuple[GpuMeter, ...]:
    """What can measure here; empty on a machine without a graphics processor."""
    found: list[GpuMeter] = []
    if any(nodes.glob("renderD*")):
        found.append(DrmMeter())
    nvidia = NvidiaMeter.here()
    if nvidia is not None:
        found.append(_Nvidia(nvidia))
    return tuple(found)


class DrmMeter:
    """Reads what the kernel counts for each open graphics device of the user's own programs.

    Args:
        proc: the folder of the processes.
    """

    def __init__(self, proc: Path = Path("/proc")) -> None:
        self._proc = proc
        self._before: dict[_Engine, _Use] = {}
        self._before_s: float | None = None

    def read(self, mono_s: float) -> GpuLoad | None:
        """As in `GpuMeter`; a client that came since then counts from its next reading on."""
        uses = self._uses()
        before, before_s = self._before, self._before_s
        self._before, self._before_s = uses, mono_s
        if before_s is None or mono_s <= before_s:
            return None
        engines: defaultdict[tuple[str, str], float] = defaultdict(float)
        programs: defaultdict[int, float] = defaultdict(float)
        for engine, use in uses.items():
            if engine in before:
                share = use.share_since(before[engine], mono_s - before_s)
                engines[engine.device, engine.name] += share
                programs[use.pid] += share
        percent = max(engines.values(), default=0.0)
        top = max(programs, key=lambda pid: programs[pid], default=None)
        process = procfs.read(top, self._proc) if top is not None and programs[top] > 0 else None
        return GpuLoad(round(min(percent, 100.0), 1), process.name if process else None)

    def _uses(self) -> dict[_Engine, _Use]:
        found: dict[_Engine, _Use] = {}
        for folder in own_processes(self._proc):
            for number in _devices(folder):
                for engine, use in _usage(folder, number):
                    found.setdefault(engine, use)  # a client that processes share is listed by each of them
        return found


class _Nvidia:
    """NVIDIA's numbers under the names of programs."""

    def __init__(self, meter: NvidiaMeter) -> None:
        self._meter = meter

    def read(self, mono_s: float) -> GpuLoad | None:  # noqa: ARG002  # the driver keeps the time by itself
        found = self._meter.read()
        if found is None:
            return None
        process = procfs.read(found.pid) if found.pid is not None else None
        return GpuLoad(found.percent, process.name if process else None)


def _devices(folder: Path) -> list[str]:
    """The numbers of a process's open graphics devices."""
    found = []
    try:
        with os.scandir(folder / "fd") as entries:
            for entry in entries:
                try:
                    if os.readlink(entry.path).startswith(_DEVICE):  # noqa: PTH115  # thousands of them
                        found.append(entry.name)
                except OSError:
                    continue  # closed meanwhile
    except OSError:
        return []  # gone, or not to be looked into (a program that hides itself from debuggers)
    return found


def _usage(folder: Path, number: str) -> list[tuple[_Engine, _Use]]:
    """The engines that the client behind one open device has used."""
    try:
        text = (folder / "fdinfo" / number).read_text(errors="replace")
    except OSError:
        return []
    fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    client = fields.get("drm-client-id", "").strip()
    device = fields.get("drm-pdev", fields.get("drm-driver", "")).strip()
    if not client:
        return []
    found = []
    for key, value in fields.items():
        if key.startswith(_CYCLES):
            name, of = key.removeprefix(_CYCLES), _count(fields.get(_ALL_CYCLES + key.removeprefix(_CYCLES)))
        elif key.startswith(_ENGINE) and not key.startswith(_CAPACITY):
            name, of = key.removeprefix(_ENGINE), 0
        else:
            continue
        capacity = max(1, _count(fields.get(_CAPACITY + name)))
        found.append((_Engine(device, client, name), _Use(int(folder.name), _count(value), of, capacity)))
    return found


def _count(value: str | None) -> int:
    words = (value or "").split()
    return int(words[0]) if words and words[0].isdecimal() else 0
