"""The turns of a conversation, author and time in a margin, charts as wide as the words.

Only the latest turns have widgets; earlier ones get theirs as the reader scrolls up, and far ones give theirs back, so
that thousands of turns cost no more than some dozens.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.models.formatting import moment
from app.models.transcript import TranscriptModel, Turn, TurnKind
from app.views.charts.chart_frame import ChartFrame
from app.views.style import GRID_PX
from app.views.widgets.basics import Prose, column_width, label, restyle

_MARGIN_CHARS: Final = 14
_BATCH: Final = 16
_MOST_WIDGETS: Final = 64
_NEAR_TOP_PX: Final = 48
_SCROLL_BAR_PX: Final = 10


def margin_width(widget: QWidget) -> int:
    """Width in pixels of the margin that holds author and time."""
    return column_width(widget, _MARGIN_CHARS)


class Centred(QWidget):
    """Holds one widget in the middle, as wide as margin and text column together, or as there is room."""

    def __init__(self, held: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        held.setMaximumWidth(margin_width(self) + 2 * GRID_PX + column_width(self))
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(2 * GRID_PX, 0, 2 * GRID_PX, 0)
        self.row.setSpacing(0)
        self.row.addStretch(1)
        self.row.addWidget(held, 10_000)
        self.row.addStretch(1)


class TurnRow(QWidget):
    """One turn: who and when in the margin, the words in a column, the chart below as wide as the words."""

    def __init__(self, turn: Turn, now_us: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._now_us = now_us
        self._chart: ChartFrame | None = None
        self._turn: Turn | None = None
        self.author = label(turn.author, "author", align=Qt.AlignmentFlag.AlignRight)
        self.when = label("", "margin", align=Qt.AlignmentFlag.AlignRight)
        self.body = Prose()
        self.note = label("", "small", wrap=True)
        margin = QVBoxLayout()
        margin.setSpacing(2)
        margin.addWidget(self.author)
        margin.addWidget(self.when)
        margin.addStretch(1)
        side = QWidget()
        side.setLayout(margin)
        margin.setContentsMargins(0, 1, 0, 0)
        side.setFixedWidth(margin_width(self))
        self.text_column = QVBoxLayout()
        self.text_column.setSpacing(4)
        self.text_column.addWidget(self.body)
        self.text_column.addWidget(self.note)
        self.text_column.addStretch(1)
        self.text_column.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, GRID_PX, 0, GRID_PX)
        row.setSpacing(2 * GRID_PX)
        row.addWidget(side, 0)
        row.addLayout(self.text_column, 1)
        self.show_turn(turn)

    def show_turn(self, turn: Turn) -> None:
        """Show what the turn has become."""
        growing_empty = turn.growing and not turn.text
        self.author.setText(turn.author)
        self.when.setText(moment(turn.ts_us, self._now_us()) if turn.ts_us else "now")
        self.body.set_text("Looking it up" if growing_empty else turn.text)
        self.body.setAccessibleName(f"{turn.author}, {self.when.text()}")
        self.note.setText(self._note(turn))
        self.note.setVisible(bool(self.note.text()))
        restyle(self.note, "quiet" if turn.kind is TurnKind.ERROR else "small")
        if turn.chart is not None and (self._turn is None or self._turn.chart != turn.chart):
            self._put_chart(ChartFrame(turn.chart))
        self._turn = turn

    @staticmethod
    def _note(turn: Turn) -> str:
        if turn.kind is TurnKind.ERROR:
            return turn.remedy
        return "" if turn.narrator == "plain" else f"In the words of {turn.narrator}"

    def _put_chart(self, chart: ChartFrame) -> None:
        if self._chart is not None:
            self.text_column.removeWidget(self._chart)
            self._chart.deleteLater()
        self._chart = chart
        self.text_column.insertWidget(2, chart)


class Transcript(QScrollArea):
    """The turns of a `TranscriptModel`, latest at the bottom; stays at the bottom unless the reader scrolled up."""

    def __init__(self, model: TranscriptModel, now_us: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._now_us = now_us
        self._first = 0
        self._rows: list[TurnRow] = []
        self._at_bottom = True
        self.setAccessibleName("Conversation")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        inner.setProperty("role", "page")
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(0, GRID_PX, 0, GRID_PX)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self._page = Centred(inner)
        self.setWidget(self._page)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # the text never jumps to make room
        self.setViewportMargins(_SCROLL_BAR_PX, 0, 0, 0)
        bar = self.verticalScrollBar()
        bar.valueChanged.connect(self._scrolled)
        bar.rangeChanged.connect(self._range_changed)
        model.rowsInserted.connect(self._inserted)
        model.dataChanged.connect(self._changed)
        model.modelReset.connect(self._rebuild)
        self._rebuild()

    @property
    def rows(self) -> tuple[TurnRow, ...]:
        """The rows that have widgets, in order."""
        return tuple(self._rows)

    def show_earlier(self) -> None:
        """Give widgets to the batch above the first shown turn, keeping what is read in its place."""
        bar = self.verticalScrollBar()
        below = bar.maximum() - bar.value()
        start = max(0, self._first - _BATCH)
        for place, row in enumerate(range(start, self._first)):
            self._place(place, row)
        self._first = start
        self._settle()
        bar.setValue(bar.maximum() - below)

    def _rebuild(self) -> None:
        for old in self._rows:
            self._drop(old)
        self._rows = []
        count = self._model.rowCount()
        self._first = max(0, count - _BATCH)
        for row in range(self._first, count):
            self._place(len(self._rows), row)
        self._at_bottom = True

    def _inserted(self, parent: QModelIndex, first: int, last: int) -> None:  # noqa: ARG002  # Qt's signature
        if self._model.turn(first).kind is TurnKind.QUESTION:
            self._at_bottom = True
        for row in range(first, last + 1):
            self._place(len(self._rows), row)
        if self._at_bottom and len(self._rows) > _MOST_WIDGETS:
            far, self._rows = self._rows[:-_BATCH], self._rows[-_BATCH:]
            self._first += len(far)
            for old in far:
                self._drop(old)

    def _changed(self, top: QModelIndex, bottom: QModelIndex) -> None:
        for row in range(max(top.row(), self._first), bottom.row() + 1):
            self._rows[row - self._first].show_turn(self._model.turn(row))

    def _place(self, place: int, row: int) -> None:
        widget = TurnRow(self._model.turn(row), self._now_us)
        self._rows.insert(place, widget)
        self._column.insertWidget(place + 1, widget)

    def _drop(self, widget: TurnRow) -> None:
        self._column.removeWidget(widget)
        widget.hide()
        widget.deleteLater()

    def _settle(self) -> None:
        """Lay out now, so that the bar's range is true."""
        self._column.activate()
        self._page.row.activate()
        self._page.resize(self.viewport().width(), self._page.sizeHint().height())

    def _scrolled(self, value: int) -> None:
        bar = self.verticalScrollBar()
        self._at_bottom = value >= bar.maximum() - GRID_PX
        if value <= _NEAR_TOP_PX and self._first > 0 and bar.maximum() > 0:
            self.show_earlier()

    def _range_changed(self, low: int, high: int) -> None:
        restyle(self.verticalScrollBar(), "" if high > low else "idle")
        if self._at_bottom:
            self.verticalScrollBar().setValue(high)
