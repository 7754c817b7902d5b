"""Programs on a message bus as tests need them: they have a name, tell what they are made to, and answer a few calls."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import closing, contextmanager
from typing import Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    message_bus,
    new_error,
    new_method_call,
    new_method_return,
    new_signal,
)

from tests.desktop.programs import PATIENCE_S, on_bus
from tests.desktop.running import until

Answer = Callable[[tuple[Any, ...]], tuple[str | None, tuple[Any, ...]]]
"""From the arguments of a call to the signature and the values of its answer."""


class Peer:
    """A program on a bus, which answers on a thread of its own.

    Args:
        address: the bus's.
        name: its well-known name there.
        answers: what it answers, by method; anything else is an error.
    """

    def __init__(self, address: str, name: str, answers: Mapping[str, Answer]) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.asker = ""
        """The unique name of whoever called last."""
        self._answers = answers
        self._bus = on_bus(address)
        self._lock = threading.Lock()
        self._bus.send_and_get_reply(message_bus.RequestName(name), timeout=PATIENCE_S)
        self._thread = threading.Thread(target=self._run, name="peer", daemon=True)
        self._is_closed = threading.Event()
        self._thread.start()

    def tell(self, path: str, interface: str, member: str, signature: str, *body: Any, to: str | None = None) -> None:
        """Send a signal, to everybody unless a receiver is named."""
        signal = new_signal(DBusAddress(path, None, interface), member, signature, body)
        if to is not None:
            signal.header.fields[HeaderFields.destination] = to
        with self._lock:
            self._bus.send(signal)

    def close(self) -> None:
        self._is_closed.set()
        self._thread.join(PATIENCE_S)
        self._bus.close()

    def _run(self) -> None:
        while not self._is_closed.is_set():
            try:
                message = self._bus.receive(timeout=0.1)
            except TimeoutError:
                continue
            except OSError:
                return
            if message.header.message_type is MessageType.method_call:
                self._answer(message)

    def _answer(self, call: Message) -> None:
        member = call.header.fields[HeaderFields.member]
        self.asker = call.header.fields[HeaderFields.sender]
        self.calls.append((member, call.body))
        answer = self._answers.get(member)
        if answer is None:
            reply = new_error(call, "org.freedesktop.DBus.Error.UnknownMethod", "s", (f"no {member}",))
        else:
            signature, body = answer(call.body)
            reply = new_method_return(call, signature, body)
        with self._lock:
            self._bus.send(reply)


def own_names(address: str) -> set[str]:
    """The unique names that this very process has on a bus, but for that of who asks."""
    with closing(on_bus(address)) as bus:

        def asked(member: str, signature: str | None = None, body: tuple[Any, ...] = ()) -> tuple[Any, ...]:
            call = new_method_call(message_bus, member, signature, body)
            return bus.send_and_get_reply(call, timeout=PATIENCE_S).body

        (names,) = asked("ListNames")
        unique = {name for name in names if name.startswith(":")} - {bus.unique_name}
        return {name for name in unique if asked("GetConnectionUnixProcessID", "s", (name,)) == (os.getpid(),)}


def newcomer(address: str, before: AbstractSet[str]) -> str:
    """The one name that this process has on a bus by now and did not have before."""
    found: set[str] = set()

    def is_alone() -> bool:
        found.clear()
        found.update(own_names(address) - before)  # one that asked a moment ago may be there still
        return len(found) == 1

    until(is_alone, "one more of us on the bus")
    return found.pop()


@contextmanager
def peer(address: str, name: str, answers: Mapping[str, Answer] | None = None) -> Iterator[Peer]:
    """A program on a bus for the length of a block."""
    made = Peer(address, name, answers or {})
    try:
        yield made
    finally:
        made.close()
