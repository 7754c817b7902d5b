"""Between the store and the Patterns page: what comes back is read off the main thread, and again if it is old."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from PySide6.QtCore import QObject

from app.program.program import Program
from app.services.activity import habits
from app.services.activity.habits import Habits
from app.views.navigation import Page
from app.views.window import MainWindow
from collectors.events import US_PER_S

_READ: Final = "patterns"


class PatternsPresenter(QObject):
    """Serves the Patterns page.

    Args:
        program: started.
        window: its page's signals are connected here.
    """

    def __init__(self, program: Program, window: MainWindow) -> None:
        super().__init__()
        self._program = program
        self._core = program.core
        self._window = window
        self._stale = False
        window.patterns.range_requested.connect(lambda _days: self.read())
        program.forgotten.connect(self._on_forgotten)
        program.jobs.ended.connect(self._on_job_ended)

    def read(self) -> None:
        """Read it, if it is looked at; what is being read for an older wish is left off for it."""
        if self._window.page is not Page.PATTERNS:
            return
        days = self._window.patterns.days

        def work(report: Callable[[object], None], _cancelled: object) -> Habits:
            today = datetime.fromtimestamp(self._core.now_us() / US_PER_S, UTC).astimezone().date()
            with self._core.store.reader() as reader:
                return habits.read(reader, today, days, check_cancelled=lambda: report(None))

        self._stale = not self._program.jobs.start(_READ, work, succeeded=self._show)
        if self._stale:
            self._program.jobs.cancel(_READ)

    def _on_forgotten(self, _receipt: object) -> None:
        """Show nothing of before; whoever owns this has the page that is looked at read again."""
        self._window.patterns.clear()
        self._stale = True  # what is being read may have seen what was forgotten

    def _show(self, found: object) -> None:
        assert isinstance(found, Habits)
        if not self._stale:
            self._window.patterns.show_habits(found)

    def _on_job_ended(self, name: str) -> None:
        if name == _READ and self._stale:
            self.read()
