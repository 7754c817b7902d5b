"""Reading a request: a body within its bounds, JSON of the right shape, fields that are known."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from aiohttp import web

from app.api.http.limits import Limits
from app.api.http.responses import ApiError
from app.store.operations import MAX_KEEP_DAYS

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class CleanupRequest:
    """What `POST /api/cleanup` takes: without `dry_run` false nothing is removed."""

    keep_days: int
    dry_run: bool = True


async def read_json(request: web.Request, limits: Limits) -> Any:
    """The parsed body of a request.

    Raises:
        ApiError: 400 not JSON, 408 too slow, 413 too large, 415 of another type.
    """
    if request.content_type != "application/json":
        raise ApiError(415, "The body is not declared as JSON.", "Send the header Content-Type: application/json.")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ApiError(415, "A compressed body is not read.", "Send the JSON as it is.")
    too_large = ApiError(413, f"The body is larger than {limits.body_bytes} bytes.", "Send fewer events at a time.")
    if (request.content_length or 0) > limits.body_bytes:
        raise too_large
    try:
        async with asyncio.timeout(limits.body_s):
            body = await request.read()
    except TimeoutError as error:
        raise ApiError(408, "The body took too long to arrive.", "Send the whole request at once.") from error
    except web.HTTPRequestEntityTooLarge as error:
        raise too_large from error
    try:
        return parsed(body)
    except (ValueError, RecursionError) as error:
        raise no_json() from error


def no_json() -> ApiError:
    """The answer to a body that cannot be parsed."""
    return ApiError(400, "The body is not JSON in UTF-8.", "Send one JSON object or a list of them.")


def parsed(body: bytes) -> Any:
    """A JSON body as values.

    Raises:
        ValueError, RecursionError: if it is none.
    """
    return _DECODER.decode(body.decode("utf-8"))


async def read_object(request: web.Request, limits: Limits) -> Mapping[str, Any]:
    """The parsed body, which has to be an object.

    Raises:
        ApiError: as `read_json`, and 400 for another JSON value.
    """
    fields = await read_json(request, limits)
    if not isinstance(fields, dict):
        raise ApiError(400, "The body is not a JSON object.", "Send one object with named fields.")
    return fields


def cleanup_request(fields: Mapping[str, Any]) -> CleanupRequest:
    """Check the fields of a clean-up.

    Raises:
        ApiError: 400, naming the field that is unknown, missing or of the wrong type.
    """
    known = [field.name for field in dataclasses.fields(CleanupRequest)]
    unknown = sorted(fields.keys() - set(known))
    if unknown:
        raise ApiError(400, f"Unknown field {unknown[0][:64]!r}.", f"Known are {', '.join(known)}.")
    keep_days = fields.get("keep_days")
    if isinstance(keep_days, bool) or not isinstance(keep_days, int) or not 1 <= keep_days <= MAX_KEEP_DAYS:
        raise ApiError(400, "keep_days is missing or no number of days.", f"Send an integer from 1 to {MAX_KEEP_DAYS}.")
    dry_run = fields.get("dry_run", True)
    if not isinstance(dry_run, bool):
        raise ApiError(400, "dry_run is neither true nor false.", "Send true to see what would be removed.")
    return CleanupRequest(keep_days=keep_days, dry_run=dry_run)


def texts_request(kind: type[_T], fields: Mapping[str, Any]) -> _T:
    """Check the fields of a request that holds texts alone.

    Args:
        kind: its dataclass, each field of which is a `str`.
        fields: the parsed body.

    Raises:
        ApiError: 400, naming the field that is unknown, missing or no text.
    """
    known = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]  # a dataclass, as is said
    unknown = sorted(fields.keys() - set(known))
    if unknown:
        raise ApiError(400, f"Unknown field {unknown[0][:64]!r}.", f"Known are {', '.join(known)}.")
    for name in known:
        if not isinstance(fields.get(name), str):
            raise ApiError(400, f"{name} is missing or no text.", f"Send {', '.join(known)}.")
    return kind(**fields)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)
