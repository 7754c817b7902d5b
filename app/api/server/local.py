"""The local API: its own thread with its own event loop, listening on 127.0.0.1 and on a Unix socket."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Middleware

from app.api.endpoints.control import COMMAND_PATH, SHOW_PATH, Control
from app.api.endpoints.handlers import Handlers
from app.api.http.limits import Limits, RateLimiter
from app.api.http.sockets import LOOPBACK, listen_tcp, listen_unix
from app.api.http.thread_pool import Pool
from app.api.http.unix_peer import is_own_user
from app.api.server.authentication import TcpGuard, name_socket_client, say_errors
from app.api.server.event_loop import Listener, Serving, nobody
from app.services.access.pairing import Pairing
from app.services.access.tokens import Tokens
from app.services.backend import Backend


class LocalApi:
    """Serves a Backend to the programs of this user.

    Args:
        backend: the running program; called from the API's worker threads.
        tokens: who may come in over TCP.
        socket_path: of the Unix socket.
        port: TCP port of 127.0.0.1; 0 for any free one, None for the Unix socket alone.
        pairing: gives tokens to extensions; by default none is offered.
        on_show: raises the window; called on the API's thread. None if there is no window.
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
        self._running: Serving | None = None

    @property
    def port(self) -> int:
        """The TCP port that is listened on, once started."""
        return self._started().port

    @property
    def url(self) -> str:
        """The address for TCP clients, once started."""
        return f"http://{LOOPBACK}:{self.port}"

    def start(self) -> None:
        """Listen, and serve from a thread of its own; returns once both sockets take connections.

        Raises:
            KnownError: if the port or the socket cannot be had; nothing is left behind then.
        """
        if self._running is not None:
            raise RuntimeError("the local API is running already")
        calls = Pool("kryptic-api", self._limits.threads, self._limits.waiting)
        commands = Pool("kryptic-command", self._limits.threads, 0)
        control = Control(self._backend, commands, self._limits, self._on_show)
        handlers = Handlers(self._backend, self._pairing, calls, self._limits)
        # The socket last: whoever finds it is answered, and not hung up on because the port cannot be had.
        tcp = None if self._wanted_port is None else listen_tcp(self._wanted_port)
        try:
            unix = listen_unix(self._socket_path)
        except BaseException:
            if tcp is not None:
                tcp.close()
            raise
        inlets = [
            Listener(unix, _application(handlers, control, name_socket_client, self._limits), is_own_user, nobody)
        ]
        port = 0
        if tcp is not None:
            port = tcp.getsockname()[1]
            limiter = RateLimiter(self._limits.burst, self._limits.requests_per_s, self._now_s)
            guard = TcpGuard(self._tokens, limiter, port)
            by_tcp = _application(handlers, None, guard.middleware(), self._limits)
            inlets.append(Listener(tcp, by_tcp, lambda _connection: True, guard.plain_client))
        self._running = Serving(
            inlets,
            port=port,
            backend=self._backend,
            limits=self._limits,
            cancel=control.cancel_all,
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

    def _started(self) -> Serving:
        if self._running is None:
            raise RuntimeError("the local API is not running")
        return self._running


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
