"""Tables as the pages set them: no grid, hair lines, numbers to the right, shares as thin bars below their text."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.models.table import SHARE_ROLE, RowsModel
from app.views.style import line_colour, soft_colour

_BAR_PX: Final = 3
_ROW_PADDING_PX: Final = 10
_CELL_GAP_PX: Final = 16


class CellDelegate(QStyledItemDelegate):
    """Paints quiet columns in the soft colour, and a share as a bar at the foot of its cell."""

    def initStyleOption(  # noqa: N802  # Qt's name
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Take the column's colour."""
        super().initStyleOption(option, index)
        model = index.model()
        if isinstance(model, RowsModel) and model.columns[index.column()].quiet:
            option.palette.setColor(option.palette.ColorRole.Text, soft_colour(option.palette))
            option.palette.setColor(option.palette.ColorRole.HighlightedText, soft_colour(option.palette))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint the cell, then its bar."""
        super().paint(painter, option, index)
        share = index.data(SHARE_ROLE)
        if share is None:
            return
        rect: Any = option.rect  # type: ignore[attr-defined]  # the binding's stub leaves the fields out
        groove = QRectF(rect.left(), rect.bottom() - _BAR_PX, rect.width() - _CELL_GAP_PX / 2, _BAR_PX - 1)
        palette = option.palette  # type: ignore[attr-defined]  # the same
        painter.fillRect(groove, line_colour(palette))
        painter.fillRect(
            QRectF(groove.left(), groove.top(), groove.width() * min(1.0, max(0.0, share)), groove.height()),
            palette.highlight(),
        )


class Table(QTableView):
    """A table over a model; `stretch` is the column that takes the room left.

    Args:
        fit_rows: as high as its rows (for short tables on a page that scrolls), else it scrolls itself.
    """

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
        if fit_rows:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            model.modelReset.connect(self._fit)
            self._fit()

    def sizeHintForColumn(self, column: int) -> int:  # noqa: N802  # Qt's name
        """The width of the contents and the gap after them."""
        return super().sizeHintForColumn(column) + _CELL_GAP_PX // 2

    def _fit(self) -> None:
        rows = self.model().rowCount()
        height = self.horizontalHeader().sizeHint().height() + rows * self.verticalHeader().defaultSectionSize() + 2
        self.setFixedHeight(height)
