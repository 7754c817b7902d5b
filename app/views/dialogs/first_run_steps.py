"""The steps of the first start, one widget each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from app.models.sources import OLD_ENTRIES, HistoryInfo, ImportProgress, SenseInfo, counts
from app.views.style import GRID_PX
from app.views.widgets.basics import ScrollPage, Switch, button, indented, label, paragraph, rule
from app.views.widgets.source_row import ConsentWords, records_text
from collectors.events import Source

_FOLDERS_NAMED: Final = 2
_ABOUT: Final = (
    """KrypticTrack notes what you do on this computer, learns what you find worth doing, expects what you do next,
    and answers questions about your days.""",
    "Everything stays on this machine, in one encrypted file. Nothing is sent anywhere.",
    """Nothing is sensed before you allow it, source by source, and you can pause or stop at any time. Keys you press
    and text you type are never recorded: there is no place in the file to put them.""",
    "A program that already runs with your rights could read what you can read. This one cannot guard against it.",
)


class AboutStep(ScrollPage):
    """What the program is and what it promises."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("What this is", parent)
        self.column.setContentsMargins(3 * GRID_PX, 3 * GRID_PX, 3 * GRID_PX, GRID_PX)
        self.column.setSpacing(GRID_PX + 4)
        self.column.addWidget(label("A memory of your own desktop", "title"))
        for words in _ABOUT:
            self.column.addWidget(paragraph(" ".join(words.split())))
        self.column.addStretch(1)


class ConsentStep(ScrollPage):
    """A switch a sense, every one off."""

    def __init__(self, senses: Sequence[SenseInfo], parent: QWidget | None = None) -> None:
        super().__init__("What may be sensed", parent)
        self.column.setContentsMargins(3 * GRID_PX, 3 * GRID_PX, 3 * GRID_PX, GRID_PX)
        self.column.addWidget(label("What may be sensed", "title"))
        self.column.addWidget(
            paragraph("All off. Turn on what you want; you can change it later under Sources.", "quiet")
        )
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
            paragraph(
                "Histories that lie on this machine already. With some of them the first forecasts come within "
                f"minutes. What the privacy gate keeps out is kept out here too. {OLD_ENTRIES}",
                "quiet",
            )
        )
        self._boxes: dict[str, QCheckBox] = {}
        self._found_labels: dict[str, QLabel] = {}
        found = [info for info in histories if info.found]
        for info in found:
            box = QCheckBox(info.title)
            box.toggled.connect(self._picked_changed)
            more = " and more" if len(info.found) > _FOLDERS_NAMED else ""
            found_label = label(", ".join(info.found[:_FOLDERS_NAMED]) + more, "quiet", wrap=True)
            self._boxes[info.name] = box
            self._found_labels[info.name] = found_label
            self.column.addSpacing(4)
            self.column.addWidget(box)
            self.column.addWidget(indented(found_label))
        if not found:
            self.column.addWidget(paragraph("No history was found on this machine. The days from now on will do."))
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
            self._found_labels[progress.name].setText(f"{counts(progress)}{ended}")
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
