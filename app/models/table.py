"""A table of frozen rows: what a column says of a row is a function, so that a table is a list of columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

_ROOT: Final = QModelIndex()
Index = QModelIndex | QPersistentModelIndex
RowT = TypeVar("RowT")
SHARE_ROLE: Final = int(Qt.ItemDataRole.UserRole) + 1
"""A fraction of 1 that is drawn as a bar below the text, or None."""


@dataclass(frozen=True, slots=True)
class Column(Generic[RowT]):
    """One column.

    Attributes:
        title: its heading.
        text: what it says of a row.
        number: set to the right, as numbers are.
        share: a fraction of 1 to draw as a bar, if the column has one.
        tip: the whole of a text that may be cut, shown on hover.
        quiet: the text stands back.
    """

    title: str
    text: Callable[[RowT], str]
    number: bool = False
    share: Callable[[RowT], float] | None = None
    tip: Callable[[RowT], str] | None = None
    quiet: bool = False


class RowsModel(QAbstractTableModel, Generic[RowT]):
    """Rows that are replaced as a whole, or continued below."""

    def __init__(self, columns: Sequence[Column[RowT]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._rows: tuple[RowT, ...] = ()

    @property
    def rows(self) -> tuple[RowT, ...]:
        """The rows shown."""
        return self._rows

    def replace(self, rows: Sequence[RowT]) -> None:
        """Show other rows; equal ones change nothing, so that a selection stays."""
        if tuple(rows) == self._rows:
            return
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def append(self, rows: Sequence[RowT]) -> None:
        """Show more rows below."""
        if not rows:
            return
        first = len(self._rows)
        self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
        self._rows = (*self._rows, *rows)
        self.endInsertRows()

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: N802  # Qt's name
        """How many rows there are."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:  # noqa: N802  # Qt's name
        """How many columns there are."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, alignment, hover text and share of a cell."""
        if not index.isValid():
            return None
        column, row = self.columns[index.column()], self._rows[index.row()]
        answer: Any = None
        if role == Qt.ItemDataRole.DisplayRole:
            answer = column.text(row)
        elif role == Qt.ItemDataRole.AccessibleTextRole:
            answer = f"{column.title}: {column.text(row)}"
        elif role == Qt.ItemDataRole.TextAlignmentRole:
            answer = _alignment(number=column.number)
        elif role == Qt.ItemDataRole.ToolTipRole and column.tip is not None:
            answer = column.tip(row)
        elif role == SHARE_ROLE and column.share is not None:
            answer = column.share(row)
        return answer

    def headerData(  # noqa: N802  # Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The headings."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(number=self.columns[section].number)
        return None


def _alignment(*, number: bool) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
