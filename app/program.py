"""The running program without a face: senses, jobs, local API and house-keeping over the core. Headless runs this."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.api.server import LocalApi
from app.config import PAUSED_UNTIL_RESUMED, Settings
from app.errors import KnownError, StoreError
from app.memory import give_back
from app.services.commands import Commands
from app.services.core import Core
from app.services.history import ImportReport
from app.workers.jobs import Jobs
from app.workers.senses import SenseThreads
from collectors.catalog import SENSES
from collectors.events import US_PER_S

LOGGER = logging.getLogger(__name__)
API_PORT: Final = 47_821
TRAIN: Final = "train"
IMPORT: Final = "import"
_TIDY: Final = "tidy"
_WARM_UP: Final = "warm up"
_SETTINGS_JOB: Final = "settings"


class Program(QObject):
    """Starts and stops what runs in the background.

    Args:
        core: the services; closed by `close`.
        on_show: raises the window, called from the API's thread; None where there is none.

    The sample profile senses nothing: a made-up life stays made up.
    """

    settings_changed = Signal(object)
    """The user's settings changed, wherever that was done."""
    committed = Signal()
    """Something was stored."""
    changed = Signal()
    """A sense, a job or the model changed."""
    noticed = Signal(str)
    """Something worth a quiet line."""
    imported = Signal(object)
    """Progress of an import, an `ImportReport`."""

    def __init__(self, core: Core, on_show: Callable[[], None] | None = None) -> None:
        super().__init__()
        self.core = core
        self.jobs = Jobs(self._on_failed, self)
        self.senses = SenseThreads(core.observer, core.now_us, () if core.paths.is_sample else SENSES, self)
        self.commands = Commands(core, self.senses)
        self._on_show = on_show
        self.api = self._make_api(API_PORT)
        self.senses.changed.connect(self.changed)
        self.senses.user_left.connect(self._tidy)
        self.jobs.changed.connect(self.changed)
        core.preferences.on_change(self.settings_changed.emit)
        self.settings_changed.connect(self._apply)
        core.store.on_committed(lambda _actions: self.committed.emit())
        core.store.on_trouble(self._on_trouble)
        self._pulse = QTimer(self)
        self._pulse.setInterval(30_000)
        self._pulse.timeout.connect(core.observer.pulse)

    def start(self) -> None:
        """Listen, sense what there is consent for, and rebuild the model from the stored past."""
        self._start_api()
        self.senses.apply(self.core.preferences.settings)
        self._pulse.start()
        self.jobs.start(_WARM_UP, lambda *_: self.core.forecaster.rebuild(), succeeded=self._on_rebuilt)

    def close(self) -> None:
        """Stop in the reverse order of the start; everything taken in is stored first."""
        self._pulse.stop()
        self.senses.close()
        self.api.stop()
        self.core.brain.close()
        self.jobs.close()
        self.core.close()

    # --- what the faces ask for ----------------------------------------------------------------------------------

    def train(self) -> None:
        """Train, unless a training is under way."""
        commands = self.commands
        self.jobs.start(
            TRAIN,
            lambda report, _: commands.train(report),
            succeeded=self._on_trained,
            progressed=self._on_progress,
        )

    def cancel_training(self) -> None:
        """Stop a training."""
        self.jobs.cancel(TRAIN)
        self.core.brain.cancel()

    def import_histories(self, names: tuple[str, ...]) -> None:
        """Import histories by name, then learn from them."""
        self.jobs.start(
            IMPORT,
            lambda report, cancelled: tuple(
                each
                for name in names
                if not cancelled.is_set()
                for each in self.commands.import_histories(name, None, report, cancelled)
            ),
            succeeded=self._on_imported,
            progressed=self.imported.emit,
        )

    def cancel_import(self) -> None:
        """Stop an import; what was stored stays."""
        self.jobs.cancel(IMPORT)

    def change_settings(self, **fields: object) -> None:
        """Change some settings, off the main thread."""
        name = f"{_SETTINGS_JOB} {sorted(fields)}"
        self.jobs.start(name, lambda _report, _cancelled: self.core.preferences.change(**fields))

    def pause(self, seconds: int | None) -> None:
        """Pause for some seconds; None until resumed."""
        until_us = PAUSED_UNTIL_RESUMED if seconds is None else self.core.now_us() + seconds * US_PER_S
        self.change_settings(paused_until_us=until_us)

    def resume(self) -> None:
        """Record again."""
        self.change_settings(paused_until_us=0)

    # --- what happens by itself -----------------------------------------------------------------------------------

    def _make_api(self, port: int) -> LocalApi:
        return LocalApi(self.commands, self.core.tokens, self.core.paths.socket, port, on_show=self._on_show)

    def _start_api(self) -> None:
        try:
            self.api.start()
        except KnownError as error:
            LOGGER.warning("%s", error)
            self.api = self._make_api(0)
            self.api.start()
            self.noticed.emit(f"Port {API_PORT} is taken; the local API listens at {self.api.url}.")

    def _apply(self, settings: object) -> None:
        assert isinstance(settings, Settings)
        self.senses.apply(settings)

    def _tidy(self) -> None:
        self.jobs.start(_TIDY, lambda *_: self.core.tidy(), succeeded=self._on_tidied)

    def _on_tidied(self, due: object) -> None:
        if due:
            self.train()

    def _on_rebuilt(self, _steps: object) -> None:
        give_back()
        self.changed.emit()

    def _on_progress(self, _progress: object) -> None:
        self.changed.emit()

    def _on_trained(self, _report: object) -> None:
        give_back()
        self.changed.emit()
        self.noticed.emit("Learned from everything stored so far.")

    def _on_imported(self, reports: object) -> None:
        assert isinstance(reports, tuple)
        stored = 0
        for report in reports:
            assert isinstance(report, ImportReport)
            stored += report.stored
            self.imported.emit(report)
        self.changed.emit()
        if stored:
            self.train()

    def _on_trouble(self, trouble: StoreError | None) -> None:
        """On the writer's thread: say that nothing can be stored, and when that is over."""
        self.noticed.emit("The store takes events again." if trouble is None else str(trouble))

    def _on_failed(self, message: str, remedy: str) -> None:
        LOGGER.warning("%s %s", message, remedy)
        self.noticed.emit(f"{message} {remedy}")
