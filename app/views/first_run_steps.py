"""The steps of the first start, one widget each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.models.choices import KeyMethod, strength
from app.models.sources import HistoryInfo, ImportProgress, SenseInfo, counts
from app.views.notice import Notice
from app.views.parts import ScrollPage, Switch, button, column_width, label, rule
from app.views.sources import ConsentWords, records_text
from app.views.style import GRID_PX
from collectors.events import Source


def _text(words: str, role: str = "") -> QWidget:
    made = label(words, role, wrap=True)
    made.setMaximumWidth(column_width(made))
    return made


class AboutStep(ScrollPage):
    """What the program is and what it promises."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("What this is", parent)
        self.column.setContentsMargins(3 * GRID_PX, 3 * GRID_PX, 3 * GRID_PX, GRID_PX)
        self.column.setSpacing(GRID_PX + 4)
        self.column.addWidget(label("A memory of your own desktop", "title"))
        for words in (
            "KrypticTrack notes what you do on this computer, learns what you find worth doing, expects what you do "
            "next, and answers questions about your days.",
            "Everything stays on this machine, in one encrypted file. Nothing is sent anywhere.",
            "Nothing is sensed before you allow it, source by source, and you can pause or stop at any time. Keys you "
            "press and text you type are never recorded: there is no place in the file to put them.",
            "A program that already runs with your rights could read what you can read. This one cannot guard against "
            "that.",
        ):
            self.column.addWidget(_text(words))
        self.column.addStretch(1)


class ConsentStep(ScrollPage):
    """A switch a sense, every one off."""

    def __init__(self, senses: Sequence[SenseInfo], parent: QWidget | None = None) -> None:
        super().__init__("What may be sensed", parent)
        self.column.setContentsMargins(3 * GRID_PX, 3 * GRID_PX, 3 * GRID_PX, GRID_PX)
        self.column.addWidget(label("What may be sensed", "title"))
        self.column.addWidget(_text("All off. Turn on what you want; you can change it later under Sources.", "quiet"))
        self._switches: list[tuple[Source, Switch]] = []
        for info in senses:
            switch = Switch(f"Allow {info.title}")
            switch.setAccessibleDescription(records_text(info))
            switch.clicked.connect(lambda on, source=info.source: self._switched(source, on))
            self._switches.append((info.source, switch))
            words = QVBoxLayout()
            words.setSpacing(2)
            words.addWidget(label(info.title, "section"))
            words.addWidget(ConsentWords(info))
            row = QHBoxLayout()
            row.setSpacing(2 * GRID_PX)
            row.addWidget(switch, 0, Qt.AlignmentFlag.AlignTop)
            row.addLayout(words, 1_000)
            row.addStretch(1)
            self.column.addWidget(rule())
            self.column.addLayout(row)
        self.column.addStretch(1)

    def consent(self) -> frozenset[Source]:
        """What may be sensed."""
        return frozenset(source for source, switch in self._switches if switch.isChecked())

    def _switched(self, source: Source, on: bool) -> None:
        for other, switch in self._switches:
            if other is source:
                switch.setChecked(on)


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
        self.passphrase = _secret_edit("Passphrase")
        self.again = _secret_edit("Passphrase again")
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
        self.column.addWidget(_text("The file is encrypted with a key of its own. Choose what opens it.", "quiet"))
        self.column.addSpacing(GRID_PX)
        self.column.addWidget(self.service)
        told = (
            "Opens by itself when you log in."
            if secret_service
            else "No keyring answers on this desktop; start one, or use a passphrase."
        )
        self.column.addWidget(_indented(label(told, "quiet", wrap=True)))
        self.column.addWidget(self.words)
        self.column.addWidget(_indented(label("Asked for at each start. It is kept nowhere.", "quiet", wrap=True)))
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
        told = "The two differ" if differs and judged.usable else judged.words
        self.verdict.setText(told or "At least 10 characters; several unrelated words are good")
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
            _text(
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


class HistoryStep(ScrollPage):
    """Which histories to bring along, and how their import goes.

    Signals:
        changed(): a choice, or whether an import runs.
        import_requested(), cancel_import().
    """

    changed = Signal()
    import_requested = Signal()
    cancel_import = Signal()

    def __init__(self, histories: Sequence[HistoryInfo], parent: QWidget | None = None) -> None:
        super().__init__("Your past", parent)
        self.column.setContentsMargins(3 * GRID_PX, 3 * GRID_PX, 3 * GRID_PX, GRID_PX)
        self._progress: dict[str, ImportProgress] = {}
        self._asked = False
        self.column.addWidget(label("Your past", "title"))
        self.column.addWidget(
            _text(
                "Histories that lie on this machine already. With some of them the first forecasts come within "
                "minutes. What the privacy gate keeps out is kept out here too.",
                "quiet",
            )
        )
        self._boxes: dict[str, QCheckBox] = {}
        self._told: dict[str, QWidget] = {}
        found = [info for info in histories if info.found]
        for info in found:
            box = QCheckBox(info.title)
            box.toggled.connect(self._picked_changed)
            told = label(", ".join(info.found[:2]) + (" and more" if len(info.found) > 2 else ""), "quiet", wrap=True)  # noqa: PLR2004  # two are named
            self._boxes[info.name] = box
            self._told[info.name] = told
            self.column.addSpacing(4)
            self.column.addWidget(box)
            self.column.addWidget(_indented(told))
        if not found:
            self.column.addWidget(_text("No history was found on this machine. The days from now on will do."))
        self.start = button("Import")
        self.start.clicked.connect(self._start)
        self.cancel = button("Cancel", "", "Cancel the import")
        self.cancel.clicked.connect(self.cancel_import)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the import")
        buttons = QHBoxLayout()
        buttons.addWidget(self.start)
        buttons.addWidget(self.cancel)
        buttons.addStretch(1)
        self.column.addSpacing(GRID_PX)
        self.column.addWidget(self.bar)
        self.column.addLayout(buttons)
        self.column.addStretch(1)
        self.start.setVisible(bool(found))
        self._refresh()

    @property
    def busy(self) -> bool:
        """Whether an import runs."""
        return self._asked and not all(
            name in self._progress and self._progress[name].done for name in self.picked() | self._progress.keys()
        )

    def picked(self) -> frozenset[str]:
        """The histories to import."""
        return frozenset(name for name, box in self._boxes.items() if box.isChecked())

    def show_import(self, progress: ImportProgress) -> None:
        """Show how far the import of one history is."""
        self._asked = True
        self._progress[progress.name] = progress
        if progress.name in self._boxes:
            self._boxes[progress.name].setChecked(True)
            ended = f". {progress.message}" if progress.message else ""
            self._told[progress.name].setText(f"{counts(progress)}{ended}")  # type: ignore[attr-defined]  # a label
        if not progress.done:
            self.bar.setRange(0, 0 if progress.fraction is None else 1_000)
            self.bar.setValue(round((progress.fraction or 0) * 1_000))
        self._refresh()

    def _start(self) -> None:
        self._progress = {}
        self._asked = True
        self.bar.setRange(0, 0)
        self._refresh()
        self.import_requested.emit()

    def _picked_changed(self) -> None:
        self._refresh()

    def _refresh(self) -> None:
        for box in self._boxes.values():
            box.setEnabled(not self.busy)
        self.bar.setVisible(self.busy)
        self.cancel.setVisible(self.busy)
        self.start.setVisible(bool(self._boxes) and not self.busy)
        self.start.setEnabled(bool(self.picked()))
        self.changed.emit()


def _secret_edit(accessible: str) -> QLineEdit:
    edit = QLineEdit()
    edit.setEchoMode(QLineEdit.EchoMode.Password)
    edit.setAccessibleName(accessible)
    edit.setPlaceholderText(accessible)
    return edit


def _indented(widget: QWidget) -> QWidget:
    widget.setContentsMargins(23, 0, 0, 0)  # below the words of the button above: its mark and gap
    return widget
