"""Requests to the desktop's portal: the user may be asked, so each is answered by a signal of its own, at any time.

Source: https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.Request.html
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from jeepney import DBusAddress, HeaderFields, Message  # type: ignore[import-untyped]  # it ships no types

from collectors.collector import CollectorError, Stop, Unavailable
from collectors.desktop.bus import dbus
from collectors.desktop.bus.dbus import Bus, CallError

NAME: Final = "org.freedesktop.portal.Desktop"
PATH: Final = "/org/freedesktop/portal/desktop"
_REGISTRY: Final = DBusAddress(PATH, NAME, "org.freedesktop.host.portal.Registry")
_REQUEST: Final = "org.freedesktop.portal.Request"
_PROPERTIES: Final = DBusAddress(PATH, NAME, "org.freedesktop.DBus.Properties")
_APP: Final = "kryptic"  # the name of the desktop file
_DONE, _CANCELLED = 0, 1
_MOST_OTHERS: Final = 100


class NotGrantedError(Exception):
    """The portal did not do what it was asked for.

    Args:
        by_user: whether the user did not want it; else it failed.
    """

    def __init__(self, *, by_user: bool) -> None:
        super().__init__("the user did not want it" if by_user else "it failed")
        self.by_user = by_user


def introduce(bus: Bus) -> None:
    """Tell the portal which program asks. Older ones know it by how it was started."""
    with suppress(CallError):
        bus.call(_REGISTRY, "Register", "sa{sv}", (_APP, {}))


def number(bus: Bus, interface: str, name: str) -> int:
    """A property of one of the portal's interfaces, such as its "version"; 0 for what is no number.

    Args:
        bus: of the session.
        interface: of the portal.
        name: of the property.

    Raises:
        CallError: if there is no portal, or it lacks the interface or the property.
    """
    (pair,) = bus.call(_PROPERTIES, "Get", "ss", (interface, name))
    found = value({name: pair}, name)
    return found if isinstance(found, int) else 0


class Portal:
    """The portal as one of its interfaces; it is followed, so that its going is noticed.

    Args:
        bus: of the portal.
        interface: whose methods are requests.
        gone: what to say when it goes away.

    Raises:
        CollectorError: when it is not there.
    """

    def __init__(self, bus: Bus, interface: str, gone: Unavailable) -> None:
        self.address = DBusAddress(PATH, NAME, interface)
        self._bus = bus
        self._gone = gone
        self._tokens = (f"{_APP}{number}" for number in itertools.count(1))
        bus.follow(NAME)
        owner = bus.owner(NAME)
        if owner is None:
            raise CollectorError(gone)
        self.owner = owner

    def session(self, stop: Stop) -> str | None:
        """Have a session made: its path; None once `stop` is set.

        Raises:
            CallError: as `request`, and so the others.
        """
        made = self.request("CreateSession", "a{sv}", {"session_handle_token": ("s", next(self._tokens))}, stop=stop)
        if made is None:
            return None
        session = value(made, "session_handle")
        if not isinstance(session, str) or not session.startswith("/"):
            raise NotGrantedError(by_user=False)
        return session

    def close(self, session: str) -> None:
        """Have a session ended; nothing is waited for."""
        self._bus.send(DBusAddress(session, NAME, "org.freedesktop.portal.Session"), "Close")

    def end(self, session: str) -> None:
        """Have a session ended, and wait for it: at its end the portal keeps again what the user has allowed."""
        with suppress(CallError):  # it has ended by itself, or ends with the connection
            self._bus.call(DBusAddress(session, NAME, "org.freedesktop.portal.Session"), "Close")

    def request(
        self, method: str, signature: str, options: Mapping[str, Any], *arguments: Any, stop: Stop
    ) -> Mapping[str, Any] | None:
        """The results of a request; None once `stop` is set. The user may take any time to answer.

        What else comes meanwhile is there to be taken afterwards.

        Args:
            method: of the interface.
            signature: of the arguments and the options, which come last.
            options: by name, each a pair of signature and value.
            arguments: before the options.
            stop: ends the waiting.

        Raises:
            CallError: if the portal does not take the request.
            NotGrantedError: if nothing comes of it.
            CollectorError: when the portal goes away.
        """
        token = next(self._tokens)
        path = f"{PATH}/request/{self._bus.name.removeprefix(':').replace('.', '_')}/{token}"
        self._bus.listen(sender=NAME, interface=_REQUEST, member="Response", path=path)
        self._bus.call(self.address, method, signature, (*arguments, {**options, "handle_token": ("s", token)}))
        others: deque[Message] = deque(maxlen=_MOST_OTHERS)
        try:
            while self._bus.wait(stop, None):
                for message in self._bus.arrived():
                    if dbus.lost(message, self.owner):
                        raise CollectorError(self._gone)
                    if self._answers(message, path):
                        return _results(message)
                    others.append(message)  # that the screen was locked meanwhile, say
        finally:
            self._bus.put_back(others)
        return None

    def _answers(self, message: Message, path: str) -> bool:
        is_response = dbus.is_signal(message, _REQUEST, "Response") and dbus.sender_of(message) == self.owner
        return is_response and message.header.fields.get(HeaderFields.path) == path


def value(results: Mapping[str, Any], name: str) -> Any:
    """The value behind a name in a request's results; None if there is none."""
    pair = results.get(name)
    return pair[1] if isinstance(pair, tuple) and len(pair) == 2 else None  # noqa: PLR2004 - signature and value


def _results(message: Message) -> Mapping[str, Any]:
    if len(message.body) != 2 or message.body[0] != _DONE or not isinstance(message.body[1], dict):  # noqa: PLR2004 - code, results
        raise NotGrantedError(by_user=message.body[:1] == (_CANCELLED,))
    return message.body[1]
