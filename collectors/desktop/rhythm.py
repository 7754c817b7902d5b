"""How lively the keyboard and the mouse are, on whatever desktop this is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from collectors.collector import Collector
from collectors.desktop.choose import Chosen, Way
from collectors.events import Source

# Each module is imported where its way is tried: what a session does not need takes no memory.


def _x11(environ: Mapping[str, str]) -> Collector:
    from collectors.desktop.rhythm_x11 import X11RhythmCollector  # noqa: PLC0415 - as said above

    return X11RhythmCollector(environ)


def _counted(_environ: Mapping[str, str]) -> Collector:
    from collectors.desktop import rhythm_counted  # noqa: PLC0415 - as said above

    return rhythm_counted.CountedRhythmCollector(rhythm_counted.SOCKET)


WAYS: Final[tuple[Way, ...]] = (
    Way("X11", _x11),
    # A Wayland compositor tells no program of input to another; what the kernel tells takes a permission of its own.
    Way("a counter that may read the input devices", _counted, untested="a real keyboard"),
)


class RhythmCollector(Chosen):
    """Emits RHYTHM for every ten seconds that had input: counts and gaps, never which key.

    Args:
        environ: of the session; the process's own by default.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        super().__init__(Source.INPUT, WAYS, environ)
