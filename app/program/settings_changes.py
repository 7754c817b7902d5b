"""The user's settings in the running program: changed in order, off the main thread, and what goes with a consent."""

from __future__ import annotations

import itertools
import logging
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QObject

from app.errors import KnownError
from app.services.core import Core
from app.services.ingest.revoke import revoke_grants
from app.settings import PAUSED_UNTIL_RESUMED
from app.workers.jobs import Jobs
from collectors.catalog import CollectorSpec
from collectors.events import US_PER_S

LOGGER = logging.getLogger(__name__)
_CHANGE: Final = "settings"


class SettingsChanges(QObject):
    """Changes settings one after the other, whoever asks for it in the window or the tray.

    Args:
        core: the services.
        jobs: runs it.
        parent: as for any QObject.
    """

    def __init__(self, core: Core, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self._jobs = jobs
        self._waiting: deque[Mapping[str, object]] = deque()
        self._withdrawals = (f"withdraw {number}" for number in itertools.count(1))
        jobs.ended.connect(self._on_job_ended)

    def change(self, **fields: object) -> None:
        """Change some settings, in the order of the calls."""
        self._waiting.append(fields)
        self._start()

    def pause(self, seconds: int | None) -> None:
        """Pause recording for some seconds; None until resumed."""
        until_us = PAUSED_UNTIL_RESUMED if seconds is None else self._core.now_us() + seconds * US_PER_S
        self.change(paused_until_us=until_us)

    def resume(self) -> None:
        """Record again."""
        self.change(paused_until_us=0)

    def toggle_pause(self) -> None:
        """Resume if it is paused, else pause until resumed."""
        if self._core.preferences.settings.paused_until_us > self._core.now_us():
            self.resume()
        else:
            self.pause(None)

    def lock(self) -> None:
        """Take nothing that extensions see from now on, until `reopen`; at once, for the process ends next."""
        _keep(self._core.preferences.lock)

    def reopen(self) -> None:
        """Take again what is seen from now on, if `lock` had ended that."""
        _keep(self._core.preferences.reopen)

    def finish(self) -> None:
        """Make the changes that wait, here and now.

        Raises:
            KnownError: as `Preferences.change`; what came after that one is left.
        """
        while self._waiting:
            self._core.preferences.change(**self._waiting.popleft())

    def withdraw(self, stopped: tuple[CollectorSpec, ...]) -> None:
        """Have given back what the desktop gave for senses without consent, which have stopped."""
        self._jobs.start(next(self._withdrawals), lambda *_: self._withdraw(stopped))

    def _withdraw(self, stopped: tuple[CollectorSpec, ...]) -> None:
        """Off the main thread, if a sense may have its consent again by now."""
        core = self._core
        consent = core.preferences.settings.consent
        revoke_grants([sense for sense in stopped if sense.source not in consent], core.paths, core.environ)

    def _start(self) -> None:
        self._jobs.start(_CHANGE, lambda *_: self.finish())

    def _on_job_ended(self, name: str) -> None:
        """Go on with what came while the job was under way, or that one that failed has left."""
        if name == _CHANGE and self._waiting:
            self._start()


def _keep(change: Callable[[], None]) -> None:
    try:
        change()
    except KnownError as error:
        LOGGER.warning("%s", error)
