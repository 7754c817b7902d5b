"""The few small widgets that every page is set from."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, SignalInstance
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent, QTextOption, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.views.style import GRID_PX, accent_colour, line_colour

COLUMN_CHARS: Final = 70
_PAGE_MARGIN_PX: Final = 3 * GRID_PX
_MARK_AND_GAP_PX: Final = 23


class Words(QLabel):
    """Text whose height is right also if its width is bounded (a plain label asks for the height of more room)."""

    def heightForWidth(self, width: int) -> int:  # noqa: N802  # Qt's name
        """The height at the width that the text will truly have."""
        return super().heightForWidth(min(width, self.maximumWidth()))


def label(
    text: str, role: str = "", *, wrap: bool = False, align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft
) -> QLabel:
    """Plain text; `role` picks its look in the style sheet.

    Args:
        text: plain.
        role: picks its look in the style sheet.
        wrap: break it into lines.
        align: of the text.
    """
    made = Words(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    made.setWordWrap(wrap)
    made.setAlignment(align | Qt.AlignmentFlag.AlignTop if wrap else align | Qt.AlignmentFlag.AlignVCenter)
    return made


def paragraph(text: str, role: str = "") -> QLabel:
    """Text that wraps in a column."""
    made = label(text, role, wrap=True)
    made.setMaximumWidth(column_width(made))
    return made


def indented(widget: QWidget) -> QWidget:
    """The widget, set below the words of a check box or radio button rather than below its mark."""
    widget.setContentsMargins(_MARK_AND_GAP_PX, 0, 0, 0)
    return widget


def button(text: str, role: str = "", accessible: str = "") -> QPushButton:
    """A push button; `role` is "", "primary", "link" or "tool".

    Args:
        text: on the button.
        role: "", "primary", "link" or "tool".
        accessible: the name for a screen reader; "" for the text.
    """
    made = QPushButton(text)
    made.setProperty("role", role)
    made.setAccessibleName(accessible or text)
    made.setAutoDefault(False)
    made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    if role in ("link", "tool"):
        made.setCursor(Qt.CursorShape.PointingHandCursor)
    return made


def nothing_recorded(when: str, on_sources: SignalInstance) -> QWidget:
    """What a page shows if there is nothing yet, and what can be done about it.

    Args:
        when: the time that is empty, as the end of a sentence.
        on_sources: emitted if the user wants to say what may be recorded.
    """
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 2 * GRID_PX, 0, 0)
    column.setSpacing(4)
    column.addWidget(label(f"Nothing was recorded {when}."))
    column.addWidget(
        label("Say what may be recorded, or import your histories, and this page fills.", "quiet", wrap=True)
    )
    link = button("Open Sources", "link")
    link.clicked.connect(on_sources)
    column.addWidget(link)
    column.addStretch(1)
    return page


def tool_button(text: str, accessible: str) -> QPushButton:
    """A small quiet button next to what it acts on."""
    return button(text, "tool", accessible)


def secret_edit(accessible: str) -> QLineEdit:
    """A line for something that nobody else may read."""
    edit = QLineEdit()
    edit.setEchoMode(QLineEdit.EchoMode.Password)
    edit.setAccessibleName(accessible)
    edit.setPlaceholderText(accessible)
    return edit


class PathLine(QLineEdit):
    """A path to read, select and copy: as wide as it is, and scrolled if there is less room."""

    def __init__(self, accessible: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "path")
        self.setReadOnly(True)
        self.setFrame(False)
        self.setTextMargins(-2, 0, 0, 0)  # flush with the labels: a field indents its text by two pixels
        self.setAccessibleName(accessible)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.textChanged.connect(self._fit)

    def sizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        """The whole path's."""
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + GRID_PX, super().sizeHint().height())

    def _fit(self, text: str) -> None:
        self.setToolTip(text)
        self.setCursorPosition(0)
        self.updateGeometry()


def rule() -> QFrame:
    """A hair line between two things."""
    made = QFrame()
    made.setProperty("role", "rule")
    return made


def side_by_side(*widgets: QWidget) -> QHBoxLayout:
    """Widgets in a line from the left."""
    row = QHBoxLayout()
    row.setSpacing(2 * GRID_PX)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row


def above(line: QLayout, below: QWidget) -> QVBoxLayout:
    """A line, and a widget close below it."""
    column = QVBoxLayout()
    column.setSpacing(GRID_PX // 2)
    column.addLayout(line)
    column.addWidget(below)
    return column


def column_width(widget: QWidget, chars: int = COLUMN_CHARS) -> int:
    """Width in pixels of a text column of so many characters of English, in the widget's font."""
    sample = "the quick brown fox jumps over the lazy dog and runs on "
    return round(widget.fontMetrics().horizontalAdvance(sample) / len(sample) * chars)


def restyle(widget: QWidget, role: str) -> None:
    """Give a widget another role in the style sheet."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class Prose(QTextEdit):
    """Text to read, select and copy; as high as its text, long words broken, the wheel left to the page."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "prose")
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self.viewport().setAutoFillBackground(False)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self.setPlainText(text)

    def set_text(self, text: str) -> None:
        """Show a text; one that goes on from the shown one is appended, so that a selection stays."""
        shown = self.toPlainText()
        if text == shown:
            return
        if shown and text.startswith(shown):
            cursor = self.textCursor()
            cursor.movePosition(cursor.MoveOperation.End)
            cursor.insertText(text[len(shown) :])
        else:
            self.setPlainText(text)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802  # Qt's name
        """The page scrolls, not the text."""
        event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's name
        """Fit the height to the new width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        wanted = round(self.document().size().height())
        if wanted != self.height() or wanted != self.minimumHeight():
            self.setFixedHeight(max(wanted, self.fontMetrics().height()))


class Switch(QAbstractButton):
    """On or off, by click, Space or Enter; the knob's place and a mark tell the state, not the colour alone."""

    def __init__(self, accessible: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setAccessibleName(accessible)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        """The size on the grid."""
        return QSize(34, 20)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802  # Qt's signature
        """Paint the groove, the knob and, when on, the mark."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        on = self.isChecked()
        edge = accent_colour(palette) if on else palette.mid().color()
        if not self.isEnabled():
            edge = line_colour(palette)
        groove = QRectF(1.5, 2.5, 31, 15)
        painter.setPen(QPen(edge, 1))
        painter.setBrush(edge if on else QColor(Qt.GlobalColor.transparent))
        painter.drawRoundedRect(groove, 7.5, 7.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.base() if on else edge)
        painter.drawEllipse(QPointF(25 if on else 9, 10), 5, 5)
        if on:
            painter.setPen(QPen(palette.base().color(), 1.5))
            painter.drawLine(QPointF(10, 7), QPointF(10, 13))
        if self.hasFocus():
            painter.setPen(QPen(palette.text().color(), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(0.5, 0.5, 33, 19), 9, 9)
        painter.end()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()


class ScrollPage(QScrollArea):
    """A page that scrolls when it must: one column from the top left, on the page's margins."""

    def __init__(self, accessible: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(accessible)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        inner.setProperty("role", "page")
        self.column = QVBoxLayout(inner)
        self.column.setContentsMargins(_PAGE_MARGIN_PX, 2 * GRID_PX, _PAGE_MARGIN_PX, _PAGE_MARGIN_PX)
        self.column.setSpacing(GRID_PX)
        self.setWidget(inner)
