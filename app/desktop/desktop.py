"""The program with its face: the way in, then tray and window, or the tray alone while it is locked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from app.desktop.first_start import FirstRunController
from app.desktop.key_rotation import KeyRotationController
from app.desktop.unlocking import UnlockController
from app.paths import Paths
from app.program.locked import LockedServer
from app.program.program import Program
from app.services.access.unlock import Credentials, is_set_up
from app.services.core import Core
from app.store.store import Store
from app.system.memory import trim_heap
from app.system.relaunch import StartMode
from app.views.close_action import OnClose
from app.views.navigation import Page
from app.views.style import Theme
from app.views.tray import Tray
from app.workers.status_feed import StatusFeed
from collectors import clock

if TYPE_CHECKING:
    from app.presenters.window import WindowPresenter
    from app.views.window import MainWindow

SAMPLE_TITLE = "KrypticTrack, sample data"


class Desktop(QObject):
    """The program with its face: first start or unlocking, then tray and window.

    The window is made when it is first wanted, so that a program started with the desktop stays small.

    Args:
        paths: the profile.
        theme: follows the user's choice of light or dark.
        quit_application: ends the event loop.
        start_anew: ends it too, and has the process restart with the given beginning.
        background: start in the tray, if there is one.
        now_us: the clock.
    """

    wiped = Signal()
    """The key was destroyed: it is time to end, and to sweep away what is left."""
    _show = Signal()

    def __init__(
        self,
        paths: Paths,
        theme: Theme,
        quit_application: Callable[[], None],
        restart: Callable[[StartMode], None],
        *,
        background: bool,
        now_us: Callable[[], int] = clock.now_us,
    ) -> None:
        super().__init__()
        self._now_us = now_us
        self._paths = paths
        self._theme = theme
        self._quit = quit_application
        self._restart = restart
        self._credentials = Credentials()
        self._door: LockedServer | None = None
        self._background = background
        self._entrance: FirstRunController | UnlockController | None = None
        self._feed: StatusFeed | None = None
        self._tray: Tray | None = None
        self._bridge: WindowPresenter | None = None
        self._rotating: KeyRotationController | None = None
        self._program_closed = False
        self.program: Program | None = None
        self.window: MainWindow | None = None
        self._show.connect(self.bring_up)

    def start(self, credentials: Credentials, begin: StartMode = StartMode.OPEN) -> None:
        """Unlock, or make the key; then open. Or wait in the tray until somebody wants it unlocked."""
        self._credentials = credentials
        if begin is StartMode.LOCKED:
            self._wait_locked()
            return
        if is_set_up(self._paths):
            self._entrance = UnlockController(self._paths, credentials)
        else:
            self._background = False
            self._entrance = FirstRunController(self._paths, credentials, self._make_program)
        self._entrance.opened.connect(self._open)
        self._entrance.given_up.connect(self._quit)
        self._entrance.begin()

    def close(self, *, forget: bool = False) -> None:
        """Take everything apart.

        Args:
            forget: see `Store.close`; for the end of the process.
        """
        if self._entrance is not None:
            self._entrance.close()
        if self._door is not None:
            self._door.close()
        if self._tray is not None:
            self._tray.stop()
        if self._rotating is not None:
            self._rotating.close()
        self._close_program(forget=forget)
        if self.window is not None:
            self.window.deleteLater()

    def let_go(self) -> None:
        """The session ends: the window must not stand in its way by hiding instead of closing."""
        if self.window is not None:
            self.window.on_close = OnClose.QUIT

    def bring_up(self) -> None:
        """Show the window, made now if there is none yet; before the store is open there is nothing to show."""
        if self._door is not None:
            self._ask(self._credentials)
        if self._rotating is not None:
            self._rotating.view.raise_()
            return
        if self.program is None or self._feed is None:
            return
        if self.window is None:
            self.window = self._make_window(self.program, self._feed)
        self.window.bring_up()

    def _make_window(self, program: Program, feed: StatusFeed) -> MainWindow:
        # Its pages and what fills them are loaded with it: a program that stays in the tray does without them.
        from app.presenters.window import WindowPresenter  # noqa: PLC0415  # see above
        from app.views.window import MainWindow  # noqa: PLC0415  # see above

        window = MainWindow(program.core.now_us)
        if self._paths.is_sample:
            window.setWindowTitle(SAMPLE_TITLE)
        window.on_close = OnClose.HIDE if Tray.available() else OnClose.MINIMISE
        window.quit_requested.connect(self._quit)
        window.shown.connect(self._on_shown)
        self._bridge = WindowPresenter(program, window, feed)
        return window

    def _make_program(self, store: Store) -> Program:
        self.program = made_program(Core(self._paths, store, now_us=self._now_us), on_show=self._show.emit)
        return self.program

    def _open(self, opened: object) -> None:
        program = opened if isinstance(opened, Program) else self._make_program(_store(opened))
        self._theme.choose(program.core.preferences.settings.theme)
        program.settings_changed.connect(lambda settings: self._theme.choose(settings.theme))
        self._feed = feed = StatusFeed(program.commands.status, program.jobs)
        program.changed.connect(feed.stale)
        program.committed.connect(feed.stale)
        tray = self._tray or self._make_tray()
        feed.status.connect(tray.show_status)
        tray.forecast_chosen.connect(self._open_mind)
        tray.pause_requested.connect(program.pause)
        tray.resume_requested.connect(program.resume)
        tray.lock_requested.connect(self.lock)
        program.lock_requested.connect(self.lock)
        # Queued: what asks for it is of the window that goes with it.
        program.rotation_requested.connect(self._rotate, Qt.ConnectionType.QueuedConnection)
        program.wiped.connect(self._on_wiped)
        program.start()
        if self._tray is None:
            self._tray = tray
            tray.start()
        feed.refresh()
        if not self._background:
            self.bring_up()

    def lock(self) -> None:
        """Close everything, and restart without the key."""
        if self.program is not None:
            self.program.note_lock()
        self._restart(StartMode.LOCKED)

    def _rotate(self, credentials: object) -> None:
        """Close what has the store open, put it under a new key, and restart."""
        assert isinstance(credentials, Credentials)
        if self._rotating is not None:
            return
        if self.window is not None:
            self.window.hide()
        if self._tray is not None:
            self._tray.stop()
        self._close_program(forget=True)
        self._rotating = KeyRotationController(self._paths, credentials)
        self._rotating.ended.connect(lambda: self._restart(StartMode.OPEN))
        self._rotating.begin()

    def _close_program(self, *, forget: bool) -> None:
        if self.program is not None and not self._program_closed:
            self._program_closed = True
            self.program.close(forget=forget)

    def _on_wiped(self) -> None:
        self.let_go()
        self.wiped.emit()

    def _make_tray(self) -> Tray:
        tray = Tray(self._now_us)
        tray.open_requested.connect(self.bring_up)
        tray.quit_requested.connect(self._quit)
        tray.available_changed.connect(self._on_tray)
        return tray

    def _wait_locked(self) -> None:
        """The tray and the socket say that it is locked; the question comes up when somebody wants it."""
        self._door = door = LockedServer(self._paths, has_window=True)
        door.show_requested.connect(self.bring_up)
        door.unlock_requested.connect(self._unlock_quietly)
        door.open()
        self._tray = tray = self._make_tray()
        tray.show_locked()
        tray.start()

    def _ask(self, credentials: Credentials, *, quietly: bool = True) -> None:
        """Let somebody unlock it; quietly if the keyring or what was given does so."""
        if isinstance(self._entrance, UnlockController):
            self._entrance.bring_up()
            return
        self._entrance = UnlockController(self._paths, credentials, stays=True)
        self._entrance.opened.connect(self._on_unlocked)
        self._entrance.given_up.connect(self._stay_locked)
        self._entrance.begin(quietly=quietly)

    def _unlock_quietly(self, credentials: object) -> None:
        """Somebody showed on the socket that it is theirs; the window stays as it is."""
        assert isinstance(credentials, Credentials)
        self._drop_question()
        self._background = True
        self._ask(credentials)

    def _on_unlocked(self, store: object) -> None:
        if self._door is not None:
            self._door.close()
            self._door = None
        self._open(store)

    def _stay_locked(self) -> None:
        """Nobody unlocked it; without a tray, the question is the only way in, and it ends with it."""
        self._drop_question()
        if not Tray.available():
            self._quit()

    def _drop_question(self) -> None:
        entrance, self._entrance = self._entrance, None
        if entrance is not None:
            entrance.close()

    def _open_mind(self, _action: str) -> None:
        self.bring_up()
        if self.window is not None:
            self.window.open_page(Page.MIND)

    def _on_tray(self, there: bool) -> None:
        """Without a tray the window is the only way in, so it must be there."""
        if self.window is not None:
            self.window.on_close = OnClose.HIDE if there else OnClose.MINIMISE
        if self._door is not None:
            if not there:
                self._ask(self._credentials, quietly=False)
            return
        if not there and (self.window is None or not self.window.isVisible()):
            self.bring_up()

    def _on_shown(self, shown: bool) -> None:
        if self._feed is not None:
            self._feed.watched = shown
            self._feed.refresh()
        if not shown:
            trim_heap()


def made_program(core: Core, on_show: Callable[[], None] | None = None) -> Program:
    """The program over a core; if it cannot be built, the core's threads are ended, so that the process can end."""
    try:
        return Program(core, on_show)
    except BaseException:
        core.close()
        raise


def _store(opened: object) -> Store:
    assert isinstance(opened, Store)
    return opened
