"""A reason and a way out, marked at the side."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.views.style import GRID_PX
from app.views.widgets.basics import label


class Notice(QFrame):
    """Gone while there is nothing to tell."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "problem")
        self._words = label("", "", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID_PX + 4, 6, GRID_PX, 6)
        column.addWidget(self._words)
        self.tell("", "")

    @property
    def text(self) -> str:
        """What is reported."""
        return self._words.text()

    def tell(self, reason: str, remedy: str) -> None:
        """Say it; two empty strings take it away."""
        self._words.setText("\n".join(part for part in (reason, remedy) if part))
        self.setVisible(bool(reason or remedy))
