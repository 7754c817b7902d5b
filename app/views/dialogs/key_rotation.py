"""The store is being put under a new key: how far that is, and at the end its recovery code, shown once."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from app.views.dialogs.key_steps import RecoveryStep
from app.views.style import GRID_PX
from app.views.widgets.basics import button, label
from app.views.widgets.notice import Notice

_WIDTH_PX = 66 * GRID_PX


class KeyRotationDialog(QDialog):
    """Shown in place of the window while the store is closed.

    Signals:
        cancelled(): it is to be given up; the old key stays.
        code_kept(): the new recovery code was written down.
        Closing it, by whatever means, is `rejected` or `accepted` as for any dialog.
    """

    cancelled = Signal()
    code_kept = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("KrypticTrack: a new key")
        self.setFixedWidth(_WIDTH_PX)
        self.text_label = label(
            "The store is copied under a new key. Nothing is recorded until that is done.", "", wrap=True
        )
        self.bar = QProgressBar()
        self.bar.setAccessibleName("How much of the store is under the new key")
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.notice = Notice()
        self.recovery = RecoveryStep()
        self.recovery.hide()
        self.cancel = button("Cancel", "", "Keep the old key")
        self.go_on = button("Go on", "primary", "Open the store again")
        self.go_on.hide()
        self.cancel.clicked.connect(self.reject)
        self.go_on.clicked.connect(self._go_on)
        self.recovery.changed.connect(lambda: self.go_on.setEnabled(self.recovery.written.isChecked()))
        buttons = QHBoxLayout()
        buttons.setSpacing(GRID_PX)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.go_on)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * GRID_PX, 3 * GRID_PX, 3 * GRID_PX, 2 * GRID_PX)
        column.setSpacing(GRID_PX + 4)
        column.addWidget(label("A new key", "title"))
        for widget in (self.text_label, self.bar, self.notice, self.recovery):
            column.addWidget(widget)
        column.addLayout(buttons)

    def show_progress(self, done: int, total: int) -> None:
        """Show how many of all pages are copied."""
        self.bar.setRange(0, total)
        self.bar.setValue(done)

    def show_code(self, code: str, left_over: str) -> None:
        """It is done: show the new recovery code, and what could not be tidied up."""
        self.text_label.setText("The store and its backup lie under a new key; what lay under the old one is removed.")
        self.recovery.show_code(code)
        self.recovery.show()
        self.notice.tell(left_over, "")
        self.go_on.setEnabled(False)
        self._ended()

    def show_error(self, message: str, remedy: str) -> None:
        """It was not done; the old key stays."""
        self.text_label.setText("The key was not changed.")
        self.notice.tell(message, remedy)
        self._ended()

    def reject(self) -> None:
        """Escape, and the window's own way of closing: while it copies that gives up, and the answer comes later."""
        if self.cancel.isVisibleTo(self):
            self.cancel.setEnabled(False)
            self.cancelled.emit()
        else:
            super().reject()

    def _ended(self) -> None:
        self.bar.hide()
        self.cancel.hide()
        self.go_on.show()
        self.adjustSize()

    def _go_on(self) -> None:
        if self.recovery.isVisibleTo(self):
            self.recovery.forget()
            self.code_kept.emit()
        self.accept()
