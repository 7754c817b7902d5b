"""Clients that mean no good, or are broken: the program stays within its limits, serves the others, and loses nothing."""

from __future__ import annotations

import json
import resource
import socket
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest

from app.api.http.limits import Limits
from tests.app.api.conftest import EVENT, Running
from tests.app.api.server.test_fast_path import BODY, answer, dial, head

MANY = 1_000
HUGE = 10_000_000


@pytest.fixture
def limits() -> Limits:
    return Limits(connections=32, burst=10**6, keepalive_s=600, body_s=600)  # a slow machine is not a slow client


@pytest.fixture
def many_files() -> Iterator[None]:
    """Room for both ends of a thousand connections in this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * MANY if hard == resource.RLIM_INFINITY else min(4 * MANY, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def served(running: Running) -> bool:
    return running.ask("POST", "/api/log-action", EVENT).status == 200


def until_served(running: Running) -> None:
    """Room comes back once the loop has heard that the others have left."""
    for _ in range(10_000):
        with suppress(OSError):
            if served(running):
                return
    raise AssertionError("nobody is served any more")


@pytest.mark.usefixtures("many_files")
def test_a_thousand_connections_at_once(running: Running) -> None:
    with ExitStack() as stack:
        held = [stack.enter_context(dial(running)) for _ in range(MANY)]
        refused = 0
        for connection in held:
            with suppress(OSError):
                connection.sendall(head(token=running.full) + BODY)
        answered = 0
        for connection in held:
            try:
                answered += answer(connection)[0] == 200
            except (OSError, EOFError):
                refused += 1
        assert (answered, refused) == (32, MANY - 32)
        assert len(running.backend.events) == answered
        assert running.client.command("echo", {"still": "here"}) == {"still": "here"}
    until_served(running)


def test_bodies_of_ten_megabytes(running: Running) -> None:
    body = json.dumps(EVENT | {"title": "x" * HUGE}).encode()
    for _ in range(5):
        with dial(running) as connection:
            with suppress(OSError):  # it may hang up before everything is sent
                connection.sendall(head(len(body), running.full) + body)
            assert answer(connection)[0] == 413
    assert running.backend.events == []
    assert served(running)


def test_requests_that_break_off(running: Running) -> None:
    whole = head(token=running.full) + BODY
    for end in range(1, len(whole), 5):
        with dial(running) as connection:
            connection.sendall(whole[:end])
            if end % 2:  # a reset instead of an end
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    until_served(running)
    assert len(running.backend.events) == 1


def test_half_open_connections_hold_nobody_up(running: Running) -> None:
    with ExitStack() as stack:
        for _ in range(20):
            connection = stack.enter_context(dial(running))
            connection.sendall(head(token=running.full) + BODY[:5])
            connection.shutdown(socket.SHUT_WR)
        until_served(running)


def test_slow_clients_next_to_a_fast_one(running: Running) -> None:
    whole = head(token=running.full) + BODY

    def dribble(connection: socket.socket) -> int:
        for byte in whole:
            connection.sendall(bytes([byte]))
        return answer(connection)[0]

    with ExitStack() as stack, ThreadPoolExecutor(10) as threads:
        slow = [threads.submit(dribble, stack.enter_context(dial(running))) for _ in range(10)]
        with dial(running) as fast:
            for _ in range(200):
                fast.sendall(whole)
                assert answer(fast)[0] == 200
        assert [each.result(60) for each in slow] == [200] * 10
    assert len(running.backend.events) == 210
