"""A connection to the Wayland compositor: what it offers, waited on together with a stop, never waited for in vain."""

from __future__ import annotations

import logging
import select
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from collectors.collector import CollectorError, Stop, Unavailable
from collectors.desktop.wayland import socket as wayland_socket
from collectors.desktop.wayland.wire import Argument, Reader, WireError, cut, pack

_LOG: Final = logging.getLogger(__name__)
_DISPLAY: Final = 1
_SYNC, _GET_REGISTRY = 0, 1
_ERROR: Final = 0
_BIND: Final = 0
_GLOBAL, _GLOBAL_REMOVE = 0, 1
_ANSWER_S: Final = 5.0
_CHUNK_BYTES: Final = 65_536
_MOST_UNSENT_BYTES: Final = 1 << 20
_MOST_OBJECTS: Final = 8_192
_REPORT_EVERY: Final = 1_000

Handler = Callable[[int, Reader], None]
"""Takes one event: its number in its interface, and its arguments."""


class Connection:
    """One connection; see `connected`. What the compositor offers is known after the first `roundtrip`.

    Args:
        link: the connected socket, which does not block.
        name: of the display, for messages to the user.
    """

    def __init__(self, link: socket.socket, name: str) -> None:
        self._link = link
        self._name = name
        self._received = bytearray()
        self._unsent = bytearray()
        self._next = _DISPLAY + 1
        self._bad = 0
        self._handlers: dict[int, Handler] = {_DISPLAY: self._display_event}
        self._globals: dict[int, tuple[str, int]] = {}
        self._on_global: Callable[[int, str], None] | None = None
        self._registry = self.create(_DISPLAY, _GET_REGISTRY, self._registry_event)

    def fileno(self) -> int:
        """The descriptor that becomes readable when the compositor has sent something."""
        return self._link.fileno()

    def version(self, interface: str) -> int:
        """The newest version of an interface that the compositor offers; 0 if it does not."""
        return max((version for name, version in self._globals.values() if name == interface), default=0)

    def numbers(self, interface: str) -> tuple[int, ...]:
        """The names (in the protocol's sense) of every global of an interface; there may be several seats."""
        return tuple(number for number, (name, _) in self._globals.items() if name == interface)

    def on_global(self, take: Callable[[int, str], None]) -> None:
        """Have it reported when a global appears or goes.

        Args:
            take: gets its number and its interface; whether it is still there, `numbers` tells.
        """
        self._on_global = take

    def bind(self, interface: str, version: int, handler: Handler, number: int | None = None) -> int:
        """Make an object of a global that the compositor offers.

        Args:
            interface: its name; the compositor must offer it.
            version: the newest one that is understood here.
            handler: takes its events.
            number: which of several; by default the first.

        Returns:
            The object's number.
        """
        number = self.numbers(interface)[0] if number is None else number
        version = min(version, self._globals[number][1])
        made = self._new(handler)
        self.request(self._registry, _BIND, number, interface, version, made)
        return made

    def create(self, target: int, opcode: int, handler: Handler, *arguments: Argument) -> int:
        """Send a request whose first argument is a new object, as in most interfaces.

        Args:
            target: the object that is asked.
            opcode: of the request.
            handler: takes the new object's events.
            arguments: after the new object's number.

        Returns:
            The new object's number.
        """
        made = self._new(handler)
        self.request(target, opcode, made, *arguments)
        return made

    def adopt(self, number: int, handler: Handler) -> bool:
        """Listen to an object that the compositor made; False if there are too many already.

        Raises:
            WireError: if its number is not one of the compositor's.
        """
        if number < 0xFF000000:  # noqa: PLR2004 - the compositor's own numbers begin here, by the protocol
            raise WireError(f"a new object numbered {number}")
        if len(self._handlers) >= _MOST_OBJECTS:
            return False
        self._handlers[number] = handler
        return True

    def forget(self, number: int) -> None:
        """Listen to an object no more; whatever still comes from it is passed over."""
        self._handlers.pop(number, None)

    def request(self, target: int, opcode: int, *arguments: Argument) -> None:
        """Send a request.

        Raises:
            CollectorError: when the compositor is gone, or takes nothing any more.
        """
        self._unsent += pack(target, opcode, *arguments)
        if len(self._unsent) > _MOST_UNSENT_BYTES:
            raise self._hangs()
        self._flush()

    def roundtrip(self, stop: Stop | None = None) -> bool:
        """Wait until the compositor has answered everything that was asked so far.

        Args:
            stop: ends the waiting.

        Returns:
            False once `stop` is set.

        Raises:
            CollectorError: when it goes away, refuses something, or does not answer within seconds.
        """
        done: list[int] = []
        callback = self.create(_DISPLAY, _SYNC, lambda opcode, _: done.append(opcode))
        until_s = time.monotonic() + _ANSWER_S
        while not done:
            left_s = until_s - time.monotonic()
            if left_s <= 0:
                raise self._hangs()
            if stop in self._wait_for([] if stop is None else [stop], left_s):
                return False
            self.take_in()
        self.forget(callback)
        return True

    def wait(self, stop: Stop, timeout_s: float | None) -> bool:
        """Block until the compositor has sent something, the time is over, or the stop signal comes.

        Args:
            stop: ends the waiting.
            timeout_s: None to wait without an end.

        Returns:
            False once `stop` is set.
        """
        return stop not in self._wait_for([stop], timeout_s)

    def take_in(self) -> None:
        """Read what has come, and hand every event to its handler; at once, if there is nothing.

        A message that makes no sense is counted and passed over; a length that cannot be ends the connection, for
        nothing behind it can be distinguished.

        Raises:
            CollectorError: when the compositor is gone, refused something, or sends no messages.
        """
        self._flush()
        try:
            chunk = self._link.recv(_CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            raise self._gone() from error
        if not chunk:
            raise self._gone()
        self._received += chunk
        try:
            while (message := cut(self._received)) is not None:
                self._dispatch(*message)
        except WireError as error:
            raise CollectorError(
                Unavailable(f"The compositor sent {error}, which is none.", "It is tried again by itself.")
            ) from error

    def _dispatch(self, target: int, opcode: int, body: bytes) -> None:
        handler = self._handlers.get(target)
        if handler is None:
            return  # of an object that was given up a moment ago
        try:
            handler(opcode, Reader(body))
        except WireError as error:
            self._bad += 1
            if self._bad % _REPORT_EVERY == 1:
                _LOG.warning("%d messages of the compositor made no sense; the last: %s", self._bad, error)

    def _new(self, handler: Handler) -> int:
        made, self._next = self._next, self._next + 1
        self._handlers[made] = handler
        return made

    def _wait_for(self, others: list[Stop], timeout_s: float | None) -> list[Connection | Stop]:
        waiting: list[Connection | Stop] = [self, *others]
        return select.select(waiting, [self] if self._unsent else [], [], timeout_s)[0]

    def _flush(self) -> None:
        try:
            while self._unsent:
                del self._unsent[: self._link.send(self._unsent)]
        except BlockingIOError:
            return
        except BrokenPipeError:
            return  # what it said before it went, an error perhaps, is still to be read
        except OSError as error:
            raise self._gone() from error

    def _display_event(self, opcode: int, arguments: Reader) -> None:
        if opcode == _ERROR:
            arguments.number(), arguments.number()
            raise CollectorError(
                Unavailable(
                    f"The compositor of {self._name} refused a request: {arguments.text()}.",
                    "It is tried again by itself; if it stays so, please report it.",
                )
            )

    def _registry_event(self, opcode: int, arguments: Reader) -> None:
        number = arguments.number()
        if opcode == _GLOBAL:
            interface = arguments.text()
            if len(self._globals) < _MOST_OBJECTS:
                self._globals[number] = (interface, arguments.number())
        elif opcode == _GLOBAL_REMOVE:
            interface = self._globals.pop(number, ("", 0))[0]
        else:
            return
        if self._on_global is not None:
            self._on_global(number, interface)

    def _gone(self) -> CollectorError:
        return CollectorError(
            Unavailable(
                f"The Wayland compositor of {self._name} closed the connection.",
                "It is tried again by itself; if it does not come back, log out and in again.",
            )
        )

    def _hangs(self) -> CollectorError:
        return CollectorError(
            Unavailable(
                f"The Wayland compositor of {self._name} does not answer.",
                "It is tried again by itself; if it stays so, log out and in again.",
            )
        )


@contextmanager
def connected(environ: Mapping[str, str]) -> Iterator[Connection]:
    """A connection of one's own to the compositor, closed at the end. Nothing is waited for.

    Args:
        environ: names WAYLAND_DISPLAY and XDG_RUNTIME_DIR.

    Raises:
        CollectorError: when this is no Wayland session, or nobody takes the connection.
    """
    path = wayland_socket.path(environ)
    with wayland_socket.connect(path) as link:
        yield Connection(link, path.name)
