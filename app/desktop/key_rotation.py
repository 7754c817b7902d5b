"""A new data key, with a window: what has the store open is closed first, and the program restarts afterwards."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.paths import Paths
from app.services.access.key_management import confirm_recovery_code, rotate_key
from app.services.access.unlock import Credentials
from app.store.key_rotation import Rotated
from app.views.dialogs.key_rotation import KeyRotationDialog
from app.workers.jobs import Jobs


class KeyRotationController(QObject):
    """Puts a closed store under a new key, and shows the new recovery code.

    Args:
        paths: the profile; nothing has its store open.
        credentials: of whom it is, asked again just now.
    """

    ended = Signal()
    """The person has seen what came of it."""

    def __init__(self, paths: Paths, credentials: Credentials) -> None:
        super().__init__()
        self._paths = paths
        self._credentials = credentials
        self.view = KeyRotationDialog()
        self._jobs = Jobs(self.view.show_error, self)
        self.view.cancelled.connect(lambda: self._jobs.cancel("rotate"))
        self.view.code_kept.connect(
            lambda: self._jobs.start("recovery code", lambda *_: confirm_recovery_code(self._paths))
        )
        self.view.finished.connect(lambda _: self.ended.emit())

    def begin(self) -> None:
        """Begin; whatever interrupts it, one whole store is left, under the old key or the new one."""

        def work(report: object, _cancelled: object) -> Rotated:
            assert callable(report)
            return rotate_key(self._paths, self._credentials, lambda done, total: report((done, total)))

        self.view.show()
        self._jobs.start(
            "rotate",
            work,
            succeeded=self._on_rotated,
            progressed=self._on_progress,
            stopped=lambda: self.view.show_error("It was given up.", "Everything is as it was."),
        )

    def close(self) -> None:
        """Give up what is under way, and wait for its end."""
        self._jobs.close()
        self.view.deleteLater()

    def _on_progress(self, progress: object) -> None:
        assert isinstance(progress, tuple)
        self.view.show_progress(*progress)

    def _on_rotated(self, rotated: object) -> None:
        assert isinstance(rotated, Rotated)
        self.view.show_code(rotated.created.recovery_code, rotated.left_over)
