"""Giving an extension its token: by a code that the program shows, the user types, and both then prove to know.

Any program of this machine can knock at the API's port, and another user's can hold that port before this program does.
So neither side believes the other before it has heard a proof, and neither sends the code:

    key     = PBKDF2-HMAC-SHA-256(code, nonce, ROUNDS)                        the nonce is the extension's, 16 bytes
    asks    = HMAC-SHA-256(key, "kryptictrack pair" ⏎ port ⏎ name)            POST /api/pair
    answers = HMAC-SHA-256(key, "kryptictrack token" ⏎ port ⏎ name ⏎ token)   with the token, which can only send events

A code has 50 random bits, serves once, for five minutes, and for five wrong proofs. The port stands in both proofs, so
one who holds another port can pass nothing on; and only programs of this user may ask (`app.api.endpoints.handlers`).
Later, each time before it sends its token and events, the extension has the listener prove that it knows the token's
SHA-256, which no one else has (POST /api/hello):

    HMAC-SHA-256(SHA-256(token), "kryptictrack hello" ⏎ port ⏎ nonce)
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.errors import KnownError
from app.services.access.tokens import MAX_CLIENT_CHARS, Scope, Tokens

CODE_CHARS: Final = 10
LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: none that is easily taken for another."""
ROUNDS: Final = 200_000
VALID_S: Final = 300.0
MOST_WRONG: Final = 5
_ALIKE: Final = str.maketrans("OIL", "011")
_NONCE: Final = re.compile(r"[0-9a-f]{32}")
_PROOF: Final = re.compile(r"[0-9a-f]{64}")


class Ended(StrEnum):
    """Why a code serves no more."""

    PAIRED = "paired"
    WITHDRAWN = "withdrawn"
    GUESSED = "guessed"


@dataclass(frozen=True, slots=True)
class Offer:
    """A code that an extension may be paired with now.

    Attributes:
        code: as it is shown, "7K3QF-2M9XD".
        valid_s: for how long it serves.
    """

    code: str
    valid_s: float


@dataclass(frozen=True, slots=True)
class PairRequest:
    """What `POST /api/pair` takes.

    Attributes:
        name: what the extension calls itself ("Chromium").
        nonce: 16 random bytes in hexadecimal, drawn for each request.
        proof: "asks", as the module says, in hexadecimal.
    """

    name: str
    nonce: str
    proof: str


@dataclass(frozen=True, slots=True)
class Paired:
    """What `POST /api/pair` answers.

    Attributes:
        client: the name that the token is kept under; another one if the wanted one was taken.
        token: for POST /api/log-action alone.
        proof: "answers", as the module says, with the wanted name.
    """

    client: str
    token: str
    proof: str


@dataclass(frozen=True, slots=True)
class HelloRequest:
    """What `POST /api/hello` takes: the client's name and 16 random bytes in hexadecimal."""

    client: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Hello:
    """What `POST /api/hello` answers: the proof that the listener knows the client's token."""

    proof: str


class RefusedError(KnownError):
    """A pairing that is not made: the code is wrong, or none is offered."""


@dataclass(slots=True)
class _Open:
    code: str
    ends_s: float
    wrong: int = 0


class Pairing:
    """Offers codes, and gives a token to whoever proves to know one. Safe to use from any thread.

    Args:
        tokens: takes the new client.
        save: keeps the tokens; raises a KnownError if it cannot.
        now_s: a clock that never goes back.
    """

    def __init__(self, tokens: Tokens, save: Callable[[], None], now_s: Callable[[], float] = time.monotonic) -> None:
        self._tokens = tokens
        self._save = save
        self._now_s = now_s
        self._lock = threading.Lock()
        self._open: _Open | None = None
        self._listeners: list[Callable[[Ended, str], None]] = []

    def on_ended(self, listener: Callable[[Ended, str], None]) -> None:
        """Call `listener` when a code has ended, with the name of the client if one was paired; from any thread."""
        self._listeners.append(listener)

    def offer(self) -> Offer:
        """Offer a new code; an older one serves no more."""
        code = "".join(secrets.choice(LETTERS) for _ in range(CODE_CHARS))
        with self._lock:
            self._open = _Open(code, self._now_s() + VALID_S)
        half = CODE_CHARS // 2
        return Offer(f"{code[:half]}-{code[half:]}", VALID_S)

    def withdraw(self) -> None:
        """Offer no code any more."""
        with self._lock:
            was_open, self._open = self._open, None
        if was_open is not None:
            self._tell(Ended.WITHDRAWN)

    def pair(self, asked: PairRequest, port: int) -> Paired:
        """Give a token to whoever knows the code.

        Args:
            asked: the request; its name is shown to the user.
            port: at which it came in.

        Raises:
            RefusedError: if no code is offered, or the proof is wrong.
            KnownError: if the name cannot serve, or the token cannot be kept; the code has ended then.
        """
        _check(asked)
        key = self._redeem(asked, port)
        name = self._free_name(asked.name)
        token = self._tokens.issue(name, Scope.INGEST)
        try:
            self._save()
        except KnownError:
            self._tokens.revoke(name)
            self._tell(Ended.WITHDRAWN)
            raise
        self._tell(Ended.PAIRED, name)
        return Paired(name, token, prove(key, "token", str(port), asked.name, token))

    def hello(self, asked: HelloRequest, port: int) -> Hello:
        """Prove to a client that this is the program that it was paired with.

        Raises:
            RefusedError: if no client has this name.
            KnownError: if the nonce is none.
        """
        if not _NONCE.fullmatch(asked.nonce):
            raise KnownError("The nonce is not 16 bytes in hexadecimal.", "Draw a new one for each request.")
        client = next((client for client in self._tokens.clients if client.name == asked.client), None)
        if client is None:
            raise RefusedError("This client is not paired.", "Pair it on the Sources page.")
        return Hello(prove(bytes.fromhex(client.digest), "hello", str(port), asked.nonce))

    def _redeem(self, asked: PairRequest, port: int) -> bytes:
        """The key of the code that is offered, which ends here; one request at a time, so that guesses are counted."""
        with self._lock:
            opened = self._open
            if opened is None or self._now_s() >= opened.ends_s:
                self._open = None
                raise RefusedError("No pairing code is offered now.", "Ask for one on the Sources page.")
            key = key_of(opened.code, asked.nonce)
            right = hmac.compare_digest(asked.proof, prove(key, "pair", str(port), asked.name))
            opened.wrong += not right
            ended = right or opened.wrong >= MOST_WRONG
            if ended:
                self._open = None
        if right:
            return key
        if ended:
            self._tell(Ended.GUESSED)
        raise RefusedError("The pairing code is wrong.", "Type the code that the Sources page shows now.")

    def _free_name(self, wanted: str) -> str:
        taken = {client.name for client in self._tokens.clients}
        stem = wanted[: MAX_CLIENT_CHARS - len(" 9999")]
        names = (wanted, *(f"{stem} {number}" for number in range(2, len(taken) + 3)))
        return next(name for name in names if name not in taken)

    def _tell(self, ended: Ended, name: str = "") -> None:
        for listener in self._listeners:
            listener(ended, name)


def key_of(code: str, nonce: str) -> bytes:
    """The key that a code gives; spaces, dashes, small letters and letters like digits are read as they are meant."""
    plain = re.sub(r"[\s-]", "", code).upper().translate(_ALIKE)
    return hashlib.pbkdf2_hmac("sha256", plain.encode(), bytes.fromhex(nonce), ROUNDS)


def prove(key: bytes, purpose: str, *said: str) -> str:
    """A proof that one knows a key, in hexadecimal; none serves for another purpose."""
    text = "\n".join((f"kryptictrack {purpose}", *said))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _check(asked: PairRequest) -> None:
    if not asked.name.strip() or len(asked.name) > MAX_CLIENT_CHARS or not asked.name.isprintable():
        raise KnownError(
            "This name cannot be given to a client.", f"Send 1 to {MAX_CLIENT_CHARS} printable characters."
        )
    if not _NONCE.fullmatch(asked.nonce) or not _PROOF.fullmatch(asked.proof):
        raise KnownError("The nonce or the proof is not hexadecimal of its length.", "Send 16 and 32 bytes.")
