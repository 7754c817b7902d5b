"""The local API's address and its clients: a token each, shown once, revoked by name."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.models.program_info import TokenInfo, TokenKind
from app.views.style import GRID_PX
from app.views.widgets.basics import button, column_width, label
from collectors.events import US_PER_S

_KIND_WORDS = {TokenKind.INGEST: "may only send events", TokenKind.FULL: "may also read and clean up"}


class TokenPanel(QWidget):
    """Clients of the local API.

    Signals:
        create_requested(str, TokenKind), revoke_requested(str): by the client's name.
    """

    create_requested = Signal(str, object)
    revoke_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.address = label("", "quiet")
        self.address.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.none_yet = label(
            "No client has a token yet. A program of your own needs one; extensions are paired under Sources.",
            "quiet",
            wrap=True,
        )
        self._list = QGridLayout()
        self._list.setHorizontalSpacing(3 * GRID_PX)
        self._list.setColumnStretch(0, 1)
        self._list.setColumnStretch(1, 2)
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the new client")
        self.name.setPlaceholderText("Name of the client")
        self.name.setMaximumWidth(column_width(self.name))
        self.kind = QComboBox()
        self.kind.setAccessibleName("What the new client may do")
        self.kind.view().setAccessibleName("Rights to choose from")
        for kind, words in _KIND_WORDS.items():
            self.kind.addItem(words, kind)
        self.make = button("Make a token")
        self.make.setEnabled(False)
        self.name.textChanged.connect(lambda text: self.make.setEnabled(bool(text.strip())))
        self.make.clicked.connect(self._create)
        self.name.returnPressed.connect(self.make.click)
        self.secret_frame = self._secret_frame()
        line = QHBoxLayout()
        line.setSpacing(GRID_PX)
        line.addWidget(self.kind)
        line.addWidget(self.make)
        line.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID_PX)
        column.addWidget(self.address)
        column.addWidget(self.none_yet)
        column.addLayout(self._list)
        column.addWidget(self.name)
        column.addLayout(line)
        column.addWidget(self.secret_frame)
        self.show_tokens(())

    def show_address(self, address: str) -> None:
        """Show the address of the API."""
        self.address.setText(f"Listens on {address}" if address else "Not running.")

    def show_tokens(self, tokens: Sequence[TokenInfo]) -> None:
        """List the clients."""
        while (item := self._list.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for row, token in enumerate(tokens):
            made = time.strftime("%d %b %Y", time.localtime(token.created_us / US_PER_S))
            revoke = button("Revoke", "link", f"Revoke the token of {token.name}")
            revoke.clicked.connect(lambda _=False, name=token.name: self.revoke_requested.emit(name))
            name = label(token.name, wrap=True)
            rights = label(f"{_KIND_WORDS[token.kind]}, since {made}", "quiet", wrap=True)
            for column, words in enumerate((name, rights)):
                words.setAlignment(Qt.AlignmentFlag.AlignVCenter)
                self._list.addWidget(words, row, column)
            self._list.addWidget(revoke, row, 2)
        self.none_yet.setVisible(not tokens)

    def show_secret(self, name: str, secret: str) -> None:
        """Show a new token, once: nothing keeps it after Done."""
        self._message_label.setText(f"The token of {name}. It is shown only now; copy it into the client.")
        self.secret.setText(secret)
        self.secret_frame.show()
        self.secret.setFocus()
        self.secret.selectAll()
        self.name.clear()

    def _secret_frame(self) -> QFrame:
        frame = QFrame()
        frame.setProperty("role", "notice")
        self._message_label = label("", "", wrap=True)
        self.secret = QLineEdit()
        self.secret.setReadOnly(True)
        self.secret.setAccessibleName("The new token")
        copy = button("Copy", "", "Copy the new token")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.secret.text()))
        done = button("Done", "", "Hide the new token for good")
        done.clicked.connect(self._forget_secret)
        line = QHBoxLayout()
        line.addWidget(self.secret, 1)
        line.addWidget(copy, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(done, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(frame)
        column.setContentsMargins(GRID_PX + 4, GRID_PX, GRID_PX, GRID_PX)
        column.addWidget(self._message_label)
        column.addLayout(line)
        frame.hide()
        return frame

    def _forget_secret(self) -> None:
        self.secret.clear()
        self.secret_frame.hide()

    def _create(self) -> None:
        kind = TokenKind(self.kind.currentData())  # a combo box gives text back for what was text when it was put in
        self.create_requested.emit(self.name.text().strip(), kind)
