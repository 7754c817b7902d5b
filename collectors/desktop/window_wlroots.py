"""The focused window on sway, Hyprland, labwc, Wayfire and other compositors that tell it as wlroots does.

Protocol: wlr-foreign-toplevel-management-unstable-v1, version 3. Only its events are used, and no request of it that
would change a window.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from collectors.collector import CollectorError, Emit, Stop, Unavailable
from collectors.desktop import wayland
from collectors.desktop.choose import Elsewhere
from collectors.desktop.toplevels import ACTIVATED, Toplevel, Toplevels
from collectors.desktop.wayland import Connection
from collectors.desktop.wayland_wire import Reader
from collectors.events import Source
from collectors.moment import Moment, now

_MANAGER: Final = "zwlr_foreign_toplevel_manager_v1"
_VERSION: Final = 3
_TOPLEVEL, _FINISHED = 0, 1
_TITLE, _APP_ID, _STATE, _DONE, _CLOSED = 0, 1, 4, 5, 6
_DESTROY: Final = 7
_NOT_TOLD: Final = Elsewhere(
    f"This compositor does not tell which window has the focus ({_MANAGER} is missing).",
    "Choose a session of sway, Hyprland, labwc, KDE Plasma, GNOME or X11 at the login screen.",
)
_ENDED: Final = Unavailable("The compositor tells of its windows no more.", "It is tried again by itself.")


class WlrootsWindowCollector:
    """Emits a FOCUS event whenever another window, or another title, has the focus (rules in `desktop.focus`).

    Args:
        environ: where the compositor's socket is looked up.
        now: the two clocks.
    """

    source = Source.WINDOW

    def __init__(self, environ: Mapping[str, str], now: Callable[[], Moment] = now) -> None:
        self._environ = environ
        self._now = now

    def check(self) -> Unavailable | None:
        """Whether a compositor answers that tells of its windows."""
        try:
            with wayland.connected(self._environ) as connection:
                connection.roundtrip()
                return None if connection.version(_MANAGER) else _NOT_TOLD
        except CollectorError as error:
            return error.unavailable

    def run(self, emit: Emit, stop: Stop) -> None:
        """Tell of the focus until `stop` is set.

        Raises:
            CollectorError: when the compositor is not there, does not tell of its windows, or goes away.
        """
        with wayland.connected(self._environ) as connection:
            if not connection.roundtrip(stop):
                return
            if not connection.version(_MANAGER):
                raise CollectorError(_NOT_TOLD)
            toplevels = Toplevels(emit, self._now)
            _Manager(connection, toplevels)
            while connection.wait(stop, toplevels.wait_s()):
                connection.take_in()
                toplevels.tell_due()


class _Manager:
    """Listens to every window that the compositor announces."""

    def __init__(self, connection: Connection, toplevels: Toplevels) -> None:
        self._connection = connection
        self._toplevels = toplevels
        self._windows: dict[int, Toplevel] = {}
        connection.bind(_MANAGER, _VERSION, self._take)

    def _take(self, opcode: int, arguments: Reader) -> None:
        if opcode == _FINISHED:
            raise CollectorError(_ENDED)
        if opcode == _TOPLEVEL:
            number = arguments.number()
            if self._connection.adopt(number, lambda opcode, arguments: self._describe(number, opcode, arguments)):
                self._forget(number)  # of a window that went without a word
                self._windows[number] = Toplevel()

    def _describe(self, number: int, opcode: int, arguments: Reader) -> None:
        window = self._windows[number]
        if opcode == _TITLE:
            window.title = arguments.text()
        elif opcode == _APP_ID:
            window.app = arguments.text()
        elif opcode == _STATE:
            window.active = ACTIVATED in arguments.numbers()
        elif opcode == _DONE:
            self._toplevels.described(window)
        elif opcode == _CLOSED:
            self._forget(number)
            self._connection.forget(number)
            self._connection.request(number, _DESTROY)

    def _forget(self, number: int) -> None:
        window = self._windows.pop(number, None)
        if window is not None:
            self._toplevels.closed(window)
