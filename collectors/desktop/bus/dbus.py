"""A connection to a message bus: opened with a clear sentence when that fails, waited on together with a stop.

D-Bus Specification 0.41, https://dbus.freedesktop.org/doc/dbus-specification.html
"""

from __future__ import annotations

import select
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from jeepney import (  # type: ignore[import-untyped]  # it ships no types
    DBusAddress,
    HeaderFields,
    MatchRule,
    Message,
    MessageFlag,
    MessageType,
    message_bus,
    new_error,
    new_method_call,
    new_method_return,
)
from jeepney.io.blocking import DBusConnection, open_dbus_connection  # type: ignore[import-untyped]  # as above

from collectors.collector import CollectorError, Stop, Unavailable

_ANSWER_S: Final = 5.0
_MOST_WAITING: Final = 1_000
_SYSTEM: Final = "unix:path=/run/dbus/system_bus_socket"
_GONE: Final = Unavailable(
    "The message bus closed the connection.",
    "It is tried again by itself; if it does not come back, log out and in again.",
)
_UNKNOWN: Final = frozenset(
    f"org.freedesktop.DBus.Error.{name}"
    for name in ("NameHasNoOwner", "ServiceUnknown", "UnknownObject", "UnknownMethod", "UnknownInterface")
)


Call = tuple[DBusAddress, str, str | None, tuple[Any, ...]]
"""A call to be made: address, method, signature of the arguments, arguments."""


class CallError(Exception):
    """A call was answered with an error, or with none in time.

    Args:
        name: of the error, as the specification has it.
        text: what the other side said.
    """

    def __init__(self, name: str, text: str = "") -> None:
        super().__init__(f"{name} {text}".strip())
        self.name = name

    @property
    def is_unknown(self) -> bool:
        """Whether there is nobody, or no such object or method, under that address."""
        return self.name in _UNKNOWN


class Bus:
    """One connection. What arrives while a call waits for its answer is kept for `arrived`.

    Args:
        connection: closed by whoever opened it.
    """

    def __init__(self, connection: DBusConnection) -> None:
        self._connection = connection
        self._waiting: deque[Message] = deque(maxlen=_MOST_WAITING)
        self._unread = False

    @property
    def name(self) -> str:
        """Our own address, which the bus gives to nobody else, ever."""
        return str(self._connection.unique_name)

    def fileno(self) -> int:
        """The descriptor that becomes readable when something has come."""
        return int(self._connection.sock.fileno())

    def call(self, to: DBusAddress, member: str, signature: str | None = None, body: tuple[Any, ...] = ()) -> Any:
        """Call a method and wait for its answer: the answer's values.

        Args:
            to: bus name, object path and interface.
            member: the method.
            signature: of the body.
            body: the arguments.

        Raises:
            CallError: if the answer is an error, or does not come in five seconds.
        """
        return self._answer(new_method_call(to, member, signature, body))

    def send(self, to: DBusAddress, member: str) -> None:
        """Call a method without arguments, and wait for nothing."""
        self._connection.send(new_method_call(to, member), serial=next(self._connection.outgoing_serial))

    def ask_all(self, calls: Sequence[Call], stop: Stop, within_s: float) -> list[Any]:
        """Call many methods at once: the values of the answers that come in time, in no order. Errors are left out.

        Args:
            calls: address, method, signature and arguments of each.
            stop: ends the waiting.
            within_s: how long to wait for all of them together.
        """
        open_calls: set[int] = set()
        for to, member, signature, body in calls:
            serial = next(self._connection.outgoing_serial)
            self._connection.send(new_method_call(to, member, signature, body), serial=serial)
            open_calls.add(serial)
        answers: list[Any] = []
        end_s = time.monotonic() + within_s
        while open_calls and (left_s := end_s - time.monotonic()) > 0 and self.wait(stop, left_s):
            for come in self.arrived():
                serial = come.header.fields.get(HeaderFields.reply_serial)
                if serial in open_calls:
                    open_calls.remove(serial)
                    if come.header.message_type is MessageType.method_return:
                        answers.append(come.body)
        return answers

    def owner(self, name: str) -> str | None:
        """The unique address behind a well-known name; None if nobody has it."""
        try:
            return str(self._answer(message_bus.GetNameOwner(name))[0])
        except CallError as error:
            if error.is_unknown:
                return None
            raise

    def listen(self, *, sender: str | None = None, interface: str, member: str, path: str | None = None) -> None:
        """Have a kind of signal sent here.

        Args:
            sender: a bus name; None for any.
            interface: of the signal.
            member: its name.
            path: of the object; None for any.
        """
        rule = MatchRule(type="signal", sender=sender, interface=interface, member=member, path=path)
        self._answer(message_bus.AddMatch(rule))

    def follow(self, name: str) -> None:
        """Have it reported here when a well-known name comes to another owner; see `lost`."""
        rule = MatchRule(
            type="signal", sender="org.freedesktop.DBus", interface="org.freedesktop.DBus", member="NameOwnerChanged"
        )
        rule.add_arg_condition(0, name)
        self._answer(message_bus.AddMatch(rule))

    def reply(self, to: Message, *, refused: str | None = None) -> None:
        """Answer a call that has come; if its sender waits for no answer, nothing is sent.

        Args:
            to: the call.
            refused: what was wrong with it.
        """
        if MessageFlag.no_reply_expected in MessageFlag(to.header.flags):
            return
        if refused is None:
            self._connection.send(new_method_return(to))
        else:
            self._connection.send(new_error(to, "org.freedesktop.DBus.Error.InvalidArgs", "s", (refused,)))

    def put_back(self, messages: Sequence[Message]) -> None:
        """Have it that messages that were taken have arrived only now, before all others."""
        self._waiting.extendleft(reversed(messages))

    @property
    def is_waiting(self) -> bool:
        """Whether something has come that the descriptor does not tell of."""
        return bool(self._waiting) or self._unread

    def wait(self, stop: Stop, timeout_s: float | None) -> bool:
        """Block until something has come, the time is over, or the stop signal comes; False once `stop` is set."""
        if self.is_waiting:
            timeout_s = 0.0
        waited_for: list[Any] = [self, stop]
        return stop not in select.select(waited_for, [], [], timeout_s)[0]

    def arrived(self) -> Iterator[Message]:
        """What has come: signals that were asked for, and calls. Never waits, and ends also if they never end."""
        self._unread = True  # until it is known to be otherwise: whoever takes these may break off
        for _ in range(_MOST_WAITING):
            try:
                yield self._waiting.popleft() if self._waiting else self._connection.receive(timeout=0)
            except TimeoutError:
                self._unread = False
                return

    def _answer(self, message: Message) -> Any:
        serial = next(self._connection.outgoing_serial)
        self._connection.send(message, serial=serial)
        end_s = time.monotonic() + _ANSWER_S
        while True:
            try:
                come = self._connection.receive(timeout=max(0.0, end_s - time.monotonic()))
            except TimeoutError as late:
                raise CallError("org.freedesktop.DBus.Error.NoReply") from late
            if come.header.fields.get(HeaderFields.reply_serial) != serial:
                self._waiting.append(come)
            elif come.header.message_type is MessageType.error:
                text = come.body[0] if come.body and isinstance(come.body[0], str) else ""
                raise CallError(str(come.header.fields.get(HeaderFields.error_name)), text)
            else:
                return come.body


def is_signal(message: Message, interface: str, member: str) -> bool:
    """Whether a message is a certain signal.

    Args:
        message: any.
        interface: of the signal.
        member: its name.
    """
    fields = message.header.fields
    return (
        message.header.message_type is MessageType.signal
        and fields.get(HeaderFields.interface) == interface
        and fields.get(HeaderFields.member) == member
    )


def lost(message: Message, owner: str) -> bool:
    """Whether a message says that a name which was followed has left its owner, a unique address."""
    is_genuine = (
        is_signal(message, "org.freedesktop.DBus", "NameOwnerChanged") and sender_of(message) == "org.freedesktop.DBus"
    )
    return is_genuine and len(message.body) == 3 and message.body[1] == owner  # noqa: PLR2004 - name, old owner, new owner


def sender_of(message: Message) -> str | None:
    """The unique address of a message's sender, which the bus itself writes into it."""
    sender: str | None = message.header.fields.get(HeaderFields.sender)
    return sender


@contextmanager
def session(environ: Mapping[str, str], *, enable_fds: bool = False) -> Iterator[Bus]:
    """A connection of one's own to the session's bus.

    Args:
        environ: names its address: DBUS_SESSION_BUS_ADDRESS, else XDG_RUNTIME_DIR.
        enable_fds: whether descriptors can be taken from it.

    Raises:
        CollectorError: when there is no bus, or it goes away.
    """
    address = environ.get("DBUS_SESSION_BUS_ADDRESS") or f"unix:path={environ.get('XDG_RUNTIME_DIR', '')}/bus"
    remedy = "Start the program inside a graphical session."
    with _connected(address, "session", remedy, enable_fds=enable_fds) as bus:
        yield bus


@contextmanager
def system(environ: Mapping[str, str]) -> Iterator[Bus]:
    """A connection of one's own to the system's bus; descriptors can be taken from it.

    Args:
        environ: names its address, DBUS_SYSTEM_BUS_ADDRESS; it has a usual place.

    Raises:
        CollectorError: when there is no bus, or it goes away.
    """
    address = environ.get("DBUS_SYSTEM_BUS_ADDRESS") or _SYSTEM
    with _connected(address, "system", "Start it: sudo systemctl start dbus", enable_fds=True) as bus:
        yield bus


@contextmanager
def _connected(address: str, kind: str, remedy: str, *, enable_fds: bool = False) -> Iterator[Bus]:
    try:
        connection = open_dbus_connection(address, enable_fds=enable_fds, auth_timeout=_ANSWER_S)
    except (OSError, ValueError, RuntimeError) as none:
        raise CollectorError(Unavailable(f"No {kind} message bus (D-Bus) answers.", remedy)) from none
    try:
        yield Bus(connection)
    except ConnectionError as error:
        raise CollectorError(_GONE) from error
    finally:
        connection.close()
