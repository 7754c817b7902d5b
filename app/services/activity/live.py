"""What was recorded in the last minute, for the user to look at while it happens."""

from __future__ import annotations

from collections import deque
from typing import Final

from app.store.reader import Reader
from app.store.values.records import ActionRow
from collectors.events import US_PER_S, Source

LIVE_US: Final = 60 * US_PER_S
MOST: Final = 60
"""Rows at a time; a minute with more shows its latest."""


def recorded_lately(reader: Reader, now_us: int) -> tuple[ActionRow, ...]:
    """The actions that began in the last minute or still went on in it, latest first.

    Args:
        reader: an open reader of the store.
        now_us: microseconds since the epoch.
    """
    rows = [row for row in reader.recent(MOST) if is_late(row, now_us)]
    # The window that has the focus may have got it long ago, and is recorded all the same.
    focus = next(reader.of_source(Source.WINDOW), None)
    if focus is not None and is_late(focus, now_us) and all(row.id != focus.id for row in rows):
        rows.append(focus)
    return tuple(rows)


def is_late(row: ActionRow, now_us: int) -> bool:
    """Whether an action began in the last minute or still went on in it."""
    return now_us - LIVE_US <= row.event.ts_us + (row.event.duration_us or 0)


class EventRate:
    """How many events came in the last minute; remembers one number for each second of it."""

    def __init__(self) -> None:
        self._seconds: deque[list[int]] = deque(maxlen=60)

    def record(self, now_us: int) -> None:
        """An event came."""
        second = now_us // US_PER_S
        if self._seconds and self._seconds[-1][0] == second:
            self._seconds[-1][1] += 1
        else:
            self._seconds.append([second, 1])

    def per_minute(self, now_us: int) -> int:
        """Events in the minute up to now."""
        second = now_us // US_PER_S
        # A clock that was set back makes seconds of the future; they count for nothing.
        return sum(number for each, number in self._seconds if second - 60 < each <= second)
