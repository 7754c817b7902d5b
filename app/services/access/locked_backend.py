"""What the program answers while it is locked: that it is, and how it is opened again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NoReturn

from app.errors import KnownError, LockedError
from app.services.access.reauthenticate import Reauthenticator
from app.services.backend import LogReport, Sent, Stats
from app.services.status import ActionForecast, Status
from app.store.values.records import CleanupReport

MESSAGE: Final = "Locked: nothing is recorded, and nothing is read."
_REMEDY: Final = "Unlock it from its icon in the tray, or with: kryptic unlock."


class LockedBackend:
    """The running program without its store. Implements `app.services.backend.Backend`.

    Args:
        doorkeeper: asks whose store it is, before `unlock`.
        on_unlock: open the store with this passphrase (None: by the keyring); from any thread.
    """

    def __init__(self, doorkeeper: Reauthenticator, on_unlock: Callable[[str | None], None]) -> None:
        self._doorkeeper = doorkeeper
        self._on_unlock = on_unlock

    def log(self, raw_events: Sequence[object], client: str) -> LogReport:  # noqa: ARG002
        """Refused: the client keeps its events."""
        _refuse()

    def log_soon(self, sent: Sequence[Sent]) -> None:
        """Refused: the clients keep their events."""
        del sent
        _refuse()

    def status(self) -> Status:
        """Refused."""
        _refuse()

    def predictions(self) -> tuple[ActionForecast, ...]:
        """Refused."""
        _refuse()

    def stats(self) -> Stats:
        """Refused."""
        _refuse()

    def cleanup(self, keep_days: int, *, dry_run: bool) -> CleanupReport:  # noqa: ARG002
        """Refused."""
        _refuse()

    def command(self, name: str, arguments: Mapping[str, Any], report: Callable[[Mapping[str, Any]], None]) -> Any:  # noqa: ARG002
        """Status, lock and unlock; everything else is refused.

        Args:
            name: of the command.
            arguments: its arguments by name.
            report: takes progress; not used while locked.

        Raises:
            LockedError: if the command needs the store.
            KnownError: if it is not theirs who asks for it to be unlocked.
        """
        if name == "status":
            return {"recording": "locked", "actions": 0, "message": MESSAGE}
        if name == "lock":
            return {"message": "It is locked already."}
        if name == "unlock":
            passphrase = arguments.get("passphrase")
            if passphrase is not None and not isinstance(passphrase, str):
                raise KnownError("A passphrase is text.", "Give it with --passphrase-file.")
            self._doorkeeper.verify(passphrase)
            self._on_unlock(passphrase)
            return {"message": "It is being unlocked."}
        raise LockedError(MESSAGE, _REMEDY)


def _refuse() -> NoReturn:
    raise LockedError(MESSAGE, _REMEDY)
