"""A portal that gives a key of the desktop, as far as a program can see it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.desktop.peers import Peer, peer

NAME = "org.freedesktop.portal.Desktop"
PATH = "/org/freedesktop/portal/desktop"
SHORTCUTS = "org.freedesktop.portal.GlobalShortcuts"
SESSION = f"{PATH}/session/1_2/kryptic1"


class Portal:
    """Answers each request by a signal of its own, even before the call that made it is answered.

    Args:
        code: how the user answers: 0 with a key, 1 with none.
    """

    def __init__(self, code: int = 0) -> None:
        self.peer: Peer
        self.code = code
        self.bound: list[Any] = []

    def press(self, session: str = SESSION, key: str = "pause") -> None:
        """Somebody presses the key."""
        self.peer.tell(PATH, SHORTCUTS, "Activated", "osta{sv}", session, key, 1, {})

    def create(self, arguments: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
        return self.answer(arguments[0], 0, {"session_handle": ("s", SESSION)})

    def bind(self, arguments: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
        self.bound = list(arguments)
        return self.answer(arguments[3], self.code, {"shortcuts": ("a(sa{sv})", arguments[1])})

    def answer(self, options: Any, code: int, results: dict[str, Any]) -> tuple[str, tuple[Any, ...]]:
        """Answer a request, and before that tell what came of it."""
        asker = self.peer.asker.removeprefix(":").replace(".", "_")
        path = f"{PATH}/request/{asker}/{options['handle_token'][1]}"
        self.peer.tell(path, "org.freedesktop.portal.Request", "Response", "ua{sv}", code, results)
        return "o", (path,)


@contextmanager
def portal(address: str, code: int = 0) -> Iterator[Portal]:
    """A portal on a bus for the length of a block."""
    made = Portal(code)
    answers = {"Get": lambda _: ("v", (("u", 1),)), "CreateSession": made.create, "BindShortcuts": made.bind}
    with peer(address, NAME, answers) as made.peer:
        yield made
