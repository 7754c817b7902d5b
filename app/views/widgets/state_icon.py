"""The mark of a state as a small widget, distinguished by shape and not by colour alone."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.models.recording_state import State, drawing
from app.views.style import accent_colour, soft_colour


class StateMark(QWidget):
    """Stands next to the words that say the same, so a screen reader passes it by."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = State.PAUSED
        self._renderer: QSvgRenderer | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def state(self) -> State:
        """What is shown."""
        return self._state

    def sizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        """The size of small text."""
        return QSize(16, 16)

    def show_state(self, state: State) -> None:
        """Show what goes on."""
        if state is not self._state:
            self._state = state
            self._renderer = None
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802  # Qt's signature
        """Draw it, in the accent while something is taken in or learned."""
        if self._renderer is None:
            palette = self.palette()
            colour = soft_colour(palette) if self._state in (State.PAUSED, State.LOCKED) else accent_colour(palette)
            self._renderer = QSvgRenderer(drawing(self._state, colour.name()), self)
        painter = QPainter(self)
        self._renderer.render(painter, QRectF(self.rect()))
        painter.end()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._renderer = None
            self.update()
