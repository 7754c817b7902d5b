"""Commands over the Unix socket: progress as it comes, then a result or an error, one JSON object a line.

An empty line is a sign of life. A client that goes away cancels its command (see `app.services.backend.Cancelled`).
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from aiohttp import web

from app.api.http.limits import Limits
from app.api.http.requests import read_object
from app.api.http.responses import FAULT, ApiError, LoggedError, error_fields, json_answer
from app.api.http.thread_pool import Pool
from app.errors import KnownError
from app.services.backend import Backend, Cancelled
from app.system.log import counted

COMMAND_PATH: Final = "/control/{command}"
SHOW_PATH: Final = "/control/show"
STOPPED: Final = KnownError("The command was stopped.", "Start it again to go on.")
_POLL_S: Final = 0.25
_SLOWEST_READER_S: Final = 60.0

logger = logging.getLogger(__name__)


class Control:
    """Runs commands for whoever holds the Unix socket.

    Args:
        backend: the running program.
        pool: threads for commands, apart from those of the API: commands may run for minutes.
        limits: bounds of a request.
        on_show: raises the window; None if the program runs without one. Called on the API's thread.
    """

    def __init__(self, backend: Backend, pool: Pool, limits: Limits, on_show: Callable[[], None] | None) -> None:
        self._backend = backend
        self._pool = pool
        self._limits = limits
        self._on_show = on_show
        self._stopping = threading.Event()

    def cancel_all(self) -> None:
        """Cancel the commands under way, and any that comes yet."""
        self._stopping.set()

    async def show(self, _: web.Request) -> web.Response:
        """Raise the window of the running program.

        Raises:
            KnownError: if the program runs without a window.
        """
        if self._on_show is None:
            raise KnownError("The program runs without a window.", "Stop it and start it from the desktop.")
        self._on_show()
        return json_answer({"result": None})

    async def command(self, request: web.Request) -> web.StreamResponse:
        """Run one command; its arguments are the body."""
        arguments = await read_object(request, self._limits)
        name = request.match_info["command"]
        stream = _Stream(asyncio.get_running_loop(), self._stopping)
        running = self._pool.start(lambda: self._backend.command(name, arguments, stream.report))
        try:
            await stream.open(request)
            while not (await asyncio.wait({running}, timeout=self._limits.heartbeat_s))[0]:
                await stream.send(b"\n")
            await stream.send(_last_line(running))
            await stream.response.write_eof()
        except ConnectionError:
            counted(logger, "left", "A client left before its command had ended")
        finally:
            stream.gone.set()
            running.cancel()
        return stream.response


class _Stream:
    """One client's lines, written from the loop and from the command's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, stopping: threading.Event) -> None:
        headers = {"Content-Type": "application/x-ndjson", "Cache-Control": "no-store"}
        self.response = web.StreamResponse(headers=headers)
        self.gone = threading.Event()
        self._loop = loop
        self._stopping = stopping
        self._opened = asyncio.Event()

    async def open(self, request: web.Request) -> None:
        await self.response.prepare(request)
        self._opened.set()

    async def send(self, line: bytes) -> None:
        await self.response.write(line)

    def report(self, progress: Mapping[str, Any]) -> None:
        """The command's `report`: blocks while the client is slow to read, raises Cancelled once it is gone."""
        self._check()
        if not progress:
            return
        line = _line({"progress": dict(progress)})
        written = asyncio.run_coroutine_threadsafe(self._send_opened(line), self._loop)
        waited_s = 0.0
        while True:
            try:
                written.result(_POLL_S)
            except TimeoutError:
                waited_s += _POLL_S
                if waited_s >= _SLOWEST_READER_S:
                    self.gone.set()
                if self.gone.is_set() or self._stopping.is_set():
                    written.cancel()
                    raise Cancelled from None
            except (ConnectionError, concurrent.futures.CancelledError) as error:
                self.gone.set()
                raise Cancelled from error
            else:
                return

    async def _send_opened(self, line: bytes) -> None:
        await self._opened.wait()
        await self.send(line)

    def _check(self) -> None:
        if self.gone.is_set() or self._stopping.is_set():
            raise Cancelled


def _last_line(running: asyncio.Future[Any]) -> bytes:
    try:
        return _line({"result": running.result()})
    except (KnownError, ApiError) as error:
        return _line(error_fields(error))
    except (Cancelled, asyncio.CancelledError):
        return _line(error_fields(STOPPED))
    except LoggedError:
        return _line(error_fields(FAULT))
    except (TypeError, ValueError):
        logger.exception("The result of a command is not JSON-able")
        return _line(error_fields(FAULT))


def _line(fields: Mapping[str, Any]) -> bytes:
    return json.dumps(fields).encode() + b"\n"
