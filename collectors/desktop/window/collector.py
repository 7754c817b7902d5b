"""The focused window, on whatever desktop this is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from collectors.collector import Collector
from collectors.desktop.backends import Backend, BackendSelector
from collectors.events import Source

# Each module is imported when its backend is tried: what a session does not need takes no memory.


def _wlroots(environ: Mapping[str, str]) -> Collector:
    from collectors.desktop.window.wlroots import WlrootsWindowCollector  # noqa: PLC0415 - as said above

    return WlrootsWindowCollector(environ)


def _cosmic(environ: Mapping[str, str]) -> Collector:
    from collectors.desktop.window.cosmic import CosmicWindowCollector  # noqa: PLC0415 - as said above

    return CosmicWindowCollector(environ)


def _x11(environ: Mapping[str, str]) -> Collector:
    from collectors.desktop.window.x11 import X11WindowCollector  # noqa: PLC0415 - as said above

    return X11WindowCollector(environ)


def _kwin(environ: Mapping[str, str]) -> Collector:
    from collectors.desktop.window.kwin import KWinWindowCollector  # noqa: PLC0415 - as said above

    return KWinWindowCollector(environ)


def _gnome(environ: Mapping[str, str]) -> Collector:
    from collectors.desktop.window.gnome import GnomeWindowCollector  # noqa: PLC0415 - as said above

    return GnomeWindowCollector(environ)


WAYS: Final[tuple[Backend, ...]] = (
    Backend("Wayland (wlroots)", _wlroots, untested="compositors other than sway"),
    Backend("KWin", _kwin, untested="Plasma 6"),
    Backend("GNOME Shell", _gnome, untested="GNOME 45 and newer"),
    Backend("COSMIC", _cosmic, untested="COSMIC itself"),
    # X11 comes last: under Wayland its server sees only the programs that know nothing else.
    Backend("X11", _x11),
)


class WindowCollector(BackendSelector):
    """Emits a FOCUS event whenever another window, or another title, has the focus (rules in `desktop.focus`).

    Args:
        environ: of the session; the process's own by default.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        super().__init__(Source.WINDOW, WAYS, environ)
