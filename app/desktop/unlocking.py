"""The way in with a window: the first start, or unlocking. Slow key work runs as jobs, so that nothing freezes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.models.choices import UnlockAttempt, UnlockMethod
from app.paths import Paths
from app.services.access.unlock import Credentials, opens_by_itself, unlock, unlock_with_recovery
from app.store.store import Store
from app.views.dialogs.unlock import UnlockDialog
from app.workers.jobs import Jobs


class UnlockController(QObject):
    """Opens the store: by the key service without a question, else by what the person types.

    Args:
        paths: the profile.
        credentials: a passphrase given on the command line is tried first.
        stays: whether the program goes on locked if nobody unlocks it.
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
        """Try what is at hand; ask if that does not open it, or if it must not be opened quietly."""
        if self._silent and quietly:
            silent = Credentials(
                passphrase=self._credentials.passphrase, use_secret_service=self._credentials.use_secret_service
            )
            self._start(lambda: unlock(self._paths, silent))
        else:
            self._view.show()

    def bring_up(self) -> None:
        """Show the question in front, if it is asked."""
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
