"""The program's window: six pages, a line that says what is going on, and everything by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.models.program_info import ProgramInfo, TokenInfo
from app.models.sources import HistoryInfo, ImportProgress, SenseInfo
from app.models.timeline import DayView
from app.services.status import ActionForecast, Status
from app.settings import Settings
from app.store.values.records import HitRates, TrainingRunRow
from app.views.close_action import OnClose
from app.views.navigation import Navigation, Page
from app.views.pages.chat import ChatPage
from app.views.pages.mind import MindPage
from app.views.pages.patterns import PatternsPage
from app.views.pages.sources import SourcesPage
from app.views.pages.today import TodayPage
from app.views.settings.page import SettingsPage
from app.views.status_line import StatusLine
from app.views.widgets.basics import rule
from collectors.clock import now_us
from collectors.events import US_PER_S


class MainWindow(QMainWindow):
    """The window. It takes values and emits what the user wants; it knows no store and no thread.

    Signals:
        asked(str), stop_requested(): a question; the running answer is to stop.
        consent_changed(frozenset[Source]): what may be sensed.
        pause_requested(int | None), resume_requested(): a pause in seconds, None for one without an end.
        train_requested(), cancel_training().
        import_requested(tuple[str, ...]), cancel_import().
        settings_changed(Settings), autostart_changed(bool).
        token_create_requested(str, TokenKind), token_revoke_requested(str).
        forget_requested(Forget, bool), clean_up_requested(bool), wipe_requested(): see `SettingsPage`.
        day_requested(date): the Today page wants this day's values.
        earlier_requested(date, ActionRow): the Today page wants what was done on this day before the row.
        page_opened(Page): the page came into view.
        hidden_first_time(): the window was hidden to the tray for the first time.
        shown(bool): it came into view, or left it.
        quit_requested(): the user wants the program to end.
    """

    asked = Signal(str)
    stop_requested = Signal()
    consent_changed = Signal(object)
    pause_requested = Signal(object)
    resume_requested = Signal()
    train_requested = Signal()
    cancel_training = Signal()
    import_requested = Signal(object)
    cancel_import = Signal()
    settings_changed = Signal(object)
    autostart_changed = Signal(bool)
    token_create_requested = Signal(str, object)
    token_revoke_requested = Signal(str)
    forget_requested = Signal(object, bool)
    clean_up_requested = Signal(bool)
    wipe_requested = Signal()
    day_requested = Signal(object)
    earlier_requested = Signal(object, object)
    page_opened = Signal(object)
    hidden_first_time = Signal()
    quit_requested = Signal()
    shown = Signal(bool)

    def __init__(self, now_us: Callable[[], int] = now_us, on_close: OnClose = OnClose.QUIT) -> None:
        super().__init__()
        self.now_us = now_us
        self.on_close = on_close
        self._hidden_before = False
        self.setWindowTitle("KrypticTrack")
        self.resize(1_000, 700)
        self.setMinimumSize(640, 440)
        self.chat = ChatPage(now_us)
        self.today = TodayPage(self._today())
        self.patterns = PatternsPage()
        self.mind = MindPage()
        self.sources = SourcesPage(now_us)
        self.settings = SettingsPage()
        self.status = StatusLine(now_us)
        self._pages: dict[Page, QWidget] = {
            Page.CHAT: self.chat,
            Page.TODAY: self.today,
            Page.PATTERNS: self.patterns,
            Page.MIND: self.mind,
            Page.SOURCES: self.sources,
            Page.SETTINGS: self.settings,
        }
        self._stack = QStackedWidget()
        self.navigation = Navigation()
        self._lay_out()
        self._connect()
        self._shortcuts()
        self.open_page(Page.CHAT)

    # ---- what others show; a conversation is shown by its own page

    def show_status(self, status: Status) -> None:
        """Show everything at a glance."""
        self.status.show_status(status)
        self.chat.show_stored(status.actions)
        self.sources.show_statuses(status.sources)
        self.mind.show_learning(status.learning)
        self.mind.show_model(status.model)
        self.mind.show_forecasts(status.forecasts)

    def show_notice(self, text: str) -> None:
        """Say something quietly in the status line, until another is said."""
        self.status.show_notice(text)

    def show_today(self, view: DayView) -> None:
        """Show a day."""
        self.today.show_day(view, self._today())

    def show_mind(self, rates: HitRates, runs: Sequence[TrainingRunRow], forecasts: Sequence[ActionForecast]) -> None:
        """Show the state of the model.

        Args:
            rates: of predictions that were right.
            runs: of training, the latest first.
            forecasts: the likeliest first.
        """
        self.mind.show_mind(rates, runs, forecasts)

    def set_senses(self, senses: Sequence[SenseInfo]) -> None:
        """Say which senses there are."""
        self.sources.set_senses(senses)

    def set_histories(self, histories: Sequence[HistoryInfo]) -> None:
        """Say which histories there are."""
        self.sources.set_histories(histories)

    def show_import(self, progress: ImportProgress) -> None:
        """Show how far an import is."""
        self.sources.show_import(progress)

    def show_settings(self, settings: Settings) -> None:
        """Show the user's decisions."""
        self.settings.show_settings(settings)

    def show_program(self, info: ProgramInfo) -> None:
        """Show the folders of the program and of its data."""
        self.settings.show_program(info)
        self.chat.show_most_used(info.most_used)

    def show_tokens(self, tokens: Sequence[TokenInfo]) -> None:
        """Show the clients of the local API."""
        self.settings.show_tokens(tokens)

    def show_new_token(self, name: str, secret: str) -> None:
        """Show a token once."""
        self.settings.show_new_token(name, secret)

    # ---- the window itself

    @property
    def page(self) -> Page:
        """The page in view."""
        return next(page for page, widget in self._pages.items() if widget is self._stack.currentWidget())

    def open_page(self, page: Page) -> None:
        """Bring a page into view."""
        self._stack.setCurrentWidget(self._pages[page])
        self.navigation.show_page(page)
        if page is Page.CHAT:
            self.chat.focus_question()
        else:
            self.navigation.focus(page)
        if page is Page.TODAY:
            self.day_requested.emit(self.today.day)
        self.page_opened.emit(page)

    def bring_up(self) -> None:
        """Show the window in front, wherever it was."""
        if self.isMinimized():
            self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802  # Qt's name
        """Hide, minimise or end, without a question."""
        if self.on_close is OnClose.QUIT:
            event.accept()
            self.quit_requested.emit()
            return
        event.ignore()
        if self.on_close is OnClose.MINIMISE:
            self.showMinimized()
            return
        self.hide()
        if not self._hidden_before:
            self._hidden_before = True
            self.hidden_first_time.emit()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  # Qt's name
        """Tell that the window is looked at."""
        super().showEvent(event)
        self.shown.emit(True)  # noqa: FBT003  # a signal takes no keywords

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802  # Qt's name
        """Tell that the window is looked at no more."""
        super().hideEvent(event)
        self.shown.emit(False)  # noqa: FBT003  # the same

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        """Coming back to the window refreshes the day that is shown."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow() and self.page is Page.TODAY:
            self.day_requested.emit(self.today.day)

    def _today(self) -> date:
        return datetime.fromtimestamp(self.now_us() / US_PER_S, UTC).astimezone().date()

    def _lay_out(self) -> None:
        for page in Page:
            self._stack.addWidget(self._pages[page])
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.navigation)
        middle.addWidget(self._stack, 1)
        whole = QWidget()
        whole.setProperty("role", "page")
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(middle, 1)
        column.addWidget(rule())
        column.addWidget(self.status)
        self.setCentralWidget(whole)

    def _connect(self) -> None:
        self.navigation.chosen.connect(self.open_page)
        self.chat.asked.connect(self.asked)
        self.chat.stop_requested.connect(self.stop_requested)
        self.chat.sources_requested.connect(lambda: self.open_page(Page.SOURCES))
        self.today.day_requested.connect(self.day_requested)
        self.today.earlier_requested.connect(self.earlier_requested)
        self.today.asked.connect(self._ask_in_chat)
        self.today.sources_requested.connect(lambda: self.open_page(Page.SOURCES))
        self.patterns.sources_requested.connect(lambda: self.open_page(Page.SOURCES))
        self.mind.train_requested.connect(self.train_requested)
        self.mind.cancel_training.connect(self.cancel_training)
        self.sources.consent_changed.connect(self.consent_changed)
        self.sources.import_requested.connect(self.import_requested)
        self.sources.cancel_import.connect(self.cancel_import)
        self.settings.settings_changed.connect(self.settings_changed)
        self.settings.autostart_changed.connect(self.autostart_changed)
        self.settings.token_create_requested.connect(self.token_create_requested)
        self.settings.token_revoke_requested.connect(self.token_revoke_requested)
        self.settings.forget_requested.connect(self.forget_requested)
        self.settings.clean_up_requested.connect(self.clean_up_requested)
        self.settings.wipe_requested.connect(self.wipe_requested)
        self.status.pause_requested.connect(self.pause_requested)
        self.status.resume_requested.connect(self.resume_requested)

    def _ask_in_chat(self, question: str) -> None:
        self.open_page(Page.CHAT)
        self.chat.ask(question)

    def _shortcuts(self) -> None:
        for number, page in enumerate(Page, start=1):
            self._shortcut(f"Ctrl+{number}", lambda chosen=page: self.open_page(chosen))
        self._shortcut("Ctrl+K", lambda: self.open_page(Page.CHAT))
        self._shortcut("Escape", self.chat.stop)
        self._shortcut("Ctrl+W", self.close)
        self._shortcut("Ctrl+Q", self.quit_requested.emit)

    def _shortcut(self, keys: str, slot: Callable[..., object]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.activated.connect(slot)
