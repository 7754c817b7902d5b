"""Who is let in over TCP: this machine's own programs that hold a token, and no web page.

A page in a browser can send requests to 127.0.0.1, and by DNS rebinding under a name of its own, so the Host header
has to name this machine and an Origin has to be a browser extension's.
"""

from __future__ import annotations

import logging
import math
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from app.api.endpoints.handlers import CLIENT, SOCKET_CLIENT
from app.api.endpoints.routes import LOG_ACTION, OPEN_ROUTES
from app.api.http.limits import RateLimiter
from app.api.http.responses import FAULT, ApiError, LoggedError, error_answer
from app.errors import KnownError
from app.services.access.tokens import Client, Scope, Tokens

logger = logging.getLogger(__name__)

HOSTS: Final = frozenset({"127.0.0.1", "localhost"})
EXTENSION_ORIGINS: Final = ("chrome-extension://", "moz-extension://")
_BEARER: Final = "bearer"
_NOBODY: Final = ""
"""Who asks what needs no token; no client can have this name."""


class TcpGuard:
    """Names the client of a TCP request, or refuses it.

    Args:
        tokens: who may come in.
        limiter: how often.
        port: the port that a Host header may name.
    """

    def __init__(self, tokens: Tokens, limiter: RateLimiter, port: int) -> None:
        self._tokens = tokens
        self._limiter = limiter
        self._hosts = HOSTS | {f"{host}:{port}" for host in HOSTS}

    def middleware(self) -> Middleware:
        """The guard as aiohttp takes it."""

        @web.middleware
        async def name_tcp_client(request: web.Request, handler: Handler) -> web.StreamResponse:
            request[CLIENT] = self.client_of(request)
            return await handler(request)

        return name_tcp_client

    def plain_client(self, host: str, authorization: str) -> str | None:
        """The client of a request that sends one event and has no Origin; None if `client_of` has to judge."""
        if host.lower() not in self._hosts:
            return None
        client = self._holder(authorization)
        return client.name if client is not None and not self._limiter.wait_s(client.name) else None

    def client_of(self, request: web.Request) -> str:
        """Check, in order: Host, Origin, token and what it opens (if the route is not an open one), rate.

        Raises:
            ApiError: 401, 403 or 429 for a request that is not let in.
        """
        hosts = request.headers.getall("Host", [])
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            raise ApiError(403, "The Host header does not name this machine.", "Ask 127.0.0.1 or localhost.")
        origins = request.headers.getall("Origin", [])
        if not all(origin.startswith(EXTENSION_ORIGINS) for origin in origins):
            raise ApiError(403, "Web pages may not use this API.", "Use a paired browser extension.")
        name = self._name(request)
        wait_s = self._limiter.wait_s(name)
        if wait_s:
            raise ApiError(
                429,
                "This client sends requests too fast.",
                "Send several events in one request, and wait as long as Retry-After says.",
                headers={"Retry-After": str(math.ceil(wait_s))},
            )
        return name

    def _name(self, request: web.Request) -> str:
        asked = (request.method, request.path)
        if asked in OPEN_ROUTES:
            return _NOBODY
        client = self._client(request)
        if client.scope is not Scope.FULL and asked != (LOG_ACTION.method, LOG_ACTION.path):
            raise ApiError(403, "This token may only send events.", "Use a token with full scope to read.")
        return client.name

    def _client(self, request: web.Request) -> Client:
        given = request.headers.getall("Authorization", [])
        client = self._holder(given[0]) if len(given) == 1 else None
        if client is None:
            raise ApiError(
                401,
                "The token is missing or not known.",
                "Send Authorization: Bearer with a token made in the settings.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        return client

    def _holder(self, authorization: str) -> Client | None:
        scheme, _, token = authorization.partition(" ")
        return self._tokens.match(token.strip()) if scheme.lower() == _BEARER else None


@web.middleware
async def name_socket_client(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Name the client of a Unix socket request: the kernel has said that it is this user."""
    request[CLIENT] = SOCKET_CLIENT
    return await handler(request)


@web.middleware
async def say_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error as JSON with a sentence; a bug goes to the log whole, and never to the client."""
    try:
        return await handler(request)
    except ApiError as error:
        return error_answer(error)
    except KnownError as error:
        return error_answer(ApiError(503, error.message, error.remedy))
    except web.HTTPException as error:
        kept = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
        return error_answer(
            ApiError(error.status, f"{error.reason}.", "GET /api/openapi.json lists what can be asked.", headers=kept)
        )
    except LoggedError:
        return error_answer(ApiError(500, FAULT.message, FAULT.remedy))
    except Exception:
        logger.exception("A request to the local API failed")
        return error_answer(ApiError(500, FAULT.message, FAULT.remedy))
