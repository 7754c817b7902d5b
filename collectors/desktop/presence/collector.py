"""Whether somebody is there, on whatever desktop this is."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Final

from collectors.collector import Collector, Emit, Stop
from collectors.desktop.backends import Backend, BackendSelector
from collectors.events import Source

IDLE_AFTER_MS: Final = 180_000

# Each module is imported when its backend is tried: what a session does not need takes no memory.


def _wayland(environ: Mapping[str, str], idle_after_ms: int, despite_films: bool) -> Collector:
    from collectors.desktop.presence.wayland import WaylandPresenceCollector  # noqa: PLC0415 - as said above

    return WaylandPresenceCollector(environ, idle_after_ms, despite_films=despite_films)


def _gnome(environ: Mapping[str, str], idle_after_ms: int, _despite_films: bool) -> Collector:
    from collectors.desktop.presence.gnome import GnomePresenceCollector  # noqa: PLC0415 - as said above

    return GnomePresenceCollector(environ, idle_after_ms)


def _x11(environ: Mapping[str, str], idle_after_ms: int, _despite_films: bool) -> Collector:
    from collectors.desktop.presence.x11 import X11PresenceCollector  # noqa: PLC0415 - as said above

    return X11PresenceCollector(environ, idle_after_ms)


_Make = Callable[[Mapping[str, str], int, bool], Collector]
_MAKERS: Final[tuple[tuple[str, _Make], ...]] = (
    ("Wayland", _wayland),
    ("GNOME", _gnome),
    # X11 comes last: under Wayland its server hears only of input to the programs that know nothing else.
    ("X11", _x11),
)


def ways(idle_after_ms: int, *, despite_films: bool = False) -> tuple[Backend, ...]:
    """The ways to tell that somebody is there, in the order they are tried.

    Args:
        idle_after_ms: how long without input is idle, milliseconds.
        despite_films: whether input alone counts, if that can be distinguished from what keeps the screen on.
    """
    return tuple(_way(name, make, idle_after_ms, despite_films) for name, make in _MAKERS)


def _way(name: str, make: _Make, idle_after_ms: int, despite_films: bool) -> Backend:
    untested = "ext-idle-notify 2, which tells films" if make is _wayland else ""
    return Backend(name, lambda environ: make(environ, idle_after_ms, despite_films), untested)


class PresenceCollector(BackendSelector):
    """Emits IDLE once there was no sign of somebody for a while, and ACTIVE when input comes back.

    A sign is input (`desktop.absence`), or a film or a call (`desktop.attendance`). Of the screen LOCK and UNLOCK are
    reported, of the machine SUSPEND and RESUME (`collectors.desktop.presence.session`).

    Args:
        environ: of the session; the process's own by default.
        idle_after_ms: how long without input is idle, milliseconds; at least 2.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ, idle_after_ms: int = IDLE_AFTER_MS) -> None:
        super().__init__(Source.PRESENCE, ways(idle_after_ms), environ)
        self._session_environ = environ
        self._idle_after_ms = idle_after_ms

    def run(self, emit: Emit, stop: Stop) -> None:
        """Tell of coming and going until `stop` is set.

        Raises:
            CollectorError: when no way works, or the chosen one or a bus goes away.
        """
        from collectors.desktop.presence import media_and_lock  # noqa: PLC0415 - loads D-Bus, which is of use to a sense that runs

        with media_and_lock.monitor_media(emit, stop, self._session_environ, self._idle_after_ms) as (take, either):
            super().run(take, either)
