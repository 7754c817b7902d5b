"""When a part of the machine begins to be hard at work: one spike until it was calm for a minute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

CALM_S: Final = 60.0
"""A part that was below its calm mark for as long has ended its spike."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The load at which a spike of one part begins, and the one below which it ends; percent."""

    high: float
    calm: float


PROCESSOR: Final = "processor"
MEMORY: Final = "memory"
DISK: Final = "disk"
GPU: Final = "gpu"
MARKS: Final[Mapping[str, Mark]] = {
    PROCESSOR: Mark(80.0, 60.0),
    MEMORY: Mark(90.0, 85.0),  # full memory falls slowly: what a program gave back is soon used as a cache
    DISK: Mark(90.0, 60.0),
    GPU: Mark(80.0, 60.0),
}


class Spikes:
    """Follows each part of the machine.

    Args:
        marks: by part.
        calm_s: how long a part has to be calm before it can have another spike.
    """

    def __init__(self, marks: Mapping[str, Mark] = MARKS, calm_s: float = CALM_S) -> None:
        self._marks = marks
        self._calm_s = calm_s
        self._restless_s: dict[str, float] = {}

    def begun(self, percents: Mapping[str, float], mono_s: float) -> tuple[str, ...]:
        """The parts whose spike begins now.

        Args:
            percents: how busy each part is; one that is not known is left out.
            mono_s: this moment, on a clock that never jumps.
        """
        found = []
        for part, percent in percents.items():
            mark = self._marks[part]
            open_since = self._restless_s.get(part)
            if open_since is not None and percent < mark.calm and mono_s - open_since >= self._calm_s:
                del self._restless_s[part]
            elif open_since is None and percent >= mark.high:
                found.append(part)
            if percent >= mark.high or (open_since is not None and percent >= mark.calm):
                self._restless_s[part] = mono_s
        return tuple(found)
