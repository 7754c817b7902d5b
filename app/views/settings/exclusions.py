"""What is never recorded: applications, sites, titles, folders and hours, a line each. They hold when saved."""

from __future__ import annotations

import re
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QPlainTextEdit

from app.settings import Settings
from app.views.style import GRID_PX
from app.views.widgets.basics import button, label
from collectors.privacy.quiet_hours import QuietError, quiet_hours

_LINES = 3

Lines = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Excluded:
    """The lines of each field, as they are kept."""

    apps: Lines = ()
    sites: Lines = ()
    titles: Lines = ()
    folders: Lines = ()
    times: Lines = ()


class Exclusions(QObject):
    """The fields, laid out by the page that shows them.

    Signals:
        saved(Excluded): as they are kept.
    """

    saved = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept = Excluded()
        self.apps = self._edit("Applications never recorded", "keepassxc\none a line")
        self.sites = self._edit("Sites never recorded", "bank.example\none a line")
        self.titles = self._edit("Titles never recorded", "salary|diagnosis\none regular expression a line")
        self.folders = self._edit("Folders never recorded", "~/private\none a line")
        self.times = self._edit("Hours never recorded", "22:00-06:00\nSat Sun")
        self.fault = label("", "", wrap=True)
        self.save = button("Save", "primary", "Save what is never recorded")
        self.save.clicked.connect(self._save)

    @property
    def edited(self) -> bool:
        """Whether a text differs from what is saved."""
        return self._typed() != self._kept

    def show_settings(self, settings: Settings) -> None:
        """Show what is kept; texts being edited are left alone."""
        edited = self.edited
        self._kept = Excluded(
            settings.excluded_apps,
            settings.excluded_sites,
            settings.excluded_title_patterns,
            settings.excluded_folders,
            settings.excluded_times,
        )
        if not edited:
            self._show(self._kept)
        self._check()

    def _typed(self) -> Excluded:
        return Excluded(
            _lines(self.apps), _lines(self.sites), _lines(self.titles), _lines(self.folders), _lines(self.times)
        )

    def _show(self, kept: Excluded) -> None:
        self.apps.setPlainText("\n".join(kept.apps))
        self.sites.setPlainText("\n".join(kept.sites))
        self.titles.setPlainText("\n".join(kept.titles))
        self.folders.setPlainText("\n".join(kept.folders))
        self.times.setPlainText("\n".join(kept.times))

    def _edit(self, accessible: str, example: str) -> QPlainTextEdit:
        edit = QPlainTextEdit()
        edit.setAccessibleName(accessible)
        edit.setPlaceholderText(example)
        edit.setTabChangesFocus(True)
        edit.setFixedHeight(_LINES * edit.fontMetrics().lineSpacing() + 2 * GRID_PX + 4)
        edit.textChanged.connect(self._check)
        return edit

    def _check(self) -> None:
        """Say what is wrong with a line while it is typed; only what can be kept can be saved."""
        fault = _fault(self._typed())
        self.fault.setText(fault)
        self.save.setEnabled(self.edited and not fault)

    def _save(self) -> None:
        typed = self._typed()
        kept = Excluded(
            tuple(name.lower() for name in typed.apps),
            tuple(_host(line) for line in typed.sites),
            typed.titles,
            tuple(_folder(line) for line in typed.folders),
            typed.times,
        )
        self._show(kept)  # what is kept is what stands there
        self.saved.emit(kept)


def _fault(typed: Excluded) -> str:
    for pattern in typed.titles:
        try:
            re.compile(pattern)
        except re.error as error:
            return f"{pattern} is no regular expression: {error.msg}."
    for folder in typed.folders:
        if not folder.startswith(("/", "~/")) or not folder.strip("~/"):
            return f"{folder} is no folder: write it as /home/me/private or ~/private."
    for line in typed.times:
        try:
            quiet_hours(line)
        except QuietError as error:
            return f"{error}."
    return ""


def _folder(line: str) -> str:
    return line.rstrip("/")


def _lines(edit: QPlainTextEdit) -> Lines:
    return tuple(line.strip() for line in edit.toPlainText().splitlines() if line.strip())


def _host(line: str) -> str:
    """The host of what was typed or pasted: no scheme, no path, no "www."."""
    return line.lower().removeprefix("https://").removeprefix("http://").partition("/")[0].removeprefix("www.")
