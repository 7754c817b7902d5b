"""The focused window on COSMIC: written from its protocol, never run on it.

Protocols: ext-foreign-toplevel-list-v1 announces and names the windows; cosmic-toplevel-info-unstable-v1, version 2,
adds to each whether it has the focus, and marks the point at which all changes of a moment were sent.
"""

from __future__ import annotations

from typing import Final

from collectors.collector import CollectorError
from collectors.desktop.backends import WrongSession
from collectors.desktop.wayland.connection import Connection
from collectors.desktop.wayland.wire import Reader
from collectors.desktop.window.toplevel_protocols import ENDED, ToplevelsCollector
from collectors.desktop.window.toplevels import ACTIVATED, Toplevel, Toplevels

_LIST: Final = "ext_foreign_toplevel_list_v1"
_TOPLEVEL, _FINISHED = 0, 1
_CLOSED, _DONE, _TITLE, _APP_ID = 0, 1, 2, 3
_DESTROY: Final = 0  # of a window's object in both protocols
_INFO: Final = "zcosmic_toplevel_info_v1"
_VERSION: Final = 2
_GET_COSMIC_TOPLEVEL: Final = 1
_ALL_DONE: Final = 2
_STATE: Final = 8
_UNSUPPORTED: Final = WrongSession(
    f"This compositor is not COSMIC's ({_INFO} is missing, or older than version {_VERSION}).",
    "Choose a session of COSMIC, sway, Hyprland, labwc, KDE Plasma, GNOME or X11 at the login screen.",
)


class CosmicWindowCollector(ToplevelsCollector):
    """Listens by COSMIC's protocol; the rest is said in `ToplevelsCollector`."""

    is_unreported = _UNSUPPORTED

    @staticmethod
    def tells(connection: Connection) -> bool:
        """Whether the compositor announced what is needed."""
        return connection.version(_INFO) >= _VERSION and bool(connection.version(_LIST))

    @staticmethod
    def listen(connection: Connection, toplevels: Toplevels) -> None:
        """Ask to be notified of every window."""
        _Cosmic(connection, toplevels)


class _Cosmic:
    """Listens to every window, by its two objects: the one that names it and the one that tells its state."""

    def __init__(self, connection: Connection, toplevels: Toplevels) -> None:
        self._connection = connection
        self._toplevels = toplevels
        self._windows: dict[int, tuple[Toplevel, int]] = {}
        self._changed: list[Toplevel] = []
        self._info = connection.bind(_INFO, _VERSION, self._take_info)
        connection.bind(_LIST, 1, self._take)

    def _take(self, opcode: int, arguments: Reader) -> None:
        if opcode == _FINISHED:
            raise CollectorError(ENDED)
        if opcode != _TOPLEVEL:
            return
        number = arguments.number()
        if self._connection.adopt(number, lambda opcode, arguments: self._name(number, opcode, arguments)):
            self._forget(number)  # of a window that went without a word
            window = Toplevel()
            state = self._connection.create(
                self._info,
                _GET_COSMIC_TOPLEVEL,
                lambda opcode, arguments: self._tell_state(window, opcode, arguments),
                number,
            )
            self._windows[number] = window, state

    def _name(self, number: int, opcode: int, arguments: Reader) -> None:
        window, _ = self._windows[number]
        if opcode == _TITLE:
            window.title = arguments.text()
        elif opcode == _APP_ID:
            window.app = arguments.text()
        elif opcode == _DONE:
            self._toplevels.described(window)
        elif opcode == _CLOSED:
            self._forget(number)
            self._connection.forget(number)
            self._connection.request(number, _DESTROY)

    def _tell_state(self, window: Toplevel, opcode: int, arguments: Reader) -> None:
        if opcode == _STATE:
            window.active = ACTIVATED in arguments.numbers()
            if window not in self._changed:
                self._changed.append(window)

    def _take_info(self, opcode: int, _arguments: Reader) -> None:
        if opcode == _ALL_DONE:
            changed, self._changed = self._changed, []
            for window in changed:
                self._toplevels.described(window)

    def _forget(self, number: int) -> None:
        window, state = self._windows.pop(number, (None, 0))
        if window is not None:
            self._changed = [one for one in self._changed if one is not window]
            self._toplevels.closed(window)
            self._connection.forget(state)
            self._connection.request(state, _DESTROY)
