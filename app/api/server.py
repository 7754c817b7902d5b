"""The local API: its own thread with its own event loop, listening on 127.0.0.1 and on a Unix socket."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Middleware

from app.api.accept import Acceptor
from app.api.control import COMMAND_PATH, SHOW_PATH, Control
from app.api.guard import TcpGuard, name_socket_client, say_errors
from app.api.handlers import Handlers
from app.api.lane import Lanes
from app.api.limits import Limits, RateLimiter
from app.api.pool import Pool
from app.api.sockets import LOOPBACK, listen_tcp, listen_unix
from app.api.tokens import Tokens
from app.log import counted
from app.services.backend import Backend
from app.services.pairing import Pairing

logger = logging.getLogger(__name__)


class LocalApi:
    """Serves a Backend to the programs of this user.

    Args:
        backend: the running program; called from the API's worker threads.
        tokens: who may come in over TCP.
        socket_path: where the Unix socket goes.
        port: TCP port of 127.0.0.1; 0 for any free one, None for the Unix socket alone.
        pairing: gives tokens to extensions; by default none is offered.
        on_show: raises the window; called on the API's thread. None where there is no window.
        limits: bounds of requests.
        now_s: clock of the rate limit.
    """

    def __init__(
        self,
        backend: Backend,
        tokens: Tokens,
        socket_path: Path,
        port: int | None = 0,
        *,
        pairing: Pairing | None = None,
        on_show: Callable[[], None] | None = None,
        limits: Limits | None = None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._backend = backend
        self._tokens = tokens
        self._pairing = pairing or Pairing(tokens, lambda: None)
        self._socket_path = socket_path
        self._wanted_port = port
        self._on_show = on_show
        self._limits = limits or Limits()
        self._now_s = now_s
        self._running: _Running | None = None

    @property
    def port(self) -> int:
        """The TCP port that is listened on, once started."""
        return self._started().port

    @property
    def url(self) -> str:
        """Where TCP clients find the API, once started."""
        return f"http://{LOOPBACK}:{self.port}"

    def start(self) -> None:
        """Listen, and serve from a thread of its own; returns once both sockets take connections.

        Raises:
            KnownError: where the port or the socket cannot be had; nothing is left behind then.
        """
        if self._running is not None:
            raise RuntimeError("the local API is running already")
        calls = Pool("kryptic-api", self._limits.threads, self._limits.waiting)
        commands = Pool("kryptic-command", self._limits.threads, 0)
        control = Control(self._backend, commands, self._limits, self._on_show)
        handlers = Handlers(self._backend, self._pairing, calls, self._limits)
        unix = listen_unix(self._socket_path)
        inlets = [_Inlet(unix, _application(handlers, control, name_socket_client, self._limits), _nobody)]
        port = 0
        if self._wanted_port is not None:
            try:
                tcp = listen_tcp(self._wanted_port)
            except BaseException:
                unix.close()
                self._socket_path.unlink(missing_ok=True)
                raise
            port = tcp.getsockname()[1]
            limiter = RateLimiter(self._limits.burst, self._limits.requests_per_s, self._now_s)
            guard = TcpGuard(self._tokens, limiter, port)
            by_tcp = _application(handlers, None, guard.middleware(), self._limits)
            inlets.append(_Inlet(tcp, by_tcp, guard.plain_client))
        self._running = _Running(
            inlets,
            port=port,
            backend=self._backend,
            limits=self._limits,
            control=control,
            pools=(calls, commands),
        )

    def stop(self) -> None:
        """Take no more requests, cancel running commands, end every thread and remove the Unix socket.

        Not to be called from a Backend method: it waits for those.
        """
        running, self._running = self._running, None
        if running is not None:
            running.stop()
            self._socket_path.unlink(missing_ok=True)

    def _started(self) -> _Running:
        if self._running is None:
            raise RuntimeError("the local API is not running")
        return self._running


@dataclass(frozen=True, slots=True)
class _Inlet:
    """A listening socket, what is served there, and who may send plain events (see `Lanes`)."""

    listener: socket.socket
    application: web.Application
    client_of: Callable[[str, str], str | None]


def _nobody(_host: str, _authorization: str) -> str | None:
    """The Unix socket is for commands: its requests are the library's."""
    return None


class _Running:
    """The thread, from its start to its end."""

    def __init__(
        self,
        inlets: Sequence[_Inlet],
        *,
        port: int,
        backend: Backend,
        limits: Limits,
        control: Control,
        pools: tuple[Pool, ...],
    ) -> None:
        self.port = port
        self._backend = backend
        self._limits = limits
        self._control = control
        self._pools = pools
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, args=(inlets,), name="kryptic-api-loop", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._control.cancel_all()
        with contextlib.suppress(RuntimeError):  # the loop ended by a bug of its own, which the log has
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        for pool in self._pools:
            if not pool.stop(self._limits.stop_s):
                logger.warning("A call from the local API did not end within %s seconds", self._limits.stop_s)

    def _run(self, inlets: Sequence[_Inlet]) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve(inlets))

    async def _serve(self, inlets: Sequence[_Inlet]) -> None:
        runners = [await _set_up(inlet.application, self._limits) for inlet in inlets]
        lanes = [
            Lanes(server, self._backend, inlet.client_of, self._limits)
            for inlet, (_, server) in zip(inlets, runners, strict=True)
        ]
        acceptors = [
            Acceptor(inlet.listener, each, self._limits.connections) for inlet, each in zip(inlets, lanes, strict=True)
        ]
        await self._stop.wait()
        for acceptor in acceptors:
            await acceptor.stop()
        await asyncio.gather(
            *(each.close(self._limits.stop_s) for each in lanes), *(runner.cleanup() for runner, _ in runners)
        )


def _application(
    handlers: Handlers, control: Control | None, name_client: Middleware, limits: Limits
) -> web.Application:
    application = web.Application(middlewares=[say_errors, name_client], client_max_size=limits.body_bytes)
    for route, handler in handlers.by_route().items():
        application.router.add_route(route.method, route.path, handler)
    if control is not None:
        application.router.add_post(SHOW_PATH, control.show)
        application.router.add_post(COMMAND_PATH, control.command)
    return application


def _http_logger() -> logging.Logger:
    """Where aiohttp logs: bugs as they are; requests that are no HTTP, which anybody may send, as a count."""
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
