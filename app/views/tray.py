"""The icon in the desktop's tray: what the program does, what is likely next, and the way to pause.

Qt speaks to both kinds of host, StatusNotifier over D-Bus and XEmbed on X11. A host may come after the program, or go.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from app.models.formatting import action, percent
from app.models.recording_state import PAUSES, State, drawing, learning_words, state_of, state_words
from app.services.status import ActionForecast, Recording, Status
from neural.language.formatting import tokens_said

TRAY_COLOUR: Final = "#1f8a80"
"""The teal at a lightness that stands out from light and from dark panels, 3:1 or more."""

SIZES_PX: Final = (16, 22, 24, 32, 44, 48, 64)
HOST_CHECK_MS: Final = 2_000
OPEN: Final = "Open KrypticTrack"
_FORECASTS_SHOWN: Final = 5


def state_icon(state: State | None) -> QIcon:
    """The mark of a state, or the program's own mark, drawn for every usual size of a panel."""
    icon = QIcon()
    renderer = QSvgRenderer(drawing(state, TRAY_COLOUR))
    for size in SIZES_PX:
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(0, 0, size, size))
        painter.end()
        icon.addPixmap(pixmap)
    return icon


class Tray(QObject):
    """The icon and its menu.

    Signals:
        open_requested(): the icon was clicked, or Open chosen.
        forecast_chosen(str): an action token was chosen from the menu; the window can say why it is likely.
        pause_requested(int | None): a pause in seconds, None for one without an end.
        resume_requested(), lock_requested(), quit_requested().
        available_changed(bool): a tray host came, or went; without one the window is the way in.
    """

    open_requested = Signal()
    forecast_chosen = Signal(str)
    pause_requested = Signal(object)
    resume_requested = Signal()
    lock_requested = Signal()
    quit_requested = Signal()
    available_changed = Signal(bool)

    def __init__(self, now_us: Callable[[], int], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._now_us = now_us
        self._icons: dict[State, QIcon] = {}
        self._state = State.PAUSED
        self._forecasts: tuple[ActionForecast, ...] = ()
        self._forecast_actions: list[QAction] = []
        self._was_available = False
        self.menu = QMenu()
        self._build_menu()
        self._words = ""
        self.icon = self._new_icon()
        self._host_check = QTimer(self)
        self._host_check.setInterval(HOST_CHECK_MS)
        self._host_check.timeout.connect(self._look_for_host)

    @property
    def state(self) -> State:
        """What the icon tells."""
        return self._state

    @staticmethod
    def available() -> bool:
        """Whether a tray host is there now."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def start(self) -> None:
        """Show the icon, now or as soon as a host appears; says at once whether one is there."""
        self.icon.show()
        self._was_available = self.available()
        self._host_check.start()
        self.available_changed.emit(self._was_available)

    def stop(self) -> None:
        """Take the icon away."""
        self._host_check.stop()
        self.icon.hide()
        self.menu.close()

    def show_locked(self) -> None:
        """Show that nothing is open, and so nothing is recorded."""
        self._show_state(State.LOCKED)
        self._say("Locked, nothing is recorded")
        self._next_line.setVisible(False)
        self._lock.setVisible(False)
        self._open.setText("Unlock")
        for pause in self._pauses:
            pause.setVisible(False)

    def show_status(self, status: Status) -> None:
        """Show what goes on."""
        self._show_state(state_of(status))
        self._next_line.setVisible(True)
        self._lock.setVisible(True)
        self._open.setText(OPEN)
        words = ", ".join(part for part in (state_words(status, self._now_us()), learning_words(status)) if part)
        self._say(words)
        paused = status.recording is Recording.PAUSED
        for pause in self._pauses:
            pause.setVisible(status.recording is Recording.ON)
        self._resume.setVisible(paused)
        if status.forecasts[:_FORECASTS_SHOWN] != self._forecasts:
            self._show_forecasts(status.forecasts[:_FORECASTS_SHOWN])

    def _show_state(self, state: State) -> None:
        if state is not self._state:
            self._state = state
            self.icon.setIcon(self._icon_of(state))

    def _say(self, words: str) -> None:
        self._words = words
        self.icon.setToolTip(self._tooltip())
        self._state_line.setText(words)

    def _icon_of(self, state: State) -> QIcon:
        """Drawn when it is first needed: most starts see two of them."""
        if state not in self._icons:
            self._icons[state] = state_icon(state)
        return self._icons[state]

    def _tooltip(self) -> str:
        return f"KrypticTrack\n{self._words}".strip()

    def _new_icon(self) -> QSystemTrayIcon:
        icon = QSystemTrayIcon(self)
        icon.setIcon(self._icon_of(self._state))
        icon.setToolTip(self._tooltip())
        icon.setContextMenu(self.menu)
        icon.activated.connect(self._activated)
        return icon

    def _renew_icon(self) -> None:
        """Rebuild the icon: Qt picks the kind of host once, when an icon is made."""
        old, self.icon = self.icon, self._new_icon()
        old.hide()
        old.deleteLater()
        self.icon.show()

    def _build_menu(self) -> None:
        menu = self.menu
        self._state_line = menu.addAction("Starting")
        self._state_line.setEnabled(False)
        menu.addSeparator()
        self._next_line = menu.addAction("No forecast yet")
        self._next_line.setEnabled(False)
        self._after_forecasts = menu.addSeparator()
        self._pauses: list[QAction] = []
        for words, seconds in PAUSES:
            pause = menu.addAction(words)
            pause.triggered.connect(lambda _=False, chosen=seconds: self.pause_requested.emit(chosen))
            self._pauses.append(pause)
        self._resume = menu.addAction("Resume recording")
        self._resume.triggered.connect(self.resume_requested)
        self._resume.setVisible(False)
        menu.addSeparator()
        self._lock = menu.addAction("Lock now")
        self._lock.triggered.connect(self.lock_requested)
        menu.addSeparator()
        self._open = menu.addAction(OPEN)
        self._open.triggered.connect(self.open_requested)
        menu.setDefaultAction(self._open)
        menu.addAction("Quit").triggered.connect(self.quit_requested)

    def _show_forecasts(self, forecasts: Sequence[ActionForecast]) -> None:
        self._forecasts = tuple(forecasts)
        for old in self._forecast_actions:
            self.menu.removeAction(old)
            old.deleteLater()
        self._forecast_actions = []
        self._next_line.setText("Likely next" if forecasts else "No forecast yet")
        for forecast in forecasts:
            words = f"{action(forecast.action)}, {percent(forecast.probability)}".replace("&", "&&")
            entry = QAction(words, self.menu)
            entry.setToolTip(tokens_said(forecast.because))
            entry.triggered.connect(lambda _=False, token=forecast.action: self.forecast_chosen.emit(token))
            self.menu.insertAction(self._after_forecasts, entry)
            self._forecast_actions.append(entry)

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        clicks = (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick)
        if reason in clicks:
            self.open_requested.emit()

    def _look_for_host(self) -> None:
        """Qt says nothing when a host comes or goes; asking every two seconds costs one look at the X server."""
        there = self.available()
        if there == self._was_available:
            return
        self._was_available = there
        if there:
            self._renew_icon()
        self.available_changed.emit(there)
