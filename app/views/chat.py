"""The conversation: a transcript with author and time in a margin, and the line where questions are asked.

Only the latest turns have widgets; earlier ones get theirs as the reader scrolls up, and far ones give theirs back, so
that thousands of turns cost no more than some dozens.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.models.transcript import TranscriptModel, Turn, TurnKind
from app.models.words import moment
from app.views.charts import ChartFrame
from app.views.parts import Prose, button, column_width, label, restyle, rule
from app.views.style import GRID_PX
from neural.language.facts import Answer

EXAMPLES: Final = (
    "What did I do today",
    "How long was I in firefox this week",
    "When am I most focused",
    "What will I do next and why",
)
_MARGIN_CHARS: Final = 14
_BATCH: Final = 40
_MOST_WIDGETS: Final = 120
_MOST_INPUT_LINES: Final = 6
_NEAR_TOP_PX: Final = 48
_SCROLL_BAR_PX: Final = 10
_INPUT_FRAME_PX: Final = 14


def margin_width(widget: QWidget) -> int:
    """Width in pixels of the margin where author and time stand."""
    return column_width(widget, _MARGIN_CHARS)


class Centred(QWidget):
    """Holds one widget in the middle, as wide as margin and text column together, or as there is room."""

    def __init__(self, held: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        held.setMaximumWidth(margin_width(self) + 2 * GRID_PX + column_width(self))
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * GRID_PX, 0, 2 * GRID_PX, 0)
        row.setSpacing(0)
        row.addStretch(1)
        row.addWidget(held, 10_000)
        row.addStretch(1)


def _now_us() -> int:
    return time.time_ns() // 1_000


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


class QuestionEdit(QPlainTextEdit):
    """Where a question is typed: Enter sends, Shift+Enter begins a new line; it grows to six lines.

    Signals:
        sent(str): the question, without blanks around it.
    """

    sent = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Your question")
        self.setPlaceholderText("Ask about your days")
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self.textChanged.connect(self._fit)
        self._fit()

    def send(self) -> None:
        """Send what stands there, if anything does."""
        text = self.toPlainText().strip()
        if text:
            self.sent.emit(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        """Plain Enter sends."""
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            self.send()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's name
        """Fit the height to the lines that another width makes."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        """Fit the height to another font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def sizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        """As high as its lines."""
        return QSize(super().sizeHint().width(), self.height())

    def _fit(self) -> None:
        wanted = max(1, round(self.document().size().height()))  # a plain text's document counts in lines
        lines = min(_MOST_INPUT_LINES, wanted)
        needed = Qt.ScrollBarPolicy.ScrollBarAsNeeded if wanted > lines else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(needed)
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + _INPUT_FRAME_PX)


class Transcript(QScrollArea):
    """The turns of a `TranscriptModel`, latest at the bottom; stays at the bottom unless the reader scrolled up."""

    def __init__(
        self, model: TranscriptModel, now_us: Callable[[], int] = _now_us, parent: QWidget | None = None
    ) -> None:
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
        self.setWidget(Centred(inner))
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
        """Give widgets to the batch above the first shown turn, keeping what is read where it is."""
        bar = self.verticalScrollBar()
        below = bar.maximum() - bar.value()
        start = max(0, self._first - _BATCH)
        for place, row in enumerate(range(start, self._first)):
            self._place(place, row)
        self._first = start
        self._settle()
        bar.setValue(bar.maximum() - below)

    def _rebuild(self) -> None:
        for row in self._rows:
            self._drop(row)
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
        for widget in (self._column.parentWidget(), self.widget()):
            widget.layout().activate()
        self.widget().resize(self.viewport().width(), self.widget().sizeHint().height())

    def _scrolled(self, value: int) -> None:
        bar = self.verticalScrollBar()
        self._at_bottom = value >= bar.maximum() - GRID_PX
        if value <= _NEAR_TOP_PX and self._first > 0 and bar.maximum() > 0:
            self.show_earlier()

    def _range_changed(self, low: int, high: int) -> None:
        restyle(self.verticalScrollBar(), "" if high > low else "idle")
        if self._at_bottom:
            self.verticalScrollBar().setValue(high)


class ChatPage(QWidget):
    """The page where one asks.

    Signals:
        asked(str): a question was sent.
        stop_requested(): the running answer is to stop.
        sources_requested(): nothing is recorded yet; the user wants to change that.
    """

    asked = Signal(str)
    stop_requested = Signal()
    sources_requested = Signal()

    def __init__(self, now_us: Callable[[], int] = _now_us, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._now_us = now_us
        self.setProperty("role", "page")
        self.model = TranscriptModel(self)
        self.transcript = Transcript(self.model, now_us)
        self.question = QuestionEdit()
        self.question.sent.connect(self._ask)
        self.send = button("Ask", "primary", "Ask the question")
        self.send.clicked.connect(self._send_or_stop)
        self.empty = self._empty_state()
        asking = QWidget()
        line = QHBoxLayout(asking)
        line.setContentsMargins(0, GRID_PX + 4, 0, GRID_PX + 4)
        line.setSpacing(GRID_PX)
        line.addSpacing(margin_width(self) + GRID_PX)
        line.addWidget(self.question, 1)
        line.addWidget(self.send, 0, Qt.AlignmentFlag.AlignBottom)
        self.send.setMinimumHeight(self.question.height())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.empty, 1)
        column.addWidget(self.transcript, 1)
        column.addWidget(rule())
        column.addWidget(Centred(asking))
        for signal in (self.model.rowsInserted, self.model.dataChanged, self.model.modelReset):
            signal.connect(self._refresh)
        self._refresh()

    @property
    def running(self) -> bool:
        """Whether an answer is being made."""
        return self.model.growing

    def focus_question(self) -> None:
        """Put the cursor where a question is typed."""
        self.question.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_turns(self, turns: Sequence[Turn]) -> None:
        """Show an earlier conversation."""
        self.model.replace(turns)

    def add_question(self, text: str, ts_us: int) -> None:
        """Add a question, asked here or elsewhere."""
        self.model.ask(text, ts_us)

    def start_stream(self) -> None:
        """An answer begins."""
        self.model.begin_answer()

    def append_chunk(self, text: str) -> None:
        """The answer goes on."""
        self.model.grow(text)

    def show_answer(self, answer: Answer, ts_us: int) -> None:
        """The answer is whole."""
        self.model.answer(answer, ts_us)

    def show_error(self, message: str, remedy: str) -> None:
        """The answer did not come; say why and what can be done."""
        self.model.fail(message, remedy, self._now_us())

    def show_stored(self, actions: int) -> None:
        """Say what to do first while nothing is stored."""
        self.nothing_yet.setVisible(actions == 0)
        self.to_sources.setVisible(actions == 0)

    def stop(self) -> None:
        """Ask for the running answer to stop, if one runs."""
        if self.running:
            self.stop_requested.emit()

    def _empty_state(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(margin_width(self) + 2 * GRID_PX, 3 * GRID_PX, 0, 3 * GRID_PX)
        column.setSpacing(4)
        column.addStretch(2)
        column.addWidget(label("Ask about your own days", "title"))
        told = label("Answers come from what is stored on this machine, with the numbers they rest on.", "quiet", wrap=True)
        column.addWidget(told)
        column.addSpacing(GRID_PX)
        for example in EXAMPLES:
            link = button(example, "link", f"Ask: {example}")
            link.clicked.connect(lambda _=False, text=example: self._ask(text))
            column.addWidget(link)
        column.addSpacing(2 * GRID_PX)
        self.nothing_yet = label(
            "Nothing is recorded yet, so there is little to tell. Allow a source, or import your histories.",
            "quiet",
            wrap=True,
        )
        self.to_sources = button("Open Sources", "link")
        self.to_sources.clicked.connect(self.sources_requested)
        column.addWidget(self.nothing_yet)
        column.addWidget(self.to_sources)
        column.addStretch(3)
        self.show_stored(1)
        return Centred(page)

    def _send_or_stop(self) -> None:
        if self.running:
            self.stop()
        else:
            self.question.send()

    def _ask(self, text: str) -> None:
        if not self.running:
            self.question.clear()
            self.asked.emit(text)

    def _refresh(self) -> None:
        empty = self.model.rowCount() == 0
        self.empty.setVisible(empty)
        self.transcript.setVisible(not empty)
        self.send.setText("Stop" if self.running else "Ask")
        self.send.setAccessibleName("Stop the answer" if self.running else "Ask the question")
        restyle(self.send, "" if self.running else "primary")

