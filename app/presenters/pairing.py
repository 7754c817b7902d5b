"""Between the pairing of extensions and the window: a code is asked for and withdrawn off the main thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, Signal

from app.program.program import Program
from app.services.access.pairing import Ended, Offer
from app.views.window import MainWindow

_JOB: Final = "pairing"


class PairingPresenter(QObject):
    """Serves the panel of the Sources page.

    Args:
        program: started.
        window: its panel's signals are connected here.
        on_paired: called on the main thread when there is a new client.
    """

    _ended = Signal(object, str)

    def __init__(self, program: Program, window: MainWindow, on_paired: Callable[[], None]) -> None:
        super().__init__()
        self._program = program
        self._pairing = program.core.pairing
        self._panel = window.sources.pairing
        self._on_paired = on_paired
        # Events of a life that is not synthetic have no place in the sample.
        self._panel.setVisible(not program.core.paths.is_sample)
        self._panel.offer_requested.connect(self._offer)
        self._panel.withdraw_requested.connect(self._withdraw)
        self._ended.connect(self._show_ended)
        self._pairing.on_ended(self._ended.emit)

    def _offer(self) -> None:
        self._program.jobs.start(_JOB, lambda *_: self._pairing.offer(), succeeded=self._show_offer)

    def _withdraw(self) -> None:
        self._program.jobs.start(_JOB, lambda *_: self._pairing.withdraw())

    def _show_offer(self, offer: object) -> None:
        assert isinstance(offer, Offer)
        port = int(self._program.api_address.rpartition(":")[2] or 0)
        self._panel.show_offer(offer, port)

    def _show_ended(self, ended: object, name: str) -> None:
        assert isinstance(ended, Ended)
        self._panel.show_ended(ended, name)
        if ended is Ended.PAIRED:
            self._on_paired()
