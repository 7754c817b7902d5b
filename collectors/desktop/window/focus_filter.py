"""From sightings of the focused window to focus events: pure, so that its rules can be read and tested by themselves.

The rules:

* The same application, title and process twice in a row is one event.
* No focused window for a moment (window managers pass through that on every switch) is nothing. When it stays so, the
  desktop itself has the focus: that is an event without an application, stamped with the moment the window lost it, so
  that the time which follows is counted for nobody.
* Another window is reported at once. Another title of the same window is reported at once, too, unless something was
reported less
  than a second before: then the last title of that second is reported at its end. So a title that spins is one event a
  second, and one that rests costs nothing.
"""

from __future__ import annotations

from typing import Final

from collectors.desktop.focused_window import FocusedWindow
from collectors.events import Event, EventKind, Source, WindowDetail, clean_text, local_offset_s
from collectors.timestamp import Timestamp

TITLE_GAP_S: Final = 1.0
SETTLE_S: Final = 0.2


class FocusFilter:
    """Decides which sightings become events, see the rules above."""

    def __init__(self) -> None:
        self._reported: FocusedWindow | None = None
        self._reported_s = float("-inf")
        self._lost: Timestamp | None = None

    def see(self, seen: FocusedWindow, at: Timestamp) -> Event | None:
        """A window has the focus.

        Args:
            seen: the window.
            at: when the notice of it was read.

        Returns:
            The event, or None if it would repeat the one before.
        """
        self._lost = None
        if seen == self._reported:
            return None
        return self._tell(seen, at.ts_us, at.mono_s)

    def lose(self, at: Timestamp) -> None:
        """No window has the focus; `settle` tells so if it stays that way."""
        if self._lost is None and self._reported is not None:
            self._lost = at

    def settle(self, mono_s: float) -> Event | None:
        """The event of a focus that was lost and did not come back."""
        if self._lost is None or mono_s < self._lost.mono_s + SETTLE_S:
            return None
        ts_us, self._lost = self._lost.ts_us, None
        return self._tell(None, ts_us, mono_s)

    def settles_in_s(self, mono_s: float) -> float | None:
        """How long until `settle` has something to say; None when nothing is on its way."""
        return None if self._lost is None else max(0.0, self._lost.mono_s + SETTLE_S - mono_s)

    def titles_in_s(self, mono_s: float) -> float:
        """How long a change of title alone has to wait before it may be reported."""
        return max(0.0, self._reported_s + TITLE_GAP_S - mono_s)

    def _tell(self, seen: FocusedWindow | None, ts_us: int, mono_s: float) -> Event:
        self._reported, self._reported_s = seen, mono_s
        return Event(
            ts_us=ts_us,
            source=Source.WINDOW,
            kind=EventKind.FOCUS,
            app=clean_text(seen.app) if seen and seen.app else None,
            title=clean_text(seen.title) if seen and seen.title else None,
            utc_offset_s=local_offset_s(ts_us),
            detail=WindowDetail(seen.pid) if seen else None,
        )
