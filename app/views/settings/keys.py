"""What opens the store, and changing that: passphrase, keyring and recovery code."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.models.choices import strength
from app.services.access.unlock_methods import KeyAction, KeyChange, UnlockMethods
from app.views.style import GRID_PX
from app.views.widgets.basics import button, label, secret_edit
from app.views.widgets.notice import Notice

_FIELD_PX: Final = 44 * GRID_PX
_WORDS: Final = {
    KeyAction.SET_PASSPHRASE: ("Set the passphrase", "The file itself is not rewritten; the old passphrase is gone."),
    KeyAction.REMOVE_PASSPHRASE: ("Remove the passphrase", "Then the keyring and the recovery code open the store."),
    KeyAction.ADD_KEYRING: ("Use the keyring", "Then the store opens by itself when you log in."),
    KeyAction.REMOVE_KEYRING: ("Stop using the keyring", "Its item is deleted; the passphrase is asked at each start."),
    KeyAction.NEW_CODE: ("Make a new code", "The old recovery code opens nothing any more."),
    KeyAction.NEW_KEY: (
        "Close, and make a new key",
        "The store is copied under it; backups and journal of the old key go. Then the program restarts.",
    ),
}


class KeysPanel(QWidget):
    """The ways to unlock. Every change asks again whose store it is.

    Signals:
        change_requested(KeyChange): answer with `show_ways`, `show_code` or `show_error`.
        code_kept(): the recovery code was written down.
    """

    change_requested = Signal(object)
    code_kept = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ways = UnlockMethods(passphrase=False, keyring=False, code_seen=True)
        self._action = KeyAction.SET_PASSPHRASE
        self.text_label = label("", "quiet", wrap=True)
        self.unseen = Notice()
        self.passphrase = button("Change the passphrase")
        self.no_passphrase = button("Remove the passphrase", "link")
        self.keyring = button("Use the keyring")
        self.new_code = button("New recovery code")
        self.new_key = button("New key for the store", "link")
        self.form = self._made_form()
        self.code_frame = self._made_code_frame()
        self.passphrase.clicked.connect(lambda: self.ask(KeyAction.SET_PASSPHRASE))
        self.no_passphrase.clicked.connect(lambda: self.ask(KeyAction.REMOVE_PASSPHRASE))
        self.keyring.clicked.connect(
            lambda: self.ask(KeyAction.REMOVE_KEYRING if self._ways.keyring else KeyAction.ADD_KEYRING)
        )
        self.new_code.clicked.connect(lambda: self.ask(KeyAction.NEW_CODE))
        self.new_key.clicked.connect(lambda: self.ask(KeyAction.NEW_KEY))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID_PX)
        for widget in (self.text_label, self.unseen):
            column.addWidget(widget)
        column.addLayout(_line(self.passphrase, self.no_passphrase))
        column.addLayout(_line(self.keyring))
        column.addLayout(_line(self.new_code, self.new_key))
        column.addWidget(self.form)
        column.addWidget(self.code_frame)

    def show_ways(self, ways: UnlockMethods) -> None:
        """Show what opens the store; a form that was open is done."""
        self._ways = ways
        opens = [words for words, on in (("the passphrase", ways.passphrase), ("the keyring", ways.keyring)) if on]
        self.text_label.setText(f"Opens the store: {', '.join([*opens, 'the recovery code'])}.")
        self.passphrase.setText("Change the passphrase" if ways.passphrase else "Set a passphrase")
        self.passphrase.setAccessibleName(self.passphrase.text())
        self.no_passphrase.setVisible(ways.passphrase and ways.keyring)
        self.keyring.setText("Stop using the keyring" if ways.keyring else "Use the keyring")
        self.keyring.setAccessibleName(self.keyring.text())
        self.keyring.setEnabled(ways.passphrase or not ways.keyring)
        seen = ways.code_seen or self.code_frame.isVisibleTo(self)
        self.unseen.tell(
            "" if seen else "You have not confirmed your recovery code.",
            "" if seen else "Make a new one and write it down: it alone helps when everything else is lost.",
        )
        self._close_form()

    def show_code(self, code: str) -> None:
        """Show a new recovery code, once."""
        self.code.setText(code)
        self.written.setChecked(False)
        self.code_frame.show()
        self.unseen.tell("", "")
        self._close_form()

    def show_error(self, message: str, remedy: str) -> None:
        """The change was not made; what was typed stays, to be mended."""
        self.notice.tell(message, remedy)
        self._check()
        self.current.setFocus()
        self.current.selectAll()

    def ask(self, action: KeyAction) -> None:
        """Open the form of a change."""
        self._action = action
        words, hint = _WORDS[action]
        new = action is KeyAction.SET_PASSPHRASE
        asked_again = "" if self._ways.passphrase else " The keyring is asked again."
        self.form_label.setText(hint + asked_again)
        self.go.setText(words)
        self.go.setAccessibleName(words)
        self.current.setVisible(self._ways.passphrase)
        for widget in (self.new, self.again, self.verdict):
            widget.setVisible(new)
        self._clear()
        self.form.show()
        first = self.current if self._ways.passphrase else self.new if new else self.go
        first.setFocus()
        self._check()

    def _made_form(self) -> QFrame:
        frame = QFrame()
        frame.setProperty("role", "notice")
        self.form_label = label("", "", wrap=True)
        self.current = secret_edit("Passphrase now")
        self.new = secret_edit("New passphrase")
        self.again = secret_edit("New passphrase again")
        self.verdict = label("", "small")
        self.notice = Notice()
        self.go = button(_WORDS[self._action][0], "primary")
        cancel = button("Cancel", "", "Change nothing")
        self.go.clicked.connect(self._emit)
        cancel.clicked.connect(self._close_form)
        column = QVBoxLayout(frame)
        column.setContentsMargins(GRID_PX + 4, GRID_PX, GRID_PX, GRID_PX)
        column.addWidget(self.form_label)
        for edit in (self.current, self.new, self.again):
            edit.setMaximumWidth(_FIELD_PX)
            edit.textChanged.connect(self._check)
            edit.returnPressed.connect(self.go.click)
            column.addWidget(edit)
        column.addWidget(self.verdict)
        column.addWidget(self.notice)
        column.addLayout(_line(self.go, cancel))
        frame.hide()
        return frame

    def _made_code_frame(self) -> QFrame:
        frame = QFrame()
        frame.setProperty("role", "notice")
        self.code = label("", "secret")
        self.code.setAccessibleName("Recovery code")
        self.code.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        copy = button("Copy", "", "Copy the recovery code")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.code.text()))
        self.written = QCheckBox("I have written it down")
        self.done = button("Done", "", "Hide the recovery code for good")
        self.done.setEnabled(False)
        self.written.toggled.connect(self.done.setEnabled)
        self.done.clicked.connect(self._keep_code)
        column = QVBoxLayout(frame)
        column.setContentsMargins(GRID_PX + 4, GRID_PX, GRID_PX, GRID_PX)
        column.addWidget(label("The new recovery code. It is shown only now.", "", wrap=True))
        column.addWidget(self.code)
        column.addLayout(_line(self.written, copy, self.done))
        frame.hide()
        return frame

    def _check(self) -> None:
        """Only what can be done can be pressed."""
        new = self._action is KeyAction.SET_PASSPHRASE
        judged = strength(self.new.text())
        differs = bool(self.again.text()) and self.again.text() != self.new.text()
        verdict = "The two differ" if differs and judged.usable else judged.words
        self.verdict.setText(verdict or "At least 10 characters; several unrelated words are good")
        known = not self._ways.passphrase or bool(self.current.text())
        self.go.setEnabled(known and (not new or (judged.usable and self.new.text() == self.again.text())))

    def _emit(self) -> None:
        new = self.new.text() if self._action is KeyAction.SET_PASSPHRASE else None
        current = self.current.text() if self._ways.passphrase else None
        self.notice.tell("", "")
        self.go.setEnabled(False)
        self.change_requested.emit(KeyChange(self._action, current, new))

    def _keep_code(self) -> None:
        self.code.clear()
        self.code_frame.hide()
        self.code_kept.emit()

    def _close_form(self) -> None:
        self._clear()
        self.form.hide()

    def _clear(self) -> None:
        for edit in (self.current, self.new, self.again):
            edit.clear()
        self.notice.tell("", "")


def _line(*widgets: QWidget) -> QHBoxLayout:
    line = QHBoxLayout()
    line.setSpacing(GRID_PX)
    for widget in widgets:
        line.addWidget(widget)
    line.addStretch(1)
    return line
