"""The options of every way of looking at a screen: the session, how often to look, and how long an event is."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Final

from collectors.events import Source
from collectors.timestamp import Timestamp, now

LOOK_EVERY_S: Final = 2.0
INTERVAL_S: Final = 30.0


class Looking:
    """Emits PATTERN for each half minute in which something changed on the screen or somebody touched the machine.

    Args:
        environ: the environment of the session, which names its parts; the process's own by default.
        look_every_s: seconds between two looks.
        interval_s: seconds an event tells of.
        now: the two clocks.
    """

    source = Source.SCREEN

    def __init__(
        self,
        environ: Mapping[str, str] = os.environ,
        look_every_s: float = LOOK_EVERY_S,
        interval_s: float = INTERVAL_S,
        now: Callable[[], Timestamp] = now,
    ) -> None:
        self._environ = environ
        self._look_every_s = look_every_s
        self._interval_s = interval_s
        self._now = now
