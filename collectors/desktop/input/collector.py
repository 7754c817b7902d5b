"""How lively the keyboard and the mouse are, on whatever desktop this is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from collectors.collector import Collector
from collectors.desktop.backends import Backend, BackendSelector
from collectors.desktop.window.foreground import Foreground
from collectors.events import Source

# Each module is imported when its backend is tried: what a session does not need takes no memory.


def _x11(environ: Mapping[str, str], front: Foreground) -> Collector:
    from collectors.desktop.input.x11 import X11RhythmCollector  # noqa: PLC0415 - as said above

    return X11RhythmCollector(environ, front)


def _counted(_environ: Mapping[str, str], front: Foreground) -> Collector:
    from collectors.desktop.input import wayland  # noqa: PLC0415 - as said above

    return wayland.CountedRhythmCollector(wayland.SOCKET, front)


class RhythmCollector(BackendSelector):
    """Emits RHYTHM for every ten seconds that had input, by window if that is known: counts and gaps, never keys.

    Args:
        environ: of the session; the process's own by default.
        front: what is in front; nothing is known of it by default.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ, front: Foreground | None = None) -> None:
        self.front: Final = Foreground() if front is None else front
        """What is in front."""
        ways = (
            Backend("X11", lambda environ: _x11(environ, self.front)),
            # A Wayland compositor tells no program of input to another; what the kernel tells takes a permission of
            # its own.
            Backend(
                "a counter that may read the input devices",
                lambda environ: _counted(environ, self.front),
                untested="a real keyboard",
            ),
        )
        super().__init__(Source.INPUT, ways, environ)
