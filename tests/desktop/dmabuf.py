"""A wire between a Wayland compositor without a graphics card and a client that insists on one.

xdg-desktop-portal-wlr shares no screen of a compositor that offers no buffer of the graphics card (linux_dmabuf) to copy
it into, though it then copies by shared memory. Here such an offer is put after each offer of shared memory; everything
else goes through as it is, descriptors too.

Protocol: wlr-screencopy-unstable-v1, version 3.
"""

from __future__ import annotations

import os
import select
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from collectors.desktop.wayland.wire import Reader, cut, pack
from tests.desktop.programs import PATIENCE_S

_DISPLAY, _GET_REGISTRY, _DELETE_ID = 1, 1, 1
_MANAGER = "zwlr_screencopy_manager_v1"
_CAPTURES = (0, 1)
_BUFFER, _LINUX_DMABUF = 0, 5
_XRGB8888 = 0x34325258
_MOST_DESCRIPTORS = 28


class _Client:
    """One client and its connection to the compositor."""

    def __init__(self, link: socket.socket, compositor: Path) -> None:
        self.link = link
        self.server = socket.socket(socket.AF_UNIX)
        self.server.connect(str(compositor))
        self._kinds = {_DISPLAY: "display"}
        self._streams = {link: bytearray(), self.server: bytearray()}

    def pass_on(self, sender: socket.socket) -> bool:
        """Pass on what one side has sent; False if it has gone."""
        try:
            data, descriptors, _, _ = socket.recv_fds(sender, 65_536, _MOST_DESCRIPTORS)
        except ConnectionResetError:
            return False
        if not data:
            return False
        stream, out = self._streams[sender], bytearray()
        stream += data
        while (message := cut(stream)) is not None:
            target, opcode, body = message
            out += struct.pack("=II", target, (8 + len(body)) << 16 | opcode) + body
            out += self._request(target, opcode, body) if sender is self.link else self._event(target, opcode, body)
        other = self.server if sender is self.link else self.link
        try:
            if out:
                socket.send_fds(other, [bytes(out)], descriptors)
        except (BrokenPipeError, ConnectionResetError):
            return False
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        return True

    def close(self) -> None:
        self.link.close()
        self.server.close()

    def _request(self, target: int, opcode: int, body: bytes) -> bytes:
        kind, arguments = self._kinds.get(target), Reader(body)
        if kind == "display" and opcode == _GET_REGISTRY:
            self._kinds[arguments.number()] = "registry"
        elif kind == "registry":
            arguments.number()
            if arguments.text() == _MANAGER:
                arguments.number()
                self._kinds[arguments.number()] = "manager"
        elif kind == "manager" and opcode in _CAPTURES:
            self._kinds[arguments.number()] = "frame"
        return b""

    def _event(self, target: int, opcode: int, body: bytes) -> bytes:
        arguments = Reader(body)
        if target == _DISPLAY and opcode == _DELETE_ID:
            self._kinds.pop(arguments.number(), None)
        elif self._kinds.get(target) == "frame" and opcode == _BUFFER:
            arguments.number()
            return pack(target, _LINUX_DMABUF, _XRGB8888, arguments.number(), arguments.number())
        return b""


@contextmanager
def offering(compositor: Path, listening: Path) -> Iterator[None]:
    """The wire for the length of a block.

    Args:
        compositor: the compositor's socket.
        listening: where clients are to connect.
    """
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(listening))
        door.listen()
        end, ended = socket.socketpair()
        thread = threading.Thread(target=_work, args=(door, ended, compositor), name="wire")
        thread.start()
        try:
            yield
        finally:
            end.close()
            thread.join(PATIENCE_S)
            ended.close()


def _work(door: socket.socket, ended: socket.socket, compositor: Path) -> None:
    sides: dict[socket.socket, _Client] = {}
    while ended not in (ready := select.select([door, ended, *sides], [], [])[0]):
        for one in ready:
            if one is door:
                client = _Client(door.accept()[0], compositor)
                sides[client.link] = sides[client.server] = client
            elif one in sides and not (client := sides[one]).pass_on(one):
                del sides[client.link], sides[client.server]
                client.close()
    for client in set(sides.values()):
        client.close()
