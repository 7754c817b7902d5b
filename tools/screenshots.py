"""The README's pictures, taken of the running program with the synthetic person: `make screenshots`.

    python -m tools.screenshots [--out docs/pictures]

A profile of its own is made in a temporary folder, the sample month is imported and learned from in the real brain
process; then the program opens its window over it, is asked, and its pages are grabbed, light and dark.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from app.desktop.desktop import Desktop
from app.paths import Paths, from_environment
from app.services.access.unlock import Credentials, first_start
from app.services.commands.dispatch import Commands
from app.services.commands.imports import SAMPLE
from app.services.core import Core
from app.views.charts.draw_queue import LazyDrawing
from app.views.navigation import Page
from app.views.style import Theme
from app.views.window import MainWindow
from collectors.event_json import to_wire
from collectors.events import PAIRED, US_PER_DAY

NOW_US = int(datetime(2026, 3, 13, 17, 40, tzinfo=UTC).timestamp()) * 1_000_000
LIVE_US = 3 * US_PER_DAY
SIZE = (1000, 700)
PATIENCE_S = 120
CREDENTIALS = Credentials(passphrase="a synthetic person has no secret", use_secret_service=False)  # noqa: S106 - so it is
QUESTIONS = ("What did I do today?", "What will I do next and why?")


def main() -> int:
    """Take every picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("docs/pictures"), help="folder the pictures go to")
    out = parser.parse_args().out
    os.environ.update(TZ="UTC", QT_QPA_PLATFORM="offscreen")
    time.tzset()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        paths = profile(Path(home))
        live_a_month(paths)
        application = QApplication(sys.argv[:1])
        application.setQuitOnLastWindowClosed(False)
        theme = Theme(application)
        desktop = Desktop(paths, theme, application.quit, lambda _: None, background=False, now_us=lambda: NOW_US)
        try:
            desktop.start(CREDENTIALS)
            wait(lambda: desktop.window is not None and desktop.program is not None)
            assert desktop.window is not None
            assert desktop.program is not None
            forecaster = desktop.program.core.forecaster
            wait(lambda: bool(forecaster.forecasts()))
            take(desktop.window, theme, out)
        finally:
            desktop.close()
    return 0


def profile(home: Path) -> Paths:
    """A sample profile of its own."""
    environ = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run")}
    return replace(from_environment(environ, sample=True), is_sample=True)


def live_a_month(paths: Paths) -> None:
    """Import the synthetic month but for its last days, learn from it, then live those, each action predicted."""
    clock_us = NOW_US - LIVE_US
    core = Core(paths, first_start(paths, CREDENTIALS).store, now_us=lambda: clock_us)
    core.preferences.change(consent=PAIRED)  # what extensions sent of a time before it is not taken
    clock_us = NOW_US
    try:
        commands = Commands(core)
        month = list(commands.imports.sample())
        before = [event for event in month if event.ts_us < NOW_US - LIVE_US]
        core.importer.take(SAMPLE, before, lambda _report: None, threading.Event())
        print(f"{len(month)} actions of a synthetic month")
        trained = commands.command("train", {"device": "cpu"}, lambda _progress: None)
        print(f"learned from {trained['decisions']} in {trained['seconds']:.0f} s")
        core.observer.log([to_wire(event) for event in month[len(before) :]])
        core.observer.flush()
        core.hygiene.rebuild_sessions()
        core.preferences.change(consent=frozenset())
    finally:
        core.close()


def take(window: MainWindow, theme: Theme, out: Path) -> None:
    """Ask, then grab every page in both themes."""
    window.resize(*SIZE)
    wait(lambda: bool(window.chat.isVisible()))
    settle()
    for question in QUESTIONS:
        window.asked.emit(question)
        wait(lambda: not window.chat.running)
    for name in ("light", "dark"):
        theme.choose(name)
        for page in (Page.CHAT, Page.TODAY, Page.PATTERNS, Page.MIND):
            window.open_page(page)
            settle()
            wait(lambda: not any(drawn.needs_drawing for drawn in window.findChildren(LazyDrawing)))
            path = out / f"{page.value.lower()}-{name}.png"
            if not window.grab().save(str(path), "PNG"):
                raise SystemExit(f"{path} could not be written")
            print(path)


def wait(there: Callable[[], bool]) -> None:
    """Let the program run until something is true."""
    end_s = time.monotonic() + PATIENCE_S
    while not there():
        if time.monotonic() > end_s:
            raise SystemExit("the program did not get there in time")
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 100)


def settle() -> None:
    """Let jobs that were started come back, and layouts come to rest."""
    loop = QEventLoop()
    QTimer.singleShot(2_000, loop.quit)
    loop.exec()


if __name__ == "__main__":
    sys.exit(main())
