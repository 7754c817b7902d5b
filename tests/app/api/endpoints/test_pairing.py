"""Pairing over TCP: open to who knows the code and to no web page, and never a way to more than sending events."""

from __future__ import annotations

import hashlib
import os

import pytest

from app.api.endpoints.routes import LOG_PATH
from app.api.http.limits import Limits
from app.services.access.pairing import MOST_WRONG, key_of, prove
from tests.app.api.conftest import EVENT, Running

NONCE = "00112233445566778899aabbccddeeff"


def pair(running: Running, code: str, name: str = "Chromium", **headers: str | None):
    proof = prove(key_of(code, NONCE), "pair", str(running.api.port), name)
    body = {"name": name, "nonce": NONCE, "proof": proof}
    return running.ask("POST", "/api/pair", body, **{"Authorization": None, **headers})


def test_an_extension_is_paired_and_sends(running: Running) -> None:
    code = running.pairing.offer().code
    answer = pair(running, code, Origin="chrome-extension://abcdef")
    assert answer.status == 200
    assert running.ask("POST", LOG_PATH, EVENT, token=answer.body["token"]).status == 200
    assert running.ask("GET", "/api/status", token=answer.body["token"]).status == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1", "null"])
def test_a_web_page_is_not_paired_even_with_the_code(running: Running, origin: str) -> None:
    assert pair(running, running.pairing.offer().code, Origin=origin).status == 403
    assert [client.name for client in running.tokens.clients] == ["console", "extension"]


def test_nor_one_that_names_another_host(running: Running) -> None:
    assert pair(running, running.pairing.offer().code, Host="evil.example").status == 403


def test_nor_a_program_of_another_user_and_its_guesses_do_not_count(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = running.pairing.offer().code
    with monkeypatch.context() as patch:
        patch.setattr(os, "geteuid", lambda: os.getuid() + 1)
        statuses = {pair(running, code).status for _ in range(MOST_WRONG + 1)}
    assert statuses == {403}
    assert pair(running, code).status == 200


def test_a_wrong_code_is_refused_in_words(running: Running) -> None:
    running.pairing.offer()
    answer = pair(running, "00000-00000")
    assert answer.status == 403
    assert "code is wrong" in answer.body["error"]["message"]


def test_without_an_offer_nothing_is_paired(running: Running) -> None:
    assert pair(running, "00000-00000").status == 403


def test_a_paired_client_can_tell_the_program_from_others(running: Running) -> None:
    answer = running.ask("POST", "/api/hello", {"client": "extension", "nonce": NONCE}, Authorization=None)
    key = hashlib.sha256(running.ingest.encode()).digest()
    assert answer.body == {"proof": prove(key, "hello", str(running.api.port), NONCE)}


def test_an_unknown_client_hears_that_it_is_not_paired(running: Running) -> None:
    answer = running.ask("POST", "/api/hello", {"client": "nobody", "nonce": NONCE}, Authorization=None)
    assert answer.status == 403


@pytest.mark.parametrize(
    "body", [{}, [], {"name": 1, "nonce": NONCE, "proof": ""}, {"name": "a", "nonce": NONCE, "proof": "", "more": ""}]
)
def test_a_body_that_is_no_request_is_refused(running: Running, body: object) -> None:
    assert running.ask("POST", "/api/pair", body, Authorization=None).status == 400


class TestRate:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(burst=3, requests_per_s=0.5)

    def test_who_knocks_too_often_waits_and_holds_up_no_client(self, running: Running) -> None:
        statuses = [pair(running, "00000-00000").status for _ in range(4)]
        assert statuses == [403, 403, 403, 429]
        assert running.ask("POST", LOG_PATH, EVENT, token=running.ingest).status == 200
