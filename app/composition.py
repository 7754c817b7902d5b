"""The one place where the running program is put together, and taken apart in the reverse order.

The order of a start: one instance, the log, Qt, the key (made at the first start, else unlocked), the core over the
open store, the program, its window and tray, and only then the senses.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from PySide6.QtCore import QCoreApplication, QObject, QSocketNotifier, Signal
from PySide6.QtWidgets import QApplication

from app import autostart, log
from app.api.client import ControlClient
from app.bridge import Bridge
from app.cli_text import recovery_code
from app.entrance import FirstStart, Unlocking
from app.errors import KnownError
from app.instance import InstanceLock
from app.memory import give_back
from app.paths import Paths
from app.program import Program
from app.services.core import Core, wall_clock_us
from app.services.keys import confirm_recovery_code
from app.services.unlock import Credentials, first_start, is_set_up, unlock
from app.store.store import Store
from app.tray import Tray
from app.views.style import Theme
from app.views.window import MainWindow, OnClose, Page
from app.workers.status_feed import StatusFeed

_DISPLAYS = ("WAYLAND_DISPLAY", "DISPLAY")
ALREADY_RUNNING = 0
SAMPLE_TITLE = "KrypticTrack, sample data"


def run(paths: Paths, credentials: Credentials, *, headless: bool, background: bool) -> int:
    """Run the program until it is told to quit.

    Args:
        paths: the profile.
        credentials: for a start without a window; with one, the person is asked in a dialog.
        headless: no window and no tray, though there may be a display.
        background: start in the tray, where there is one.

    Returns:
        The exit status.

    Raises:
        KnownError: where it cannot start.
    """
    paths.create()
    lock = InstanceLock(paths.lock)
    if not lock.acquire():
        client = ControlClient(paths.socket)
        if not client.running():
            raise KnownError("Another kryptic command works with the store.", "Wait until it has ended.")
        client.show()
        sys.stdout.write("KrypticTrack is running already; its window was brought up.\n")
        return ALREADY_RUNNING
    with ExitStack() as stack:
        stack.callback(lock.release)
        stack.callback(log.configure(paths, verbose=False).close)
        if not headless and not _has_display():
            sys.stdout.write("There is no display: running without a window. Ask it with the kryptic command.\n")
            headless = True
        if headless:
            return _run_headless(paths, credentials, stack)
        return _run_desktop(paths, credentials, stack, background=background)


def _run_headless(paths: Paths, credentials: Credentials, stack: ExitStack) -> int:
    application = QCoreApplication(sys.argv[:1])
    program = _program(Core(paths, _open(paths, credentials)))
    stack.callback(program.close)
    stack.enter_context(_quit_on_signals(application.quit))
    program.noticed.connect(lambda text: sys.stdout.write(f"{text}\n"))
    program.start()
    if not program.core.preferences.settings.consent:
        sys.stdout.write("Nothing is sensed yet: no consent was given. See: kryptic consent --help\n")
    listens = f"; the local API listens at {program.api_address}" if program.api_address else ""
    sys.stdout.write(f"Running without a window{listens}.\n")
    sys.stdout.flush()
    return application.exec()


def _open(paths: Paths, credentials: Credentials) -> Store:
    if is_set_up(paths):
        return unlock(paths, credentials)
    opened = first_start(paths, credentials)
    sys.stdout.write(recovery_code(opened.recovery_code))
    confirm_recovery_code(paths)
    return opened.store


def _run_desktop(paths: Paths, credentials: Credentials, stack: ExitStack, *, background: bool) -> int:
    application = QApplication(sys.argv[:1])
    application.setApplicationName("KrypticTrack")
    application.setDesktopFileName("kryptic")
    application.setQuitOnLastWindowClosed(False)

    def leave() -> None:
        application.exit(0)  # not quit(): that asks the windows, and one that hides instead of closing says no

    stack.enter_context(_quit_on_signals(leave))
    theme = Theme(application)
    desktop = Desktop(paths, theme, leave, background=background)
    stack.callback(desktop.close)
    application.commitDataRequest.connect(desktop.let_go)
    autostart.install_menu_entry(paths)
    desktop.start(credentials)
    return application.exec()


class Desktop(QObject):
    """The program with its face: first start or unlocking, then tray and window.

    The window is made when it is first wanted, so that a program started with the desktop stays small.

    Args:
        paths: the profile.
        theme: follows the user's choice of light or dark.
        quit_application: ends the event loop.
        background: start in the tray, where there is one.
        now_us: the clock.
    """

    _show = Signal()

    def __init__(
        self,
        paths: Paths,
        theme: Theme,
        quit_application: Callable[[], None],
        *,
        background: bool,
        now_us: Callable[[], int] = wall_clock_us,
    ) -> None:
        super().__init__()
        self._now_us = now_us
        self._paths = paths
        self._theme = theme
        self._quit = quit_application
        self._background = background
        self._entrance: FirstStart | Unlocking | None = None
        self._feed: StatusFeed | None = None
        self._tray: Tray | None = None
        self._bridge: Bridge | None = None
        self.program: Program | None = None
        self.window: MainWindow | None = None
        self._show.connect(self.bring_up)

    def start(self, credentials: Credentials) -> None:
        """Unlock, or make the key; then open."""
        if is_set_up(self._paths):
            self._entrance = Unlocking(self._paths, credentials)
        else:
            self._background = False
            self._entrance = FirstStart(self._paths, credentials, self._make_program)
        self._entrance.opened.connect(self._open)
        self._entrance.given_up.connect(self._quit)
        self._entrance.begin()

    def close(self) -> None:
        """Take everything apart."""
        if self._entrance is not None:
            self._entrance.close()
        if self._tray is not None:
            self._tray.stop()
        if self.program is not None:
            self.program.close()
        if self.window is not None:
            self.window.deleteLater()

    def let_go(self) -> None:
        """The session ends: the window must not stand in its way by hiding instead of closing."""
        if self.window is not None:
            self.window.on_close = OnClose.QUIT

    def bring_up(self) -> None:
        """Show the window, made now where there is none yet; before the store is open there is nothing to show."""
        if self.program is None or self._feed is None:
            return
        if self.window is None:
            self.window = window = MainWindow(self.program.core.now_us)
            if self._paths.is_sample:
                window.setWindowTitle(SAMPLE_TITLE)
            window.on_close = OnClose.HIDE if Tray.available() else OnClose.MINIMISE
            window.quit_requested.connect(self._quit)
            window.shown.connect(self._on_shown)
            self._bridge = Bridge(self.program, window, self._feed)
        self.window.bring_up()

    def _make_program(self, store: Store) -> Program:
        self.program = _program(Core(self._paths, store, now_us=self._now_us), on_show=self._show.emit)
        return self.program

    def _open(self, opened: object) -> None:
        program = opened if isinstance(opened, Program) else self._make_program(_store(opened))
        self._theme.choose(program.core.preferences.settings.theme)
        program.settings_changed.connect(lambda settings: self._theme.choose(settings.theme))
        self._feed = feed = StatusFeed(program.commands.status, program.jobs)
        program.changed.connect(feed.stale)
        program.committed.connect(feed.stale)
        self._tray = tray = Tray(program.core.now_us)
        feed.status.connect(tray.show_status)
        tray.open_requested.connect(self.bring_up)
        tray.forecast_chosen.connect(self._open_mind)
        tray.pause_requested.connect(program.pause)
        tray.resume_requested.connect(program.resume)
        tray.quit_requested.connect(self._quit)
        tray.available_changed.connect(self._on_tray)
        program.start()
        tray.start()
        feed.refresh()
        if not self._background:
            self.bring_up()

    def _open_mind(self, _action: str) -> None:
        self.bring_up()
        if self.window is not None:
            self.window.open_page(Page.MIND)

    def _on_tray(self, there: bool) -> None:
        """Without a tray the window is the only way in, so it must be there."""
        if self.window is not None:
            self.window.on_close = OnClose.HIDE if there else OnClose.MINIMISE
        if not there and (self.window is None or not self.window.isVisible()):
            self.bring_up()

    def _on_shown(self, shown: bool) -> None:
        if self._feed is not None:
            self._feed.watched = shown
            self._feed.refresh()
        if not shown:
            give_back()


def _program(core: Core, on_show: Callable[[], None] | None = None) -> Program:
    """The program over a core; where it cannot be built, the core's threads are ended, so that the process can end."""
    try:
        return Program(core, on_show)
    except BaseException:
        core.close()
        raise


def _store(opened: object) -> Store:
    assert isinstance(opened, Store)
    return opened


def _has_display() -> bool:
    return any(os.environ.get(name) for name in _DISPLAYS) or bool(os.environ.get("QT_QPA_PLATFORM"))


@contextmanager
def _quit_on_signals(quit_application: Callable[[], None]) -> Iterator[None]:
    """SIGINT and SIGTERM end the event loop. Python's own handlers only run between Qt's events, hence the socket."""
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.settimeout(0)
    notifier = QSocketNotifier(ours.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(quit_application)
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    wakeup = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        notifier.setEnabled(False)
        ours.close()
        theirs.close()
