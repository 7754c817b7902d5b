"""The energy a piece of work took, if the machine lets it be read.

Counters of the processor packages (Running Average Power Limit; Linux kernel, `Documentation/power/powercap`). Many
systems let the administrator alone read them; then nothing is known, and nothing is guessed. What other programs did
meanwhile is in the figure too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

POWERCAP: Final = Path("/sys/class/powercap")
_UJ_PER_J: Final = 1e6


class EnergyMeter:
    """Counts from its making on.

    Args:
        folder: of the counters.
    """

    def __init__(self, folder: Path = POWERCAP) -> None:
        self._began = {package: energy for package in folder.glob("intel-rapl:?") if (energy := _read(package)) >= 0}

    def joules(self) -> float | None:
        """What the processor packages took since then; None if that cannot be read."""
        total_uj = 0
        for package, began_uj in self._began.items():
            now_uj = _read(package)
            if now_uj < 0:
                return None
            # The counter starts again at zero behind its range.
            total_uj += (
                now_uj - began_uj if now_uj >= began_uj else now_uj + _read(package, "max_energy_range_uj") - began_uj
            )
        return total_uj / _UJ_PER_J if self._began else None


def _read(package: Path, name: str = "energy_uj") -> int:
    try:
        return int((package / name).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return -1
