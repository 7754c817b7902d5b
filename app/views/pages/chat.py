"""The chat page: the conversation, and the line for questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from app.models.transcript import TranscriptModel, Turn
from app.views.pages.transcript import Centred, Transcript, margin_width
from app.views.style import GRID_PX
from app.views.widgets.basics import button, label, restyle, rule
from neural.language.facts import Answer

EXAMPLES: Final = (
    "What did I do today",
    "When am I most focused",
    "What will I do next and why",
)
ABOUT_AN_APP: Final = "How long was I in {} this week"
_MOST_INPUT_LINES: Final = 6
_INPUT_FRAME_PX: Final = 14


class QuestionEdit(QPlainTextEdit):
    """The line for questions: Enter sends, Shift+Enter begins a new line; it grows to six lines.

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
        self.setViewportMargins(0, 2, 0, 0)
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


class ChatPage(QWidget):
    """The chat page.

    Signals:
        asked(str): a question was sent.
        stop_requested(): the running answer is to stop.
        sources_requested(): nothing is recorded yet; the user wants to change that.
    """

    asked = Signal(str)
    stop_requested = Signal()
    sources_requested = Signal()

    def __init__(self, now_us: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._now_us = now_us
        self.setProperty("role", "page")
        self.model = TranscriptModel(self)
        self.transcript = Transcript(self.model, now_us)
        self.question = QuestionEdit()
        self.question.sent.connect(self.ask)
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
        """Put the cursor into the line for questions."""
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

    def show_most_used(self, app: str) -> None:
        """Offer a question about an application of the user's own; "" if none is known yet."""
        example = ABOUT_AN_APP.format(app)
        self.about_an_app.setText(example)
        self.about_an_app.setAccessibleName(f"Ask: {example}")
        self.about_an_app.setVisible(bool(app))

    def stop(self) -> None:
        """Ask for the running answer to stop, if one runs."""
        if self.running:
            self.stop_requested.emit()

    def ask(self, text: str) -> None:
        """Ask a question, unless one is being answered."""
        if not self.running:
            self.question.clear()
            self.asked.emit(text)

    def _empty_state(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(margin_width(self) + 2 * GRID_PX, 3 * GRID_PX, 0, 3 * GRID_PX)
        column.setSpacing(4)
        column.addStretch(2)
        column.addWidget(label("Ask about your own days", "title"))
        text_label = label(
            "Answers come from what is stored on this machine, with the numbers they rest on.", "quiet", wrap=True
        )
        column.addWidget(text_label)
        column.addSpacing(GRID_PX)
        for example in EXAMPLES:
            link = button(example, "link", f"Ask: {example}")
            link.clicked.connect(lambda _=False, text=example: self.ask(text))
            column.addWidget(link)
        self.about_an_app = button("", "link")
        self.about_an_app.clicked.connect(lambda: self.ask(self.about_an_app.text()))
        self.about_an_app.hide()
        column.addWidget(self.about_an_app)
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

    def _refresh(self) -> None:
        empty = self.model.rowCount() == 0
        self.empty.setVisible(empty)
        self.transcript.setVisible(not empty)
        self.send.setText("Stop" if self.running else "Ask")
        self.send.setAccessibleName("Stop the answer" if self.running else "Ask the question")
        restyle(self.send, "" if self.running else "primary")
