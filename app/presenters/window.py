"""Between the running program and its window: what the user wants becomes a job, its result becomes values to show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from PySide6.QtCore import QObject

from app.errors import KnownError, StoreError
from app.integrations import autostart
from app.models.program_info import ProgramInfo, TokenInfo, TokenKind
from app.models.timeline import DayView
from app.presenters.charts import ChartsPresenter
from app.presenters.chat import ChatPresenter
from app.presenters.keys import KeysPresenter
from app.presenters.live import LivePresenter
from app.presenters.mind import MindPresenter
from app.presenters.pairing import PairingPresenter
from app.presenters.patterns import PatternsPresenter
from app.presenters.values import history_infos, import_progress, program_info, sense_infos
from app.program.program import Program
from app.services.access.tokens import Scope
from app.services.activity.day import Day, day_of, earlier_rows
from app.services.commands.store import clean_up
from app.services.ingest.importer import ImportReport
from app.services.status import Status
from app.settings import Settings
from app.store.values.forget_request import Forget
from app.store.values.records import ActionRow, CleanupReport
from app.views.navigation import Page
from app.views.window import MainWindow
from app.workers.status_feed import StatusFeed

CLEAN_UP: Final = "clean up"


class WindowPresenter(QObject):
    """Connects one window with the program. Lives on the main thread; slow things run as jobs.

    Args:
        program: started.
        window: its signals are connected here.
        feed: the status, as it changes.
    """

    def __init__(self, program: Program, window: MainWindow, feed: StatusFeed) -> None:
        super().__init__()
        self._program = program
        self._core = program.core
        self._window = window
        self._feed = feed
        self._charts = ChartsPresenter(program, window)
        self._keys = KeysPresenter(program, window)
        self._chat = ChatPresenter(program, window)
        self._mind = MindPresenter(program, window)
        self._patterns = PatternsPresenter(program, window)
        self._live = LivePresenter(program, window, feed)
        self._pairing = PairingPresenter(program, window, self._show_tokens)
        self._wanted_day: date | None = None
        self._connect_program()
        self._connect_window()
        self._fill()

    # --- wiring

    def _connect_program(self) -> None:
        self._feed.status.connect(self._show_status)
        self._program.settings_changed.connect(self._on_settings)
        self._program.noticed.connect(self._window.show_notice)
        self._program.imported.connect(self._show_import)
        self._program.forgotten.connect(self._on_forgotten)

    def _connect_window(self) -> None:
        window, program = self._window, self._program
        window.consent_changed.connect(lambda consent: program.change_settings(consent=consent))
        window.pause_requested.connect(program.pause)
        window.resume_requested.connect(program.resume)
        window.train_requested.connect(program.train)
        window.cancel_training.connect(program.cancel_training)
        window.import_requested.connect(program.import_histories)
        window.cancel_import.connect(program.cancel_import)
        window.settings_changed.connect(self._save_settings)
        window.autostart_changed.connect(self._set_autostart)
        window.token_create_requested.connect(self._create_token)
        window.token_revoke_requested.connect(self._revoke_token)
        window.settings.lock_requested.connect(program.lock_requested)
        window.forget_requested.connect(self._forget)
        window.clean_up_requested.connect(self._clean_up)
        window.wipe_requested.connect(program.wipe)
        window.day_requested.connect(self._read_day)
        window.earlier_requested.connect(self._read_earlier)
        window.page_opened.connect(self._on_page)
        window.hidden_first_time.connect(
            lambda: window.show_notice("KrypticTrack goes on in the tray; quit it from the tray's menu.")
        )

    def _fill(self) -> None:
        window, core = self._window, self._core
        window.set_senses(sense_infos(core.paths))
        window.show_settings(core.preferences.settings)
        self._chat.fill()
        self._show_tokens()
        window.show_notice(self._program.latest_notice)
        jobs = self._program.jobs
        jobs.start(
            "look for histories", lambda *_: history_infos(core.paths, core.environ), succeeded=self._show_histories
        )
        address = self._program.api_address
        jobs.start("look around", lambda *_: program_info(core, address), succeeded=self._show_program)
        self._keys.fill()
        self._feed.refresh()

    # --- what the user wants

    def _save_settings(self, settings: object) -> None:
        assert isinstance(settings, Settings)
        self._program.change_settings(
            excluded_apps=settings.excluded_apps,
            excluded_sites=settings.excluded_sites,
            excluded_title_patterns=settings.excluded_title_patterns,
            excluded_folders=settings.excluded_folders,
            excluded_times=settings.excluded_times,
            redact_emails=settings.redact_emails,
            keep_days=settings.keep_days,
            model_path=settings.model_path,
            theme=settings.theme,
            lock_after_min=settings.lock_after_min,
            lock_with_screen=settings.lock_with_screen,
            pause_key=settings.pause_key,
            activitywatch=settings.activitywatch,
            activitywatch_reading=settings.activitywatch_reading,
        )

    def _set_autostart(self, on: bool) -> None:
        try:
            (autostart.enable if on else autostart.disable)(self._core.paths)
        except KnownError as error:
            self._window.show_notice(str(error))

    def _create_token(self, name: str, kind: object) -> None:
        assert isinstance(kind, TokenKind)
        scope = Scope(kind.value)

        def work(_report: object, _cancelled: object) -> str:
            secret = self._core.tokens.issue(name, scope)
            try:
                self._core.save_tokens()
            except StoreError:
                self._core.tokens.revoke(name)
                raise
            return secret

        self._program.jobs.start(f"token {name}", work, succeeded=lambda secret: self._show_new_token(name, secret))

    def _revoke_token(self, name: str) -> None:
        def work(_report: object, _cancelled: object) -> None:
            self._core.tokens.revoke(name)
            self._core.save_tokens()

        self._program.jobs.start(f"token {name}", work, succeeded=lambda _: self._show_tokens())

    def _read_day(self, day: object) -> None:
        assert isinstance(day, date)
        self._wanted_day = day

        def work(_report: object, _cancelled: object) -> DayView:
            with self._core.store.reader() as reader:
                read: Day = day_of(reader, day)
            return DayView(
                day,
                read.rows,
                read.actions,
                read.totals,
                read.chart,
                read.attention,
                read.watched_us,
                read.called_us,
            )

        self._program.jobs.start(f"day {day}", work, succeeded=self._show_day)

    def _read_earlier(self, day: object, before: object) -> None:
        assert isinstance(day, date)
        assert isinstance(before, ActionRow)

        def work(_report: object, _cancelled: object) -> tuple[ActionRow, ...]:
            with self._core.store.reader() as reader:
                return earlier_rows(reader, day, before)

        self._program.jobs.start(
            f"day {day} before {before.id}",
            work,
            succeeded=lambda rows: self._show_earlier(day, before, rows),
        )

    def _forget(self, request: object, dry_run: bool) -> None:
        assert isinstance(request, Forget)
        panel = self._window.settings.forget
        if not self._program.forget(request, panel.show_receipt, panel.show_failure, dry_run=dry_run):
            panel.show_failure("Something is being forgotten already.", "Wait until that is done.")

    def _on_forgotten(self, _receipt: object) -> None:
        """Show nothing any more that was forgotten, wherever that was asked for."""
        self._chat.fill()
        self._on_page(self._window.page)
        if self._wanted_day is not None:
            self._read_day(self._wanted_day)

    def _clean_up(self, begin: bool) -> None:
        """Thin out old actions now, or stop doing so."""
        page = self._window.settings
        if not begin:
            self._program.jobs.cancel(CLEAN_UP)
            return

        def work(report: Callable[[object], None], _cancelled: object) -> CleanupReport:
            days = self._core.preferences.settings.keep_days
            return clean_up(self._core, days, dry_run=False, check_cancelled=lambda: report(None))

        def tell(report: object) -> None:
            assert isinstance(report, CleanupReport)
            page.show_cleaning(cleaning=False, outcome=f"{report.actions_removed:,} thinned out.")

        def fail(message: str, remedy: str) -> None:
            page.show_cleaning(cleaning=False, outcome=f"{message} {remedy}")

        if self._program.jobs.start(CLEAN_UP, work, succeeded=tell, failed=fail):
            page.show_cleaning(cleaning=True)

    def _on_page(self, page: object) -> None:
        if page is Page.MIND:
            self._mind.read()
        self._patterns.read()
        self._feed.refresh()

    # --- values shown

    def _on_settings(self, settings: object) -> None:
        assert isinstance(settings, Settings)
        self._window.show_settings(settings)
        self._feed.refresh()

    def _show_status(self, status: object) -> None:
        assert isinstance(status, Status)
        if self._feed.watched and self._window.page is Page.MIND:
            self._mind.explain(status.forecasts)
        self._window.show_status(status)
        self._live.read()

    def _show_earlier(self, day: date, before: ActionRow, rows: object) -> None:
        assert isinstance(rows, tuple)
        self._window.today.show_earlier(day, before, rows)

    def _show_day(self, view: object) -> None:
        assert isinstance(view, DayView)
        if view.day == self._wanted_day:
            self._window.show_today(view)

    def _show_histories(self, histories: object) -> None:
        assert isinstance(histories, list)
        self._window.set_histories(histories)

    def _show_program(self, info: object) -> None:
        assert isinstance(info, ProgramInfo)
        self._window.show_program(info)

    def _show_import(self, report: object) -> None:
        assert isinstance(report, ImportReport)
        self._window.show_import(import_progress(report))

    def _show_new_token(self, name: str, secret: object) -> None:
        assert isinstance(secret, str)
        self._window.show_new_token(name, secret)
        self._show_tokens()

    def _show_tokens(self) -> None:
        self._window.show_tokens(
            [TokenInfo(each.name, TokenKind(each.scope), each.created_us) for each in self._core.tokens.clients]
        )
