"""What the local API answers: JSON always, an error as a sentence with a way out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web

from app.errors import KnownError

FAULT: Final = KnownError(
    "Something went wrong inside the program; it goes on running.",
    "Try again; if it happens again, the program's log has the details for a report.",
)
"""What a client hears of a bug. The log has the rest."""


class ApiError(Exception):
    """A request that is not served.

    Args:
        status: HTTP status (RFC 9110, section 15).
        message: one sentence: what was wrong.
        remedy: one sentence: what would be right.
        headers: further response headers.
        details: further fields next to "error".
    """

    def __init__(
        self,
        status: int,
        message: str,
        remedy: str,
        *,
        headers: Mapping[str, str] | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.remedy = remedy
        self.headers = dict(headers or {})
        self.details = dict(details or {})


class LoggedError(Exception):
    """A bug that is in the log already; the client hears FAULT."""


def error_fields(error: KnownError | ApiError) -> dict[str, Any]:
    """An error as the API writes it: {"error": {"message", "remedy"}}."""
    return {"error": {"message": error.message, "remedy": error.remedy}}


def json_answer(fields: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """A JSON response that no cache keeps and no browser guesses another type for.

    Args:
        fields: the content, before encoding.
        status: of HTTP.
        headers: further ones.
    """
    return web.Response(
        body=json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace"),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **(headers or {})},
    )


def error_answer(error: ApiError) -> web.Response:
    """The response for an error."""
    return json_answer({**error_fields(error), **error.details}, error.status, error.headers)


def raw_answer(status: int, fields: object, date: bytes) -> bytes:
    """The bytes of a JSON answer with the headers that `json_answer` gives; `date` as HTTP writes it.

    Args:
        status: of HTTP.
        fields: the content, before encoding.
        date: as HTTP writes it (RFC 9110, 5.6.7).
    """
    body = json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace")
    return (
        b"HTTP/1.1 %d %s\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\nDate: %s\r\n\r\n%s"
        % (status, HTTPStatus(status).phrase.encode(), len(body), date, body)
    )
