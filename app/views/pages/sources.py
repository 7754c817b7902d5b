"""What is sensed and what can be imported: each with what it records, what it never records, and how it does."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from app.models.sources import OLD_ENTRIES, HistoryInfo, ImportProgress, SenseInfo, counts
from app.services.status import SourceStatus
from app.views.pages.live import LivePanel
from app.views.pages.pairing import PairingPanel
from app.views.style import GRID_PX
from app.views.widgets.basics import ScrollPage, button, label, rule
from app.views.widgets.source_row import SenseRow
from collectors.events import Source
from neural.language.formatting import count


class HistoryRow(QWidget):
    """One history. Signals: import_clicked()."""

    import_clicked = Signal()

    def __init__(self, info: HistoryInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.info = info
        self.start = button("Import", "", f"Import {info.title}")
        self.start.clicked.connect(self.import_clicked)
        self.start.setEnabled(bool(info.found))
        found = "Not found on this machine" if not info.found else _places(info.found)
        self.found_label = label(found, "quiet", wrap=True)
        self.found_label.setToolTip("\n".join(info.found))
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(f"Progress of the import of {info.title}")
        self.progress.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, GRID_PX, 0, GRID_PX)
        grid.setHorizontalSpacing(2 * GRID_PX)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        grid.addWidget(label(info.title, "section"), 0, 0)
        grid.addWidget(self.start, 0, 1, 2, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.found_label, 1, 0)
        grid.addWidget(self.progress, 2, 0, 1, 2)

    def show_progress(self, progress: ImportProgress) -> None:
        """Show how far the import is."""
        ended = f". {progress.message}" if progress.message else ""
        self.found_label.setText(f"{counts(progress)}{ended}")
        self.progress.setVisible(not progress.done)
        if progress.fraction is None:
            self.progress.setRange(0, 0)
        else:
            self.progress.setRange(0, 1_000)
            self.progress.setValue(round(progress.fraction * 1_000))


class SourcesPage(ScrollPage):
    """Senses and histories.

    Signals:
        consent_changed(frozenset[Source]): what may be sensed from now on.
        import_requested(tuple[str, ...]): import these histories.
        cancel_import(): stop the import that runs.
        hooks_requested(): have the shells of this machine tell their commands.
    """

    consent_changed = Signal(object)
    import_requested = Signal(object)
    cancel_import = Signal()
    hooks_requested = Signal()

    def __init__(self, now_us: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__("Sources", parent)
        self._now_us = now_us
        self._running: set[str] = set()
        self.senses: dict[str, SenseRow] = {}
        self.histories: dict[str, HistoryRow] = {}
        self._sense_column = QVBoxLayout()
        self._sense_column.setSpacing(0)
        self._history_column = QVBoxLayout()
        self._history_column.setSpacing(0)
        self.pairing = PairingPanel()
        self.import_all = button("Import all found")
        self.import_all.clicked.connect(self._import_all)
        self.cancel = button("Cancel", "", "Cancel the import")
        self.cancel.clicked.connect(self.cancel_import)
        self.cancel.hide()
        self.live = LivePanel(now_us)
        self.column.addWidget(label("Recorded in the last minute", "title"))
        self.column.addWidget(
            label(
                "As it is stored, after the privacy gate. Delete forgets an entry for good, in backups too.",
                "quiet",
                wrap=True,
            )
        )
        self.column.addWidget(self.live)
        self.column.addSpacing(2 * GRID_PX)
        self.column.addWidget(label("What may be recorded", "title"))
        self.column.addWidget(
            label(
                "Every source is off until you turn it on. Everything stays on this machine, encrypted.",
                "quiet",
                wrap=True,
            )
        )
        self.column.addLayout(self._sense_column)
        self.column.addSpacing(2 * GRID_PX)
        self.column.addWidget(self.pairing)
        self.column.addSpacing(2 * GRID_PX)
        head = QHBoxLayout()
        head.addWidget(label("What can be imported", "title"), 1)
        head.addWidget(self.import_all)
        head.addWidget(self.cancel)
        self.column.addLayout(head)
        self.column.addWidget(
            label(
                f"Histories that lie on this machine already. Importing one twice stores nothing twice. {OLD_ENTRIES}",
                "quiet",
                wrap=True,
            )
        )
        self.column.addLayout(self._history_column)
        self.column.addStretch(1)

    def set_senses(self, senses: Sequence[SenseInfo]) -> None:
        """Say which senses there are."""
        _clear(self._sense_column)
        self.senses = {}
        for info in senses:
            row = SenseRow(info, self._now_us)
            row.switched.connect(lambda on, source=info.source: self._switched(source, on))
            row.helped.connect(lambda source=info.source: self._help(source))
            self.senses[info.name] = row
            self._sense_column.addWidget(rule())
            self._sense_column.addWidget(row)

    def set_histories(self, histories: Sequence[HistoryInfo]) -> None:
        """Say which histories there are."""
        _clear(self._history_column)
        self.histories = {}
        for info in histories:
            row = HistoryRow(info)
            row.import_clicked.connect(lambda name=info.name: self.import_requested.emit((name,)))
            self.histories[info.name] = row
            self._history_column.addWidget(rule())
            self._history_column.addWidget(row)
        self.import_all.setEnabled(any(info.found for info in histories))

    def show_statuses(self, statuses: Sequence[SourceStatus]) -> None:
        """Show how the senses do."""
        for status in statuses:
            if status.name in self.senses:
                self.senses[status.name].show_status(status)

    def show_import(self, progress: ImportProgress) -> None:
        """Show how far an import is; one import runs at a time, so the buttons rest while it does."""
        if progress.name in self.histories:
            self.histories[progress.name].show_progress(progress)
        (self._running.discard if progress.done else self._running.add)(progress.name)
        busy = bool(self._running)
        self.cancel.setVisible(busy)
        self.import_all.setVisible(not busy)
        for row in self.histories.values():
            row.start.setEnabled(bool(row.info.found) and not busy)

    def consent(self) -> frozenset[Source]:
        """What the switches say."""
        return frozenset(row.info.source for row in self.senses.values() if row.switch.isChecked())

    def _switched(self, source: Source, on: bool) -> None:
        for row in self.senses.values():
            if row.info.source is source:
                row.switch.setChecked(on)
        self.consent_changed.emit(self.consent())

    def _help(self, source: Source) -> None:
        if source is Source.TERMINAL:
            self.hooks_requested.emit()
            return
        self.pairing.show_code.click()
        # The code makes the panel taller, once its layout has been worked out again.
        QTimer.singleShot(0, self, lambda: self.ensureWidgetVisible(self.pairing))

    def _import_all(self) -> None:
        self.import_requested.emit(tuple(name for name, row in self.histories.items() if row.info.found))


def _places(found: Sequence[str]) -> str:
    more = len(found) - 1
    return found[0] if more == 0 else f"{found[0]} and {count(more, 'more place')}"


def _clear(column: QVBoxLayout) -> None:
    while (item := column.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
