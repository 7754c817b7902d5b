"""The focused window on X11: application, title and process, reported by the X server itself, without polling."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, Final

from collectors.collector import CollectorError, Emit, Stop, Unavailable
from collectors.desktop.window.focus_filter import FocusFilter
from collectors.desktop.x11 import connection
from collectors.desktop.x11.windows import Change, Windows
from collectors.events import Event, Source
from collectors.timestamp import Timestamp, now

_NOISY: Final = 8
"""With so many unreported changes a title spins, and is read once a second instead of at each change."""


class X11WindowCollector:
    """Emits a FOCUS event whenever another window, or another title, has the focus (rules in `desktop.focus`).

    Args:
        environ: names the display; the process's own environment by default.
        now: the two clocks.
    """

    source = Source.WINDOW

    def __init__(self, environ: Mapping[str, str] = os.environ, now: Callable[[], Timestamp] = now) -> None:
        self._environ = environ
        self._now = now

    def check(self) -> Unavailable | None:
        """Whether an X server answers; a window manager may still come, and is noticed when it does."""
        try:
            with connection.connected(self._environ):
                return None
        except CollectorError as error:
            return error.unavailable

    def run(self, emit: Emit, stop: Stop) -> None:
        """Tell of the focus until `stop` is set.

        Raises:
            CollectorError: when the X server is not there or goes away.
        """
        with connection.connected(self._environ) as display:
            watch = _Watch(display, emit, self._now)
            watch.begin()
            while connection.wait(display, stop, watch.wait_s()):
                watch.take_in()


class _Watch:
    """What is known between two notices: the focused window, and whether its title was read since it last changed."""

    def __init__(self, display: Any, emit: Emit, now: Callable[[], Timestamp]) -> None:
        self._display = display
        self._windows = Windows(display)
        self._filter = FocusFilter()
        self._emit = emit
        self._now = now
        self._window = 0
        self._unread: Timestamp | None = None
        self._noise = 0

    def begin(self) -> None:
        at = self._now()
        self._windows.meet_manager()
        self._refocus(at)

    def wait_s(self) -> float | None:
        mono_s = self._now().mono_s
        waits = [self._filter.settles_in_s(mono_s)]
        if self._unread is not None:
            waits.append(self._filter.titles_in_s(mono_s))
        return min((wait for wait in waits if wait is not None), default=None)

    def take_in(self) -> None:
        """Read every notice that has come, then look once at what they concern."""
        change, at = Change.NOTHING, self._now()
        for _ in range(self._display.pending_events()):
            meaning = self._windows.meaning(self._display.next_event())
            change |= meaning
            if meaning is not Change.NOTHING:
                at = self._now()
        if Change.TITLE in change:
            self._unread = at
            self._noise += 1
            if self._noise == _NOISY:
                self._windows.mute(self._window)
        if Change.MANAGER in change:
            self._windows.meet_manager()
        if change & (Change.MANAGER | Change.FOCUS):
            self._refocus(at)
        self._tell_what_is_due()

    def _refocus(self, at: Timestamp) -> None:
        window = self._windows.focus()
        if window != self._window:
            self._tell_title()  # of the window that is being left, as long as there is one to read
        self._window, self._unread, self._noise = window, None, 0
        seen = self._windows.describe(window) if window else None
        if seen is None:
            self._filter.lose(at)
        else:
            self._pass_on(self._filter.see(seen, at))

    def _tell_what_is_due(self) -> None:
        at = self._now()
        if self._unread is not None and not self._filter.titles_in_s(at.mono_s):
            if self._noise < _NOISY:
                self._tell_title()
            else:
                self._refocus(at)  # which also has its changes reported again
        self._pass_on(self._filter.settle(at.mono_s))

    def _tell_title(self) -> None:
        at, self._unread, self._noise = self._unread, None, 0
        seen = self._windows.describe(self._window) if at is not None and self._window else None
        if at is not None and seen is not None:
            self._pass_on(self._filter.see(seen, at))

    def _pass_on(self, event: Event | None) -> None:
        if event is not None:
            self._emit(event)
