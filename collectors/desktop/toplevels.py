"""Which of a compositor's windows has the focus, told from what it says of each of them.

Protocols for task bars announce every top-level window as an object of its own, describe it in several events, and mark
the end of a description. What they leave open is the same everywhere, so it is decided here once: what counts is what
was described at such an end; of several active windows (there may be several seats) the last that became so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from collectors.collector import Emit
from collectors.desktop.focus import FocusFilter, Seen
from collectors.events import Event, clean_text
from collectors.moment import Moment, now

ACTIVATED: Final = 2
"""The state "has the focus" in zwlr_foreign_toplevel_handle_v1, and in zcosmic_toplevel_handle_v1."""


@dataclass(slots=True)
class Toplevel:
    """One window as it was described last; each field is None or False until it was."""

    app: str | None = None
    title: str | None = None
    active: bool = False

    def seen(self) -> Seen:
        """The window as a sighting; these protocols name no process."""
        return Seen(app=_trimmed(self.app), title=_trimmed(self.title), pid=None)


class Toplevels:
    """The windows of one compositor.

    Args:
        emit: where the events of focus go.
        now: the two clocks.
    """

    def __init__(self, emit: Emit, now: Callable[[], Moment] = now) -> None:
        self._emit = emit
        self._now = now
        self._filter = FocusFilter()
        self._active: list[Toplevel] = []
        self._current: Toplevel | None = None
        self._retitled: tuple[Moment, Seen] | None = None

    def described(self, window: Toplevel) -> None:
        """The description of a window is complete."""
        is_listed = any(window is one for one in self._active)
        if window.active and not is_listed:
            self._active.append(window)
        elif is_listed and not window.active:
            self._drop(window)
        elif window is not self._current:
            return
        self._look()

    def closed(self, window: Toplevel) -> None:
        """A window is gone."""
        self._drop(window)
        self._look()

    def wait_s(self) -> float | None:
        """How long until `tell_what_is_due` has something to tell; None when nothing is on its way."""
        mono_s = self._now().mono_s
        waits = [self._filter.settles_in_s(mono_s)]
        if self._retitled is not None:
            waits.append(self._filter.titles_in_s(mono_s))
        return min((wait for wait in waits if wait is not None), default=None)

    def tell_what_is_due(self) -> None:
        """Tell the title that rested, and the focus that did not come back."""
        mono_s = self._now().mono_s
        if self._retitled is not None and not self._filter.titles_in_s(mono_s):
            self._tell_title()
        self._pass_on(self._filter.settle(mono_s))

    def _look(self) -> None:
        at = self._now()
        window = self._active[-1] if self._active else None
        if window is None:
            self._tell_title()
            self._current = None
            self._filter.lose(at)
        elif window is self._current:
            self._retitled = (at, window.seen())
        else:
            self._tell_title()  # of the window that is being left
            self._current = window
            self._pass_on(self._filter.see(window.seen(), at))

    def _tell_title(self) -> None:
        retitled, self._retitled = self._retitled, None
        if retitled is not None:
            at, seen = retitled
            self._pass_on(self._filter.see(seen, at))

    def _drop(self, window: Toplevel) -> None:
        self._active = [one for one in self._active if one is not window]

    def _pass_on(self, event: Event | None) -> None:
        if event is not None:
            self._emit(event)


def _trimmed(text: str | None) -> str | None:
    if not text:
        return None
    return clean_text("".join(letter if letter.isprintable() else " " for letter in text)).strip() or None
