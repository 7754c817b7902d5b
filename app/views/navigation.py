"""The pages of the window, and the column of their names at its left side."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QVBoxLayout, QWidget

from app.views.style import GRID_PX

_WIDTH_PX: Final = 15 * GRID_PX


class Page(StrEnum):
    """The pages, in order."""

    CHAT = "Chat"
    TODAY = "Today"
    PATTERNS = "Patterns"
    MIND = "Mind"
    SOURCES = "Sources"
    SETTINGS = "Settings"


class Navigation(QWidget):
    """A button for each page, in `links`; one of them is down.

    Signals:
        chosen(Page): a page was asked for.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "navigation")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)  # else a class of our own has no colour
        self.setAccessibleName("Pages")
        self.setFixedWidth(_WIDTH_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2 * GRID_PX, 0, GRID_PX)
        column.setSpacing(0)
        group = QButtonGroup(self)
        self.links: dict[Page, QPushButton] = {}
        for number, page in enumerate(Page, start=1):
            link = QPushButton(page.value)
            link.setCheckable(True)
            link.setAccessibleName(f"{page.value} page")
            link.setToolTip(f"Ctrl+{number}")
            link.clicked.connect(lambda _=False, wanted=page: self.chosen.emit(wanted))
            group.addButton(link)
            column.addWidget(link)
            self.links[page] = link
        column.addStretch(1)

    def show_page(self, page: Page) -> None:
        """Show which page is in view."""
        self.links[page].setChecked(True)

    def focus(self, page: Page) -> None:
        """Have the keyboard at the name of a page."""
        self.links[page].setFocus(Qt.FocusReason.ShortcutFocusReason)
