"""Taking connections: those of this user, and only so many at once, so that slow clients cannot hold everything."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import Final

from app.api.server.fast_path import FastPath
from app.system.log import counted

logger = logging.getLogger(__name__)
_PAUSE_S: Final = 0.5


class Acceptor:
    """Hands the connections of one listening socket to their protocols, on the running loop.

    Args:
        listener: non-blocking; closed by `stop`.
        lanes: makes the protocol of each connection, and counts them.
        welcome: whether a connection is taken at all.
        most: connections at once; one more is hung up on.
    """

    def __init__(
        self, listener: socket.socket, lanes: FastPath, welcome: Callable[[socket.socket], bool], most: int
    ) -> None:
        self._listener = listener
        self._welcome = welcome
        self._lanes = lanes
        self._most = most
        self._loop = asyncio.get_running_loop()
        self._handing_over: asyncio.Task[None] | None = None
        self._paused: asyncio.TimerHandle | None = None
        self._stopped = False
        self._resume()

    async def stop(self) -> None:
        """Take no more connections; those taken belong to the server."""
        if self._paused is not None:
            self._paused.cancel()
        self._stopped = True
        if self._handing_over is not None:
            await self._handing_over
        self._loop.remove_reader(self._listener)
        self._listener.close()

    def _resume(self) -> None:
        self._paused = None
        self._loop.add_reader(self._listener, self._accept)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return
        except OSError:
            counted(logger, "accept", "No more connections can be taken for now: too many files are open")
            self._loop.remove_reader(self._listener)
            self._paused = self._loop.call_later(_PAUSE_S, self._resume)
            return
        welcome = self._welcome(connection)
        if not welcome:
            counted(logger, "stranger", "Another user was turned away")
        if not welcome or self._lanes.count >= self._most:
            connection.close()
            return
        connection.settimeout(0)
        self._loop.remove_reader(self._listener)  # one at a time: a connection counts once it has its protocol
        self._handing_over = self._loop.create_task(self._hand_over(connection))

    async def _hand_over(self, connection: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._lanes, connection)
        except OSError:  # the client has left again
            connection.close()
        finally:
            self._handing_over = None
            if not self._stopped:
                self._resume()
