"""Between the key file and the window: what opens the store, and changing that off the main thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject

from app.program.program import Program
from app.services.access.key_management import change, confirm_recovery_code, unlock_methods
from app.services.access.unlock import Credentials, is_set_up
from app.services.access.unlock_methods import KeyAction, KeyChange, UnlockMethods
from app.views.window import MainWindow

KEYS: Final = "keys"
UNSEEN: Final = "You have not confirmed your recovery code. Make a new one under Settings."


@dataclass(frozen=True, slots=True)
class _Keys:
    """What opens the store, and a recovery code to be shown once."""

    unlock_methods: UnlockMethods
    code: str | None = None


class KeysPresenter(QObject):
    """Serves the panel of the Settings page.

    Args:
        program: started.
        window: its panel's signals are connected here.
    """

    def __init__(self, program: Program, window: MainWindow) -> None:
        super().__init__()
        self._program = program
        self._paths = program.core.paths
        self._window = window
        self._panel = window.settings.keys
        self._panel.change_requested.connect(self._change)
        self._panel.code_kept.connect(self._keep_code)

    def fill(self) -> None:
        """Show what opens the store, and say so if nobody keeps the recovery code."""
        if is_set_up(self._paths):
            self._program.jobs.start(KEYS, lambda *_: _Keys(unlock_methods(self._paths)), succeeded=self._show_first)

    def _change(self, asked: object) -> None:
        assert isinstance(asked, KeyChange)
        if asked.action is KeyAction.NEW_KEY:
            self._rotate(asked)
            return

        def work(*_: object) -> _Keys:
            self._program.doorkeeper.verify(asked.current)  # a wrong passphrase counts, as on the socket
            code = change(self._paths, asked)
            return _Keys(unlock_methods(self._paths), code)

        self._program.jobs.start(KEYS, work, succeeded=self._show, failed=self._panel.show_error)

    def _rotate(self, asked: KeyChange) -> None:
        """The program is closed for it, and so nothing may be under way that would be broken off."""
        program, busy = self._program, self._program.busy_with
        if busy:
            self._panel.show_error(f"{busy} is under way; the key was not changed.", "Wait until it has ended.")
            return

        def work(*_: object) -> Credentials:
            program.doorkeeper.verify(asked.current)
            return Credentials(passphrase=asked.current, use_secret_service=asked.current is None)

        program.jobs.start(KEYS, work, succeeded=program.rotation_requested.emit, failed=self._panel.show_error)

    def _keep_code(self) -> None:
        def work(*_: object) -> _Keys:
            confirm_recovery_code(self._paths)
            return _Keys(unlock_methods(self._paths))

        self._program.jobs.start(KEYS, work, succeeded=self._show)

    def _show_first(self, keys: object) -> None:
        self._show(keys)
        assert isinstance(keys, _Keys)
        if not keys.unlock_methods.code_seen:
            self._window.show_notice(UNSEEN)

    def _show(self, keys: object) -> None:
        assert isinstance(keys, _Keys)
        if keys.code is not None:
            self._panel.show_code(keys.code)
        self._panel.show_ways(keys.unlock_methods)
