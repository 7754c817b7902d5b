"""The running program while it is locked: it holds no store and no key, answers on its socket, and waits."""

from __future__ import annotations

import logging

from PySide6.QtCore import QObject, Signal

from app.api.server.local import LocalApi
from app.errors import KnownError
from app.paths import Paths
from app.services.access.locked_backend import LockedBackend
from app.services.access.reauthenticate import Reauthenticator
from app.services.access.tokens import Tokens
from app.services.access.unlock import Credentials

LOGGER = logging.getLogger(__name__)


class LockedServer(QObject):
    """Listens on the Unix socket alone: the tokens of the local API lie in the store, so nobody can be let in there.

    Args:
        paths: the profile.
        has_window: whether there is anything to show.
    """

    unlock_requested = Signal(object)
    """`Credentials` that open the store."""
    show_requested = Signal()

    def __init__(self, paths: Paths, *, has_window: bool) -> None:
        super().__init__()
        backend = LockedBackend(Reauthenticator(paths), self._unlock)
        on_show = self.show_requested.emit if has_window else None
        self._api = LocalApi(backend, Tokens(), paths.socket, None, on_show=on_show)

    def open(self) -> None:
        """Listen; if that cannot be had, the tray is still there."""
        try:
            self._api.start()
        except KnownError as error:
            LOGGER.warning("%s", error)

    def close(self) -> None:
        """Listen no more; safe more than once."""
        self._api.stop()

    def _unlock(self, passphrase: str | None) -> None:
        self.unlock_requested.emit(Credentials(passphrase=passphrase, use_secret_service=passphrase is None))
