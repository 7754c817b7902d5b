"""Hours in which nothing is recorded: "22:00-06:00", "Sat Sun", "Mon-Fri 12:00-13:00"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from collectors.events import US_PER_S

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_MIN: Final = 24 * 60
_EPOCH_WEEKDAY: Final = 3  # 1 January 1970 was a Thursday
_HOURS: Final = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*(?:-|\u2013|to)\s*([0-9]{1,2}):([0-9]{2})")


class QuietError(ValueError):
    """A line that names no hours; the message says what would."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A part of some days, by the local clock.

    Attributes:
        days: weekdays on which it begins, 0 for Monday.
        from_min: its start, minutes after midnight.
        to_min: its end, exclusive; not after `from_min` if that is on the next day.
    """

    days: frozenset[int]
    from_min: int
    to_min: int

    def holds(self, ts_us: int, utc_offset_s: int) -> bool:
        """Whether a moment lies in it.

        Args:
            ts_us: microseconds since the epoch, UTC.
            utc_offset_s: the local clock's offset from UTC then, seconds.
        """
        local_min = (ts_us // US_PER_S + utc_offset_s) // 60
        weekday, minute = (local_min // _DAY_MIN + _EPOCH_WEEKDAY) % 7, local_min % _DAY_MIN
        if self.from_min < self.to_min:
            return weekday in self.days and self.from_min <= minute < self.to_min
        started_today = weekday in self.days and minute >= self.from_min
        return started_today or ((weekday - 1) % 7 in self.days and minute < self.to_min)


def quiet_hours(line: str) -> QuietHours:
    """Read a line of settings.

    Raises:
        QuietError: if it names neither days nor hours.
    """
    text = line.strip().lower()
    hours = _HOURS.search(text)
    days = _days(_HOURS.sub(" ", text), line)
    if hours is None:
        if not days:
            raise QuietError(_help(line))
        return QuietHours(days, 0, _DAY_MIN)
    from_min, to_min = _minutes(hours.group(1), hours.group(2)), _minutes(hours.group(3), hours.group(4))
    if max(from_min, to_min) > _DAY_MIN or from_min == to_min:
        raise QuietError(_help(line))
    return QuietHours(days or frozenset(range(7)), from_min % _DAY_MIN, to_min)


def _minutes(hours: str, minutes: str) -> int:
    return int(hours) * 60 + int(minutes) if int(minutes) < 60 else _DAY_MIN + 1  # noqa: PLR2004 - minutes of an hour


def _days(text: str, line: str) -> frozenset[int]:
    found: set[int] = set()
    for part in text.replace(",", " ").split():
        names = [name[:3] for name in re.split(r"-|\u2013", part)]
        if not all(name in _DAYS for name in names) or len(names) > 2:  # noqa: PLR2004 - the ends of a range
            raise QuietError(_help(line))
        first, last = _DAYS.index(names[0]), _DAYS.index(names[-1])
        found.update((first + step) % 7 for step in range((last - first) % 7 + 1))
    return frozenset(found)


def _help(line: str) -> str:
    return f"{line.strip()!r} names no hours; write it as 22:00-06:00, Sat Sun, or Mon-Fri 12:00-13:00"
