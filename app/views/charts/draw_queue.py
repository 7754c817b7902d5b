"""Takes turns: of the drawings that come into view together, one is made in each turn of the event loop.

A chart takes about twenty milliseconds to make and to paint; six at once would hold the window still.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QWidget


class LazyDrawing(QWidget):
    """What has a drawing to make."""

    @property
    def needs_drawing(self) -> bool:
        """Whether the drawing is seen, or should be, and is not made yet."""
        raise NotImplementedError

    def draw(self) -> None:
        """Make the drawing."""
        raise NotImplementedError


class DrawQueue(QObject):
    """Gives the turns in one window, from the top down. It belongs to the window and ends with it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        # Zero timers that expire together all run in one pass of Qt's dispatcher: one timer, restarted each time.
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._next)
        self._held = False

    @classmethod
    def of(cls, widget: QWidget) -> DrawQueue:
        """The turns of a widget's window."""
        window = widget.window()
        found = window.findChild(cls, options=Qt.FindChildOption.FindDirectChildrenOnly)
        return found if isinstance(found, cls) else cls(window)

    def hold(self) -> None:
        """Give no turns until `release`."""
        self._held = True

    def release(self) -> None:
        """Give the turns that are waited for."""
        self._held = False
        self.start()

    def start(self) -> None:
        """Something misses its drawing."""
        if not self._held and not self._timer.isActive():
            self._timer.start()

    def _next(self) -> None:
        # Looked for again each time, for what waited may be hidden or gone by now.
        window = self.parent()
        every = window.findChildren(LazyDrawing) if window is not None else []
        if isinstance(window, LazyDrawing):
            every.insert(0, window)
        waiting = [drawn for drawn in every if drawn.needs_drawing]
        if waiting:
            waiting[0].draw()
        if len(waiting) > 1:
            self._timer.start()
