"""What is never recorded: applications, sites and titles, a line each. They hold when they are saved."""

from __future__ import annotations

import re

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QPlainTextEdit

from app.config import Settings
from app.views.parts import button, label
from app.views.style import GRID_PX

_LINES = 3

Lines = tuple[str, ...]


class Exclusions(QObject):
    """The fields, laid out by the page that shows them.

    Signals:
        saved(apps, sites, titles): as they are kept, a tuple of lines each.
    """

    saved = Signal(tuple, tuple, tuple)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: tuple[Lines, Lines, Lines] = ((), (), ())
        self.apps = self._edit("Applications never recorded", "keepassxc\none a line")
        self.sites = self._edit("Sites never recorded", "bank.example\none a line")
        self.titles = self._edit("Titles never recorded", "salary|diagnosis\none regular expression a line")
        self.fault = label("", "", wrap=True)
        self.save = button("Save", "primary", "Save what is never recorded")
        self.save.clicked.connect(self._save)

    @property
    def edited(self) -> bool:
        """Whether a text differs from what is saved."""
        return (_lines(self.apps), _lines(self.sites), _lines(self.titles)) != self._kept

    def show_settings(self, settings: Settings) -> None:
        """Show what is kept; texts being edited are left alone."""
        edited = self.edited
        self._kept = (settings.excluded_apps, settings.excluded_sites, settings.excluded_title_patterns)
        if not edited:
            for edit, lines in zip((self.apps, self.sites, self.titles), self._kept, strict=True):
                edit.setPlainText("\n".join(lines))
        self._check()

    def _edit(self, accessible: str, example: str) -> QPlainTextEdit:
        edit = QPlainTextEdit()
        edit.setAccessibleName(accessible)
        edit.setPlaceholderText(example)
        edit.setTabChangesFocus(True)
        edit.setFixedHeight(_LINES * edit.fontMetrics().lineSpacing() + 2 * GRID_PX + 4)
        edit.textChanged.connect(self._check)
        return edit

    def _check(self) -> None:
        """Say what is wrong with a pattern while it is typed; only what can be kept can be saved."""
        fault = ""
        for pattern in _lines(self.titles):
            try:
                re.compile(pattern)
            except re.error as error:
                fault = f"{pattern} is no regular expression: {error.msg}."
                break
        self.fault.setText(fault)
        self.save.setEnabled(self.edited and not fault)

    def _save(self) -> None:
        apps = tuple(name.lower() for name in _lines(self.apps))
        sites = tuple(_host(line) for line in _lines(self.sites))
        titles = _lines(self.titles)
        for edit, lines in ((self.apps, apps), (self.sites, sites), (self.titles, titles)):
            edit.setPlainText("\n".join(lines))  # what is kept is what stands there
        self.saved.emit(apps, sites, titles)


def _lines(edit: QPlainTextEdit) -> Lines:
    return tuple(line.strip() for line in edit.toPlainText().splitlines() if line.strip())


def _host(line: str) -> str:
    """The host of what was typed or pasted: no scheme, no path, no "www."."""
    return line.lower().removeprefix("https://").removeprefix("http://").partition("/")[0].removeprefix("www.")
