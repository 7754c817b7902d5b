"""A moment on both clocks: one that says when it was, and one that says how long it took."""

from __future__ import annotations

import time
from dataclasses import dataclass

from collectors.clock import now_us


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A moment.

    Attributes:
        ts_us: microseconds since the epoch, UTC; the user may set this clock back.
        mono_s: seconds on a clock that never jumps, from an unnamed start.
    """

    ts_us: int
    mono_s: float


def now() -> Timestamp:
    """This moment."""
    return Timestamp(now_us(), time.monotonic())
