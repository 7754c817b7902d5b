"""What comes back in the last days: drawn, listed, and under each what it was computed from."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from app.models import patterns as texts
from app.models import patterns_rows as rows
from app.models.table import RowsModel
from app.services.activity.habits import Habits
from app.views.charts.chart_frame import ChartFrame
from app.views.style import GRID_PX
from app.views.widgets.basics import ScrollPage, label, nothing_recorded
from app.views.widgets.tables import Table
from neural.language.facts import Chart


class Part(QWidget):
    """A chart, a table or both, and the line that says what they were computed from, or why there is nothing."""

    def __init__(self, *tables: Table, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chart: ChartFrame | None = None
        self.source = label("", "quiet", wrap=True)
        self._tables = tables
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 2 * GRID_PX)
        self._column.setSpacing(GRID_PX)
        for table in tables:
            self._column.addWidget(table)
        self._column.addWidget(self.source)

    def show_part(self, chart: Chart | None, source: str) -> None:
        """Show it; a chart that is shown already stays as it is, a table without rows is hidden."""
        if chart is None or self.chart is None or self.chart.chart != chart:
            self._put_chart(chart)
        for table in self._tables:
            table.setVisible(table.model().rowCount() > 0)
        self.source.setText(source)

    def _put_chart(self, chart: Chart | None) -> None:
        if self.chart is not None:
            self._column.removeWidget(self.chart)
            self.chart.hide()
            self.chart.deleteLater()
            self.chart = None
        if chart is not None:
            self.chart = ChartFrame(chart)
            self._column.insertWidget(0, self.chart)


class PatternsPage(ScrollPage):
    """What comes back.

    Signals:
        range_requested(int): tell of so many days, today the last.
        sources_requested(): nothing is recorded yet; the user wants to change that.
    """

    range_requested = Signal(int)
    sources_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Patterns", parent)
        self.range = QComboBox()
        self.range.setAccessibleName("Days shown")
        self.range.view().setAccessibleName("Days to choose from")
        for days, words in texts.RANGES:
            self.range.addItem(words, days)
        self.range.activated.connect(lambda _: self.range_requested.emit(self.days))
        self.summary = label("", "quiet", wrap=True)
        self.left_out = label("", "quiet", wrap=True)
        self.sessions, self.streaks = rows.sessions_model(), rows.streaks_model()
        self.pairs, self.triples = rows.pairs_model(), rows.triples_model()
        self.focus = Part(_table(self.sessions, "Longest focus sessions"))
        self.switches = Part()
        self.rests = Part()
        self.tired = Part()
        self.in_a_row = Part(_table(self.streaks, "Days in a row"))
        self.sequences = Part(
            _table(self.pairs, "Two actions in a row"), _table(self.triples, "Three actions in a row")
        )
        self._parts = (self.focus, self.switches, self.rests, self.tired, self.in_a_row, self.sequences)
        self._empty = nothing_recorded("in this time", self.sources_requested)
        head = QHBoxLayout()
        head.setSpacing(2 * GRID_PX)
        head.addWidget(label("Patterns", "title"), 1)
        head.addWidget(self.range)
        self.column.addLayout(head)
        self.column.addWidget(self.summary)
        self.column.addWidget(self.left_out)
        self.column.addWidget(self._empty)
        for part in self._parts:
            self.column.addWidget(part)
        self.column.addStretch(1)
        self.clear()

    @property
    def days(self) -> int:
        """How many days are chosen."""
        return int(self.range.currentData())

    def clear(self) -> None:
        """Show nothing until it is read again."""
        self.summary.setText("Reading")
        self.summary.show()
        for model in (self.sessions, self.streaks, self.pairs, self.triples):
            model.replace(())
        for part in self._parts:
            part.show_part(None, "")
        self._show_parts(anything=False)
        self._empty.hide()

    def show_habits(self, habits: Habits) -> None:
        """Show what comes back."""
        self.summary.setText(texts.summary(habits))
        self.summary.setVisible(bool(self.summary.text()))
        self.left_out.setText(texts.left_out(habits))
        self.sessions.replace(rows.longest_sessions(habits))
        self.streaks.replace(rows.streaks_listed(habits))
        self.pairs.replace(rows.rows_of_actions(habits.pairs))
        self.triples.replace(rows.rows_of_actions(habits.triples))
        self.focus.show_part(texts.focus_chart(habits), texts.focus_text(habits))
        self.switches.show_part(texts.switches_chart(habits), texts.switches_text(habits))
        self.rests.show_part(texts.rests_chart(habits), texts.rests_text(habits))
        self.tired.show_part(texts.tired_chart(habits), texts.fatigue_text(habits))
        self.in_a_row.show_part(None, texts.streaks_text(habits))
        self.sequences.show_part(None, texts.sequences_text(habits))
        self._show_parts(anything=not habits.empty)
        for part in (self.switches, self.rests):  # one line is enough to say that there is too little
            part.setVisible(not habits.empty and not texts.too_little(habits))

    def _show_parts(self, *, anything: bool) -> None:
        for part in self._parts:
            part.setVisible(anything)
        self.left_out.setVisible(anything and bool(self.left_out.text()))
        self._empty.setVisible(not anything)


def _table(model: RowsModel[rows.Listed], name: str) -> Table:
    return Table(model, name, stretch=0, fit_rows=True)
