"""`/api/0` as ActivityWatch's server answers it, at a port of its own, at which its watchers look for it.

Those programs know no token, so what a token does is done by other means. The user switches it on. The kernel tells
whose program is at the other end, and only this user's are let in. Whatever a browser sends is refused: it names its
page's Origin, or Sec-Fetch-Site (W3C, Fetch Metadata Request Headers), or another Host (DNS rebinding). Programs can
only send; reading is a switch of its own, and nothing can be deleted, nor taken out whole.

The endpoints stand in `app.api.endpoints.activitywatch`.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web
from aiohttp.typedefs import Handler

from app.api.endpoints.activitywatch import Handlers
from app.api.http.limits import Limits, RateLimiter
from app.api.http.responses import ApiError
from app.api.http.sockets import listen_tcp
from app.api.http.tcp_peer import is_own_tcp_peer
from app.api.http.thread_pool import Pool
from app.api.server.authentication import HOSTS, say_errors
from app.api.server.event_loop import Listener, Serving, nobody
from app.errors import KnownError
from app.services.activitywatch.service import ActivityWatch
from app.services.backend import Backend
from app.system.log import counted

logger = logging.getLogger(__name__)
PORT: Final = 5600
"""The port at which ActivityWatch's programs look for their server by default."""
LIMITS: Final = Limits(body_bytes=8 << 20, events=20_000, threads=4, waiting=32)
_CLIENT: Final = "activitywatch"


class WatcherApi:
    """Serves ActivityWatch's clients at a port of 127.0.0.1, from a thread of its own.

    Args:
        service: what they ask.
        backend: the running program.
        port: 0 for any free one.
        limits: bounds of requests, for all clients together.
        now_s: clock of the rate limit.
    """

    def __init__(
        self,
        service: ActivityWatch,
        backend: Backend,
        port: int = PORT,
        *,
        limits: Limits = LIMITS,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._service = service
        self._backend = backend
        self._wanted_port = port
        self._limits = limits
        self._now_s = now_s
        self._serving: Serving | None = None

    @property
    def running(self) -> bool:
        """Whether it listens."""
        return self._serving is not None

    @property
    def port(self) -> int:
        """The port that is listened on; 0 if it is not."""
        return 0 if self._serving is None else self._serving.port

    def start(self) -> None:
        """Listen; nothing if it does already.

        Raises:
            KnownError: if the port cannot be had.
        """
        if self._serving is not None:
            return
        try:
            listener = listen_tcp(self._wanted_port)
        except KnownError as error:
            raise KnownError(
                f"Port {self._wanted_port} cannot be had, so ActivityWatch's watchers are not listened to.",
                "If ActivityWatch's own server runs, end it; then switch the watchers off and on again.",
            ) from error
        port = listener.getsockname()[1]
        pool = Pool("kryptic-watchers", self._limits.threads, self._limits.waiting)
        limiter = RateLimiter(self._limits.burst, self._limits.requests_per_s, self._now_s)
        application = web.Application(
            middlewares=[say_errors, _guard(port, limiter)], client_max_size=self._limits.body_bytes
        )
        Handlers(self._service, pool, self._limits).add_to(application)
        self._serving = Serving(
            [Listener(listener, application, is_own_tcp_peer, nobody)],
            port=port,
            backend=self._backend,
            limits=self._limits,
            cancel=lambda: None,
            pools=(pool,),
        )

    def stop(self) -> None:
        """Take no more requests and end the thread; safe more than once."""
        serving, self._serving = self._serving, None
        if serving is not None:
            serving.stop()


def _guard(port: int, limiter: RateLimiter) -> Any:
    hosts = {f"{host}:{port}" for host in HOSTS} | HOSTS

    def check(request: web.Request) -> None:
        named = request.headers.getall("Host", [])
        if len(named) != 1 or named[0].lower() not in hosts:
            raise ApiError(403, "The Host header does not name this machine.", "Ask 127.0.0.1 or localhost.")
        if "Origin" in request.headers or "Sec-Fetch-Site" in request.headers:
            raise ApiError(403, "Browsers are not let in here.", "Pair the program's own browser extension.")
        wait_s = limiter.wait_s(_CLIENT)
        if wait_s:
            raise ApiError(429, "Too many requests.", "Wait a little.", headers={"Retry-After": str(math.ceil(wait_s))})

    @web.middleware
    async def let_in(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            check(request)
            return await handler(request)
        except ApiError as error:
            counted(logger, str(error.status), "A request to ActivityWatch's inlet was refused (%d)", error.status)
            # ActivityWatch's clients look for the sentence next to "message".
            error.details.setdefault("message", f"{error.message} {error.remedy}")
            raise

    return let_in
