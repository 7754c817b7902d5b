"""A thread with an event loop that serves HTTP at listening sockets, from its start to its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from app.api.http.limits import Limits
from app.api.http.thread_pool import Pool
from app.api.server.accept import Acceptor
from app.api.server.fast_path import FastPath
from app.services.backend import Backend
from app.system.log import counted

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listener:
    """A listening socket.

    Attributes:
        listener: non-blocking.
        application: what is served there.
        welcome: whether a connection is taken at all.
        client_of: who may send plain events (see `FastPath`).
    """

    listener: socket.socket
    application: web.Application
    welcome: Callable[[socket.socket], bool]
    client_of: Callable[[str, str], str | None]


def nobody(_host: str, _authorization: str) -> str | None:
    """Who sends plain events if nobody does: every request is the library's."""
    return None


class Serving:
    """The thread, from its start to its end.

    Args:
        inlets: the addresses to listen at, and what is served there.
        port: the TCP port, for whoever asks.
        backend: takes plain events.
        limits: bounds of requests.
        cancel: called first of all at the stop.
        pools: ended last.
    """

    def __init__(
        self,
        inlets: Sequence[Listener],
        *,
        port: int,
        backend: Backend,
        limits: Limits,
        cancel: Callable[[], None],
        pools: tuple[Pool, ...],
    ) -> None:
        self.port = port
        self._backend = backend
        self._limits = limits
        self._cancel = cancel
        self._pools = pools
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, args=(inlets,), name="kryptic-api-loop", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take no more requests, and end every thread."""
        self._cancel()
        with contextlib.suppress(RuntimeError):  # the loop ended by a bug of its own, which the log has
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        for pool in self._pools:
            if not pool.stop(self._limits.stop_s):
                logger.warning("A call from the local API did not end within %s seconds", self._limits.stop_s)

    def _run(self, inlets: Sequence[Listener]) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve(inlets))

    async def _serve(self, inlets: Sequence[Listener]) -> None:
        runners = [await _set_up(inlet.application, self._limits) for inlet in inlets]
        lanes = [
            FastPath(server, self._backend, inlet.client_of, self._limits)
            for inlet, (_, server) in zip(inlets, runners, strict=True)
        ]
        acceptors = [
            Acceptor(inlet.listener, each, inlet.welcome, self._limits.connections)
            for inlet, each in zip(inlets, lanes, strict=True)
        ]
        await self._stop.wait()
        for acceptor in acceptors:
            await acceptor.stop()
        await asyncio.gather(
            *(each.close(self._limits.stop_s) for each in lanes), *(runner.cleanup() for runner, _ in runners)
        )


def _http_logger() -> logging.Logger:
    """The handler for aiohttp's log: bugs whole; requests that are no HTTP, which anybody may send, as a count."""
    http_logger = logger.getChild("http")
    http_logger.addFilter(_count_malformed)
    return http_logger


def _count_malformed(record: logging.LogRecord) -> bool:
    malformed = record.exc_info is not None and isinstance(record.exc_info[1], HttpProcessingError)
    if malformed:
        counted(logger, "malformed", "A request that is not HTTP was refused")
    return not malformed


async def _set_up(application: web.Application, limits: Limits) -> tuple[web.AppRunner, web.Server]:
    runner = web.AppRunner(
        application,
        handle_signals=False,
        access_log=None,
        logger=_http_logger(),
        handler_cancellation=True,
        auto_decompress=False,
        keepalive_timeout=limits.keepalive_s,
        lingering_time=limits.body_s,
        shutdown_timeout=limits.stop_s,
    )
    await runner.setup()
    server = runner.server
    assert server is not None
    return runner, server
