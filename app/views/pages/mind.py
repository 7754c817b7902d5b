"""What the mind expects next and why, how often it was right, and its training."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from app.models.formatting import action
from app.models.predictions import forecast_model, hit_rate_chart, kinds_text, reasons_model, runs_model
from app.services.status import ActionForecast, LearningStatus
from app.store.values.records import HitRates, TrainingRunRow
from app.views.charts.chart_frame import ChartFrame
from app.views.pages.reward import RewardPart
from app.views.style import GRID_PX
from app.views.widgets.basics import ScrollPage, button, label
from app.views.widgets.tables import Table
from neural.language.formatting import count
from neural.reward.explaining.explanation import Explanation


class MindPage(ScrollPage):
    """The model, laid open.

    Signals:
        train_requested(): learn from the store now.
        cancel_training(): stop the training that runs.
    """

    train_requested = Signal()
    cancel_training = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Mind", parent)
        self._rates: HitRates | None = None
        self._chart: ChartFrame | None = None
        self._why: Explanation | None = None
        self.forecasts = forecast_model()
        self.reasons = reasons_model()
        self.runs = runs_model()
        self.forecast_table = Table(self.forecasts, "Most likely next actions", stretch=3, fit_rows=True)
        self.reasons_table = Table(self.reasons, "What the first guess rests on", stretch=2, fit_rows=True)
        self.kinds = label("", "quiet", wrap=True)
        self.why = label("", "quiet", wrap=True)
        self.runs_table = Table(self.runs, "Training runs", stretch=6, fit_rows=True)
        self.no_forecast = label(
            "No forecast yet. It comes with the first recorded or imported actions.", "quiet", wrap=True
        )
        self.no_rates = label(
            "Nothing is scored yet. Each forecast is saved before the next action is known, and scored after it.",
            "quiet",
            wrap=True,
        )
        self.no_runs = label(
            "Not trained on you yet; the shipped model forecasts until then. Training takes some minutes "
            "and can be cancelled.",
            "quiet",
            wrap=True,
        )
        self.scored = label("", "small", wrap=True)
        self.model = label("", "quiet")
        self.train = button("Train now")
        self.train.clicked.connect(self.train_requested)
        self.cancel = button("Cancel", "", "Cancel the training")
        self.cancel.clicked.connect(self.cancel_training)
        self.stage = label("", "quiet")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setRange(0, 1_000)
        self.progress.setAccessibleName("Progress of the training")
        self.reward = RewardPart()
        self._lay_out()
        self.show_learning(None)
        self.show_mind(HitRates(0, (), (), None), (), ())

    def show_mind(self, rates: HitRates, runs: Sequence[TrainingRunRow], forecasts: Sequence[ActionForecast]) -> None:
        """Show the state of the model.

        Args:
            rates: of predictions that were right.
            runs: of training, the latest first.
            forecasts: the likeliest first.
        """
        self.show_forecasts(forecasts)
        self.runs.replace(runs)
        self.runs_table.setVisible(bool(runs))
        self.no_runs.setVisible(not runs)
        if rates != self._rates:
            self._show_rates(rates)

    def show_forecasts(self, forecasts: Sequence[ActionForecast]) -> None:
        """Show what is expected next."""
        self.forecasts.replace(forecasts)
        self.forecast_table.setVisible(bool(forecasts))
        self.no_forecast.setVisible(not forecasts)
        self._show_reasons()

    def show_why(self, why: Explanation | None) -> None:
        """Say what the first guess rests on; shown as long as it is the first."""
        self._why = why
        self._show_reasons()

    def show_model(self, name: str) -> None:
        """Say whose weights forecast: "prior", or "personal, run 3"."""
        self.model.setText(
            "The shipped model forecasts" if name == "prior" else f"Your own model, {name.removeprefix('personal, ')}"
        )

    def show_learning(self, learning: LearningStatus | None) -> None:
        """Show a training that runs, or that none does."""
        running = learning is not None
        self.train.setVisible(not running)
        self.cancel.setVisible(running)
        self.stage.setVisible(running)
        self.progress.setVisible(running)
        if learning is not None:
            self.stage.setText(f"{learning.stage}, {learning.fraction * 100:.0f} %")
            self.progress.setValue(round(learning.fraction * 1_000))

    def _show_reasons(self) -> None:
        first = next((row.action for row in self.forecasts.rows), None)
        why = self._why if self._why is not None and self._why.action == first else None
        self.reasons.replace(() if why is None else why.reasons)
        self.reasons_table.setVisible(why is not None)
        self.why.setVisible(why is not None)
        self.kinds.setText("" if why is None else kinds_text(why.kinds))
        self.kinds.setVisible(bool(self.kinds.text()))
        if why is not None:
            others = count(why.others, "likeliest other action")
            self.why.setText(
                f"Why \u201c{action(why.action)}\u201d comes first: by how much each part changes its odds against the "
                f"{others}. Together with a blind choice among them they make the odds that it has."
            )

    def _show_rates(self, rates: HitRates) -> None:
        self._rates = rates
        if self._chart is not None:
            self._rate_area.removeWidget(self._chart)
            self._chart.hide()
            self._chart.deleteLater()
            self._chart = None
        self.no_rates.setVisible(rates.scored == 0)
        self.scored.setVisible(rates.scored > 0)
        if rates.scored:
            self._chart = ChartFrame(hit_rate_chart(rates))
            self._rate_area.insertWidget(0, self._chart)
            nats = "" if rates.model_nats is None else f" The model spends {rates.model_nats:.2f} nats on an action."
            text = f"Over {count(rates.scored, 'prediction')}, each saved before the truth was known.{nats}"
            self.scored.setText(text)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(2 * GRID_PX)
        head.addWidget(label("What comes next", "title"))
        head.addWidget(self.model, 1)
        self.column.addLayout(head)
        self.column.addWidget(self.forecast_table)
        self.column.addWidget(self.no_forecast)
        self.column.addWidget(self.kinds)
        self.column.addWidget(self.why)
        self.column.addWidget(self.reasons_table)
        self.column.addSpacing(2 * GRID_PX)
        self._rate_area = QVBoxLayout()
        self._rate_area.addWidget(self.no_rates)
        self._rate_area.addWidget(self.scored)
        self.column.addLayout(self._rate_area)
        self.column.addSpacing(2 * GRID_PX)
        self.column.addWidget(self.reward)
        self.column.addSpacing(2 * GRID_PX)
        training = QHBoxLayout()
        training.setSpacing(2 * GRID_PX)
        training.addWidget(label("Training", "section"))
        training.addWidget(self.stage, 1)
        training.addStretch(1)
        training.addWidget(self.train)
        training.addWidget(self.cancel)
        self.column.addLayout(training)
        self.column.addWidget(self.progress)
        self.column.addWidget(self.runs_table)
        self.column.addWidget(self.no_runs)
        self.column.addStretch(1)
