"""A code is for one extension, for a while, and for few guesses; nothing said on the way helps anyone else."""

from __future__ import annotations

import pytest

from app.errors import KnownError, StoreError
from app.services.access.pairing import (
    LETTERS,
    MOST_WRONG,
    VALID_S,
    Ended,
    HelloRequest,
    Pairing,
    PairRequest,
    RefusedError,
    key_of,
    prove,
)
from app.services.access.tokens import MAX_CLIENT_CHARS, Scope, Tokens
from tests.app.clock import Clock

PORT = 47_821
NONCE = "0123456789abcdef" * 2


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens() -> Tokens:
    return Tokens()


@pytest.fixture
def saved() -> list[str]:
    return []


@pytest.fixture
def pairing(tokens: Tokens, clock: Clock, saved: list[str]) -> Pairing:
    return Pairing(tokens, lambda: saved.append(tokens.to_json()), clock)


def asked(code: str, name: str = "Chromium", port: int = PORT, nonce: str = NONCE) -> PairRequest:
    return PairRequest(name, nonce, prove(key_of(code, nonce), "pair", str(port), name))


def test_who_knows_the_code_gets_a_token_that_can_only_send(pairing: Pairing, tokens: Tokens, saved: list[str]):
    code = pairing.offer().code
    paired = pairing.pair(asked(code), PORT)
    client = tokens.match(paired.token)
    assert client is not None
    assert (client.name, client.scope) == ("Chromium", Scope.INGEST)
    assert saved == [tokens.to_json()]


def test_the_answer_proves_that_it_comes_from_who_showed_the_code(pairing: Pairing):
    code = pairing.offer().code
    paired = pairing.pair(asked(code), PORT)
    assert paired.proof == prove(key_of(code, NONCE), "token", str(PORT), "Chromium", paired.token)


def test_a_code_is_read_as_it_is_meant(pairing: Pairing):
    code = pairing.offer().code
    sloppy = f" {code.lower().replace('0', 'o').replace('1', 'l')} "
    assert pairing.pair(asked(sloppy), PORT).client == "Chromium"


def test_codes_are_drawn_from_letters_that_cannot_be_mistaken_and_differ(pairing: Pairing):
    codes = {pairing.offer().code for _ in range(50)}
    assert len(codes) == 50
    assert all(len(code) == 11 and set(code) <= {*LETTERS, "-"} for code in codes)


def test_a_code_serves_once(pairing: Pairing):
    code = pairing.offer().code
    pairing.pair(asked(code), PORT)
    with pytest.raises(RefusedError, match="No pairing code"):
        pairing.pair(asked(code), PORT)


def test_a_code_serves_for_five_minutes(pairing: Pairing, clock: Clock):
    code = pairing.offer().code
    clock.now_s += VALID_S
    with pytest.raises(RefusedError, match="No pairing code"):
        pairing.pair(asked(code), PORT)


def test_a_newer_code_takes_the_place_of_the_older(pairing: Pairing):
    old, new = pairing.offer().code, pairing.offer().code
    with pytest.raises(RefusedError, match="wrong"):
        pairing.pair(asked(old), PORT)
    assert pairing.pair(asked(new), PORT).client == "Chromium"


def test_without_an_offer_there_is_nothing_to_guess(pairing: Pairing, tokens: Tokens):
    with pytest.raises(RefusedError):
        pairing.pair(asked("00000-00000"), PORT)
    assert tokens.clients == ()


def test_after_a_few_wrong_guesses_the_code_ends(pairing: Pairing, tokens: Tokens):
    ended: list[Ended] = []
    pairing.on_ended(lambda why, _name: ended.append(why))
    code = pairing.offer().code
    for _ in range(MOST_WRONG):
        with pytest.raises(RefusedError, match="wrong"):
            pairing.pair(asked("00000-00000"), PORT)
    with pytest.raises(RefusedError, match="No pairing code"):
        pairing.pair(asked(code), PORT)
    assert (ended, tokens.clients) == ([Ended.GUESSED], ())


def test_a_proof_that_came_in_by_another_port_is_worth_nothing(pairing: Pairing):
    """Who holds the usual port in the program's place cannot pass on what it hears."""
    code = pairing.offer().code
    with pytest.raises(RefusedError):
        pairing.pair(asked(code, port=PORT), PORT + 1)


def test_a_withdrawn_code_serves_no_more(pairing: Pairing):
    code = pairing.offer().code
    pairing.withdraw()
    with pytest.raises(RefusedError):
        pairing.pair(asked(code), PORT)


def test_the_end_of_a_code_is_reported_with_who_was_paired(pairing: Pairing):
    reported: list[tuple[Ended, str]] = []
    pairing.on_ended(lambda why, name: reported.append((why, name)))
    pairing.pair(asked(pairing.offer().code), PORT)
    pairing.offer()
    pairing.withdraw()
    assert reported == [(Ended.PAIRED, "Chromium"), (Ended.WITHDRAWN, "")]


def test_another_client_of_the_same_name_keeps_its_token(pairing: Pairing, tokens: Tokens):
    first = pairing.pair(asked(pairing.offer().code), PORT)
    second = pairing.pair(asked(pairing.offer().code), PORT)
    assert (first.client, second.client) == ("Chromium", "Chromium 2")
    assert tokens.match(first.token) is not None


def test_a_long_name_that_is_taken_stays_within_its_length(pairing: Pairing):
    name = "n" * MAX_CLIENT_CHARS
    pairing.pair(asked(pairing.offer().code, name), PORT)
    assert len(pairing.pair(asked(pairing.offer().code, name), PORT).client) <= MAX_CLIENT_CHARS


def test_where_the_token_cannot_be_kept_none_is_given(tokens: Tokens):
    def fail() -> None:
        raise StoreError("The disk is full.", "Make room.")

    pairing = Pairing(tokens, fail)
    code = pairing.offer().code
    with pytest.raises(StoreError):
        pairing.pair(asked(code), PORT)
    assert tokens.clients == ()


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * (MAX_CLIENT_CHARS + 1)])
def test_a_name_that_cannot_serve_costs_no_guess(pairing: Pairing, name: str):
    code = pairing.offer().code
    for _ in range(MOST_WRONG + 1):
        with pytest.raises(KnownError, match="name"):
            pairing.pair(asked(code, name), PORT)
    assert pairing.pair(asked(code), PORT).client == "Chromium"


@pytest.mark.parametrize(
    ("nonce", "proof"), [("", "0" * 64), ("0" * 31, "0" * 64), (NONCE, "0" * 63), (NONCE, "é" * 64)]
)
def test_what_is_no_proof_is_refused(pairing: Pairing, nonce: str, proof: str):
    pairing.offer()
    with pytest.raises(KnownError, match="hexadecimal"):
        pairing.pair(PairRequest("Chromium", nonce, proof), PORT)


class TestHello:
    def test_a_client_hears_a_proof_that_only_who_gave_it_its_token_can_make(self, pairing: Pairing, tokens: Tokens):
        tokens.issue("Chromium", Scope.INGEST)
        digest = bytes.fromhex(tokens.clients[0].digest)
        hello = pairing.hello(HelloRequest("Chromium", NONCE), PORT)
        assert hello.proof == prove(digest, "hello", str(PORT), NONCE)

    def test_one_who_is_not_paired_hears_so(self, pairing: Pairing):
        with pytest.raises(RefusedError, match="not paired"):
            pairing.hello(HelloRequest("Chromium", NONCE), PORT)

    def test_a_nonce_is_of_its_length(self, pairing: Pairing, tokens: Tokens):
        tokens.issue("Chromium", Scope.INGEST)
        with pytest.raises(KnownError, match="nonce"):
            pairing.hello(HelloRequest("Chromium", "00"), PORT)
