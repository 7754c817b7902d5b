"""One sense on its page: what it records and never records, how it does, and what it waits for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from app.models.formatting import moment
from app.models.sources import SenseInfo
from app.services.status import SourceState, SourceStatus
from app.views.style import GRID_PX
from app.views.widgets.basics import Switch, button, column_width, label, restyle
from app.views.widgets.notice import Notice
from collectors.events import PAIRED, Source
from neural.language.formatting import count, number

_STATE_WORDS: Final = {
    SourceState.OFF: "Off",
    SourceState.RUNNING: "Recording",
    SourceState.RESTARTING: "Restarting",
    SourceState.UNAVAILABLE: "Not available here",
    SourceState.FAILED: "Stopped after an error",
}
_UNHEARD: Final = "Hears nothing yet"
_HELP: Final = {Source.TERMINAL: "Set up the shells", **dict.fromkeys(PAIRED, "Show a pairing code")}
"""What the program itself can do for a sense that waits for something outside of it."""


def records_text(info: SenseInfo) -> str:
    """What a sense records and never records, for a screen reader."""
    return f"Records: {info.records} Never: {info.never_records}"


class ConsentWords(QWidget):
    """What a sense records and never records, one next to its name, to be compared at a glance."""

    def __init__(self, info: SenseInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMaximumWidth(column_width(self))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 2, 0, 0)
        grid.setHorizontalSpacing(GRID_PX)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for row, (name, words) in enumerate((("Records", info.records), ("Never", info.never_records))):
            grid.addWidget(label(name, "quiet"), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(label(words, "", wrap=True), row, 1)


class SenseRow(QWidget):
    """One sense. Signals: switched(bool), helped(): do what it waits for."""

    switched = Signal(bool)
    helped = Signal()

    def __init__(self, info: SenseInfo, now_us: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._now_us = now_us
        self.info = info
        self.switch = Switch(f"Allow {info.title}")
        self.switch.setAccessibleDescription(records_text(info))
        self.switch.clicked.connect(self.switched)
        self.state = label("Off", "state", align=Qt.AlignmentFlag.AlignRight)
        self.tally = label("", "small", align=Qt.AlignmentFlag.AlignRight)
        self.trouble = Notice()
        self.help = self._help_button()
        words = ConsentWords(info)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, GRID_PX, 0, GRID_PX)
        grid.setHorizontalSpacing(2 * GRID_PX)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(2, column_width(self, 24))
        grid.addWidget(self.switch, 0, 0)
        grid.addWidget(label(info.title, "section"), 0, 1)
        grid.addWidget(self.state, 0, 2)
        grid.addWidget(words, 1, 1)
        grid.addWidget(self.tally, 1, 2, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.trouble, 2, 1, 1, 2)
        if self.help is not None:
            grid.addWidget(self.help, 3, 1, 1, 2)

    def show_status(self, status: SourceStatus) -> None:
        """Show how the sense does."""
        self.switch.setChecked(status.consented)
        running = status.state is SourceState.RUNNING
        unheard = running and self.help is not None and bool(status.reason)
        self.state.setText(_UNHEARD if unheard else _STATE_WORDS[status.state])
        restyle(self.state, "accent" if running and not unheard else "state")
        if self.help is not None:
            self.help.setVisible(unheard)
        self.tally.setText(_tally(status, self._now_us()))
        self.trouble.tell(status.reason, status.remedy)

    def _help_button(self) -> QPushButton | None:
        words = _HELP.get(self.info.source)
        if words is None:
            return None
        made = button(words, "", f"{words} for {self.info.title}")
        made.clicked.connect(self.helped)
        made.hide()
        return made


def _tally(status: SourceStatus, now_us: int) -> str:
    lines: list[str] = []
    if status.events and status.last_event_us is not None:
        lines.append(f"{count(status.events, 'event')}, {number(status.per_minute)} a minute")
        lines.append(f"last {moment(status.last_event_us, now_us)}")
    elif status.state is SourceState.RUNNING and not status.reason:
        lines.append("nothing since the start")
    if status.restarts:
        lines.append(f"started again {count(status.restarts, 'time')}")
    return "\n".join(lines)
