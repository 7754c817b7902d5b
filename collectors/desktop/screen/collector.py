"""What the screen's changes say of an activity, on whatever desktop this is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from collectors.collector import Collector
from collectors.desktop.backends import Backend, BackendSelector
from collectors.events import Source

# Each module is imported when its backend is tried: what a session does not need takes no memory.


def _portal(environ: Mapping[str, str]) -> Collector:
    from collectors.desktop.screen.portal import PortalScreenCollector  # noqa: PLC0415 - as said above

    return PortalScreenCollector(environ)


def _x11(environ: Mapping[str, str]) -> Collector:
    from collectors.desktop.screen.x11 import X11ScreenCollector  # noqa: PLC0415 - as said above

    return X11ScreenCollector(environ)


WAYS: Final[tuple[Backend, ...]] = (
    Backend("a screen you share", _portal, untested="desktops other than sway"),
    Backend("X11", _x11),
)


class ScreenCollector(BackendSelector):
    """Emits PATTERN for each half minute in which something changed on the screen or somebody touched the machine.

    Args:
        environ: of the session; the process's own by default.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        super().__init__(Source.SCREEN, WAYS, environ)
