"""The changes of an X server's screen, by its DAMAGE extension: rectangles are reported, and no pixel is asked for.

Every two seconds what came is put on a coarse grid and forgotten; half a minute of that becomes one event.
"""

from __future__ import annotations

from typing import Any, Final

from Xlib.ext import damage

from collectors.collector import CollectorError, Emit, Stop, Unavailable
from collectors.desktop.backends import WrongSession
from collectors.desktop.screen import patterns
from collectors.desktop.screen.options import Looking
from collectors.desktop.screen.patterns import Intervals, Look
from collectors.desktop.x11 import connection
from collectors.events import US_PER_MS, US_PER_S

_MOST_RECTANGLES: Final = 20_000
"""Of one look; if more came, the screen has changed all over already."""
_NO_DAMAGE: Final = Unavailable(
    "The X server does not report changes of the screen (it lacks the DAMAGE extension).",
    "Use a current X.Org server.",
)
_UNDER_WAYLAND: Final = WrongSession(
    "Under Wayland an X server sees only the programs that know nothing else.", "Choose an X11 session."
)


class X11ScreenCollector(Looking):
    """Looks at the screen of an X server (see `Looking`)."""

    def check(self) -> Unavailable | None:
        """Whether an X server reports changes of its screen."""
        if self._environ.get("WAYLAND_DISPLAY") or self._environ.get("XDG_SESSION_TYPE") == "wayland":
            return _UNDER_WAYLAND
        try:
            with connection.connected(self._environ) as display:
                return None if display.has_extension(damage.extname) else _NO_DAMAGE
        except CollectorError as error:
            return error.unavailable

    def run(self, emit: Emit, stop: Stop) -> None:
        """Look until `stop` is set; what was seen since the last event is thrown away then.

        Raises:
            CollectorError: when the X server is not there, lacks DAMAGE, or goes away.
        """
        with connection.connected(self._environ) as display:
            if not display.has_extension(damage.extname):
                raise CollectorError(_NO_DAMAGE)
            display.damage_query_version()
            watched = display.screen().root.damage_create(damage.DamageReportDeltaRectangles)
            seen = _Screen(display, watched)
            intervals = Intervals(emit, self._interval_s, self._now())
            while not stop.wait(self._look_every_s):
                intervals.add(seen.look(self._look_every_s), self._now())


class _Screen:
    """The screen, as far as it is looked at."""

    def __init__(self, display: Any, watched: int) -> None:
        self._display = display
        self._root = display.screen().root
        self._watched = watched
        self._pointer: tuple[int, int] | None = None

    def look(self, seconds: float) -> Look:
        """What changed since the last look.

        Args:
            seconds: how long ago that was; input within them counts.
        """
        display = self._display
        display.damage_subtract(self._watched)  # from here on everything is reported again
        pointer = self._root.query_pointer()
        idle_us = self._root.screensaver_query_info().idle * US_PER_MS
        changed: set[int] = set()
        size = display.screen().width_in_pixels, display.screen().height_in_pixels
        for number in range(display.pending_events()):
            event = display.next_event()
            if number < _MOST_RECTANGLES and event.type == display.extension_event.DamageNotify:
                area, whole = event.area, event.drawable_geometry
                size = whole.width, whole.height
                changed |= patterns.cells((area.x, area.y, area.width, area.height), size)
        at = pointer.root_x, pointer.root_y
        pointed = self._pointer is not None and at != self._pointer
        self._pointer = at
        (cell,) = patterns.cells((*at, 1, 1), size)
        touched = idle_us < seconds * US_PER_S
        return Look(frozenset(changed), typed=touched and not pointed, pointed=pointed, pointer=cell)
