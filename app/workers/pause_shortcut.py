"""The key of the desktop that pauses recording and resumes it, if the settings ask for one."""

from __future__ import annotations

import logging
import os
from typing import Final

from PySide6.QtCore import QObject, QThread, Signal

from app.settings import Settings
from collectors.collector import CollectorError, Stop
from collectors.desktop.bus import shortcut_portal

LOGGER: Final = logging.getLogger(__name__)
_DESCRIPTION: Final = "Pause or resume recording"
_AGAIN_AFTER_S: Final = 60.0
_TRIES: Final = 5
_END_WITHIN_MS: Final = 1_000


class PauseKey(QObject):
    """Lives on the main thread.

    Args:
        parent: as for any QObject.
    """

    pressed = Signal()
    """The key was pressed."""
    failed = Signal(str)
    """There is no key, and why, in words for the user."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: _Listening | None = None

    def apply(self, settings: Settings) -> None:
        """Have a key, or none, as the settings say."""
        if settings.pause_key == (self._thread is not None):
            return
        if not settings.pause_key:
            self.close()
            return
        self._thread = thread = _Listening(self)
        thread.pressed.connect(self.pressed)
        thread.failed.connect(self.failed)
        thread.start()

    def close(self) -> None:
        """Listen no more; safe more than once."""
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.pressed.disconnect(self.pressed)
            thread.failed.disconnect(self.failed)
            if thread.end():
                thread.deleteLater()


class _Listening(QThread):
    pressed = Signal()
    failed = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._stop = Stop()
        self.setObjectName("pause-key")

    def run(self) -> None:
        """The thread's own work. A portal that went away is tried again, a minute later and a few times."""
        try:
            for _ in range(_TRIES):
                try:
                    shortcut_portal.listen(self.pressed.emit, self._stop, os.environ, _DESCRIPTION)
                except CollectorError as error:
                    LOGGER.warning("%s", error)
                    self.failed.emit(str(error))
                    if error.unavailable is not shortcut_portal.GONE:
                        return
                if self._stop.wait(_AGAIN_AFTER_S):
                    return
        except Exception:
            LOGGER.exception("there is no key for pausing any more")

    def end(self) -> bool:
        """Whether it ended within a second; one that waits for a portal that hangs ends by itself, later."""
        self._stop.set()
        if not self.wait(_END_WITHIN_MS):
            LOGGER.error("the key for pausing is left to end by itself")
            return False
        self._stop.close()
        return True
