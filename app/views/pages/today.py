"""A day: drawn, listed and summed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.models.timeline import DayView, attention_line, question_alike, shares, summary, timeline_model, totals_model
from app.store.values.records import ActionRow
from app.views.charts.chart_frame import ChartFrame
from app.views.style import GRID_PX
from app.views.widgets.basics import button, label, nothing_recorded
from app.views.widgets.tables import Table

_TOTALS_WIDTH_PX = 31 * GRID_PX
_TOTALS_NARROW_PX = 23 * GRID_PX
_NARROW_PX = 90 * GRID_PX
_VERY_NARROW_PX = 70 * GRID_PX
_LENGTHS, _ACTIONS = 1, 2


class TodayPage(QWidget):
    """One day at a time, today first.

    Signals:
        day_requested(date): show this day.
        earlier_requested(date, ActionRow): show what was done on this day before the row.
        asked(str): a question about a row.
        sources_requested(): nothing is recorded yet; the user wants to change that.
    """

    day_requested = Signal(object)
    earlier_requested = Signal(object, object)
    asked = Signal(str)
    sources_requested = Signal()

    def __init__(self, today: date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self._view = DayView(today)
        self._chart: ChartFrame | None = None
        self.title = label("", "title")
        self.summary = label("", "quiet", wrap=True)
        self.summary.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        self.attention = label("", "quiet", wrap=True)
        self.earlier = button("Earlier", "link", "The day before")
        self.later = button("Later", "link", "The day after")
        self.earlier.clicked.connect(lambda: self.day_requested.emit(self._view.day - timedelta(days=1)))
        self.later.clicked.connect(lambda: self.day_requested.emit(self._view.day + timedelta(days=1)))
        head = QHBoxLayout()
        head.setSpacing(2 * GRID_PX)
        head.addWidget(self.title)
        head.addWidget(self.summary, 1)
        head.addWidget(self.earlier)
        head.addWidget(self.later)
        self._asked_before: ActionRow | None = None
        self.timeline = timeline_model()
        self.totals = totals_model()
        self._today = today
        self.rows_table = Table(self.timeline, "What was done, in order", stretch=3)
        self.rows_table.end_near.connect(self._ask_earlier)
        self.find_alike = QAction("Find moments like this one", self)
        self.find_alike.triggered.connect(self._ask_alike)
        self.rows_table.addAction(self.find_alike)
        self.rows_table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.totals_table = Table(self.totals, "Applications by time", stretch=0)
        self.totals_table.setFixedWidth(_TOTALS_WIDTH_PX)
        self._tables = QWidget()
        self._between = QHBoxLayout(self._tables)
        self._between.setContentsMargins(0, 0, 0, 0)
        self._between.addWidget(self.rows_table, 1)
        self._between.addWidget(self.totals_table)
        self._empty = nothing_recorded("on this day", self.sources_requested)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(3 * GRID_PX, 2 * GRID_PX, 3 * GRID_PX, GRID_PX)
        self._column.setSpacing(GRID_PX)
        self._column.addLayout(head)
        self._column.addWidget(self.attention)
        self._column.addWidget(self._tables, 1)
        self._column.addWidget(self._empty, 1)
        self.show_day(self._view, today)

    @property
    def day(self) -> date:
        """The day that is shown."""
        return self._view.day

    def show_day(self, view: DayView, today: date) -> None:
        """Show a day; `today` tells whether there can be a later one."""
        self._today = today
        self._asked_before = None
        name = "Today" if view.day == today else view.day.strftime("%a %d %b %Y")
        self.title.setText(name)
        self.later.setEnabled(view.day < today)
        self.summary.setText(summary(view) if view.rows else "")
        line = attention_line(view)
        self.attention.setText(line)
        self.attention.setVisible(bool(line))
        self.timeline.replace(view.rows[::-1])
        self.totals.replace(shares(view.totals))
        self._tables.setVisible(bool(view.rows))
        self._empty.setVisible(not view.rows)
        if self._chart is None or view.chart != self._view.chart:
            self._put_chart(view)
        self._view = view
        self.rows_table.scrollToTop()

    def show_earlier(self, day: date, before: ActionRow, rows: Sequence[ActionRow]) -> None:
        """Show more of a day below, if it is still the day and place that is shown.

        Args:
            day: local.
            before: the first row that was shown.
            rows: oldest first.
        """
        if day == self._view.day and self.timeline.rows and self.timeline.rows[-1] == before:
            self.timeline.append(rows[::-1])

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's name
        """If the page is narrow, the totals give room to what was done, and if it is very narrow its lengths do."""
        super().resizeEvent(event)
        narrow = self.width() < _NARROW_PX
        self.totals_table.setColumnHidden(_ACTIONS, narrow)
        self.rows_table.setColumnHidden(_LENGTHS, self.width() < _VERY_NARROW_PX)
        self._between.setSpacing((2 if narrow else 3) * GRID_PX)
        self.totals_table.setFixedWidth(_TOTALS_NARROW_PX if narrow else _TOTALS_WIDTH_PX)

    def _ask_earlier(self) -> None:
        """Once for each place: the rows that come are scrolled to, or there are none."""
        shown = self.timeline.rows
        if len(shown) < self._view.actions and shown and shown[-1] != self._asked_before:
            self._asked_before = shown[-1]
            self.earlier_requested.emit(self._view.day, shown[-1])

    def _ask_alike(self) -> None:
        chosen = self.rows_table.currentIndex()
        if chosen.isValid():
            self.asked.emit(question_alike(self.timeline.rows[chosen.row()]))

    def _put_chart(self, view: DayView) -> None:
        if self._chart is not None:
            self._column.removeWidget(self._chart)
            self._chart.hide()
            self._chart.deleteLater()
            self._chart = None
        if view.chart is not None:
            self._chart = ChartFrame(view.chart)
            self._column.insertWidget(2, self._chart)
