"""Loads the chart library in a thread while the window opens: that takes a third of a second."""

from __future__ import annotations

import importlib
import sys
from typing import Final

from PySide6.QtCore import QObject, QTimer

from app.program.program import Program
from app.views.charts.draw_queue import DrawQueue
from app.views.window import MainWindow

_DRAWS: Final = "app.views.charts.plot"
_LOAD: Final = "load what draws charts"


class ChartsPresenter(QObject):
    """Loads it once the window is first seen; charts that are wanted before keep their room until it is there.

    A program that stays in the tray never loads it.

    Args:
        program: started.
        window: not shown yet.
    """

    def __init__(self, program: Program, window: MainWindow) -> None:
        super().__init__()
        self._program = program
        self._window = window
        self._turns = DrawQueue.of(window)
        if _DRAWS not in sys.modules:
            self._turns.hold()
            window.shown.connect(self._on_shown)

    def _on_shown(self, _shown: bool) -> None:
        self._window.shown.disconnect(self._on_shown)
        QTimer.singleShot(0, self, self._load)  # the window comes first

    def _load(self) -> None:
        def release(*_: object) -> None:
            """Also if it could not be loaded: whoever draws meets the fault, and says it."""
            self._turns.release()

        self._program.jobs.start(
            _LOAD, lambda *_: importlib.import_module(_DRAWS), succeeded=release, failed=release, stopped=release
        )
