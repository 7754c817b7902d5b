"""The wall clock, and the moment at which its count of microseconds begins."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DATE: Final = date(1970, 1, 1)
_NS_PER_US: Final = 1_000


def now_us() -> int:
    """Return the moment in microseconds since the epoch, UTC; the user may set this clock back."""
    return time.time_ns() // _NS_PER_US
