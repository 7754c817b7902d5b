"""Between the program and the Sources page: the last minute, forgetting of it, and shells that are to be set up."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject

from app.integrations import shell_hooks
from app.program.program import FORGET, Program
from app.services.activity.live import recorded_lately
from app.store.values.forget_request import Forget, Receipt
from app.store.values.records import ActionRow
from app.views.navigation import Page
from app.views.window import MainWindow
from app.workers.status_feed import StatusFeed
from neural.language import formatting

_READ: Final = "recorded lately"
_HOOKS: Final = "shell hooks"


class LivePresenter(QObject):
    """Serves the list of the Sources page, and its button for shells.

    Args:
        program: started.
        window: its list's signals are connected here.
        feed: tells when something changed; asked for more while the list is seen.
    """

    def __init__(self, program: Program, window: MainWindow, feed: StatusFeed) -> None:
        super().__init__()
        self._program = program
        self._window = window
        self._feed = feed
        self._panel = window.sources.live
        self._waiting: list[ActionRow] = []
        self._panel.delete_requested.connect(self._delete)
        self._panel.stale.connect(self._refresh)
        window.sources.hooks_requested.connect(self._have_shells_tell)
        program.jobs.ended.connect(self._on_job_ended)

    def read(self) -> None:
        """Read the rows again, if they are seen."""
        if self._window.page is Page.SOURCES and self._window.isVisible():
            self._program.jobs.start(_READ, lambda *_: self._read(), succeeded=self._show)

    def _refresh(self) -> None:
        if self._feed.watched:
            self._feed.refresh()  # the counts next to the switches grow old as well
        self.read()

    def _read(self) -> tuple[ActionRow, ...]:
        core = self._program.core
        with core.store.reader() as reader:
            return recorded_lately(reader, core.now_us())

    def _show(self, rows: object) -> None:
        assert isinstance(rows, tuple)
        self._panel.show_rows(rows)

    def _have_shells_tell(self) -> None:
        """What `kryptic shell install` does."""
        core = self._program.core

        def work(_report: object, _cancelled: object) -> tuple[str, ...]:
            shells = shell_hooks.present()
            for shell in shells:
                shell_hooks.install(core.paths, core.environ, shell)
            return shells

        def tell(shells: object) -> None:
            assert isinstance(shells, tuple)
            self._program.say(f"Set up: {formatting.listed(shells)}. Terminals opened from now on tell their commands.")
            self._feed.refresh()

        self._program.jobs.start(_HOOKS, work, succeeded=tell)

    def _delete(self, row: object) -> None:
        assert isinstance(row, ActionRow)
        self._waiting.append(row)
        self._next()

    def _on_job_ended(self, name: str) -> None:
        if name == FORGET:
            self._next()

    def _next(self) -> None:
        """One forgetting at a time, whoever asked for it: what is asked for meanwhile goes together, after it."""
        rows = tuple(self._waiting)
        if not rows:
            return

        def tell(_receipt: Receipt) -> None:
            self.read()

        def fail(message: str, remedy: str) -> None:
            self._panel.show_failure(rows, message, remedy)

        request = Forget(actions=tuple((row.id, row.event.ts_us) for row in rows))
        if self._program.forget(request, tell, fail, dry_run=False):
            self._waiting.clear()
