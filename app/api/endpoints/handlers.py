"""The endpoints of the local API, over any Backend."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from typing import Any, Final

from aiohttp import web
from aiohttp.typedefs import Handler

from app.api.endpoints import routes
from app.api.endpoints.openapi import document
from app.api.http.json_schema import encode
from app.api.http.limits import Limits
from app.api.http.requests import cleanup_request, read_json, read_object, texts_request
from app.api.http.responses import ApiError, json_answer
from app.api.http.tcp_peer import is_own_tcp_peer
from app.api.http.thread_pool import Pool
from app.services.access.pairing import Hello, HelloRequest, Paired, Pairing, PairRequest, RefusedError
from app.services.backend import Backend, LogReport

CLIENT: Final = web.RequestKey("client", str)
"""Who sent a request: the name its token was made for, or SOCKET_CLIENT."""
SOCKET_CLIENT: Final = "socket"
_MAX_REASON_CHARS: Final = 300


class Handlers:
    """Answers requests; what blocks is done in the pool.

    Args:
        backend: the running program.
        pairing: gives tokens to those who know a code.
        pool: threads for their calls.
        limits: bounds of a request.
    """

    def __init__(self, backend: Backend, pairing: Pairing, pool: Pool, limits: Limits) -> None:
        self._backend = backend
        self._pairing = pairing
        self._pool = pool
        self._limits = limits
        self._document = document(limits)

    def by_route(self) -> Mapping[routes.Route, Handler]:
        """Which method answers which route."""
        return {
            routes.LOG_ACTION: self.log_action,
            routes.CLEANUP: self.cleanup,
            routes.STATUS: self.status,
            routes.PREDICTIONS: self.predictions,
            routes.STATS: self.stats,
            routes.OPENAPI: self.openapi,
            routes.PAIR: self.pair,
            routes.HELLO: self.hello,
        }

    async def log_action(self, request: web.Request) -> web.Response:
        """Take in one event or a list; answered once they are on the disk.

        Raises:
            ApiError: 400 if the body is neither an event nor a list of events; 413 if the list is too long.
        """
        body = await read_json(request, self._limits)
        if not isinstance(body, (dict, list)):
            raise ApiError(400, "The body is neither an event nor a list of events.", "Send a JSON object or a list.")
        events = body if isinstance(body, list) else [body]
        if len(events) > self._limits.events:
            raise ApiError(
                413, f"The list holds more than {self._limits.events} events.", "Send it in several requests."
            )
        client = request[CLIENT]
        report = await self._pool.start(lambda: self._backend.log(events, client))
        return json_answer(log_answer(len(events), report))

    async def cleanup(self, request: web.Request) -> web.Response:
        """Thin out old actions, or say what that would remove."""
        wanted = cleanup_request(await read_object(request, self._limits))
        report = await self._pool.start(lambda: self._backend.cleanup(wanted.keep_days, dry_run=wanted.dry_run))
        return json_answer(encode(report))

    async def status(self, _: web.Request) -> web.Response:
        """Everything at a glance."""
        return json_answer(encode(await self._pool.start(self._backend.status)))

    async def predictions(self, _: web.Request) -> web.Response:
        """The most likely next actions, most likely first."""
        forecasts = await self._pool.start(self._backend.predictions)
        return json_answer({"predictions": [encode(forecast) for forecast in forecasts]})

    async def stats(self, _: web.Request) -> web.Response:
        """Counts and hit rates."""
        return json_answer(encode(await self._pool.start(self._backend.stats)))

    async def openapi(self, _: web.Request) -> web.Response:
        """The description of this API."""
        return json_answer(self._document)

    async def pair(self, request: web.Request) -> web.Response:
        """Give an extension its token.

        Raises:
            ApiError: 403 if the client belongs to another user.
        """
        asked = texts_request(PairRequest, await read_object(request, self._limits))
        if not await self._pool.start(lambda: _is_own_user(request)):
            raise ApiError(403, "Another user's program cannot be paired.", "Pair it with the program of its own user.")
        return await self._prove(lambda port: self._pairing.pair(asked, port), request)

    async def hello(self, request: web.Request) -> web.Response:
        """Prove to a client who this is."""
        asked = texts_request(HelloRequest, await read_object(request, self._limits))
        return await self._prove(lambda port: self._pairing.hello(asked, port), request)

    async def _prove(self, prove: Callable[[int], Paired | Hello], request: web.Request) -> web.Response:
        port = _port_of(request)
        try:
            return json_answer(encode(await self._pool.start(lambda: prove(port))))
        except RefusedError as error:
            raise ApiError(403, error.message, error.remedy) from error


def _port_of(request: web.Request) -> int:
    """The TCP port that a request came in by, as its socket tells; 0 for the Unix socket."""
    transport = request.transport
    name = None if transport is None else transport.get_extra_info("sockname")
    return int(name[1]) if isinstance(name, tuple) else 0


def _is_own_user(request: web.Request) -> bool:
    """Whether a program of this user asks, so that nobody else can as much as guess at a code."""
    transport = request.transport
    connection = None if transport is None else transport.get_extra_info("socket")
    if connection is None:
        return False  # it is gone already
    return connection.family == socket.AF_UNIX or is_own_tcp_peer(connection)


def log_answer(sent: int, report: LogReport) -> dict[str, Any]:
    """What `POST /api/log-action` answers.

    Args:
        sent: how many events were in the request.
        report: what became of them.

    Raises:
        ApiError: 400, if there were events, and none could be read.
    """
    fields = log_fields(report)
    if sent and len(report.refused) == sent:
        raise ApiError(
            400,
            f"No event could be read: {fields['refused'][0]['reason']}.",
            f"Send events as {routes.OPENAPI.path} describes them.",
            details=fields,
        )
    return fields


def log_fields(report: LogReport) -> dict[str, Any]:
    """A LogReport as `POST /api/log-action` answers it; a reason that quotes a long value is cut."""
    fields = encode(report)
    fields["refused"] = [{"index": index, "reason": reason[:_MAX_REASON_CHARS]} for index, reason in report.refused]
    return fields
