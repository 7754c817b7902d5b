"""The user's decisions. Switches and choices hold at once; texts hold when they are saved."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QGridLayout,
    QLayout,
    QPlainTextEdit,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.models.program_info import ProgramInfo, TokenInfo
from app.settings import Settings
from app.views.settings.activitywatch import WatcherPanel
from app.views.settings.exclusions import Exclusions
from app.views.settings.forget import ForgetPanel, WipePanel
from app.views.settings.keys import KeysPanel
from app.views.settings.tokens import TokenPanel
from app.views.style import GRID_PX
from app.views.widgets.basics import PathLine, ScrollPage, Switch, above, button, column_width, label, side_by_side

_LABEL_CHARS = 20
_THEME_WORDS = {"system": "As the desktop", "light": "Light", "dark": "Dark"}


class SettingsPage(ScrollPage):
    """Everything that can be decided.

    Signals:
        settings_changed(Settings): the user's decisions, whole.
        autostart_changed(bool): start with the desktop, or not.
        token_create_requested(str, TokenKind), token_revoke_requested(str): by the client's name.
        lock_requested(): lock the program now. What `keys` asks for has signals of its own.
        forget_requested(Forget, bool): what, and whether to say only what would go.
        clean_up_requested(bool): thin out old actions now, or stop doing so.
        wipe_requested(): destroy everything.
    """

    settings_changed = Signal(object)
    autostart_changed = Signal(bool)
    token_create_requested = Signal(str, object)
    token_revoke_requested = Signal(str)
    lock_requested = Signal()
    forget_requested = Signal(object, bool)
    clean_up_requested = Signal(bool)
    wipe_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Settings", parent)
        self._settings = Settings()
        self._info = ProgramInfo()
        self._cleaning = False
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(2 * GRID_PX)
        self._grid.setVerticalSpacing(GRID_PX + 4)
        self._grid.setColumnMinimumWidth(0, column_width(self, _LABEL_CHARS))
        self._grid.setColumnStretch(1, 1)
        self.column.addLayout(self._grid)
        self.column.addStretch(1)
        self._general()
        self._keys()
        self._model()
        self._exclusions()
        self._api()
        self._forgetting()
        self.show_settings(self._settings)
        self.show_program(self._info)

    def show_settings(self, settings: Settings) -> None:
        """Show decisions; texts being edited are left alone."""
        self._settings = settings
        self.theme.setCurrentIndex(list(_THEME_WORDS).index(settings.theme))
        self.keep_days.setValue(settings.keep_days)
        self.lock_after.setValue(settings.lock_after_min)
        self.lock_with_screen.setChecked(settings.lock_with_screen)
        self.pause_key.setChecked(settings.pause_key)
        self.model_path.setText(settings.model_path or "None: plain sentences")
        self.no_model.setVisible(settings.model_path is not None)
        self.exclusions.show_settings(settings)
        self.redact_emails.setChecked(settings.redact_emails)
        self.watchers.show_switches(sending=settings.activitywatch, reading=settings.activitywatch_reading)

    def show_program(self, info: ProgramInfo) -> None:
        """Show the folders of the program and of its data."""
        self._info = info
        self.autostart.setEnabled(info.autostart is not None)
        self.autostart.setChecked(bool(info.autostart))
        self.data_path.setText(info.data_path or "Not opened yet")
        self.open_data.setVisible(bool(info.data_path))
        self.tokens.show_address(info.api_address)

    def show_cleaning(self, *, cleaning: bool, outcome: str = "") -> None:
        """Say whether old actions are being thinned out, and at the end how many went."""
        self._cleaning = cleaning
        self.clean_up.setText("Stop" if cleaning else "Thin out now")
        self.clean_up.setAccessibleName("Stop thinning out" if cleaning else "Thin out older actions now")
        self.cleaned.setText(outcome)
        self.cleaned.setVisible(bool(outcome))

    def show_tokens(self, tokens: Sequence[TokenInfo]) -> None:
        """Show the clients of the local API."""
        self.tokens.show_tokens(tokens)

    def show_new_token(self, name: str, secret: str) -> None:
        """Show a token once."""
        self.tokens.show_secret(name, secret)

    # ---- the parts

    def _general(self) -> None:
        self._section("Program")
        self.theme = QComboBox()
        self.theme.setAccessibleName("Colours")
        self.theme.view().setAccessibleName("Colours to choose from")
        for value, words in _THEME_WORDS.items():
            self.theme.addItem(words, value)
        self.theme.activated.connect(lambda _: self._change(theme=self.theme.currentData()))
        self._row("Colours", self.theme)
        self.autostart = Switch("Start with the desktop")
        self.autostart.clicked.connect(self.autostart_changed)
        self._row("Start with the desktop", self.autostart)
        self.pause_key = Switch("Pause by a key")
        self.pause_key.clicked.connect(lambda on: self._change(pause_key=on))
        self._row("Pause by a key", self.pause_key, "The desktop asks which one, if it gives keys to programs.")
        self.keep_days = QSpinBox()
        self.keep_days.setAccessibleName("Days that actions are kept whole")
        self.keep_days.setRange(1, 3_650)
        self.keep_days.setSuffix(" days")
        self.keep_days.lineEdit().setTextMargins(4, 0, 0, 0)  # a frameless field takes no padding from a style sheet
        self.keep_days.editingFinished.connect(self._days_chosen)
        self.clean_up = button("Thin out now", "link", "Thin out older actions now")
        self.clean_up.clicked.connect(lambda: self.clean_up_requested.emit(not self._cleaning))
        self.cleaned = label("", "quiet", wrap=True)
        self.cleaned.hide()
        self._row(
            "Keep actions whole for",
            above(side_by_side(self.keep_days, self.clean_up), self.cleaned),
            "Older ones are thinned to one in a hundred; sums stay.",
        )
        self.data_path = PathLine("Folder of the data")
        self.open_data = button("Open folder", "link", "Open the folder of the data")
        self.open_data.clicked.connect(self._open_folder)
        self._row("Data", side_by_side(self.data_path, self.open_data))

    def _keys(self) -> None:
        self._section("Key and lock")
        self.keys = KeysPanel()
        self._grid.addWidget(self.keys, self._grid.rowCount(), 0, 1, 2)
        self.lock_after = QSpinBox()
        self.lock_after.setAccessibleName("Minutes without input after which it is locked")
        self.lock_after.setRange(0, 24 * 60)
        self.lock_after.setSpecialValueText("Never")
        self.lock_after.setSuffix(" min without input")
        self.lock_after.lineEdit().setTextMargins(4, 0, 0, 0)
        self.lock_after.editingFinished.connect(lambda: self._change(lock_after_min=self.lock_after.value()))
        self._row("Lock after", self.lock_after, "While it is locked, nothing is recorded.")
        self.lock_with_screen = Switch("Lock with the screen")
        self.lock_with_screen.clicked.connect(lambda on: self._change(lock_with_screen=on))
        self._row("Lock with the screen", self.lock_with_screen, "And before the machine sleeps.")
        self.lock_now = button("Lock now")
        self.lock_now.clicked.connect(self.lock_requested)
        self._row("", self.lock_now, "The key and all that was read leave the memory; the window closes.")

    def _model(self) -> None:
        self._section("Words")
        self.model_path = PathLine("Model file in use")
        self.choose_model = button("Choose a file", "", "Choose a model file")
        self.choose_model.clicked.connect(self._choose_model)
        self.no_model = button("Use none", "link", "Use no model file")
        self.no_model.clicked.connect(lambda: self._change(model_path=None))
        self._row(
            "Model file",
            above(side_by_side(self.choose_model, self.no_model), self.model_path),
            "A GGUF file puts the same numbers into freer words. It is read on this machine and sends nothing.",
        )

    def _exclusions(self) -> None:
        self._section("Never record")
        self.exclusions = fields = Exclusions(self)
        fields.saved.connect(
            lambda kept: self._change(
                excluded_apps=kept.apps,
                excluded_sites=kept.sites,
                excluded_title_patterns=kept.titles,
                excluded_folders=kept.folders,
                excluded_times=kept.times,
            )
        )
        self._row("Applications", fields.apps, "By program name or window class.")
        self._row("Sites", fields.sites, "With everything below them.")
        self._row("Titles", fields.titles, "Regular expressions; upper and lower case alike.")
        self._row("Folders", fields.folders, "With everything in them, in commands, files and titles.")
        self._row("Hours", fields.times, "By the local clock: 22:00-06:00, Sat Sun, Mon-Fri 12:00-13:00.")
        self._row("", side_by_side(fields.save, fields.fault))
        self.redact_emails = Switch("Take out e-mail addresses")
        self.redact_emails.clicked.connect(lambda on: self._change(redact_emails=on))
        self._row("E-mail addresses", self.redact_emails, "Taken out of titles, commands and addresses from now on.")

    def _api(self) -> None:
        self._section("Local API")
        self.tokens = TokenPanel()
        self.tokens.create_requested.connect(self.token_create_requested)
        self.tokens.revoke_requested.connect(self.token_revoke_requested)
        self._grid.addWidget(self.tokens, self._grid.rowCount(), 0, 1, 2)
        self._section("ActivityWatch")
        self.watchers = WatcherPanel()
        self.watchers.changed.connect(
            lambda sending, reading: self._change(activitywatch=sending, activitywatch_reading=reading)
        )
        self._grid.addWidget(self.watchers, self._grid.rowCount(), 0, 1, 2)

    def _forgetting(self) -> None:
        self._section("Forget")
        self.forget = ForgetPanel()
        self.forget.requested.connect(self.forget_requested)
        self._row(
            "For good", self.forget, "It leaves everything stored, and what learned from it learns again without it."
        )
        self.wipe = WipePanel()
        self.wipe.requested.connect(self.wipe_requested)
        self._row(
            "In an emergency",
            self.wipe,
            "The key goes first: from then on nothing stored can be read by anyone, backups included.",
        )

    # ---- helpers

    def _section(self, title: str) -> None:
        row = self._grid.rowCount()
        if row > 1:
            self._grid.setRowMinimumHeight(row, 2 * GRID_PX)
        self._grid.addWidget(label(title, "title"), row + 1, 0, 1, 2)

    def _row(self, name: str, field: QWidget | QLayout, hint: str = "") -> None:
        """A caption at the left, the field and its hint at the right."""
        row = self._grid.rowCount()
        caption = label(name)
        tall = isinstance(field, QPlainTextEdit)
        side = (
            Qt.AlignmentFlag.AlignTop if tall or hint or isinstance(field, QLayout) else Qt.AlignmentFlag.AlignVCenter
        )
        caption.setContentsMargins(0, 6 if tall or hint or isinstance(field, QLayout) else 0, 0, 0)
        self._grid.addWidget(caption, row, 0, side)
        right = QVBoxLayout()
        right.setSpacing(4)
        if isinstance(field, QLayout):
            right.addLayout(field)
        elif field.sizePolicy().horizontalPolicy() is QSizePolicy.Policy.Expanding:
            field.setMaximumWidth(column_width(field))
            right.addWidget(field)
        else:
            right.addWidget(field, 0, Qt.AlignmentFlag.AlignLeft)
        if isinstance(field, QWidget):
            caption.setBuddy(field)
        if hint:
            hint_label = label(hint, "small", wrap=True)
            hint_label.setMaximumWidth(column_width(hint_label))
            right.addWidget(hint_label)
        self._grid.addLayout(right, row, 1)

    def _days_chosen(self) -> None:
        if self.keep_days.value() != self._settings.keep_days:
            self._change(keep_days=self.keep_days.value())

    def _change(self, **changes: object) -> None:
        settings = dataclasses.replace(self._settings, **changes)  # type: ignore[arg-type]  # each caller names its field
        if settings != self._settings:
            self._settings = settings
            self.show_settings(settings)
            self.settings_changed.emit(settings)

    def _choose_model(self) -> None:
        start = self._settings.model_path or str(Path.home())
        dialog = QFileDialog(self, "Choose a model file", start, "Models (*.gguf)")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self._change(model_path=name))
        dialog.open()

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._info.data_path))
