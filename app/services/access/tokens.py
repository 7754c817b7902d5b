"""Who may speak to the local API over TCP, and what each may do. Only hashes of the tokens are kept.

A token is 256 random bits, so one SHA-256 is enough: a slow hash guards guessable secrets, and this one is not.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.errors import KnownError
from collectors import clock

TOKEN_BYTES: Final = 32
MAX_CLIENT_CHARS: Final = 64


class Scope(StrEnum):
    """What a token opens."""

    INGEST = "ingest"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Client:
    """A program that was given a token.

    Attributes:
        name: unique, chosen when the token was made ("firefox extension").
        scope: INGEST may only send events; FULL also reads and cleans up.
        digest: SHA-256 of the token, in hexadecimal.
        created_us: when it was given.
    """

    name: str
    scope: Scope
    digest: str
    created_us: int


class Tokens:
    """The clients that hold a token. Safe to use from any thread; a change holds from the next request on.

    Args:
        clients: who holds a token already.
        now_us: the clock.
    """

    def __init__(self, clients: Iterable[Client] = (), now_us: Callable[[], int] = clock.now_us) -> None:
        self._clients = tuple(clients)
        self._now_us = now_us
        self._changing = threading.Lock()

    @property
    def clients(self) -> tuple[Client, ...]:
        """Who holds a token, in the order they were given one."""
        return self._clients

    def issue(self, name: str, scope: Scope) -> str:
        """Give a client a new token; an older one under the same name stops working.

        Args:
            name: 1 to 64 printable characters.
            scope: what it may do.

        Returns:
            The token. It is not kept, so this is the only time it can be shown.

        Raises:
            KnownError: if the name cannot serve.
        """
        if not name.strip() or len(name) > MAX_CLIENT_CHARS or not name.isprintable():
            raise KnownError(
                "This name cannot be given to a client; no token was made.",
                f"Choose 1 to {MAX_CLIENT_CHARS} printable characters.",
            )
        token = secrets.token_urlsafe(TOKEN_BYTES)
        client = Client(name=name, scope=scope, digest=_digest(token), created_us=self._now_us())
        with self._changing:
            self._clients = (*(other for other in self._clients if other.name != name), client)
        return token

    def revoke(self, name: str) -> bool:
        """Take a client's token back; False if it had none."""
        with self._changing:
            kept = tuple(client for client in self._clients if client.name != name)
            known = len(kept) < len(self._clients)
            self._clients = kept
        return known

    def match(self, token: str) -> Client | None:
        """The client that a token belongs to. The time taken does not tell how near a wrong one came."""
        digest = _digest(token)
        found = None
        for client in self._clients:
            if hmac.compare_digest(client.digest, digest):
                found = client
        return found

    def to_json(self) -> str:
        """The clients as JSON, for the settings table of the store."""
        return json.dumps([dataclasses.asdict(client) for client in self._clients])

    @classmethod
    def from_json(cls, text: str) -> Tokens:
        """Read back what `to_json` wrote.

        Raises:
            KnownError: if the text is something else.
        """
        try:
            return cls(_client(**raw) for raw in json.loads(text))
        except (ValueError, TypeError) as error:
            raise KnownError(
                "The saved API tokens cannot be read; they were kept as they are.",
                "Start the version of the program that wrote them, or pair the clients again.",
            ) from error


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _client(name: str, scope: str, digest: str, created_us: int) -> Client:
    if len(bytes.fromhex(digest)) != hashlib.sha256().digest_size:
        raise ValueError("not a SHA-256 digest")
    return Client(name=str(name), scope=Scope(scope), digest=digest, created_us=int(created_us))
