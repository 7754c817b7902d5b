"""Learning in the running program: trainings, imports, which a training follows, and the explaining of the reward."""

from __future__ import annotations

import logging
from typing import Final

from PySide6.QtCore import QObject, Signal

from app.services.commands.dispatch import Commands
from app.services.core import Core
from app.services.ingest.importer import ImportReport
from app.system.memory import trim_heap
from app.workers.jobs import Jobs

LOGGER = logging.getLogger(__name__)
TRAIN: Final = "train"
IMPORT: Final = "import"
_APPRAISE: Final = "appraise"


class Learning(QObject):
    """Starts these jobs, and tells what came of them.

    Args:
        core: the services.
        commands: do the work.
        jobs: runs it.
        parent: as for any QObject.
    """

    changed = Signal()
    """A training or the model changed."""
    learned = Signal()
    """A training ended well, or the reward is explained again."""
    imported = Signal(object)
    """Progress of an import, an `ImportReport`."""
    said = Signal(str)
    """Something worth a quiet line."""

    def __init__(self, core: Core, commands: Commands, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self._commands = commands
        self._jobs = jobs

    def train(self, *, nightly: bool = False) -> None:
        """Train, unless a training is under way; `nightly` as in `Commands.train`."""
        commands = self._commands
        self._jobs.start(
            TRAIN,
            lambda report, _: commands.train(report, nightly=nightly),
            succeeded=self._on_trained,
            progressed=lambda _: self.changed.emit(),
            failed=self._on_training_failed,
            stopped=self.changed.emit,
        )

    def cancel_training(self) -> None:
        """Stop a training."""
        self._jobs.cancel(TRAIN)
        self._core.learner.cancel()

    def import_histories(self, names: tuple[str, ...]) -> None:
        """Import histories by name, then learn from them; each is reported done at last, whatever came of it."""
        imports = self._commands.imports
        self._jobs.start(
            IMPORT,
            lambda _report, cancelled: imports.import_histories(names, None, self.imported.emit, cancelled),
            succeeded=lambda reports: self._on_imported(names, reports),
            failed=lambda message, remedy: self._on_import_failed(names, message, remedy),
        )

    def cancel_import(self) -> None:
        """Stop an import; what was stored stays."""
        self._jobs.cancel(IMPORT)

    def appraise(self) -> None:
        """Explain the reward, if it is time; quietly, for nobody waits for it."""

        def tell(made: object) -> None:
            if made:
                self.learned.emit()

        self._jobs.start(_APPRAISE, lambda *_: self._commands.appraise(), succeeded=tell)

    def _on_trained(self, _report: object) -> None:
        trim_heap()
        self.changed.emit()
        self.learned.emit()
        self.appraise()
        self.said.emit("Learned from everything stored so far.")

    def _on_training_failed(self, message: str, remedy: str) -> None:
        self._on_failed(message, remedy)
        self.changed.emit()

    def _on_imported(self, names: tuple[str, ...], reports: object) -> None:
        assert isinstance(reports, tuple)
        stored = 0
        for report in reports:
            assert isinstance(report, ImportReport)
            stored += report.stored
            self.imported.emit(report)
        for name in set(names) - {report.source for report in reports}:
            self.imported.emit(ImportReport(name, done=True, cancelled=True))
        self.changed.emit()
        if stored:
            self.train()

    def _on_import_failed(self, names: tuple[str, ...], message: str, remedy: str) -> None:
        self._on_failed(message, remedy)
        for name in names:
            self.imported.emit(ImportReport(name, problems=(f"{message} {remedy}",), done=True))

    def _on_failed(self, message: str, remedy: str) -> None:
        LOGGER.warning("%s %s", message, remedy)
        self.said.emit(f"{message} {remedy}")
