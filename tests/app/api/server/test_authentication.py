"""Who is let in over TCP, and how a refusal looks."""

from __future__ import annotations

import pytest

from app.api.endpoints.routes import LOG_PATH, ROUTES
from app.api.http.limits import Limits
from tests.app.api.conftest import EVENT, Running
from tests.app.clock import Clock

READS = [(route.method, route.path) for route in ROUTES if route.path != LOG_PATH and not route.is_open]


def test_without_a_token_nobody_comes_in(running: Running) -> None:
    answer = running.ask("GET", "/api/status", Authorization=None)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("given", ["Bearer wrong", "Bearer ", "Bearer", "Basic abc", "é", ""])
def test_with_a_wrong_token_neither(running: Running, given: str) -> None:
    assert running.ask("GET", "/api/status", Authorization=given).status == 401


def test_a_revoked_token_ends_at_once(running: Running) -> None:
    running.tokens.revoke("console")
    assert running.ask("GET", "/api/status").status == 401


def test_the_name_of_the_scheme_is_read_in_any_case(running: Running) -> None:
    assert running.ask("GET", "/api/status", Authorization=f"bearer {running.full}").status == 200


@pytest.mark.parametrize(("method", "path"), [*READS, ("GET", LOG_PATH), ("POST", "/nowhere")])
def test_an_ingest_token_can_only_send_events(running: Running, method: str, path: str) -> None:
    answer = running.ask(method, path, {} if method == "POST" else None, token=running.ingest)
    assert answer.status == 403
    assert "only send events" in answer.body["error"]["message"]


def test_an_ingest_token_can_send_events(running: Running) -> None:
    assert running.ask("POST", LOG_PATH, EVENT, token=running.ingest).status == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1:1", "[::1]", "", "0.0.0.0"])
def test_a_name_that_is_not_this_machine_is_refused(running: Running, host: str) -> None:
    answer = running.ask("GET", "/api/status", Host=host)
    assert answer.status == 403
    assert "Host" in answer.body["error"]["message"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "localhost:{port}", "127.0.0.1:{port}"])
def test_this_machine_is_not(running: Running, host: str) -> None:
    assert running.ask("GET", "/api/status", Host=host.format(port=running.api.port)).status == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1", "null", "", "file://"])
def test_a_web_page_is_refused(running: Running, origin: str) -> None:
    assert running.ask("POST", LOG_PATH, EVENT, Origin=origin).status == 403


@pytest.mark.parametrize("origin", ["chrome-extension://abcdef", "moz-extension://0-1-2"])
def test_an_extension_is_not(running: Running, origin: str) -> None:
    assert running.ask("POST", LOG_PATH, EVENT, token=running.ingest, Origin=origin).status == 200


def test_no_answer_invites_web_pages(running: Running) -> None:
    answer = running.ask("GET", "/api/status", Origin="moz-extension://0-1-2")
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


class TestRate:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(burst=3, requests_per_s=0.5)

    def test_the_request_after_the_burst_is_reported_when_to_come_back(self, running: Running) -> None:
        answers = [running.ask("GET", "/api/status") for _ in range(4)]
        assert [answer.status for answer in answers] == [200, 200, 200, 429]
        assert answers[-1].headers["Retry-After"] == "2"

    def test_then_it_is_served(self, running: Running, clock: Clock) -> None:
        for _ in range(4):
            running.ask("GET", "/api/status")
        clock.now_s += 2
        assert running.ask("GET", "/api/status").status == 200

    def test_another_client_is_not_held_back(self, running: Running) -> None:
        for _ in range(4):
            running.ask("GET", "/api/status")
        assert running.ask("POST", LOG_PATH, EVENT, token=running.ingest).status == 200

    def test_the_command_line_is_never_held_back(self, running: Running) -> None:
        assert [running.client.command("echo", {}) for _ in range(20)] == [{}] * 20
