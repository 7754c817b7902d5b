"""Watches for the user's leaving, on a thread of its own, if the settings ask for that."""

from __future__ import annotations

import logging
from typing import Final

from PySide6.QtCore import QObject, QThread, Signal

from app.settings import Settings
from collectors.away_watch import Leaving, watch
from collectors.collector import CollectorError, Stop

LOGGER: Final = logging.getLogger(__name__)
_MS_PER_MIN: Final = 60_000


class LockWatch(QObject):
    """Lives on the main thread.

    Args:
        parent: as for any QObject.
    """

    left = Signal()
    """The user left, in one of the ways that the settings name."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wanted = (0, False)
        self._thread: _Watching | None = None

    def apply(self, settings: Settings) -> None:
        """Watch as the settings say."""
        wanted = (settings.lock_after_min, settings.lock_with_screen)
        if wanted == self._wanted:
            return
        self.close()
        self._wanted = wanted
        minutes, with_screen = wanted
        if minutes or with_screen:
            self._thread = thread = _Watching(minutes * _MS_PER_MIN or None, with_screen, self)
            thread.left.connect(self.left)
            thread.start()

    def close(self) -> None:
        """Watch no more; safe more than once."""
        self._wanted = (0, False)
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.left.disconnect(self.left)
            thread.end()
            thread.deleteLater()


class _Watching(QThread):
    left = Signal()

    def __init__(self, idle_after_ms: int | None, with_screen: bool, parent: QObject) -> None:
        super().__init__(parent)
        self._idle_after_ms = idle_after_ms
        self._with_screen = with_screen
        self._stop = Stop()
        self.setObjectName("lock-watch")

    def run(self) -> None:
        try:
            watch(self._tell, self._stop, with_screen=self._with_screen, idle_after_ms=self._idle_after_ms)
        except CollectorError as error:
            LOGGER.warning("%s", error)
        except Exception:
            LOGGER.exception("leaving is watched for no more")

    def end(self) -> None:
        self._stop.set()
        self.wait()
        self._stop.close()

    def _tell(self, leaving: Leaving) -> None:
        LOGGER.info("to be locked: %s", leaving.value)
        self.left.emit()
