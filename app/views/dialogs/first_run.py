"""The first start: what this is, what may be sensed, what keeps the key, and what to bring along."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.models.choices import FirstRunChoice, KeyMethod
from app.models.sources import HistoryInfo, ImportProgress, SenseInfo
from app.views.dialogs.first_run_steps import AboutStep, ConsentStep, HistoryStep
from app.views.dialogs.key_steps import KeyStep, RecoveryStep
from app.views.style import GRID_PX
from app.views.widgets.basics import button, label, restyle, rule
from collectors.events import Source

_SIDE_PX: Final = 23 * GRID_PX


class Step(StrEnum):
    """The steps, in order. The recovery code belongs to the key's."""

    ABOUT = "about"
    CONSENT = "consent"
    KEY = "key"
    RECOVERY = "recovery"
    HISTORY = "history"


_NAMES: Final = {
    Step.ABOUT: "What this is",
    Step.CONSENT: "What may be sensed",
    Step.KEY: "The key",
    Step.HISTORY: "Your past",
}


class FirstRun(QWidget):
    """A calm first start in a window of its own. Nothing is collected before it ends.

    Signals:
        key_requested(FirstRunChoice): make the key and the store; answer with `show_recovery_code` or `show_key_error`.
        chosen(FirstRunChoice): every decision; the histories in it are to be imported now.
        code_kept(): the recovery code was written down.
        cancel_import(): stop the import.
        finished(FirstRunChoice): open the program.
        abandoned(): closed before the end.
    """

    key_requested = Signal(object)
    chosen = Signal(object)
    code_kept = Signal()
    cancel_import = Signal()
    finished = Signal(object)
    abandoned = Signal()

    def __init__(
        self,
        senses: Sequence[SenseInfo],
        histories: Sequence[HistoryInfo],
        *,
        secret_service: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._done = False
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle("KrypticTrack, first start")
        self.resize(860, 620)
        self.setMinimumSize(640, 480)
        self.about = AboutStep()
        self.consent = ConsentStep(senses)
        self.key = KeyStep(secret_service=secret_service)
        self.recovery = RecoveryStep()
        self.history = HistoryStep(histories)
        self._steps = {
            Step.ABOUT: self.about,
            Step.CONSENT: self.consent,
            Step.KEY: self.key,
            Step.RECOVERY: self.recovery,
            Step.HISTORY: self.history,
        }
        self._stack = QStackedWidget()
        for widget in self._steps.values():
            self._stack.addWidget(widget)
        self._names = {
            step: label(f"{number}  {name}", "quiet") for number, (step, name) in enumerate(_NAMES.items(), start=1)
        }
        self.back = button("Back")
        self.next = button("Continue", "primary")
        self.next.setDefault(True)
        self.back.clicked.connect(self._go_back)
        self.next.clicked.connect(self._go_on)
        self.key.changed.connect(self._refresh)
        self.recovery.changed.connect(self._refresh)
        self.history.changed.connect(self._refresh)
        self.history.import_requested.connect(lambda: self.chosen.emit(self.choice()))
        self.history.cancel_import.connect(self.cancel_import)
        self._lay_out()
        self.open_step(Step.ABOUT)

    @property
    def step(self) -> Step:
        """The step in view."""
        return next(step for step, widget in self._steps.items() if widget is self._stack.currentWidget())

    def choice(self) -> FirstRunChoice:
        """What was decided so far."""
        passphrase = self.key.passphrase.text() if self.key.method is KeyMethod.PASSPHRASE else None
        return FirstRunChoice(self.consent.consent(), self.history.picked(), self.key.method, passphrase)

    def open_step(self, step: Step) -> None:
        """Bring a step into view."""
        self._stack.setCurrentWidget(self._steps[step])
        shown = Step.KEY if step is Step.RECOVERY else step
        for name, words in self._names.items():
            restyle(words, "section" if name is shown else "quiet")
        self._refresh()
        (self.next if self.next.isEnabled() else self._steps[step]).setFocus()

    def show_recovery_code(self, code: str) -> None:
        """The key is made: show its recovery code, once."""
        self.key.set_busy(busy=False)
        self.recovery.show_code(code)
        self.open_step(Step.RECOVERY)

    def show_key_error(self, message: str, remedy: str) -> None:
        """The key could not be made."""
        self.key.set_busy(busy=False)
        self.key.tell(message, remedy)
        self._refresh()

    def show_import(self, progress: ImportProgress) -> None:
        """Show how far an import is."""
        self.history.show_import(progress)
        self._refresh()

    def sources(self) -> frozenset[Source]:
        """What may be sensed, as decided so far."""
        return self.consent.consent()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802  # Qt's name
        """Closing before the end means: not now."""
        super().closeEvent(event)
        if not self._done:
            self.abandoned.emit()

    def _go_on(self) -> None:
        step = self.step
        if step is Step.KEY:
            self.key.set_busy(busy=True)
            self._refresh()
            self.key_requested.emit(self.choice())
        elif step is Step.HISTORY:
            self._done = True
            self.finished.emit(self.choice())
        else:
            if step is Step.RECOVERY:
                self.code_kept.emit()
                self.recovery.forget()
                self.key.forget()
            order = list(self._steps)
            self.open_step(order[order.index(step) + 1])

    def _go_back(self) -> None:
        order = list(self._steps)
        self.open_step(order[order.index(self.step) - 1])

    def _refresh(self) -> None:
        step = self.step
        self.back.setVisible(step in (Step.CONSENT, Step.KEY))  # a key that is made is not unmade
        ready = {Step.KEY: self.key.ready, Step.RECOVERY: self.recovery.ready, Step.HISTORY: not self.history.busy}
        self.next.setEnabled(ready.get(step, True))
        self.next.setText({Step.KEY: "Make the key", Step.HISTORY: "Open KrypticTrack"}.get(step, "Continue"))
        self.next.setAccessibleName(self.next.text())

    def _lay_out(self) -> None:
        side = QWidget()
        side.setProperty("role", "statusline")
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        side.setFixedWidth(_SIDE_PX)
        names = QVBoxLayout(side)
        names.setContentsMargins(2 * GRID_PX, 3 * GRID_PX, GRID_PX, 2 * GRID_PX)
        names.setSpacing(GRID_PX + 4)
        for words in self._names.values():
            names.addWidget(words)
        names.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(3 * GRID_PX, GRID_PX + 4, 3 * GRID_PX, GRID_PX + 4)
        buttons.addWidget(self.back)
        buttons.addStretch(1)
        buttons.addWidget(self.next)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self._stack, 1)
        right.addWidget(rule())
        right.addLayout(buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(side)
        row.addLayout(right, 1)
