"""Forgetting and wiping: what would go is shown first, and only then it can be let go of."""

from __future__ import annotations

import dataclasses
from typing import Any, Final

from PySide6.QtCore import QDateTime, Signal
from PySide6.QtWidgets import QComboBox, QDateTimeEdit, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from app.errors import KnownError
from app.services.maintenance.forget_receipt import receipt_lines
from app.store.values.forget_request import Forget, Receipt
from app.views.style import GRID_PX
from app.views.widgets.basics import button, label
from collectors import clock
from collectors.events import US_PER_DAY, US_PER_MS, US_PER_S

_WHAT: Final = (
    ("An application", "app", "firefox"),
    ("A site", "site", "example.org"),
    ("A project", "project", "boat"),
    ("What a search finds", "text", "words of titles, addresses, commands"),
    ("Everything", "", ""),
)
_WHEN: Final = (
    ("of all time", 0),
    ("of the last hour", 3_600 * US_PER_S),
    ("of the last day", US_PER_DAY),
    ("of the last 7 days", 7 * US_PER_DAY),
    ("between", -1),
)
_BETWEEN: Final = len(_WHEN) - 1
WIPE_WORD: Final = "wipe"


class ForgetPanel(QWidget):
    """Names what is to be forgotten, shows how much that is, and asks before it goes.

    Signals:
        requested(Forget, bool): what, and whether to say only what would go.
    """

    requested = Signal(object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._request: Forget | None = None
        self.what = _choice("What to forget", [words for words, _, _ in _WHAT])
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of what to forget")
        self.when = _choice("Which time of it", [words for words, _ in _WHEN])
        self.since, self.until = _moment("From"), _moment("Up to")
        self.look = button("See what would go")
        self.answer = label("", "", wrap=True)
        self.agree = button("Forget it", "primary", "Forget it for good")
        self.refuse = button("Keep it", "link", "Keep it after all")
        self.what.currentIndexChanged.connect(self._edited)
        self.when.currentIndexChanged.connect(self._edited)
        self.name.textChanged.connect(self._edited)
        self.since.dateTimeChanged.connect(self._edited)
        self.until.dateTimeChanged.connect(self._edited)
        self.name.returnPressed.connect(self.look.click)
        self.look.clicked.connect(self._look)
        self.agree.clicked.connect(self._agree)
        self.refuse.clicked.connect(self._edited)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID_PX)
        column.addLayout(_line(self.what, self.name))
        column.addLayout(_line(self.when))
        column.addLayout(_line(self.since))
        column.addLayout(_line(self.until))
        column.addLayout(_line(self.look))
        column.addWidget(self.answer)
        column.addLayout(_line(self.agree, self.refuse))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._edited()

    def show_receipt(self, receipt: Receipt) -> None:
        """Show what would go, and ask; or what went."""
        self.answer.setText("\n".join(receipt_lines(dataclasses.asdict(receipt))))
        self.answer.show()
        asks = receipt.dry_run and not receipt.empty
        self.agree.setVisible(asks)
        self.refuse.setVisible(asks)
        self._set_idle(idle=True)
        if asks:
            self.refuse.setFocus()

    def show_failure(self, message: str, remedy: str) -> None:
        """Say why it could not be done."""
        self._edited()
        self.answer.setText(f"{message} {remedy}")
        self.answer.show()

    def request(self) -> Forget:
        """What is named now.

        Raises:
            KnownError: if that is nothing, or no range.
        """
        _, field, _ = _WHAT[self.what.currentIndex()]
        name: dict[str, Any] = {field: self.name.text().strip()} if field else {}
        place = self.when.currentIndex()
        now_us = clock.now_us()
        since_us = until_us = None
        if place == _BETWEEN:
            since_us, until_us = _us(self.since), _us(self.until)
        elif place:
            since_us = now_us - _WHEN[place][1]
        return Forget(since_us=since_us, until_us=until_us, **name)

    def _edited(self) -> None:
        """What was shown was of another request."""
        self._request = None
        _, field, example = _WHAT[self.what.currentIndex()]
        self.name.setVisible(bool(field))
        self.name.setPlaceholderText(example)
        between = self.when.currentIndex() == _BETWEEN
        self.since.setVisible(between)
        self.until.setVisible(between)
        for widget in (self.answer, self.agree, self.refuse):
            widget.hide()
        self._set_idle(idle=True)

    def _set_idle(self, *, idle: bool) -> None:
        named = bool(self.name.text().strip()) if _WHAT[self.what.currentIndex()][1] else self.when.currentIndex() > 0
        self.look.setEnabled(idle and named)
        self.agree.setEnabled(idle)
        for widget in (self.what, self.name, self.when, self.since, self.until):
            widget.setEnabled(idle)

    def _look(self) -> None:
        try:
            self._request = request = self.request()
        except KnownError as error:
            self.show_failure(error.message, error.remedy)
            return
        self._ask("Looking at what there is of it.", request, dry_run=True)

    def _agree(self) -> None:
        if self._request is not None:
            self._ask("Forgetting. If interrupted, it continues at the next start.", self._request, dry_run=False)

    def _ask(self, meanwhile: str, request: Forget, *, dry_run: bool) -> None:
        self._set_idle(idle=False)
        self.agree.hide()
        self.refuse.hide()
        self.answer.setText(meanwhile)
        self.answer.show()
        self.requested.emit(request, dry_run)


class WipePanel(QWidget):
    """Destroys everything, after the word for it was typed.

    Signals:
        requested(): now.
    """

    requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.word = QLineEdit()
        self.word.setAccessibleName(f"Type {WIPE_WORD} to destroy everything")
        self.word.setPlaceholderText(f"Type {WIPE_WORD}")
        self.wipe = button("Destroy everything", "", "Destroy the key and everything stored, and quit")
        self.wipe.setEnabled(False)
        self.word.textChanged.connect(lambda text: self.wipe.setEnabled(text.strip() == WIPE_WORD))
        self.wipe.clicked.connect(self._confirm)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(_line(self.word, self.wipe))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def _confirm(self) -> None:
        self.word.clear()
        self.requested.emit()


def _choice(accessible: str, words: list[str]) -> QComboBox:
    made = QComboBox()
    made.setAccessibleName(accessible)
    made.view().setAccessibleName(f"{accessible}, to choose from")
    made.addItems(words)
    return made


def _moment(accessible: str) -> QDateTimeEdit:
    made = QDateTimeEdit(QDateTime.currentDateTime())
    made.setAccessibleName(accessible)
    made.setDisplayFormat("yyyy-MM-dd HH:mm")
    return made


def _us(edit: QDateTimeEdit) -> int:
    return int(edit.dateTime().toMSecsSinceEpoch()) * US_PER_MS


def _line(*widgets: QWidget) -> QHBoxLayout:
    line = QHBoxLayout()
    line.setSpacing(GRID_PX)
    for widget in widgets:
        line.addWidget(widget, 1 if isinstance(widget, QLineEdit) else 0)
    if not any(isinstance(widget, QLineEdit) for widget in widgets):
        line.addStretch(1)
    return line
