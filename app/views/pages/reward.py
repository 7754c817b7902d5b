"""What is found worth doing, and when; what stood out; what changed."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.models.formatting import day
from app.models.reward import (
    hours_chart,
    projects_chart,
    sequences_model,
    shifts_model,
    spikes_model,
    worth_chart,
)
from app.views.charts.chart_frame import ChartFrame
from app.views.style import GRID_PX
from app.views.widgets.basics import label
from app.views.widgets.tables import Table
from neural.language.formatting import count
from neural.reward.explaining.report_values import RewardReport


class RewardPart(QWidget):
    """The reward of the last month, explained."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._report: RewardReport | None = None
        self._charts: list[ChartFrame] = []
        self.none_yet = label(
            "What you find worth doing is explained here after the first training, from a few hundred actions on.",
            "quiet",
            wrap=True,
        )
        self.meaning = label("", "quiet", wrap=True)
        self.unchanged = label("", "quiet", wrap=True)
        self.sequences, self.shifts, self.spikes = sequences_model(), shifts_model(), spikes_model()
        self.sequences_table = Table(self.sequences, "What is worth most in a row", stretch=0, fit_rows=True)
        self.shifts_table = Table(self.shifts, "What changed this month", stretch=0, fit_rows=True)
        self.spikes_table = Table(self.spikes, "Moments that stood out", stretch=2, fit_rows=True)
        self._area = QVBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID_PX)
        column.addWidget(label("What you find worth doing", "section"))
        column.addWidget(self.none_yet)
        column.addWidget(self.meaning)
        column.addLayout(self._area)
        for widget in (self.shifts_table, self.unchanged, self.sequences_table, self.spikes_table):
            column.addWidget(widget)
        self.show_report(None)

    def show_report(self, report: RewardReport | None) -> None:
        """Show a report; None if there is none yet."""
        has_report = report is not None and report.tells
        self.none_yet.setVisible(not has_report)
        self.meaning.setVisible(has_report)
        shown = report if has_report else None
        self.sequences.replace(() if shown is None else shown.sequences)
        self.shifts.replace(() if shown is None else shown.shifts or ())
        self.spikes.replace(() if shown is None else shown.spikes)
        for model, table in (
            (self.sequences, self.sequences_table),
            (self.shifts, self.shifts_table),
            (self.spikes, self.spikes_table),
        ):
            table.setVisible(model.rowCount() > 0)
        self.unchanged.setVisible(shown is not None and not shown.shifts)
        if shown is not None:
            self._say(shown)
        if shown != self._report:
            self._report = shown
            self._draw(shown)

    def _say(self, report: RewardReport) -> None:
        self.meaning.setText(
            f"The learned reward of an action above that of what you would have done instead, in nats, if it was a "
            f"choice. From {count(report.decisions, 'decision')} on {count(report.days, 'day')}, up to "
            f"{day(report.until_us)}. Hours and projects show the mean worth of what was done in them."
        )
        self.unchanged.setText(
            "There is too little from the month before to say what changed."
            if report.shifts is None
            else "Nothing surely changed against the month before: in the same situations you choose as you did."
        )

    def _draw(self, report: RewardReport | None) -> None:
        for old in self._charts:
            self._area.removeWidget(old)
            old.hide()
            old.deleteLater()
        made = () if report is None else (worth_chart(report), hours_chart(report), projects_chart(report))
        self._charts = [ChartFrame(chart) for chart in made if chart is not None]
        for frame in self._charts:
            self._area.addWidget(frame)
