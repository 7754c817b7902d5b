"""A time axis in local time, with as many round marks as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import pyqtgraph as pg  # type: ignore[import-untyped]  # it ships no types

MINUTE_S: Final = 60
HOUR_S: Final = 60 * MINUTE_S
DAY_S: Final = 24 * HOUR_S
STEPS_S: Final = (
    *(1, 5, 15, 30),
    *(step * MINUTE_S for step in (1, 5, 15, 30)),
    *(step * HOUR_S for step in (1, 2, 3, 6, 12)),
    *(step * DAY_S for step in (1, 2, 7, 14, 28, 91, 364)),
)
LABEL_PX: Final = 56
"""Room that one label takes, with the gap to the next."""


def step_s(span_s: float, width_px: float) -> int:
    """The smallest round step whose labels do not touch.

    Args:
        span_s: seconds that the axis shows.
        width_px: its width.
    """
    least_s = span_s * LABEL_PX / max(width_px, 1)
    return next((step for step in STEPS_S if step >= least_s), STEPS_S[-1])


def marks_s(low_s: float, high_s: float, step: int) -> list[float]:
    """Round local times between two moments, seconds since the epoch; on a day of a clock change they stay round.

    Args:
        low_s: inclusive, seconds since the epoch.
        high_s: inclusive, seconds since the epoch.
        step: between two marks, seconds.
    """
    first = datetime.fromtimestamp(low_s, UTC).astimezone()
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    past_s = int((first.replace(tzinfo=None) - midnight).total_seconds()) if step < DAY_S else 0
    local = midnight + timedelta(seconds=past_s // step * step)
    found = []
    while (at_s := local.astimezone().timestamp()) <= high_s:
        if at_s >= low_s:
            found.append(at_s)
        local += timedelta(seconds=step)
    return found


def label_of(at_s: float, step: int) -> str:
    """What stands at a mark: the time of day, or the day if a day begins or the marks are days."""
    local = datetime.fromtimestamp(at_s, UTC).astimezone()
    if step >= DAY_S or (local.hour, local.minute, local.second) == (0, 0, 0):
        return f"{local.day} {local:%b}"
    return local.strftime("%H:%M:%S" if step < MINUTE_S else "%H:%M")


class TimeAxis(pg.AxisItem):  # type: ignore[misc]  # for the same reason
    """Marks at round local times; positions are seconds since the epoch."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self.enableAutoSIPrefix(False)  # noqa: FBT003 - pyqtgraph's own signature

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802, N803
        """The marks, as pyqtgraph asks for them."""
        step = step_s(maxVal - minVal, size)
        return [(step, marks_s(minVal, maxVal, step))]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: ARG002, N802
        """Their labels."""
        return [label_of(value, int(spacing)) for value in values]
