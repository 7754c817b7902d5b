"""The plainest request there is: one event, whole, in the head that ordinary HTTP clients write.

It says yes only if nothing is left to interpret. Everything else is `OTHER`, and goes to the HTTP library as it
came: the library alone decides what is wrong with it, and how that is answered. Grammar: RFC 9112, section 3; RFC 9110,
section 5.5.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from app.api.endpoints.routes import LOG_ACTION

MAX_HEAD_BYTES: Final = 4_096
MAX_BODY_BYTES: Final = 16 << 10
_START: Final = f"{LOG_ACTION.method} {LOG_ACTION.path} HTTP/1.1\r\n".encode()
_LINE: Final = re.compile(rb"([A-Za-z-]+):[ \t]*([\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?)[ \t]*")
_JSON: Final = frozenset({b"application/json", b"application/json; charset=utf-8"})
_NEEDED: Final = frozenset({b"host", b"authorization", b"content-type", b"content-length"})
_WITHOUT_EFFECT: Final = frozenset({b"user-agent", b"accept", b"accept-encoding", b"accept-language", b"connection"})
_LENGTH: Final = re.compile(rb"[1-9][0-9]{0,5}")


class NotFast(Enum):
    """What is no plain request."""

    INCOMPLETE = "more may come"
    OTHER = "for the HTTP library"


@dataclass(frozen=True, slots=True)
class FastRequest:
    """One event in a request.

    Attributes:
        host: the Host header.
        authorization: the Authorization header.
        body: the JSON of one object, not parsed yet.
    """

    host: str
    authorization: str
    body: bytes


@dataclass(frozen=True, slots=True)
class _Head:
    host: str
    authorization: str
    body_bytes: int


class Reader:
    """Reads the requests of one connection; a head that is the same as the last is not looked at again."""

    def __init__(self) -> None:
        self._last = (b"", _Head("", "", 0))

    def read(self, data: bytes) -> FastRequest | NotFast:
        """What has arrived since the last answer."""
        if not data.startswith(_START):
            return NotFast.INCOMPLETE if _START.startswith(data) else NotFast.OTHER
        end = data.find(b"\r\n\r\n", len(_START) - 2, MAX_HEAD_BYTES)
        if end < 0:
            return NotFast.INCOMPLETE if len(data) < MAX_HEAD_BYTES else NotFast.OTHER
        text = data[:end]
        if text != self._last[0]:
            found = _head(text)
            if found is None:
                return NotFast.OTHER
            self._last = (text, found)
        head = self._last[1]
        start = end + 4
        if data[start : start + 1] not in (b"{", b""):
            return NotFast.OTHER
        missing = start + head.body_bytes - len(data)
        if missing:
            return NotFast.INCOMPLETE if missing > 0 else NotFast.OTHER
        return FastRequest(head.host, head.authorization, data[start:])


def _head(text: bytes) -> _Head | None:
    """The head of a plain request; None for any other."""
    headers: dict[bytes, bytes] = {}
    for line in text[len(_START) :].split(b"\r\n"):
        match = _LINE.fullmatch(line)
        if match is None:
            return None
        name = match[1].lower()
        if name in headers or (name not in _NEEDED and name not in _WITHOUT_EFFECT):
            return None
        headers[name] = match[2]
    if not headers.keys() >= _NEEDED:
        return None
    length = headers[b"content-length"]
    if (
        headers[b"content-type"].lower() not in _JSON
        or headers.get(b"connection", b"keep-alive").lower() != b"keep-alive"
        or not _LENGTH.fullmatch(length)
        or int(length) > MAX_BODY_BYTES
    ):
        return None
    return _Head(headers[b"host"].decode("ascii"), headers[b"authorization"].decode("ascii"), int(length))
