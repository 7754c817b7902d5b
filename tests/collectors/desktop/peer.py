"""The other end of a Wayland connection in a test's hands: it offers what it is asked to, and says anything at all."""

from __future__ import annotations

import select
import shutil
import socket
import struct
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from collectors.desktop.wayland.wire import Reader, cut, pack
from tests.desktop.programs import PATIENCE_S

DISPLAY, REGISTRY_REQUEST, SYNC_REQUEST = 1, 1, 0


@dataclass(frozen=True)
class Asked:
    """One request, and the interface of the object it was sent to."""

    interface: str
    opcode: int
    arguments: Reader


class Peer:
    """Takes connections one after the other; its own thread answers registry and sync, and notes everything else.

    Args:
        offers: interface and version of each global.
        silent: whether it answers nothing.
    """

    def __init__(self, offers: Sequence[tuple[str, int]], *, silent: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="peer-"))
        self.asked: list[Asked] = []
        self.objects: dict[str, int] = {}
        self._offers = list(offers)
        self._silent = silent
        self._changed = threading.Condition()
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(self.folder / "wayland-t"))
        self._listening.listen(1)
        self._link: socket.socket | None = None
        self._end, self._ended = socket.socketpair()
        self._thread = threading.Thread(target=self._work, name="peer")
        self._thread.start()

    @property
    def environ(self) -> dict[str, str]:
        return {"WAYLAND_DISPLAY": "wayland-t", "XDG_RUNTIME_DIR": str(self.folder)}

    def bound(self, interface: str) -> int:
        """The number of an object of an interface, once the client has one."""
        with self._changed:
            assert self._changed.wait_for(lambda: interface in self.objects, PATIENCE_S)
            return self.objects[interface]

    def until_asked(self, interface: str, opcode: int, count: int = 1) -> Reader:
        """The arguments of a request, once it was made so many times."""

        def found() -> list[Reader]:
            return [one.arguments for one in self.asked if (one.interface, one.opcode) == (interface, opcode)]

        with self._changed:
            assert self._changed.wait_for(lambda: len(found()) >= count, PATIENCE_S)
            return found()[count - 1]

    def send(self, data: bytes) -> None:
        assert self._link is not None
        self._link.sendall(data)

    def close(self) -> None:
        self._end.close()
        self._thread.join(PATIENCE_S)
        for one in (self._listening, self._ended, self._link):
            if one is not None:
                one.close()
        shutil.rmtree(self.folder)

    def _work(self) -> None:
        while self._ended not in (ready := select.select([self._listening, self._ended], [], [])[0]):
            assert ready
            if self._link is not None:
                self._link.close()
            self._link, _ = self._listening.accept()
            if not self._serve(self._link):
                return

    def _serve(self, link: socket.socket) -> bool:
        """Serve one client to its end; False if the test ended first."""
        stream, names = bytearray(), {DISPLAY: "wl_display"}
        while self._ended not in select.select([link, self._ended], [], [])[0]:
            try:
                chunk = link.recv(65_536)
            except ConnectionResetError:
                return True
            if not chunk:
                return True
            stream += chunk
            while (message := cut(stream)) is not None:
                self._take(names, *message)
        return False

    def _take(self, names: dict[int, str], target: int, opcode: int, body: bytes) -> None:
        arguments = Reader(body)
        if target == DISPLAY and not self._silent:
            made = arguments.number()
            if opcode == REGISTRY_REQUEST:
                names[made] = "wl_registry"
                for number, (interface, version) in enumerate(self._offers):
                    self.send(pack(made, 0, number, interface, version))
            else:
                self.send(pack(made, 0, 0))
            return
        with self._changed:
            if names.get(target) == "wl_registry":
                number, interface, _, made = (
                    arguments.number(),
                    arguments.text(),
                    arguments.number(),
                    arguments.number(),
                )
                assert interface == self._offers[number][0]
                names[made] = interface
                self.objects[interface] = made
            else:
                self.asked.append(Asked(names.get(target, "?"), opcode, arguments))
            self._changed.notify_all()


def array(*numbers: int) -> bytes:
    """An array as an argument, by itself."""
    return struct.pack(f"={len(numbers) + 1}I", 4 * len(numbers), *numbers)


def event(target: int, opcode: int, body: bytes) -> bytes:
    """An event with arguments that were packed already."""
    return struct.pack("=II", target, (8 + len(body)) << 16 | opcode) + body


@contextmanager
def peer(*offers: tuple[str, int], silent: bool = False) -> Iterator[Peer]:
    """A peer for the length of a block."""
    made = Peer(offers, silent=silent)
    try:
        yield made
    finally:
        made.close()
