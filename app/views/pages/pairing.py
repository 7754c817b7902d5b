"""Pairing an extension: a code to type into it, for as long as the code serves."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.services.access.pairing import Ended, Offer
from app.views.style import GRID_PX
from app.views.widgets.basics import button, label
from app.views.widgets.notice import Notice

_MS_PER_S: Final = 1_000
_S_PER_MINUTE: Final = 60
_WHY_ENDED: Final = {
    Ended.WITHDRAWN: ("", ""),
    Ended.GUESSED: ("The code was mistyped too often, or guessed at; it pairs nothing any more.", "Show a new one."),
}


class PairingPanel(QWidget):
    """A code, shown while it serves.

    Signals:
        offer_requested(), withdraw_requested().
    """

    offer_requested = Signal()
    withdraw_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.show_code = button("Show a pairing code")
        self.show_code.clicked.connect(self.offer_requested)
        self.message_label = label("", "", wrap=True)
        self.trouble = Notice()
        self.code = label("", "title")
        self.code.setAccessibleName("Pairing code")
        self.code.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.frame = self._frame()
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.timeout.connect(self._expire)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID_PX)
        column.addWidget(label("Extensions", "title"))
        column.addWidget(
            label(
                "Once its extension is paired, a browser or an editor sends what it sees. While that source is off, it "
                "is dropped. Extensions can send events and read nothing. They lie in the folder extensions; "
                "docs/USING.md says how to install them.",
                "quiet",
                wrap=True,
            )
        )
        column.addWidget(self.message_label)
        column.addWidget(self.trouble)
        column.addWidget(self.frame)
        column.addWidget(self.show_code)
        self.message_label.hide()

    def show_offer(self, offer: Offer, port: int) -> None:
        """Show a code until it ends; `port` is the local API's."""
        minutes = round(offer.valid_s / _S_PER_MINUTE)
        self._how.setText(
            f"Type this code into the extension's pairing page within {minutes} minutes; the port is {port}. It pairs "
            "one extension. Tell it to nobody."
        )
        self.code.setText(offer.code)
        self.message_label.hide()
        self.trouble.tell("", "")
        self.frame.show()
        self.show_code.hide()
        self._clock.start(round(offer.valid_s * _MS_PER_S))

    def show_ended(self, ended: Ended, name: str) -> None:
        """Say what became of the code that was shown."""
        self._put_away()
        if ended is Ended.PAIRED:
            self._tell(f"{name} is paired. Its token can be revoked under Settings.")
        else:
            self.trouble.tell(*_WHY_ENDED[ended])

    def _frame(self) -> QFrame:
        frame = QFrame()
        frame.setProperty("role", "notice")
        self._how = label("", "", wrap=True)
        self.cancel = button("Cancel", "", "Withdraw the pairing code")
        self.cancel.clicked.connect(self.withdraw_requested)
        line = QHBoxLayout()
        line.addWidget(self.code, 1)
        line.addWidget(self.cancel)
        column = QVBoxLayout(frame)
        column.setContentsMargins(GRID_PX + 4, GRID_PX, GRID_PX, GRID_PX)
        column.addWidget(self._how)
        column.addLayout(line)
        frame.hide()
        return frame

    def _expire(self) -> None:
        self._put_away()
        self._tell("The code has expired; nothing was paired.")

    def _put_away(self) -> None:
        self._clock.stop()
        self.code.clear()
        self.frame.hide()
        self.show_code.show()

    def _tell(self, text: str) -> None:
        self.trouble.tell("", "")
        self.message_label.setText(text)
        self.message_label.show()
