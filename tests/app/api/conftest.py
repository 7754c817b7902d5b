"""A local API over a fake program, on real sockets."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.api.client import ControlClient
from app.api.http.limits import Limits
from app.api.server.local import LocalApi
from app.services.access.pairing import Pairing
from app.services.access.tokens import Scope, Tokens
from tests.app.api.fake_backend import FakeBackend
from tests.app.api.wire import send
from tests.app.clock import Clock

EVENT = {"ts_us": 1_760_000_000_000_000, "source": "terminal", "kind": "command", "app": "bash", "target": "make"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP response, its body parsed."""

    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass
class Running:
    """The API as a test sees it."""

    api: LocalApi
    backend: FakeBackend
    tokens: Tokens
    pairing: Pairing
    socket_path: Path
    shown: list[bool] = field(default_factory=list)
    full: str = ""
    ingest: str = ""

    @property
    def client(self) -> ControlClient:
        return ControlClient(self.socket_path)

    def ask(self, method: str, path: str, body: Any = None, token: str | None = None, **headers: str | None) -> Answer:
        """One TCP request; `body` bytes go as they are, all else as JSON. A header given as None is left out."""
        sent: dict[str, str | None] = {"Authorization": f"Bearer {self.full if token is None else token}"}
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        if data is not None:
            sent["Content-Type"] = "application/json"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        status, answered, named = send(self.api.port, method, path, data, sent)
        return Answer(status, json.loads(answered), named)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits() -> Limits:
    return Limits()


@pytest.fixture
def running(limits: Limits, clock: Clock) -> Iterator[Running]:
    backend = FakeBackend()
    tokens = Tokens()
    shown: list[bool] = []
    path = Path(os.environ["XDG_RUNTIME_DIR"]) / "kryptictrack" / "control.sock"
    pairing = Pairing(tokens, lambda: None, clock)
    api = LocalApi(
        backend, tokens, path, pairing=pairing, on_show=lambda: shown.append(True), limits=limits, now_s=clock
    )
    api.start()
    yield Running(
        api,
        backend,
        tokens,
        pairing,
        path,
        shown,
        full=tokens.issue("console", Scope.FULL),
        ingest=tokens.issue("extension", Scope.INGEST),
    )
    backend.gate.set()
    api.stop()
