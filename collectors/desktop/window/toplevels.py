"""Which of a compositor's windows has the focus, reported from what it says of each of them.

Protocols for task bars announce every top-level window as an object of its own, describe it in several events, and mark
the end of a description. What they leave open is the same everywhere, so it is decided here once: what counts is what
was described at such an end; of several active windows (there may be several seats) the last that became so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from collectors.collector import Emit
from collectors.desktop.focused_window import FocusedWindow
from collectors.desktop.window.debounce import FocusDebouncer
from collectors.events import clean_text
from collectors.timestamp import Timestamp, now

ACTIVATED: Final = 2
"""The state "has the focus" in zwlr_foreign_toplevel_handle_v1, and in zcosmic_toplevel_handle_v1."""


@dataclass(slots=True, eq=False)
class Toplevel:
    """One window as it was described last; each field is None or False until it was."""

    app: str | None = None
    title: str | None = None
    active: bool = False

    def seen(self) -> FocusedWindow:
        """The window as a sighting; these protocols name no process."""
        return FocusedWindow(app=_trimmed(self.app), title=_trimmed(self.title), pid=None)


class Toplevels:
    """The windows of one compositor.

    Args:
        emit: takes the events.
        now: the two clocks.
    """

    def __init__(self, emit: Emit, now: Callable[[], Timestamp] = now) -> None:
        self._sightings = FocusDebouncer(emit, now)
        self._active: list[Toplevel] = []

    def described(self, window: Toplevel) -> None:
        """The description of a window is complete."""
        if window.active and window not in self._active:
            self._active.append(window)
        elif not window.active and window in self._active:
            self._active.remove(window)
        elif window not in self._active[-1:]:
            return  # it is not the focused one, and was not before
        self._look()

    def closed(self, window: Toplevel) -> None:
        """A window is gone."""
        if window in self._active:
            self._active.remove(window)
            self._look()

    def wait_s(self) -> float | None:
        """How long until `tell_due` has something to tell; None when nothing is on its way."""
        return self._sightings.wait_s()

    def tell_due(self) -> None:
        """Tell the title that rested, and the focus that did not come back."""
        self._sightings.tell_due()

    def _look(self) -> None:
        if self._active:
            self._sightings.see(self._active[-1], self._active[-1].seen())
        else:
            self._sightings.lose()


def _trimmed(text: str | None) -> str | None:
    if not text:
        return None
    return clean_text("".join(letter if letter.isprintable() else " " for letter in text)).strip() or None
