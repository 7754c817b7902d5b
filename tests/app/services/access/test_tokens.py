"""Tokens: who may come in over TCP."""

from __future__ import annotations

import pytest

from app.errors import KnownError
from app.services.access.tokens import Scope, Tokens


def test_a_token_names_its_client() -> None:
    tokens = Tokens()
    token = tokens.issue("firefox", Scope.INGEST)
    client = tokens.match(token)
    assert client is not None
    assert (client.name, client.scope) == ("firefox", Scope.INGEST)


@pytest.mark.parametrize("wrong", ["", "x", "\ud800", "é" * 43])
def test_any_other_text_names_nobody(wrong: str) -> None:
    tokens = Tokens()
    tokens.issue("firefox", Scope.FULL)
    assert tokens.match(wrong) is None


def test_a_token_is_random_and_long() -> None:
    tokens = Tokens()
    made = {tokens.issue(f"client {number}", Scope.FULL) for number in range(50)}
    assert len(made) == 50
    assert min(map(len, made)) >= 43


def test_the_token_itself_is_not_kept() -> None:
    tokens = Tokens()
    token = tokens.issue("firefox", Scope.FULL)
    assert token not in tokens.to_json()
    assert token not in repr(tokens.clients)


def test_a_new_token_replaces_the_clients_old_one() -> None:
    tokens = Tokens()
    old, new = tokens.issue("firefox", Scope.FULL), tokens.issue("firefox", Scope.INGEST)
    assert tokens.match(old) is None
    assert tokens.match(new) is not None
    assert len(tokens.clients) == 1


def test_a_revoked_token_names_nobody() -> None:
    tokens = Tokens()
    token = tokens.issue("firefox", Scope.FULL)
    assert tokens.revoke("firefox")
    assert tokens.match(token) is None


def test_revoking_a_stranger_says_so() -> None:
    assert not Tokens().revoke("nobody")


def test_they_are_read_back_as_they_were_written() -> None:
    tokens = Tokens()
    token = tokens.issue("firefox", Scope.INGEST)
    again = Tokens.from_json(tokens.to_json())
    assert again.clients == tokens.clients
    assert again.match(token) == tokens.match(token)


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 65])
def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    with pytest.raises(KnownError, match="Choose 1 to 64"):
        Tokens().issue(name, Scope.FULL)


@pytest.mark.parametrize(
    "text",
    ["", "{}x", "7", "[1]", '[{"name": "a"}]', '[{"name": "a", "scope": "all", "digest": "00"}]'],
)
def test_text_that_holds_no_tokens_is_a_known_error(text: str) -> None:
    with pytest.raises(KnownError, match="kept as they are"):
        Tokens.from_json(text)
