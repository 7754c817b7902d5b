"""The one place in which the running program is put together, and taken apart in the reverse order.

The order of a start: one instance, the log, Qt, the key (made at the first start, else unlocked), the core over the
open store, the program, its window and tray, and only then the senses.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from PySide6.QtCore import QCoreApplication, QSocketNotifier
from PySide6.QtWidgets import QApplication

from app.api.client import ControlClient
from app.desktop.desktop import Desktop, made_program
from app.errors import KnownError
from app.integrations import autostart
from app.paths import Paths
from app.program.locked import LockedServer
from app.services.access.key_management import confirm_recovery_code
from app.services.access.unlock import Credentials, first_start, is_set_up, unlock
from app.services.core import Core
from app.services.maintenance.panic_wipe import sweep
from app.store.store import Store
from app.system import log
from app.system.relaunch import StartMode, relaunch
from app.system.single_instance import InstanceLock
from app.system.terminal import recovery_code
from app.views.style import Theme

_DISPLAYS = ("WAYLAND_DISPLAY", "DISPLAY")
ALREADY_RUNNING = 0


def run(
    paths: Paths, credentials: Credentials, *, headless: bool, background: bool, begin: StartMode = StartMode.OPEN
) -> int:
    """Run the program until it is asked to quit. To be locked, it ends and restarts in its own place.

    Args:
        paths: the profile.
        credentials: for a start without a window; with one, the person is asked in a dialog.
        headless: no window and no tray, though there may be a display.
        background: start in the tray, if there is one.
        begin: whether to open the store at once.

    Returns:
        The exit status.

    Raises:
        KnownError: if it cannot start.
    """
    paths.create()
    lock = InstanceLock(paths.lock)
    lock.take_over(os.environ)
    if not lock.acquire():
        client = ControlClient(paths.socket)
        if not client.running():
            raise KnownError("Another kryptic command works with the store.", "Wait until it has ended.")
        client.show()
        sys.stdout.write("KrypticTrack is running already; its window was brought up.\n")
        return ALREADY_RUNNING
    try:
        return _run_locked_in(paths, credentials, lock, headless=headless, background=background, begin=begin)
    finally:
        lock.release()


def _run_locked_in(
    paths: Paths, credentials: Credentials, lock: InstanceLock, *, headless: bool, background: bool, begin: StartMode
) -> int:
    """As `run`, in the one process of the profile."""
    restarts: list[StartMode] = []
    wiped = threading.Event()
    with ExitStack() as stack:
        stack.callback(lambda: sweep(paths) if wiped.is_set() else None)
        stack.callback(log.configure(paths, verbose=False).close)
        if not headless and not _has_display():
            sys.stdout.write("There is no display: running without a window. Ask it with the kryptic command.\n")
            headless = True
        if headless:
            status = _run_headless(paths, credentials, stack, restarts, begin)
        else:
            status = _run_desktop(paths, credentials, stack, restarts, begin, wiped=wiped, background=background)
    if restarts:
        relaunch(lock, restarts[0])
    return status


def _run_headless(
    paths: Paths, credentials: Credentials, stack: ExitStack, restarts: list[StartMode], begin: StartMode
) -> int:
    application = QCoreApplication(sys.argv[:1])
    stack.enter_context(_quit_on_signals(application.quit))
    if begin is StartMode.LOCKED:
        asked = _wait_locked(application, paths)
        if asked is None:
            return 0
        credentials = asked
    program = made_program(Core(paths, _open(paths, credentials)))
    stack.callback(program.close, forget=True)
    program.noticed.connect(lambda text: sys.stdout.write(f"{text}\n"))
    program.lock_requested.connect(program.note_lock)
    program.lock_requested.connect(lambda: restarts.append(StartMode.LOCKED))
    program.lock_requested.connect(application.quit)
    program.start()
    if not program.core.preferences.settings.consent:
        sys.stdout.write("Nothing is sensed yet: no consent was given. See: kryptic consent --help\n")
    listens = f"; the local API listens at {program.api_address}" if program.api_address else ""
    sys.stdout.write(f"Running without a window{listens}.\n")
    sys.stdout.flush()
    return application.exec()


def _wait_locked(application: QCoreApplication, paths: Paths) -> Credentials | None:
    """Hold nothing until somebody unlocks it: with what, or None if it is asked to quit."""
    given: list[Credentials] = []
    door = LockedServer(paths, has_window=False)
    door.unlock_requested.connect(given.append)
    door.unlock_requested.connect(application.quit)
    door.open()
    sys.stdout.write("Locked. Unlock it with: kryptic unlock\n")
    sys.stdout.flush()
    application.exec()
    door.close()
    return given[0] if given else None


def _open(paths: Paths, credentials: Credentials) -> Store:
    if is_set_up(paths):
        return unlock(paths, credentials)
    opened = first_start(paths, credentials)
    sys.stdout.write(recovery_code(opened.recovery_code))
    confirm_recovery_code(paths)
    return opened.store


def _run_desktop(
    paths: Paths,
    credentials: Credentials,
    stack: ExitStack,
    restarts: list[StartMode],
    begin: StartMode,
    *,
    wiped: threading.Event,
    background: bool,
) -> int:
    application = QApplication(sys.argv[:1])
    application.setApplicationName("KrypticTrack")
    application.setDesktopFileName("kryptic")
    application.setQuitOnLastWindowClosed(False)

    def leave() -> None:
        application.exit(0)  # not quit(): that asks the windows, and one that hides instead of closing says no

    def restart(how: StartMode) -> None:
        restarts.append(how)
        leave()

    stack.enter_context(_quit_on_signals(leave))
    theme = Theme(application)
    desktop = Desktop(paths, theme, leave, restart, background=background)
    desktop.wiped.connect(wiped.set)
    desktop.wiped.connect(leave)
    stack.callback(desktop.close, forget=True)
    application.commitDataRequest.connect(desktop.let_go)
    autostart.install_menu_entry(paths)
    desktop.start(credentials, begin)
    return application.exec()


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
