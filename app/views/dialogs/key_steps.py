"""The steps of the first start that make the key: what keeps it, and its recovery code."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QLineEdit, QProgressBar, QRadioButton, QVBoxLayout, QWidget

from app.models.choices import KeyMethod, strength
from app.views.style import GRID_PX
from app.views.widgets.basics import ScrollPage, button, indented, label, paragraph, secret_edit
from app.views.widgets.notice import Notice


class KeyStep(ScrollPage):
    """What keeps the key: the desktop's Secret Service, or a passphrase. Signals: changed()."""

    changed = Signal()

    def __init__(self, *, secret_service: bool, parent: QWidget | None = None) -> None:
        super().__init__("The key", parent)
        self._busy = False
        self.column.setContentsMargins(3 * GRID_PX, 3 * GRID_PX, 3 * GRID_PX, GRID_PX)
        self.service = QRadioButton("The desktop's keyring")
        self.words = QRadioButton("A passphrase")
        self.service.setEnabled(secret_service)
        self.passphrase = secret_edit("Passphrase")
        self.again = secret_edit("Passphrase again")
        self.reveal = QCheckBox("Show what is typed")
        self.meter = QProgressBar()
        self.meter.setTextVisible(False)
        self.meter.setRange(0, 100)
        self.meter.setAccessibleName("Strength of the passphrase")
        self.verdict = label("", "small")
        self.notice = Notice()
        self._lay_out(secret_service=secret_service)
        self.service.toggled.connect(self._refresh)
        self.passphrase.textChanged.connect(self._refresh)
        self.again.textChanged.connect(self._refresh)
        self.reveal.toggled.connect(self._reveal)
        self.choose(KeyMethod.SECRET_SERVICE if secret_service else KeyMethod.PASSPHRASE)

    @property
    def method(self) -> KeyMethod:
        """What was chosen."""
        return KeyMethod.SECRET_SERVICE if self.service.isChecked() else KeyMethod.PASSPHRASE

    @property
    def ready(self) -> bool:
        """Whether a key can be made so."""
        if self._busy:
            return False
        typed = self.passphrase.text()
        return self.method is KeyMethod.SECRET_SERVICE or (strength(typed).usable and typed == self.again.text())

    def choose(self, method: KeyMethod) -> None:
        """Pick a method."""
        (self.service if method is KeyMethod.SECRET_SERVICE else self.words).setChecked(True)
        self._refresh()

    def set_busy(self, *, busy: bool) -> None:
        """A key is being made; that takes a moment, on purpose."""
        self._busy = busy
        if busy:
            self.notice.tell("Making the key", "This takes a moment, so that guessing takes far longer.")
        else:
            self.notice.tell("", "")

    def tell(self, message: str, remedy: str) -> None:
        """Say what went wrong."""
        self.notice.tell(message, remedy)

    def forget(self) -> None:
        """Drop what was typed."""
        self.passphrase.clear()
        self.again.clear()

    def _lay_out(self, *, secret_service: bool) -> None:
        self.column.addWidget(label("What keeps the key", "title"))
        self.column.addWidget(paragraph("The file is encrypted with a key of its own. Choose what opens it.", "quiet"))
        self.column.addSpacing(GRID_PX)
        self.column.addWidget(self.service)
        text = (
            "Opens by itself when you log in."
            if secret_service
            else "No keyring answers on this desktop; start one, or use a passphrase."
        )
        self.column.addWidget(indented(label(text, "quiet", wrap=True)))
        self.column.addWidget(self.words)
        self.column.addWidget(indented(label("Asked for at each start. It is kept nowhere.", "quiet", wrap=True)))
        self.fields = QWidget()
        fields = QVBoxLayout(self.fields)
        fields.setContentsMargins(3 * GRID_PX, 0, 0, 0)
        fields.setSpacing(GRID_PX)
        for edit in (self.passphrase, self.meter, self.verdict, self.again):
            edit.setMaximumWidth(44 * GRID_PX)
            fields.addWidget(edit)
        fields.addWidget(self.reveal)
        self.column.addWidget(self.fields)
        self.column.addSpacing(GRID_PX)
        self.column.addWidget(self.notice)
        self.column.addStretch(1)

    def _reveal(self, on: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if on else QLineEdit.EchoMode.Password
        self.passphrase.setEchoMode(mode)
        self.again.setEchoMode(mode)

    def _refresh(self) -> None:
        self.fields.setVisible(self.method is KeyMethod.PASSPHRASE)
        judged = strength(self.passphrase.text())
        self.meter.setValue(round(judged.fraction * 100))
        differs = bool(self.again.text()) and self.again.text() != self.passphrase.text()
        text = "The two differ" if differs and judged.usable else judged.words
        self.verdict.setText(text or "At least 10 characters; several unrelated words are good")
        self.changed.emit()


class RecoveryStep(ScrollPage):
    """The recovery code, shown once. Signals: changed()."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("The recovery code", parent)
        self.column.setContentsMargins(3 * GRID_PX, 3 * GRID_PX, 3 * GRID_PX, GRID_PX)
        self.column.setSpacing(GRID_PX + 4)
        self.code = label("", "secret", align=Qt.AlignmentFlag.AlignHCenter)
        self.code.setAccessibleName("Recovery code")
        self.code.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.copy = button("Copy", "", "Copy the recovery code")
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.code.text()))
        self.written = QCheckBox("I have written it down")
        self.written.toggled.connect(self.changed)
        self.column.addWidget(label("Your recovery code", "title"))
        self.column.addWidget(
            paragraph(
                "If the keyring is lost or the passphrase forgotten, this code alone opens the file. It is shown only "
                "now. Write it on paper and keep it away from this computer."
            )
        )
        self.column.addWidget(self.code)
        self.column.addWidget(self.copy)
        self.column.addWidget(self.written)
        self.column.addStretch(1)

    @property
    def ready(self) -> bool:
        """Whether the user has kept it."""
        return self.written.isChecked()

    def show_code(self, code: str) -> None:
        """Show it."""
        self.code.setText(code)
        self.written.setChecked(False)

    def forget(self) -> None:
        """Drop it."""
        self.code.clear()
