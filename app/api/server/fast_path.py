"""The short way for single events: from the socket to the program and back, without a task or a thread for each.

A connection begins in the lane. A plain request (see `plain`) from a known client is answered here; with the first that
is anything else the connection goes over to the HTTP library for good, with all its bytes. So what is refused, and how,
stands in one place, and the lane knows one answer more than the library: how an event was taken.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus
from typing import Final

from aiohttp import web

from app.api.endpoints.handlers import log_answer
from app.api.http.limits import Limits
from app.api.http.requests import no_json, parsed
from app.api.http.responses import FAULT, ApiError, error_fields, raw_answer
from app.api.server.fast_request import FastRequest, NotFast, Reader
from app.errors import KnownError
from app.services.backend import ONE_STORED, Backend, LogReport, Sent

logger = logging.getLogger(__name__)
_PATIENCE_S: Final = 0.25
"""How long the rest of a request may take; then the library waits for it, by its own limits."""

Outcome = LogReport | Exception


class FastPath:
    """All connections of one listening socket: those in the lane, and those that went over to the library.

    Args:
        server: makes the library's protocol for a connection.
        backend: takes the events.
        client_of: the name of a client by its Host and Authorization headers; None for whom the library has to judge.
        limits: bounds of a request.
    """

    def __init__(
        self, server: web.Server, backend: Backend, client_of: Callable[[str, str], str | None], limits: Limits
    ) -> None:
        self.server = server
        self._backend = backend
        self.client_of = client_of
        self.limits = limits
        self.loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._lanes: set[FastConnection] = set()
        self._arrived: list[Sent] = []
        self._outcomes: deque[tuple[FastConnection, Outcome]] = deque()
        self._waking = False
        self._empty = asyncio.Event()
        self._date = (-1, b"")
        self._stored = b""

    def __call__(self) -> FastConnection:
        """The protocol of a new connection."""
        return FastConnection(self)

    @property
    def count(self) -> int:
        """How many connections are open."""
        return len(self._lanes) + len(self.server.connections)

    def enter(self, lane: FastConnection) -> None:
        """A connection begins."""
        self._lanes.add(lane)

    def leave(self, lane: FastConnection) -> None:
        """A connection ended, or went over to the library."""
        self._lanes.discard(lane)
        if not self._lanes:
            self._empty.set()

    def take(self, sent: Sent) -> None:
        """Take in an event, together with those that arrive until the loop has nothing else to read."""
        if not self._arrived:
            self.loop.call_soon(self._hand_in, 0)
        self._arrived.append(sent)

    def tell(self, lane: FastConnection, outcome: Outcome) -> None:
        """Answer a lane's request; from any thread. Answers that come together wake the loop once."""
        self._outcomes.append((lane, outcome))
        if not self._waking:
            self._waking = True
            own = threading.get_ident() == self._thread
            (self.loop.call_soon if own else self.loop.call_soon_threadsafe)(self._answer)

    async def close(self, within_s: float) -> None:
        """Let the requests under way be answered, for a while, and hang up."""
        self._empty.clear()
        for lane in tuple(self._lanes):
            lane.end()
        if self._lanes:
            try:
                await asyncio.wait_for(self._empty.wait(), within_s)
            except TimeoutError:
                logger.warning("%d events were not answered within %s seconds", len(self._lanes), within_s)
        for lane in tuple(self._lanes):
            lane.abort()

    def date(self) -> bytes:
        """Now, as HTTP writes it; made once a second."""
        now_s = int(self.loop.time())
        if self._date[0] != now_s:
            self._date = (now_s, formatdate(usegmt=True).encode())
            self._stored = raw_answer(HTTPStatus.OK, log_answer(1, ONE_STORED), self._date[1])
        return self._date[1]

    def stored(self) -> bytes:
        """The commonest answer, made once a second."""
        self.date()
        return self._stored

    def _hand_in(self, before: int) -> None:
        if before < len(self._arrived) < len(self._lanes):  # more may come, to share the cost of one flush
            self.loop.call_soon(self._hand_in, len(self._arrived))
            return
        arrived, self._arrived = self._arrived, []
        try:
            self._backend.log_soon(arrived)
        except Exception as error:
            if not isinstance(error, KnownError):
                logger.exception("A call from the local API failed")
            for sent in arrived:
                sent.tell(error)

    def _answer(self) -> None:
        self._waking = False  # before the first is taken, so that one that comes now wakes the loop again
        while self._outcomes:
            lane, outcome = self._outcomes.popleft()
            lane.answer(outcome)


class FastConnection(asyncio.Protocol):
    """One connection, for as long as it sends plain requests."""

    def __init__(self, lanes: FastPath) -> None:
        self._lanes = lanes
        self._transport: asyncio.Transport | None = None
        self._reader = Reader()
        self._waiting = b""
        self._answering = False
        self._ending = False
        self._heard_s = 0.0
        self._idle: asyncio.TimerHandle | None = None
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; a connection that says nothing is ended like one of the library's."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._lanes.enter(self)
        self._heard_s = self._lanes.loop.time()
        self._idle = self._lanes.loop.call_later(self._lanes.limits.keepalive_s, self._end_if_idle)

    def connection_lost(self, _: Exception | None) -> None:
        """The client has left; an event under way is stored all the same."""
        self._leave()

    def data_received(self, data: bytes) -> None:
        """Take a request, wait for the rest of it, or let the library have it."""
        assert self._transport is not None
        self._waiting = self._waiting + data if self._waiting else data
        if self._answering:
            self._transport.pause_reading()  # one at a time, in order; what waits is bounded by one read
            return
        self._read()

    def eof_received(self) -> bool:
        """The client sends no more: an answer under way is still written."""
        self._ending = True
        return self._answering

    def pause_writing(self) -> None:
        """The client does not read its answers: it is not asked for more."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        """It reads again."""
        if self._transport is not None:
            self._transport.resume_reading()

    def end(self) -> None:
        """Take no more requests, and hang up as soon as the one under way is answered."""
        self._ending = True
        if not self._answering:
            self.abort()

    def abort(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()
        self._leave()

    def answer(self, outcome: Outcome) -> None:
        """Tell what became of the event under way."""
        transport = self._transport
        if transport is None or not self._answering:
            return
        self._answering = False
        self._heard_s = self._lanes.loop.time()
        transport.write(self._written(outcome))
        if self._ending:
            self.abort()
        elif self._waiting:
            transport.resume_reading()
            self._read()

    def _written(self, outcome: Outcome) -> bytes:
        if isinstance(outcome, LogReport):
            if outcome == ONE_STORED:
                return self._lanes.stored()
            try:
                return self._response(HTTPStatus.OK, log_answer(1, outcome))
            except ApiError as error:
                return self._written(error)
        if isinstance(outcome, ApiError):
            return self._response(outcome.status, {**error_fields(outcome), **outcome.details})
        if isinstance(outcome, KnownError):
            return self._response(HTTPStatus.SERVICE_UNAVAILABLE, error_fields(outcome))
        return self._response(HTTPStatus.INTERNAL_SERVER_ERROR, error_fields(FAULT))  # a bug, which the log has

    def _response(self, status: int, fields: object) -> bytes:
        return raw_answer(status, fields, self._lanes.date())

    def _read(self) -> None:
        request = self._reader.read(self._waiting)
        if isinstance(request, FastRequest):
            self._forget_patience()
            client = self._lanes.client_of(request.host, request.authorization)
            if client is not None:
                self._waiting = b""
                self._answering = True
                self._take(request, client)
                return
        elif request is NotFast.INCOMPLETE:
            if self._patience is None:
                self._patience = self._lanes.loop.call_later(_PATIENCE_S, self._go_over)
            return
        self._go_over()

    def _take(self, request: FastRequest, client: str) -> None:
        try:
            event = parsed(request.body)
        except (ValueError, RecursionError):
            self.answer(no_json())
            return
        self._lanes.take(Sent(event, client, lambda outcome: self._lanes.tell(self, outcome)))

    def _go_over(self) -> None:
        """Give the connection to the HTTP library, with what it has sent so far."""
        transport, waiting = self._transport, self._waiting
        self._leave()
        if transport is None or transport.is_closing():
            return
        transport.resume_reading()
        protocol = self._lanes.server()
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        protocol.data_received(waiting)

    def _end_if_idle(self) -> None:
        loop, keepalive_s = self._lanes.loop, self._lanes.limits.keepalive_s
        left_s = self._heard_s + keepalive_s - loop.time()
        if left_s <= 0 and not self._answering:
            self.abort()
            return
        self._idle = loop.call_later(max(left_s, keepalive_s / 10), self._end_if_idle)

    def _forget_patience(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _leave(self) -> None:
        self._forget_patience()
        if self._idle is not None:
            self._idle.cancel()
        self._transport = None
        self._waiting = b""
        self._answering = False
        self._lanes.leave(self)
