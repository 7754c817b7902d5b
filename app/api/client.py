"""Talking to the running program over its Unix socket. Standard library only, so that the command line starts fast."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from app.api.http.unix_peer import is_own_user, process_of
from app.errors import KnownError

CONNECT_TIMEOUT_S: Final = 2.0
SILENCE_TIMEOUT_S: Final = 30.0
_MAX_LINE_BYTES: Final = 64 << 20


class NotRunningError(KnownError):
    """No program listens at the socket; nothing was sent."""

    def __init__(self) -> None:
        super().__init__("The program is not running.", "Start it with: kryptic run.")


class ControlClient:
    """Speaks to the running program.

    Args:
        socket_path: its Unix socket.
        silence_s: how long the program may say nothing before it counts as stuck; a busy one gives signs of life.
    """

    def __init__(self, socket_path: Path, silence_s: float = SILENCE_TIMEOUT_S) -> None:
        self._socket_path = socket_path
        self._silence_s = silence_s

    def running(self) -> bool:
        """Whether a program of this user listens at the socket."""
        connection = self._connection()
        try:
            connection.connect()
        except KnownError:
            return False
        finally:
            connection.close()
        return True

    def process(self) -> int | None:
        """The number of the running program's process, None if no program of this user listens at the socket."""
        connection = self._connection()
        try:
            connection.connect()
            return process_of(connection.sock)
        except KnownError:
            return None
        finally:
            connection.close()

    def command(
        self,
        name: str,
        arguments: Mapping[str, Any],
        report: Callable[[Mapping[str, Any]], None] = lambda _: None,
    ) -> Any:
        """Run a command in the running program. An exception out of `report` (or an interrupt) cancels it there.

        Args:
            name: a command of the command line, such as "status".
            arguments: JSON-able.
            report: takes progress as it comes.

        Returns:
            The command's result, as parsed JSON.

        Raises:
            NotRunningError: if no program runs; nothing was sent.
            KnownError: what the program says is wrong, or that it went away or says nothing.
        """
        connection = self._connection()
        try:
            connection.connect()
            return self._exchange(connection, name, arguments, report)
        finally:
            connection.close()

    def show(self) -> None:
        """Raise the window of the running program.

        Raises:
            NotRunningError: if no program runs.
            KnownError: if it has no window.
        """
        self.command("show", {})

    def _connection(self) -> _UnixConnection:
        return _UnixConnection(self._socket_path, self._silence_s)

    def _exchange(
        self,
        connection: _UnixConnection,
        name: str,
        arguments: Mapping[str, Any],
        report: Callable[[Mapping[str, Any]], None],
    ) -> Any:
        body = json.dumps(arguments).encode()
        try:
            connection.request("POST", f"/control/{name}", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            raise _gone(error) from error
        while True:
            fields = _next_line(response)
            if "progress" in fields:
                report(fields["progress"])
            elif "error" in fields:
                raise KnownError(fields["error"]["message"], fields["error"]["remedy"])
            else:
                return fields["result"]


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket whose other end runs as this user."""

    def __init__(self, path: Path, silence_s: float) -> None:
        super().__init__("localhost", timeout=silence_s)
        self._path = path

    def connect(self) -> None:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(CONNECT_TIMEOUT_S)
            connection.connect(str(self._path))
        except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError) as error:
            connection.close()
            raise NotRunningError from error
        except OSError as error:
            connection.close()
            raise KnownError(
                f"The running program cannot be reached ({error.strerror or error}).",
                "Wait a moment and try again; if it stays so, stop the program and start it again.",
            ) from error
        if not is_own_user(connection):
            connection.close()
            raise KnownError(
                "The control socket belongs to another user; nothing was sent.",
                "Set XDG_RUNTIME_DIR to a directory of your own.",
            )
        connection.settimeout(self.timeout)
        self.sock = connection


def _next_line(response: http.client.HTTPResponse) -> dict[str, Any]:
    """The next object of a stream; empty lines are signs of life."""
    while True:
        try:
            line = response.readline(_MAX_LINE_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise _gone(error) from error
        if not line.endswith(b"\n") and not line.endswith(b"}"):
            raise _gone(None)
        if line.strip():
            return _fields(line)


def _fields(line: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(line)
    except ValueError as error:
        raise _gone(error) from error
    if not isinstance(fields, dict) or not fields.keys() & {"progress", "result", "error"}:
        raise _gone(None)
    return fields


def _gone(error: Exception | None) -> KnownError:
    if isinstance(error, TimeoutError):
        return KnownError(
            "The running program does not answer.", "Wait until it is less busy, or stop it and start it again."
        )
    return KnownError(
        "The running program went away before it had answered.",
        "See whether it still runs with: kryptic status, then try again.",
    )
