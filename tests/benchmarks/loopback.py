"""Lean HTTP clients for benchmarks: each a process with a raw socket, so that the server and not the client is measured.

Requests are made up before the clock starts; a connection is kept for as long as the server keeps it, and made anew
where the server closes it after each answer.
"""

from __future__ import annotations

import multiprocessing
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from typing import Any, Final

LOOPBACK: Final = "127.0.0.1"
WARM_UP: Final = 20
_STUCK_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Job:
    """What one client sends: whole requests, one after the other, and what each answer has to hold."""

    port: int
    requests: tuple[bytes, ...]
    expected: bytes


@dataclass(frozen=True, slots=True)
class Rate:
    """What was measured over all clients of one run."""

    per_s: float
    median_ms: float
    p99_ms: float
    worst_ms: float

    @classmethod
    def of(cls, taken_s: Sequence[float], wall_s: float | None = None) -> Rate:
        """From the seconds that each request took, and all together where they ran beside each other."""
        ordered = sorted(taken_s)
        median_ms, p99_ms = (ordered[int(len(ordered) * share)] * 1e3 for share in (0.5, 0.99))
        return cls(len(ordered) / (sum(ordered) if wall_s is None else wall_s), median_ms, p99_ms, ordered[-1] * 1e3)


class Line:
    """One client's connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def ask(self, request: bytes) -> bytes:
        """Send one request; the whole answer, head and body."""
        if self._socket is None:
            self._socket = socket.create_connection((LOOPBACK, self._port), _STUCK_S)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        answer = self._socket.recv(65_536)
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
        received = self._socket.recv(65_536)
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
    """Let the clients send at once, each waiting for an answer before its next request.

    Raises:
        RuntimeError: where an answer was not the expected one.
    """
    context = multiprocessing.get_context("spawn")
    together, results = context.Barrier(len(jobs) + 1), context.Queue()
    workers = [context.Process(target=_work, args=(job, together, results.put), daemon=True) for job in jobs]
    for worker in workers:
        worker.start()
    together.wait()
    start_s = time.perf_counter()
    answers = [results.get(timeout=10 * _STUCK_S) for _ in workers]
    wall_s = time.perf_counter() - start_s
    for worker in workers:
        worker.join()
    for wrong, _ in answers:
        if wrong:
            raise RuntimeError(wrong)
    return Rate.of([taken for _, each in answers for taken in each], wall_s)


def _work(job: Job, together: Barrier, give: Callable[[Any], None]) -> None:
    line = Line(job.port)
    taken_s: list[float] = []
    wrong = ""
    for index, one in enumerate(job.requests):
        if index == WARM_UP:
            together.wait()
        start_s = time.perf_counter()
        answer = line.ask(one)
        taken_s.append(time.perf_counter() - start_s)
        if job.expected not in answer:
            wrong = wrong or f"{one[-300:]!r} was answered with {answer[-500:]!r}"
    line.close()
    give((wrong, taken_s[WARM_UP:]))
