"""Lean HTTP clients for benchmarks: raw connections in a process of their own, so that the server is measured.

Each connection waits for its answer before it sends again. Requests are synthetic before the clock starts; a connection
is kept for as long as the server keeps it, and rebuilt if the server closes it after each answer.
"""

from __future__ import annotations

import multiprocessing
import select
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, NoReturn

LOOPBACK: Final = "127.0.0.1"
WARM_UP: Final = 20
_STUCK_S: Final = 60.0
_AT_ONCE_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Job:
    """What one client sends: whole requests, one after the other, and what each answer has to hold."""

    port: int
    requests: tuple[bytes, ...]
    expected: bytes


@dataclass(frozen=True, slots=True)
class Rate:
    """What was measured over all clients of one run; `client_us` is their own processor time for a request."""

    per_s: float
    median_ms: float
    p99_ms: float
    worst_ms: float
    client_us: float

    @classmethod
    def of(cls, taken_s: Sequence[float], wall_s: float | None = None, busy_s: float = 0.0) -> Rate:
        """From the seconds that each request took, and all together if they ran next to each other."""
        ordered = sorted(taken_s)
        median_ms, p99_ms = (ordered[int(len(ordered) * share)] * 1e3 for share in (0.5, 0.99))
        per_s = len(ordered) / (sum(ordered) if wall_s is None else wall_s)
        return cls(per_s, median_ms, p99_ms, ordered[-1] * 1e3, busy_s / len(ordered) * 1e6)


class Line:
    """One client's connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def ask(self, request: bytes) -> bytes:
        """Send one request; the whole answer, head and body."""
        self.send(request)
        return self.answer()

    def send(self, request: bytes) -> socket.socket:
        """Send one request; if the answer will come."""
        if self._socket is None:
            self._socket = socket.create_connection((LOOPBACK, self._port))
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        return self._socket

    def answer(self) -> bytes:
        """The whole answer to what was sent, head and body; the connection is closed if the server wants that."""
        answer = self._more()
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self._more()
        head = answer[:end].lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        while len(answer) < end + 4 + length:
            answer += self._more()
        if head.startswith(b"http/1.0") or b"\r\nconnection: close" in head:
            self.close()
        return answer

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _more(self) -> bytes:
        assert self._socket is not None
        received = self._socket.recv(_AT_ONCE_BYTES)
        if not received:
            raise ConnectionError("the server hung up in the middle of an answer")
        return received


def request(port: int, path: str, body: bytes, headers: str = "") -> bytes:
    """A POST request with a JSON body."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: {LOOPBACK}:{port}\r\n{headers}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def drive(jobs: Sequence[Job]) -> Rate:
    """Let the clients send next to each other, each waiting for an answer before its next request.

    Raises:
        RuntimeError: if an answer was not the expected one.
    """
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    worker = context.Process(target=_work, args=(jobs, results.put), daemon=True)
    worker.start()
    wrong, taken_s, wall_s, busy_s = results.get(timeout=10 * _STUCK_S)
    worker.join()
    if wrong:
        raise RuntimeError(wrong)
    return Rate.of(taken_s, wall_s, busy_s)


class _Client:
    """A connection, and what is still to be sent on it."""

    def __init__(self, job: Job) -> None:
        self._line = Line(job.port)
        self._expected = job.expected
        self._left = iter(job.requests)
        self._sent_s = 0.0
        self._watched: socket.socket | None = None
        self.taken_s: list[float] = []
        self.wrong = ""

    def warm_up(self) -> None:
        for one in islice(self._left, WARM_UP):
            self._line.ask(one)

    def send(self, ready: select.epoll, waiting: dict[int, _Client]) -> None:
        """Send the next request, if there is one, and wait for its answer."""
        one = next(self._left, None)
        if one is None:
            self._line.close()
            return
        self._sent_s = time.perf_counter()
        used = self._line.send(one)
        if used is not self._watched:  # a closed one has left the watch by itself
            ready.register(used, select.EPOLLIN)
            self._watched = used
        waiting[used.fileno()] = self

    def hear(self) -> None:
        answer = self._line.answer()
        self.taken_s.append(time.perf_counter() - self._sent_s)
        if self._expected not in answer:
            self.wrong = self.wrong or f"a request was answered with {answer[-500:]!r}"


def _work(jobs: Sequence[Job], give: Callable[[Any], None]) -> None:
    clients = [_Client(job) for job in jobs]
    for client in clients:
        client.warm_up()
    waiting: dict[int, _Client] = {}
    with select.epoll() as ready:
        busy_s, start_s = time.process_time(), time.perf_counter()
        for client in clients:
            client.send(ready, waiting)
        while waiting:
            for descriptor, _ in ready.poll(_STUCK_S) or _stuck():
                client = waiting.pop(descriptor)
                client.hear()
                client.send(ready, waiting)
        wall_s, busy_s = time.perf_counter() - start_s, time.process_time() - busy_s
    wrong = next((client.wrong for client in clients if client.wrong), "")
    give((wrong, [taken for client in clients for taken in client.taken_s], wall_s, busy_s))


def _stuck() -> NoReturn:
    raise TimeoutError(f"no client was answered for {_STUCK_S:.0f} s")
