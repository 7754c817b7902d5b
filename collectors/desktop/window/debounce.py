"""What a compositor tells of the focused window by itself, as focus events by the rules of `desktop.focus`."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from collectors.collector import Emit
from collectors.desktop.focused_window import FocusedWindow
from collectors.desktop.window.focus_filter import FocusFilter
from collectors.events import Event
from collectors.timestamp import Timestamp, now


class FocusDebouncer:
    """Takes every notice, and tells what is due; whoever reads the notices waits no longer than `wait_s`.

    Args:
        emit: takes the events.
        now: the two clocks.
    """

    def __init__(self, emit: Emit, now: Callable[[], Timestamp] = now) -> None:
        self._emit = emit
        self._now = now
        self._filter = FocusFilter()
        self._window: Hashable = None
        self._untold: tuple[FocusedWindow, Timestamp] | None = None

    def see(self, window: Hashable, seen: FocusedWindow) -> None:
        """A window has the focus.

        Args:
            window: which one, so that another title of the same is reported from another window.
            seen: what is known of it.
        """
        at = self._now()
        if window == self._window and self._filter.titles_in_s(at.mono_s):
            self._untold = seen, at
            return
        if window != self._window:
            self._tell_untold()  # of the window that is being left
        self._window, self._untold = window, None
        self._pass_on(self._filter.see(seen, at))

    def lose(self) -> None:
        """No window has the focus."""
        self._tell_untold()
        self._window = None
        self._filter.lose(self._now())

    def tell_due(self) -> None:
        """Tell what had to wait and may be reported now."""
        mono_s = self._now().mono_s
        if self._untold is not None and not self._filter.titles_in_s(mono_s):
            self._tell_untold()
        self._pass_on(self._filter.settle(mono_s))

    def wait_s(self) -> float | None:
        """How long until `tell_due` has something to tell; None if nothing is on its way."""
        mono_s = self._now().mono_s
        waits = [self._filter.settles_in_s(mono_s)]
        if self._untold is not None:
            waits.append(self._filter.titles_in_s(mono_s))
        return min((wait for wait in waits if wait is not None), default=None)

    def _tell_untold(self) -> None:
        if self._untold is not None:
            (seen, at), self._untold = self._untold, None
            self._pass_on(self._filter.see(seen, at))

    def _pass_on(self, event: Event | None) -> None:
        if event is not None:
            self._emit(event)
