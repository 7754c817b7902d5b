"""Tables as the pages set them: no grid, hair lines, numbers to the right, shares as thin bars below their text."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.models.table import SHARE_ROLE, RowsModel
from app.views.style import accent_colour, line_colour, soft_colour

_BAR_PX: Final = 2
_ROW_PADDING_PX: Final = 10
_CELL_GAP_PX: Final = 16


class CellDelegate(QStyledItemDelegate):
    """Paints a cell flush with its heading: the text, a hair line below the row, and a share as a bar on that line."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint the cell."""
        fields: Any = option  # the binding's stub leaves the fields of a style option out
        rect, palette = QRect(fields.rect), QPalette(fields.palette)
        painter.save()
        if fields.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, palette.highlight())
        foot = QRectF(rect.left(), rect.bottom(), rect.width(), 1)
        painter.fillRect(foot, line_colour(palette))
        share = index.data(SHARE_ROLE)
        if share is not None:
            width = (rect.width() - _CELL_GAP_PX) * min(1.0, max(0.0, share))
            painter.fillRect(QRectF(rect.left(), rect.bottom() + 1 - _BAR_PX, width, _BAR_PX), accent_colour(palette))
        model = index.model()
        quiet = isinstance(model, RowsModel) and model.columns[index.column()].quiet
        painter.setPen(soft_colour(palette) if quiet else palette.text().color())
        room = rect.adjusted(0, 0, -_CELL_GAP_PX, 0)
        text = fields.fontMetrics.elidedText(index.data(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, index.data(Qt.ItemDataRole.TextAlignmentRole), text)
        painter.restore()

    def sizeHint(  # noqa: N802  # Qt's name
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """The text and the gap after it."""
        fields: Any = option
        metrics = fields.fontMetrics
        return QSize(metrics.horizontalAdvance(index.data()) + _CELL_GAP_PX + 1, metrics.height() + _ROW_PADDING_PX)


class Table(QTableView):
    """A table over a model; `stretch` is the column that takes the room left.

    Args:
        fit_rows: as high as its rows (for short tables on a page that scrolls), else it scrolls itself.

    Signals:
        end_near(): less than a screen of rows is left below what is shown.
    """

    end_near = Signal()

    def __init__(
        self,
        model: QAbstractItemModel,
        accessible: str,
        stretch: int,
        *,
        fit_rows: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._fit_rows = fit_rows
        self.setAccessibleName(accessible)
        self.setItemDelegate(CellDelegate(self))
        self.setShowGrid(False)
        self.setFrameShape(self.Shape.NoFrame)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(0)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + _ROW_PADDING_PX)
        self.setModel(model)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionsClickable(False)
        head.setMinimumSectionSize(24)
        for column in range(model.columnCount()):
            mode = QHeaderView.ResizeMode.Stretch if column == stretch else QHeaderView.ResizeMode.ResizeToContents
            head.setSectionResizeMode(column, mode)
        self.verticalScrollBar().valueChanged.connect(self._look_ahead)
        if fit_rows:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            model.modelReset.connect(self._fit)
            self._fit()

    def _look_ahead(self, place: int) -> None:
        bar = self.verticalScrollBar()
        if place > 0 and place + bar.pageStep() >= bar.maximum():
            self.end_near.emit()

    def _fit(self) -> None:
        rows = self.model().rowCount()
        height = self.horizontalHeader().sizeHint().height() + rows * self.verticalHeader().defaultSectionSize() + 2
        self.setFixedHeight(height)
