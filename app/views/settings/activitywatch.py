"""Letting ActivityWatch's programs in: two switches, with what each opens."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from app.views.style import GRID_PX
from app.views.widgets.basics import Switch, column_width, label

_SEND = "Let ActivityWatch's watchers send"
_READ = "Let your programs read"
_SEND_WORDS = (
    "Opens port 5600 of this machine to your own programs, without a token. They can send windows, times away and "
    "counts of input, tabs and editors while those sources are on, and read nothing. Other users' programs and web "
    "pages are refused; any program of yours could send what never happened."
)
_READ_WORDS = (
    "Through that port, without a token and without asking again: windows, titles, addresses, commands, all that is "
    "stored. Leave it off unless a tool of ActivityWatch needs it."
)


class WatcherPanel(QWidget):
    """The two switches; reading is offered only to those who are let in.

    Signals:
        changed(bool, bool): whether watchers may send, and whether programs may read.
    """

    changed = Signal(bool, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sending = Switch(_SEND)
        self.reading = Switch(_READ)
        self.sending.clicked.connect(lambda on: self.changed.emit(on, on and self.reading.isChecked()))
        self.reading.clicked.connect(lambda on: self.changed.emit(self.sending.isChecked(), on))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2 * GRID_PX)
        grid.setVerticalSpacing(GRID_PX // 2)
        grid.setColumnStretch(1, 100)  # up to its greatest width; what is left over lies to its right
        grid.setColumnStretch(2, 1)
        for number, (switch, name, words) in enumerate(
            ((self.sending, _SEND, _SEND_WORDS), (self.reading, _READ, _READ_WORDS))
        ):
            hint = label(words, "small", wrap=True)
            hint.setMaximumWidth(column_width(hint))
            grid.addWidget(switch, 2 * number, 0)
            grid.addWidget(label(name), 2 * number, 1)
            grid.addWidget(hint, 2 * number + 1, 1)
        self.show_switches(sending=False, reading=False)

    def show_switches(self, *, sending: bool, reading: bool) -> None:
        """Show the decisions."""
        self.sending.setChecked(sending)
        self.reading.setChecked(sending and reading)
        self.reading.setEnabled(sending)
