"""The foreground window as far as it passed the privacy gate, for collectors that run alongside the window's.

A count of keys is filed under the window they went to. Which one that is only the window's own sense knows, and only
with its own consent; if that one is off nothing is known here, and if the window must stay unseen that is known.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from typing import Final

from collectors.desktop.focused_window import FocusedWindow

_MOST_TURNS: Final = 256


class HiddenReason(Enum):
    """Why the window in front has no name here."""

    UNKNOWN = auto()
    """Nobody looks, or the desktop itself has the focus."""
    HIDDEN = auto()
    """It is one of those that must stay unseen, and so must what is done in it."""


Before = FocusedWindow | HiddenReason
"""What is in front."""


class Foreground:
    """Holds what is in front; reported and asked from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now: Before = HiddenReason.UNKNOWN
        self._waiting: set[int] = set()

    @property
    def now(self) -> Before:
        """What is in front now."""
        return self._now

    def show(self, before: Before) -> None:
        """Something else is in front."""
        with self._lock:
            if before != self._now:
                self._now = before
                for descriptor in self._waiting:
                    os.eventfd_write(descriptor, 1)

    @contextmanager
    def turns(self) -> Iterator[ForegroundChanges]:
        """Its changes for the length of a block."""
        descriptor = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        try:
            with self._lock:
                self._waiting.add(descriptor)
            yield ForegroundChanges(self, descriptor)
        finally:
            with self._lock:
                self._waiting.discard(descriptor)
            os.close(descriptor)


class ForegroundChanges:
    """Numbers the changes of what is in front, and knows what was there after each of the latest; for one thread.

    Args:
        front: what changes.
        descriptor: an eventfd that is written to at each change.
    """

    def __init__(self, front: Foreground, descriptor: int) -> None:
        self._front = front
        self._descriptor = descriptor
        self._known: dict[int, Before] = {0: front.now}
        self.number = 0
        """How many there were."""

    def fileno(self) -> int:
        """What becomes readable at a change; `look` takes note of it."""
        return self._descriptor

    def look(self) -> bool:
        """Whether there was a change since the last look; several at once are one."""
        try:
            os.eventfd_read(self._descriptor)
        except BlockingIOError:
            return False
        before = self._front.now
        if before == self._known.get(self.number):
            return False
        self.number += 1
        self._known[self.number] = before
        self._known.pop(self.number - _MOST_TURNS, None)
        return True

    def between(self, first: int, last: int) -> Before:
        """What was in front from one change to another: unknown for several windows, hidden if any of them was.

        Args:
            first: the number of a change; what was in front before it is not asked for later either.
            last: another, the same or later.
        """
        if not 0 <= first <= last <= self.number or last - first >= _MOST_TURNS:
            return HiddenReason.HIDDEN
        for number in [number for number in self._known if number < first]:
            del self._known[number]
        found = {self._known.get(number, HiddenReason.HIDDEN) for number in range(first, last + 1)}
        if HiddenReason.HIDDEN in found:
            return HiddenReason.HIDDEN
        return found.pop() if len(found) == 1 else HiddenReason.UNKNOWN
