"""The way in with a window: the first start, or unlocking. Slow key work runs as jobs, so that nothing freezes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.bridge_values import history_infos, import_progress, sense_infos
from app.errors import LockedError, StoreError
from app.models.choices import FirstRunChoice, KeyMethod, UnlockAttempt, UnlockMethod
from app.paths import Paths
from app.program import Program
from app.services.history import ImportReport
from app.services.keys import confirm_recovery_code
from app.services.unlock import (
    Credentials,
    Opened,
    first_start,
    opens_by_itself,
    unlock,
    unlock_with_recovery,
)
from app.store.secret_service import SecretService
from app.store.store import Store
from app.views.first_run import FirstRun, Step
from app.views.unlock import UnlockDialog
from app.workers.jobs import Jobs


class FirstStart(QObject):
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


class Unlocking(QObject):
    """Opens the store: by the key service without a question, else by what the person types.

    Args:
        paths: the profile.
        credentials: a passphrase given on the command line is tried first.
        stays: whether the program goes on locked where nobody unlocks it.
    """

    opened = Signal(object)
    """The open store."""
    given_up = Signal()

    def __init__(self, paths: Paths, credentials: Credentials, *, stays: bool = False) -> None:
        super().__init__()
        self._paths = paths
        self._credentials = credentials
        self._store: Store | None = None
        self._taken = self._closed = False
        by_service = opens_by_itself(paths)
        self._view = UnlockDialog(secret_service=by_service, stays=stays)
        self._view.unlock_requested.connect(self._try)
        self._view.rejected.connect(self.given_up)
        self._silent = by_service or credentials.passphrase is not None
        self._jobs = Jobs(self._on_failed, self)

    def begin(self, *, quietly: bool = True) -> None:
        """Try what is at hand; ask where that does not open it, or where it is not to be opened quietly."""
        if self._silent and quietly:
            silent = Credentials(
                passphrase=self._credentials.passphrase, use_secret_service=self._credentials.use_secret_service
            )
            self._start(lambda: unlock(self._paths, silent))
        else:
            self._view.show()

    def bring_up(self) -> None:
        """Show the question in front, where it is asked."""
        if self._view.isVisible():
            self._view.raise_()
            self._view.activateWindow()

    def close(self) -> None:
        """Wait for what is under way; a store that nobody took is closed again."""
        self._closed = True
        self._jobs.close()
        if self._store is not None and not self._taken:
            self._store.close()
        self._view.deleteLater()

    def _start(self, opening: Callable[[], Store]) -> None:
        def work(*_: object) -> Store:
            self._store = opening()
            return self._store

        self._jobs.start("unlock", work, succeeded=self._on_open)

    def _try(self, attempt: object) -> None:
        assert isinstance(attempt, UnlockAttempt)

        def opening() -> Store:
            match attempt.method:
                case UnlockMethod.RECOVERY:
                    return unlock_with_recovery(self._paths, attempt.secret)
                case UnlockMethod.PASSPHRASE:
                    credentials = Credentials(passphrase=attempt.secret, use_secret_service=False)
                case UnlockMethod.SECRET_SERVICE:
                    credentials = Credentials()
            return unlock(self._paths, credentials)

        self._start(opening)

    def _on_open(self, store: object) -> None:
        if self._closed:
            return
        self._taken = True
        self._view.rejected.disconnect(self.given_up)
        self._view.accept()
        self.opened.emit(store)

    def _on_failed(self, message: str, remedy: str) -> None:
        self._view.show()
        self._view.show_error(message, remedy)


def _service_answers() -> bool:
    try:
        SecretService().check()
    except LockedError:
        return False
    return True
