"""The focused window on sway, Hyprland, labwc, Wayfire and other compositors that tell it as wlroots does.

Protocol: wlr-foreign-toplevel-management-unstable-v1, version 3. Only its events are used, and no request of it that
would change a window.
"""

from __future__ import annotations

from typing import Final

from collectors.collector import CollectorError
from collectors.desktop.backends import WrongSession
from collectors.desktop.wayland.connection import Connection
from collectors.desktop.wayland.wire import Reader
from collectors.desktop.window.toplevel_protocols import ENDED, ToplevelsCollector
from collectors.desktop.window.toplevels import ACTIVATED, Toplevel, Toplevels

_MANAGER: Final = "zwlr_foreign_toplevel_manager_v1"
_VERSION: Final = 3
_TOPLEVEL, _FINISHED = 0, 1
_TITLE, _APP_ID, _STATE, _DONE, _CLOSED = 0, 1, 4, 5, 6
_DESTROY: Final = 7
_UNSUPPORTED: Final = WrongSession(
    f"This compositor does not tell which window has the focus ({_MANAGER} is missing).",
    "Choose a session of sway, Hyprland, labwc, KDE Plasma, GNOME or X11 at the login screen.",
)


class WlrootsWindowCollector(ToplevelsCollector):
    """Listens by wlroots's protocol; the rest is said in `ToplevelsCollector`."""

    is_unreported = _UNSUPPORTED

    @staticmethod
    def tells(connection: Connection) -> bool:
        """Whether the compositor announced what is needed."""
        return bool(connection.version(_MANAGER))

    @staticmethod
    def listen(connection: Connection, toplevels: Toplevels) -> None:
        """Ask to be notified of every window."""
        _Manager(connection, toplevels)


class _Manager:
    """Listens to every window that the compositor announces."""

    def __init__(self, connection: Connection, toplevels: Toplevels) -> None:
        self._connection = connection
        self._toplevels = toplevels
        self._windows: dict[int, Toplevel] = {}
        connection.bind(_MANAGER, _VERSION, self._take)

    def _take(self, opcode: int, arguments: Reader) -> None:
        if opcode == _FINISHED:
            raise CollectorError(ENDED)
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
