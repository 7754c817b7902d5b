"""What was recorded in the last minute, each with a button that has it forgotten."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.models.formatting import precise_clock
from app.models.timeline import what
from app.services.activity.live import is_late
from app.store.values.records import ActionRow
from app.views.style import GRID_PX
from app.views.widgets.basics import Words, button, column_width, label, rule
from neural.language.formatting import count

_LOOK_MS: Final = 1_000
_READ_EVERY: Final = 5
_ROWS_HIGH: Final = 6
NOTHING: Final = "Nothing was recorded in the last minute."
DELETING: Final = "Deleting"


class Elided(Words):
    """One line of text that is cut at its end if there is no room, and whole when it is pointed at."""

    def __init__(self, text: str, role: str = "", width: int | None = None) -> None:
        super().__init__("")
        self._whole = text
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setToolTip(text)
        self.setAccessibleName(text)
        if width is None:
            self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        else:
            self.setFixedWidth(width)

    def sizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        """The whole text's."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._whole), metrics.height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's name
        """Cut the text again."""
        super().resizeEvent(event)
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width()))


class LiveRow(QWidget):
    """One action. Signals: deleted()."""

    deleted = Signal()

    def __init__(self, row: ActionRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = row
        event = row.event
        where = event.app or event.source.value
        self.delete = button("Delete", "link", f"Delete {where}, {what(row)}, for good")
        self.delete.clicked.connect(self.deleted)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2 * GRID_PX)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(3, 1)
        when_px = self.fontMetrics().horizontalAdvance("00:00:00") + GRID_PX
        grid.addWidget(Elided(precise_clock(event.ts_us), "quiet", when_px), 0, 0)
        grid.addWidget(Elided(event.source.value, "quiet", column_width(self, 9)), 0, 1)
        grid.addWidget(Elided(where, "", column_width(self, 14)), 0, 2)
        grid.addWidget(Elided(what(row)), 0, 3)
        grid.addWidget(self.delete, 0, 4)
        grid.addWidget(rule(), 1, 0, 1, 5)

    def show_deleting(self, *, deleting: bool) -> None:
        """Say that it is being deleted, or that it can be."""
        self.delete.setText(DELETING if deleting else "Delete")
        self.delete.setEnabled(not deleting)


class LivePanel(QWidget):
    """The list, as long as its rows are of the last minute.

    Signals:
        delete_requested(ActionRow): forget it, for good.
        stale(): it is seen, and what it shows may be old.
    """

    delete_requested = Signal(object)
    stale = Signal()

    def __init__(self, now_us: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._now_us = now_us
        self.rows: dict[int, LiveRow] = {}
        self._looks = 0
        self.summary = label(NOTHING, "quiet")
        self.message_label = label("", "quiet", wrap=True)
        self.message_label.hide()
        self._inner = QWidget()
        self._inner.setProperty("role", "page")
        self._column = QVBoxLayout(self._inner)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self.area = QScrollArea()
        self.area.setAccessibleName("Recorded in the last minute")
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(self._inner)
        # As high whatever is in it: what stands below must not jump while it is being clicked.
        self.area.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID_PX // 2)
        column.addWidget(self.summary)
        column.addWidget(self.area)
        column.addWidget(self.message_label)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self.look)

    def show_rows(self, rows: Sequence[ActionRow]) -> None:
        """Show what was recorded, latest first; rows that are there already stay as they are, with their focus."""
        wanted = {row.id: row for row in rows}
        for identity in [identity for identity in self.rows if identity not in wanted]:
            self._drop(identity)
        for place, row in enumerate(rows):
            if row.id not in self.rows:
                made = self.rows[row.id] = LiveRow(row)
                made.deleted.connect(lambda row=row: self._delete(row))
                self._column.insertWidget(place, made)
                self.area.setFixedHeight(_ROWS_HIGH * made.sizeHint().height())
                self.area.show()
            else:
                self.rows[row.id].row = row  # it may have lasted longer since
        self._say()

    def show_failure(self, rows: Sequence[ActionRow], message: str, remedy: str) -> None:
        """Say why some could not be deleted.

        Args:
            rows: that are still there.
            message: a sentence.
            remedy: what the user can do.
        """
        for row in rows:
            if row.id in self.rows:
                self.rows[row.id].show_deleting(deleting=False)
        self.message_label.setText(f"{message} {remedy}")
        self.message_label.show()

    def look(self) -> None:
        """Take out what is older than a minute by now; every few looks ask for fresh rows."""
        now_us = self._now_us()
        for identity in [identity for identity, made in self.rows.items() if not is_late(made.row, now_us)]:
            self._drop(identity)
        self._say()
        self._looks += 1
        if self._looks % _READ_EVERY == 0:
            self.stale.emit()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  # Qt's name
        """Keep it fresh while it is seen."""
        super().showEvent(event)
        self._timer.start()
        self.stale.emit()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802  # Qt's name
        """Rest while it is not."""
        super().hideEvent(event)
        self._timer.stop()

    def _delete(self, row: ActionRow) -> None:
        self.message_label.hide()
        self.rows[row.id].show_deleting(deleting=True)
        self.delete_requested.emit(row)

    def _drop(self, identity: int) -> None:
        made = self.rows.pop(identity)
        self._column.removeWidget(made)
        made.hide()
        made.deleteLater()

    def _say(self) -> None:
        number = len(self.rows)
        self.summary.setText(f"{count(number, 'entry', 'entries')} in the last minute" if number else NOTHING)
