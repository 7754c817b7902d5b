"""Values as a reader wants them: times, spans and actions in words. The clock is the local one, 24 hours."""

from __future__ import annotations

import datetime as dt
import time
from typing import Final

from collectors.events import US_PER_S
from neural.language.formatting import duration, token_name

_MINUTE_S: Final = 60
_THOUSAND: Final = 1_000
_KIND_WORDS: Final = {
    "app": "Switch to",
    "web": "Visit",
    "cmd": "Run",
    "file": "Work on",
    "focus": "Focus:",
    "git": "Make a git",
    "code": "In the editor:",
}
_NAMED: Final = frozenset({"app", "file"})
"""Kinds whose tokens are not said as they are kept, here and in the chat alike."""


def clock(ts_us: int) -> str:
    """The local time of a moment, "14:03"."""
    return time.strftime("%H:%M", time.localtime(ts_us / US_PER_S))


def precise_clock(ts_us: int) -> str:
    """The local time of a moment with its seconds, "14:03:21"."""
    return time.strftime("%H:%M:%S", time.localtime(ts_us / US_PER_S))


def day(ts_us: int) -> str:
    """The local date of a moment, "Fri 20 Nov 2026"."""
    return time.strftime("%a %d %b %Y", time.localtime(ts_us / US_PER_S))


def short_day(day: dt.date) -> str:
    """A local date without its year, "20 Nov"."""
    return f"{day.day} {day:%b}"


def moment(ts_us: int, now_us: int) -> str:
    """The time alone for a moment of today, else the date and the time."""
    same_day = day(ts_us) == day(now_us)
    return clock(ts_us) if same_day else time.strftime("%d %b, %H:%M", time.localtime(ts_us / US_PER_S))


def span(duration_us: int) -> str:
    """A length of time in its two leading units: "2 h 5 min", "7 min", "40 s"."""
    seconds = round(duration_us / US_PER_S)
    if seconds < _MINUTE_S:
        return f"{seconds} s"
    return duration(round(seconds / _MINUTE_S))


def percent(fraction: float) -> str:
    """A fraction of 1 as a percentage without decimals, below one with a decimal."""
    value = fraction * 100
    return f"{value:.1f} %" if 0 < value < 1 else f"{value:.0f} %"


def size(number_bytes: int) -> str:
    """A size in bytes, kB, MB or GB (powers of 1,000)."""
    value = float(number_bytes)
    for unit in ("bytes", "kB", "MB"):
        if value < _THOUSAND:
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= _THOUSAND
    return f"{value:.1f} GB"


def action(token: str) -> str:
    """An action token in words: "app:firefox" is "Switch to Firefox"."""
    kind, separator, rest = token.partition(":")
    verb = _KIND_WORDS.get(kind)
    if not (separator and verb):
        return token
    return f"{verb} {token_name(token) if kind in _NAMED else rest}"
