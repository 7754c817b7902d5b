"""The line at the foot of the window: recording, paused or learning, and the way to pause."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from app.models.formatting import size
from app.models.recording_state import PAUSES, learning_words, state_of, state_words
from app.services.status import Recording, Status
from app.views.style import GRID_PX
from app.views.widgets.basics import label, tool_button
from app.views.widgets.state_icon import StateMark
from neural.language.formatting import count


class StatusLine(QWidget):
    """The line.

    Signals:
        pause_requested(int | None): a pause in seconds, None for one without an end.
        resume_requested(): record again.
    """

    pause_requested = Signal(object)
    resume_requested = Signal()

    def __init__(self, now_us: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._now_us = now_us
        self._message = ""
        self.setProperty("role", "statusline")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.mark = StateMark()
        self.state = label("Starting", "state")
        self.notice = label("", "small")
        # If it is narrow this gives way, and the state stays whole.
        self.notice.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.learning = label("", "accent")
        self.store = label("", "small")
        self.pause = tool_button("Pause", "Pause recording")
        menu = QMenu(self.pause)
        for words, seconds in PAUSES:
            menu.addAction(words).triggered.connect(lambda _=False, chosen=seconds: self.pause_requested.emit(chosen))
        self.pause.setMenu(menu)
        self.pause.hide()
        self.resume = tool_button("Resume", "Resume recording")
        self.resume.clicked.connect(self.resume_requested)
        self.resume.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * GRID_PX - 2, 5, 2 * GRID_PX, 5)
        row.setSpacing(GRID_PX)
        row.addWidget(self.mark)
        row.addWidget(self.state)
        row.addSpacing(GRID_PX)
        row.addWidget(self.pause)
        row.addWidget(self.resume)
        row.addSpacing(GRID_PX)
        row.addWidget(self.notice, 1)
        row.addWidget(self.learning)
        row.addSpacing(GRID_PX)
        row.addWidget(self.store)

    def show_status(self, status: Status) -> None:
        """Show everything at a glance."""
        paused = status.recording is Recording.PAUSED
        self.mark.show_state(state_of(status))
        self.state.setText(state_words(status, self._now_us()))
        self.learning.setText(learning_words(status))
        if status.message != self._message:
            self._message = status.message
            self.show_notice(status.message)
        self.store.setText(f"{count(status.actions, 'action')}, {size(status.store_bytes)}")
        self.pause.setVisible(status.recording is Recording.ON)
        self.resume.setVisible(paused)

    def show_notice(self, text: str) -> None:
        """Say something quietly, until another is said."""
        self.notice.setText(text)
        self.notice.setToolTip(text)
