"""Pictures of every window, light and dark, wide and narrow, full and empty.

    python -m tools.gallery --out DIR [--only chat] [--theme dark] [--size 1000x700]

The values come from `sample_values`, a synthetic day; the program's own windows show them.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEventLoop, QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QWidget

from app.models.choices import KeyMethod
from app.views.charts.draw_queue import LazyDrawing
from app.views.dialogs.first_run import FirstRun, Step
from app.views.dialogs.unlock import UnlockDialog
from app.views.navigation import Page
from app.views.style import Theme
from app.views.window import MainWindow
from tools import sample_values as sample

SIZES = ("1000x700", "760x560")


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder the pictures go to")
    parser.add_argument("--size", choices=SIZES, action="append", help="only this size (default: every size)")
    parser.add_argument("--theme", choices=("light", "dark"), action="append", help="only this theme")
    parser.add_argument("--only", default="", help="only pictures whose name contains this")
    parser.add_argument("--font", default="", help="family to set instead of the system's font")
    chosen = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    chosen.out.mkdir(parents=True, exist_ok=True)
    application = QApplication(sys.argv[:1])
    if chosen.font:
        application.setFont(QFont(chosen.font, 10))
    theme = Theme(application)
    for name in chosen.theme or ("light", "dark"):
        theme.choose(name)
        for size in chosen.size or SIZES:
            for scene, make in SCENES.items():
                if chosen.only in scene:
                    path = chosen.out / f"{scene}-{name}-{size}.png"
                    take(make(), size, path)
                    print(path)
    return 0


def take(widget: QWidget, size: str, path: Path) -> None:
    """Show a window at a size and write what it looks like."""
    width, height = (int(part) for part in size.split("x"))
    widget.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    if not isinstance(widget, UnlockDialog):
        widget.resize(QSize(width, height))
    widget.show()
    rounds = 6  # layouts settle in a few: text wraps, then its row grows, then the page
    while rounds or any(drawn.needs_drawing for drawn in widget.findChildren(LazyDrawing)):
        rounds = max(0, rounds - 1)
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        QApplication.sendPostedEvents()
    if not widget.grab().save(str(path), "PNG"):
        raise SystemExit(f"{path} could not be written")
    widget.close()
    QApplication.sendPostedEvents()


def full(page: Page) -> Callable[[], MainWindow]:
    """The window with the synthetic day, on a page."""

    def make() -> MainWindow:
        window = MainWindow(now_us=lambda: sample.NOW_US)
        sample.fill(window)
        window.open_page(page)
        return window

    return make


def bare(page: Page) -> Callable[[], MainWindow]:
    """The window as it is before anything was recorded."""

    def make() -> MainWindow:
        window = MainWindow(now_us=lambda: sample.NOW_US)
        sample.fill_empty(window)
        window.open_page(page)
        return window

    return make


def scrolled(page: Page) -> Callable[[], MainWindow]:
    """The lower end of a long page."""

    def make() -> MainWindow:
        window = full(page)()
        area = {Page.SOURCES: window.sources, Page.SETTINGS: window.settings, Page.MIND: window.mind}[page]
        bar = area.verticalScrollBar()
        bar.rangeChanged.connect(lambda _low, high: bar.setValue(high))
        return window

    return make


def working() -> MainWindow:
    """An answer being made, a training and an import running."""
    window = full(Page.CHAT)()
    window.show_status(sample.LEARNING_STATUS)
    window.chat.add_question("When am I most focused", sample.NOW_US)
    window.chat.start_stream()
    window.chat.append_chunk("You are most focused between 09:00 and 11:00, ")
    return window


def learning() -> MainWindow:
    """The mind while it trains."""
    window = full(Page.MIND)()
    window.show_status(sample.LEARNING_STATUS)
    return window


def importing() -> MainWindow:
    """The sources while histories are imported."""
    window = scrolled(Page.SOURCES)()
    for progress in sample.IMPORTS:
        window.show_import(progress)
    return window


def first_run(step: Step) -> Callable[[], FirstRun]:
    """A step of the first start."""

    def make() -> FirstRun:
        window = FirstRun(sample.SENSES, sample.HISTORIES, secret_service=True)
        window.open_step(step)
        if step is Step.KEY:
            window.key.choose(KeyMethod.PASSPHRASE)
            window.key.passphrase.setText("salt lantern quiet river")
        if step is Step.RECOVERY:
            window.show_recovery_code("K7QF-2M9X-TR4C-8WZD-H3NP-6VJA")
        if step is Step.HISTORY:
            window.show_import(sample.IMPORTS[0])
            window.show_import(sample.IMPORTS[1])
        return window

    return make


def unlock() -> UnlockDialog:
    """The locked store, after a wrong passphrase."""
    dialog = UnlockDialog()
    dialog.show_error("This passphrase does not open the store.", "Try again, or use the recovery code.")
    return dialog


SCENES: dict[str, Callable[[], QWidget]] = {
    **{f"{page.value.lower()}": full(page) for page in Page},
    **{f"{page.value.lower()}-empty": bare(page) for page in Page},
    "sources-foot": scrolled(Page.SOURCES),
    "settings-foot": scrolled(Page.SETTINGS),
    "mind-foot": scrolled(Page.MIND),
    "chat-working": working,
    "mind-learning": learning,
    "sources-importing": importing,
    **{f"first-run-{step.value}": first_run(step) for step in Step},
    "unlock": unlock,
}

if __name__ == "__main__":
    sys.exit(main())
