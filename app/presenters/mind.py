"""Between the mind and its page: how often it was right, what it learned, and why it expects what it expects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject

from app.program.program import Program
from app.services.learning.reward_report import latest_report
from app.services.status import ActionForecast
from app.store.values.records import HitRates, TrainingRunRow
from app.views.navigation import Page
from app.views.window import MainWindow
from neural.reward.explaining.explanation import Explanation
from neural.reward.explaining.report_values import RewardReport

_TRAINING_RUNS: Final = 20


@dataclass(frozen=True, slots=True)
class _Mind:
    """What the Mind page is filled with."""

    rates: HitRates
    runs: tuple[TrainingRunRow, ...]
    why: Explanation | None
    reward: RewardReport | None


class MindPresenter(QObject):
    """Serves the Mind page.

    Args:
        program: started.
        window: its page is filled.
    """

    def __init__(self, program: Program, window: MainWindow) -> None:
        super().__init__()
        self._program = program
        self._core = program.core
        self._window = window
        self._changed = False
        self._explained: tuple[ActionForecast, ...] = ()
        program.learned.connect(self._on_learned)

    def read(self) -> None:
        """Read it, or, while it is being read and may miss what has changed, read it again afterwards."""
        self._changed = not self._program.jobs.start("mind", lambda *_: self._values(), succeeded=self._show_mind)

    def explain(self, forecasts: tuple[ActionForecast, ...]) -> None:
        """Show again why, if something else is expected than before."""
        forecaster = self._core.forecaster
        if forecasts != self._explained and self._program.jobs.start(
            "why", lambda *_: forecaster.explanation(), succeeded=self._show_why
        ):
            self._explained = forecasts

    def _on_learned(self) -> None:
        if self._window.page is Page.MIND:
            self.read()

    def _values(self) -> _Mind:
        with self._core.store.reader() as reader:
            rates, runs = reader.hit_rates(), tuple(reader.training_runs(_TRAINING_RUNS))
            reward = latest_report(reader)
        return _Mind(rates, runs, self._core.forecaster.explanation(), reward)

    def _show_mind(self, values: object) -> None:
        assert isinstance(values, _Mind)
        self._window.show_mind(values.rates, values.runs, self._core.forecaster.forecasts())
        self._window.mind.show_why(values.why)
        self._window.mind.reward.show_report(values.reward)
        if self._changed:
            self.read()

    def _show_why(self, why: object) -> None:
        assert why is None or isinstance(why, Explanation)
        self._window.mind.show_why(why)
