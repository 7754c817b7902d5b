"""Whatever arrives at an inlet, the answer is an HTTP answer and the server goes on. The seeds are fixed."""

from __future__ import annotations

import json
import random
import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.api.endpoints.routes import ROUTES
from app.api.http.limits import Limits
from tests.app.api.conftest import EVENT, Running

REQUESTS = 3_000
WORDS = ["ts_us", "source", "kind", "detail", "terminal", "focus", "keep_days", "dry_run", "", "\x00", "é", "x" * 5_000]


@pytest.fixture
def limits() -> Limits:
    return Limits(burst=10**9, keepalive_s=0.3, body_s=0.05)


def value(rng: random.Random, depth: int = 3) -> Any:
    """Any JSON value, often one that nearly fits."""
    choice = rng.randrange(8 if depth else 5)
    if choice == 0:
        return rng.choice([None, True, False, 0, -1, 2**63, 10**400, 1.5, 1e308])
    if choice in (1, 2, 3):
        return rng.choice(WORDS)
    if choice == 4:
        return {**EVENT, rng.choice(list(EVENT)): rng.choice([None, 7, "x", [], {}])}
    if choice == 5:
        return [value(rng, depth - 1) for _ in range(rng.randrange(4))]
    return {rng.choice(WORDS): value(rng, depth - 1) for _ in range(rng.randrange(4))}


def bent(rng: random.Random, data: bytes) -> bytes:
    """The bytes with some of them changed, cut or doubled."""
    if not data or rng.random() < 0.5:
        return data
    at = rng.randrange(len(data))
    return rng.choice(
        [data[:at], data[:at] + rng.randbytes(3) + data[at:], data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]]
    )


def raw_request(rng: random.Random, running: Running) -> bytes:
    """A request to any inlet, whole or bent in its head or body."""
    paths = [
        *(route.path for route in ROUTES),
        "/control/echo",
        "/control/count",
        "/control/show",
        "/",
        "/%00",
        "/api/../",
    ]
    fitting = rng.choice([EVENT, [EVENT] * 3, {"keep_days": 30}, {"to": 3}])
    body = bent(rng, json.dumps(rng.choice([fitting, value(rng)])).encode())
    token = rng.choice([running.full, running.full, running.full, running.ingest, "wrong", "é"])
    method, path = rng.choice([(route.method, route.path) for route in ROUTES])
    if rng.random() < 0.5:
        method, path = rng.choice(["POST", "POST", "GET", "PUT", "OPTIONS", "BREW"]), rng.choice(paths)
    length: object = len(body)
    if rng.random() < 0.2:
        length = rng.choice([len(body) // 2, len(body) + 3, -1, "x", 10**12])
    head = [
        f"{method} {path} HTTP/1.1",
        f"Host: {rng.choice(['localhost', 'localhost', 'localhost', '127.0.0.1', 'evil.example'])}",
        f"Authorization: Bearer {token}",
        f"Content-Type: {rng.choice(['application/json', 'application/json', 'text/plain', ';;;'])}",
        f"Content-Length: {length}",
        "Connection: close",
    ]
    if rng.random() < 0.1:
        head.append(
            rng.choice(["Origin: null", "Expect: 100-continue", "Transfer-Encoding: chunked", "Upgrade: websocket"])
        )
    text = "\r\n".join(head).encode() + b"\r\n\r\n"
    return (bent(rng, text) if rng.random() < 0.2 else text) + body


def send(address: tuple[str, int] | str, data: bytes) -> bytes:
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family) as connection:
        connection.settimeout(60)
        connection.connect(address)
        try:
            connection.sendall(data)
            return b"".join(iter(lambda: connection.recv(65_536), b""))
        except ConnectionError:  # refused before it was read to its end
            return b""


@pytest.mark.parametrize("inlet", ["tcp", "unix"])
def test_no_request_brings_the_server_down(running: Running, inlet: str, caplog: pytest.LogCaptureFixture) -> None:
    address: tuple[str, int] | str = ("127.0.0.1", running.api.port) if inlet == "tcp" else str(running.socket_path)
    with ThreadPoolExecutor(16) as threads:
        answers = list(
            threads.map(lambda seed: send(address, raw_request(random.Random(seed), running)), range(REQUESTS))
        )
    assert [answer[:100] for answer in answers if answer and not answer.startswith(b"HTTP/1.")] == []
    assert not any(b"Traceback" in answer for answer in answers)
    statuses = Counter(answer[9:12] for answer in answers)
    assert statuses[b"500"] == 0, caplog.text[-2_000:]
    assert statuses[b"200"] > REQUESTS // 50, statuses
    assert running.ask("GET", "/api/status").status == 200
    assert running.client.command("echo", {"still": "here"}) == {"still": "here"}
