"""The store is locked: a passphrase or the recovery code opens it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.models.choices import UnlockAttempt, UnlockMethod
from app.views.style import GRID_PX
from app.views.widgets.basics import button, label
from app.views.widgets.notice import Notice

_WIDTH_PX = 66 * GRID_PX


class UnlockDialog(QDialog):
    """Asks until it learns that the store is open (`accept`), or is closed.

    Signals:
        unlock_requested(UnlockAttempt): try this; answer with `accept` or `show_error`.

    Args:
        secret_service: whether the keyring is a way.
        stays: whether the program goes on locked if nobody unlocks it, rather than quit.
    """

    unlock_requested = Signal(object)

    def __init__(self, *, secret_service: bool = False, stays: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._method = UnlockMethod.PASSPHRASE
        self.setWindowTitle("KrypticTrack is locked")
        self.setFixedWidth(_WIDTH_PX)
        self.text_label = label("", "", wrap=True)
        self.secret = QLineEdit()
        self.secret.returnPressed.connect(self._try)
        self.secret.textChanged.connect(self._refresh)
        self.notice = Notice()
        self.other = button("", "link")
        self.other.clicked.connect(self._switch)
        self.service = button("Try the keyring again", "link")
        self.service.setVisible(secret_service)
        self.service.clicked.connect(lambda: self._emit(UnlockAttempt(UnlockMethod.SECRET_SERVICE, "")))
        self.quit = button("Not now" if stays else "Quit")
        self.quit.clicked.connect(self.reject)
        self.unlock = button("Unlock", "primary")
        self.unlock.clicked.connect(self._try)
        buttons = QHBoxLayout()
        buttons.setSpacing(GRID_PX)
        buttons.addWidget(self.other)
        buttons.addSpacing(GRID_PX)
        buttons.addWidget(self.service)
        buttons.addStretch(1)
        buttons.addWidget(self.quit)
        buttons.addWidget(self.unlock)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * GRID_PX, 3 * GRID_PX, 3 * GRID_PX, 2 * GRID_PX)
        column.setSpacing(GRID_PX + 4)
        column.addWidget(label("KrypticTrack is locked", "title"))
        column.addWidget(self.text_label)
        column.addWidget(self.secret)
        column.addWidget(self.notice)
        column.addLayout(buttons)
        self.choose(UnlockMethod.PASSPHRASE)

    def choose(self, method: UnlockMethod) -> None:
        """Ask for a passphrase, or for the recovery code."""
        self._method = method
        recovery = method is UnlockMethod.RECOVERY
        self.text_label.setText(
            "Type the recovery code you wrote down at the first start; blanks and dashes do not matter."
            if recovery
            else "Type your passphrase. Until then nothing is recorded, and what was recorded stays as it is."
        )
        self.secret.clear()
        self.secret.setEchoMode(QLineEdit.EchoMode.Normal if recovery else QLineEdit.EchoMode.Password)
        self.secret.setAccessibleName("Recovery code" if recovery else "Passphrase")
        self.other.setText("Use the passphrase" if recovery else "Use the recovery code")
        self.other.setAccessibleName(self.other.text())
        self.notice.tell("", "")
        self.secret.setFocus()
        self._refresh()

    def show_error(self, message: str, remedy: str) -> None:
        """It did not open; what was typed stays, selected, to be mended."""
        self.set_busy(busy=False)
        self.notice.tell(message, remedy)
        self.secret.setFocus()
        self.secret.selectAll()

    def set_busy(self, *, busy: bool) -> None:
        """While the key is derived nothing can be pressed."""
        for widget in (self.secret, self.other, self.service):
            widget.setEnabled(not busy)
        self.unlock.setEnabled(not busy and bool(self.secret.text()))

    def _switch(self) -> None:
        other = UnlockMethod.RECOVERY if self._method is UnlockMethod.PASSPHRASE else UnlockMethod.PASSPHRASE
        self.choose(other)

    def _try(self) -> None:
        if self.secret.text():
            self._emit(UnlockAttempt(self._method, self.secret.text()))

    def _emit(self, attempt: UnlockAttempt) -> None:
        self.notice.tell("", "")
        self.set_busy(busy=True)
        self.unlock_requested.emit(attempt)

    def _refresh(self) -> None:
        self.unlock.setEnabled(bool(self.secret.text()))
