"""A program with windows, for a real desktop: it does what it is reported on standard input, a line each, and says when.

open NAME TITLE     show a window, which a compositor gives the focus to
title NAME TITLE    give it another title
close NAME
end
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QSocketNotifier
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget


class Windows:
    """The windows that are open, by name."""

    def __init__(self) -> None:
        self._windows: dict[str, QWidget] = {}

    def obey(self, line: str) -> None:
        order, _, rest = line.strip().partition(" ")
        name, _, title = rest.partition(" ")
        if order == "open":
            window = self._windows[name] = QWidget()
            window.setWindowTitle(title)
            window.resize(320, 200)
            window.show()
        elif order == "title":
            self._windows[name].setWindowTitle(title)
        elif order == "close":
            self._windows.pop(name).close()
        else:
            QApplication.quit()


def main() -> None:
    app = QApplication(sys.argv)
    app.setQuitOnLastWindowClosed(False)
    QGuiApplication.setDesktopFileName(sys.argv[1])
    windows = Windows()

    def read() -> None:
        line = sys.stdin.readline()
        windows.obey(line or "end")
        sys.stdout.write(line)
        sys.stdout.flush()

    notifier = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(read)
    app.exec()


if __name__ == "__main__":
    main()
