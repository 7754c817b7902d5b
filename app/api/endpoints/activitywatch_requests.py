"""What is in the requests of ActivityWatch's clients; each function raises an ApiError for what cannot be read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from app.api.http.responses import ApiError
from app.services.activitywatch.service import pulse_us
from collectors.history.activitywatch.watchers import moment_us


def refusal(status: int, message: str, remedy: str, kind: str = "Refused") -> ApiError:
    """An error as this program and ActivityWatch's clients both understand it.

    Args:
        status: of HTTP.
        message: a sentence.
        remedy: what the client can do.
        kind: the type that ActivityWatch's clients see.
    """
    return ApiError(status, message, remedy, details={"type": kind})


def texts_of(fields: Mapping[str, Any], name: str) -> list[str]:
    """A field that is a list of strings.

    Raises:
        ApiError: 400 if the field is no list of strings.
    """
    value = fields.get(name)
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise refusal(400, f"{name} is no list of strings.", "Send query and timeperiods.")
    return value


def seconds_of(text: str | None) -> int:
    """The pulse of a heartbeat, microseconds.

    Raises:
        ApiError: 400 if the pulse is missing or no number.
    """
    try:
        seconds = float(text or "")
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise refusal(400, "pulsetime is missing or no number of seconds.", "Send ?pulsetime=SECONDS.")
    return pulse_us(seconds)


def limit_of(text: str | None) -> int | None:
    """How many events at most; None for all.

    Raises:
        ApiError: 400 if the limit is no number.
    """
    try:
        limit = -1 if text is None else int(text[:18])
    except ValueError as error:
        raise refusal(400, "limit is no number.", "Send an integer; -1 for all.") from error
    return None if limit < 0 else limit


def moment_of(request: web.Request, name: str) -> int | None:
    """A moment in a query string, microseconds; None if it is not named.

    Raises:
        ApiError: 400 if the text is no moment in ISO 8601.
    """
    text = request.query.get(name)
    if text is None:
        return None
    moment = moment_us(text.replace(" ", "+") if "T" in text else text)  # a plus sign that was not escaped
    if moment is None:
        raise refusal(400, f"{name} is no moment.", "Send ISO 8601, such as 2026-11-20T14:30:00+00:00.")
    return moment


def period_of(text: str) -> tuple[int, int]:
    """Two moments with a slash between them (ISO 8601), microseconds.

    Raises:
        ApiError: 400 if the text is no period in ISO 8601.
    """
    start, _, end = text.partition("/")
    start_us, end_us = moment_us(start), moment_us(end.partition("/")[0])
    if start_us is None or end_us is None or start_us > end_us:
        raise refusal(400, f"{text[:80]!r} is no period.", "Send START/END in ISO 8601.")
    return start_us, end_us
