"""The first start: from its first page to an open store."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.errors import LockedError, StoreError
from app.models.choices import FirstRunChoice, KeyMethod
from app.paths import Paths
from app.presenters.values import history_infos, import_progress, sense_infos
from app.program.program import Program
from app.services.access.key_management import confirm_recovery_code
from app.services.access.unlock import Credentials, Opened, first_start
from app.services.ingest.importer import ImportReport
from app.store.keys.secret_service import SecretService
from app.store.store import Store
from app.views.dialogs.first_run import FirstRun, Step
from app.workers.jobs import Jobs


class FirstRunController(QObject):
    """Makes the key and the store as the person chooses, and imports what they want brought along.

    Args:
        paths: the profile.
        credentials: a passphrase given on the command line; the person may choose otherwise.
        make_program: builds the program over the new store.
    """

    opened = Signal(object)
    """The program, ready to start."""
    given_up = Signal()

    def __init__(self, paths: Paths, credentials: Credentials, make_program: Callable[[Store], Program]) -> None:
        super().__init__()
        self._paths = paths
        self._make_program = make_program
        self._made: Opened | None = None
        self._program: Program | None = None
        self._closed = False
        self._view = FirstRun(
            sense_infos(paths),
            history_infos(paths),
            secret_service=credentials.use_secret_service and _service_answers(),
        )
        self._jobs = Jobs(self._view.show_key_error, self)
        self._view.key_requested.connect(self._make_key)
        self._view.code_kept.connect(self._keep_code)
        self._view.chosen.connect(self._import)
        self._view.cancel_import.connect(self._cancel_import)
        self._view.finished.connect(self._finish)
        self._view.abandoned.connect(self.given_up)

    def begin(self) -> None:
        """Show the first step; for the sample person nothing is sensed, so the key comes first."""
        if self._paths.is_sample:
            self._view.open_step(Step.KEY)
        self._view.show()

    def close(self) -> None:
        """Wait for what is under way; a store that nobody took is closed again."""
        self._closed = True
        self._jobs.close()
        if self._made is not None and self._program is None:
            self._made.store.close()
        self._view.deleteLater()

    def _make_key(self, choice: object) -> None:
        assert isinstance(choice, FirstRunChoice)
        by_service = choice.key_method is KeyMethod.SECRET_SERVICE
        credentials = Credentials(passphrase=choice.passphrase, use_secret_service=by_service)

        def work(*_: object) -> Opened:
            self._made = first_start(self._paths, credentials)
            return self._made

        self._jobs.start("make the key", work, succeeded=self._on_key)

    def _on_key(self, opened: object) -> None:
        assert isinstance(opened, Opened)
        if self._closed:
            return
        self._program = self._make_program(opened.store)
        self._program.imported.connect(self._on_import)
        self._view.show_recovery_code(opened.recovery_code or "")

    def _keep_code(self) -> None:
        self._jobs.start("recovery code", lambda *_: confirm_recovery_code(self._paths))

    def _import(self, choice: object) -> None:
        assert isinstance(choice, FirstRunChoice)
        assert self._program is not None
        self._program.import_histories(tuple(sorted(choice.history)))

    def _on_import(self, report: object) -> None:
        assert isinstance(report, ImportReport)
        self._view.show_import(import_progress(report))

    def _cancel_import(self) -> None:
        if self._program is not None:
            self._program.cancel_import()

    def _finish(self, choice: object) -> None:
        assert isinstance(choice, FirstRunChoice)
        assert self._program is not None
        self._program.imported.disconnect(self._on_import)
        unsaved = ""
        try:
            self._program.core.preferences.change(consent=choice.consent, history_consent=choice.history)
        except StoreError as error:
            unsaved = str(error)  # in force all the same, see `Preferences`
        self._view.close()
        self.opened.emit(self._program)
        if unsaved:
            self._program.say(unsaved)


def _service_answers() -> bool:
    try:
        SecretService().check()
    except LockedError:
        return False
    return True
