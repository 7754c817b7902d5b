"""The focused window on compositors that tell of every window: what is the same whichever protocol does so."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar, Final

from collectors.collector import CollectorError, Emit, Stop, Unavailable
from collectors.desktop.wayland import connection as wayland_connection
from collectors.desktop.wayland.connection import Connection
from collectors.desktop.window.toplevels import Toplevels
from collectors.events import Source
from collectors.timestamp import Timestamp, now

ENDED: Final = Unavailable("The compositor tells of its windows no more.", "It is tried again by itself.")


class ToplevelsCollector(ABC):
    """Emits a FOCUS event whenever another window, or another title, has the focus (rules in `desktop.focus`).

    Args:
        environ: names the compositor's socket.
        now: the two clocks.
    """

    source = Source.WINDOW
    is_unreported: ClassVar[Unavailable]
    """Why a compositor that lacks the protocol is of no use here."""

    def __init__(self, environ: Mapping[str, str], now: Callable[[], Timestamp] = now) -> None:
        self._environ = environ
        self._now = now

    def check(self) -> Unavailable | None:
        """Whether a compositor answers that tells of its windows by this protocol."""
        try:
            with wayland_connection.connected(self._environ) as connection:
                connection.roundtrip()
                return None if self.tells(connection) else self.is_unreported
        except CollectorError as error:
            return error.unavailable

    def run(self, emit: Emit, stop: Stop) -> None:
        """Tell of the focus until `stop` is set.

        Raises:
            CollectorError: when the compositor is not there, does not tell of its windows, or goes away.
        """
        with wayland_connection.connected(self._environ) as connection:
            if not connection.roundtrip(stop):
                return
            if not self.tells(connection):
                raise CollectorError(self.is_unreported)
            toplevels = Toplevels(emit, self._now)
            self.listen(connection, toplevels)
            while connection.wait(stop, toplevels.wait_s()):
                connection.take_in()
                toplevels.tell_due()

    @staticmethod
    @abstractmethod
    def tells(connection: Connection) -> bool:
        """Whether the compositor announced what is needed."""

    @staticmethod
    @abstractmethod
    def listen(connection: Connection, toplevels: Toplevels) -> None:
        """Ask to be notified of every window."""
