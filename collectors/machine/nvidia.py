"""NVIDIA's management library, asked for two numbers (NVML API reference: nvmlDeviceGetUtilizationRates and the like).

The library is opened for each reading and closed after it: while it is open a laptop's graphics processor cannot sleep.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_DRIVER: Final = Path("/proc/driver/nvidia/version")
_PCI: Final = Path("/sys/bus/pci/devices")
_LIBRARY: Final = "libnvidia-ml.so.1"
_VENDOR: Final = "0x10de"
_DISPLAY_CLASS: Final = "0x03"
_OK: Final = 0
_MOST_SAMPLES: Final = 256


class _Rates(ctypes.Structure):
    _fields_ = (("gpu", ctypes.c_uint), ("memory", ctypes.c_uint))


class _Sample(ctypes.Structure):
    _fields_ = (
        ("pid", ctypes.c_uint),
        ("at_us", ctypes.c_ulonglong),
        ("sm", ctypes.c_uint),
        ("memory", ctypes.c_uint),
        ("encoder", ctypes.c_uint),
        ("decoder", ctypes.c_uint),
    )


@dataclass(frozen=True, slots=True)
class NvidiaLoad:
    """Load of the busiest one, 0 to 100, and the number of the process that uses it most."""

    percent: float
    pid: int | None


class NvidiaMeter:
    """Asks the library; made by `here`."""

    def __init__(self, library: ctypes.CDLL, pci: Path) -> None:
        self._library = library
        self._pci = pci

    @classmethod
    def here(cls, driver: Path = _DRIVER, pci: Path = _PCI) -> NvidiaMeter | None:
        """A meter if NVIDIA's driver and its library are there."""
        if not driver.exists():
            return None
        try:
            return cls(ctypes.CDLL(_LIBRARY), pci)
        except OSError:
            return None  # the driver alone, as on a machine that only computes in containers

    def read(self) -> NvidiaLoad | None:
        """The load of the last moments; None if all sleep (asking would wake them) or the driver does not tell."""
        if _asleep(self._pci) or self._library.nvmlInit_v2() != _OK:
            return None
        try:
            loads = [load for device in self._devices() if (load := self._load(device)) is not None]
        finally:
            self._library.nvmlShutdown()
        return max(loads, key=lambda load: load.percent, default=None)

    def _devices(self) -> list[ctypes.c_void_p]:
        count = ctypes.c_uint()
        if self._library.nvmlDeviceGetCount_v2(ctypes.byref(count)) != _OK:
            return []
        devices = [ctypes.c_void_p() for _ in range(count.value)]
        by_index = self._library.nvmlDeviceGetHandleByIndex_v2
        return [
            device
            for index, device in enumerate(devices)
            if by_index(ctypes.c_uint(index), ctypes.byref(device)) == _OK
        ]

    def _load(self, device: ctypes.c_void_p) -> NvidiaLoad | None:
        rates = _Rates()
        if self._library.nvmlDeviceGetUtilizationRates(device, ctypes.byref(rates)) != _OK:
            return None
        samples = (_Sample * _MOST_SAMPLES)()
        count = ctypes.c_uint(_MOST_SAMPLES)
        asked = self._library.nvmlDeviceGetProcessUtilization(
            device, samples, ctypes.byref(count), ctypes.c_ulonglong(0)
        )
        readings = samples[: count.value] if asked == _OK else []
        top = max(readings, key=lambda sample: sample.sm, default=None)
        return NvidiaLoad(float(rates.gpu), top.pid if top is not None and top.sm else None)


def _asleep(pci: Path) -> bool:
    """Whether every NVIDIA device sleeps (runtime power management, in the kernel's ABI papers)."""
    states = []
    for device in pci.iterdir() if pci.exists() else ():
        try:
            is_ours = (device / "vendor").read_text().strip() == _VENDOR
            if is_ours and (device / "class").read_text().startswith(_DISPLAY_CLASS):
                states.append((device / "power" / "runtime_status").read_text().strip())
        except OSError:
            continue  # no such file: it is not put to sleep, or was just taken out
    return bool(states) and all(state == "suspended" for state in states)
