"""The OpenAPI 3.1 description of the local API, built from the types that the program itself uses."""

from __future__ import annotations

import dataclasses
from typing import Any, Final, get_type_hints

from app.api.endpoints.routes import CLEANUP, LOG_ACTION, OPENAPI, PREDICTIONS, ROUTES, Route
from app.api.http.json_schema import reference, schema, summary
from app.api.http.limits import Limits
from app.services.backend import LogReport
from app.store.operations import MAX_KEEP_DAYS
from app.system.version import version
from collectors.events import KINDS_OF, MAX_DURATION_US, MAX_TEXT_CHARS, MAX_TS_US, Event, Source

_ERRORS: Final = {
    "400": "The request cannot be read, or none of its events can.",
    "401": "The token is missing or not known.",
    "403": "The token, the Host or the Origin is not allowed here.",
    "408": "The body took too long to arrive.",
    "413": "The body or the list is too large.",
    "415": "The body is not declared as plain JSON.",
    "429": "Too many requests; Retry-After says when to come back.",
    "500": "A fault in the program.",
    "503": "The program cannot do this now.",
}
_BODY_ERRORS: Final = frozenset({"400", "408", "413", "415"})


def document(limits: Limits) -> dict[str, Any]:
    """The whole description, JSON-able.

    Args:
        limits: the bounds that it names.
    """
    schemas: dict[str, Any] = {"Error": _error_schema()}
    paths: dict[str, Any] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas, limits)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "KrypticTrack local API",
            "version": version(),
            "description": "Served on 127.0.0.1 and on a Unix socket, for programs of the same user. Stamps are "
            "microseconds since the epoch, UTC.",
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An ingest token opens POST /api/log-action alone; a full token opens everything. "
                    "On the Unix socket the kernel names the user, and no token is needed.",
                }
            },
            "schemas": dict(sorted(schemas.items())),
        },
    }


def _operation(route: Route, schemas: dict[str, Any], limits: Limits) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "responses": {"200": _answer("Done.", _gives(route, schemas))}
        | {
            status: _answer(said, reference("Error"))
            for status, said in _ERRORS.items()
            if route.takes is not None or status not in _BODY_ERRORS
        },
    }
    if route.is_open:
        operation["security"] = []
    if route.takes is not None:
        operation["requestBody"] = {
            "required": True,
            "description": f"At most {limits.body_bytes} bytes.",
            "content": {"application/json": {"schema": _takes(route, schemas, limits)}},
        }
    return operation


def _error_schema() -> dict[str, Any]:
    said = {
        "type": "object",
        "properties": {
            "message": {"type": "string", "description": "What was wrong, in one sentence."},
            "remedy": {"type": "string", "description": "What would be right, in one sentence."},
        },
        "required": ["message", "remedy"],
    }
    return {"type": "object", "properties": {"error": said}, "required": ["error"]}


def _answer(description: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": content}}}


def _takes(route: Route, schemas: dict[str, Any], limits: Limits) -> dict[str, Any]:
    if route is LOG_ACTION:
        event = _event_schema(schemas)
        return {"oneOf": [event, {"type": "array", "items": event, "maxItems": limits.events}]}
    wanted = schema(route.takes, schemas)
    if route is CLEANUP:
        schemas["CleanupRequest"]["properties"]["keep_days"] |= {"minimum": 1, "maximum": MAX_KEEP_DAYS}
        schemas["CleanupRequest"]["properties"]["dry_run"]["default"] = True
    return wanted


def _gives(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    if route is OPENAPI:
        return {"type": "object", "description": "An OpenAPI 3.1 document."}
    if route is LOG_ACTION:
        return _log_schema(schemas)
    given = schema(route.gives, schemas)
    if route is not PREDICTIONS:
        return given
    return {"type": "object", "properties": {"predictions": {"type": "array", "items": given}}}


def _log_schema(schemas: dict[str, Any]) -> dict[str, Any]:
    plain = {
        field.name: schema(get_type_hints(LogReport)[field.name], schemas)
        for field in dataclasses.fields(LogReport)
        if field.name != "refused"
    }
    refused = {
        "type": "object",
        "properties": {"index": {"type": "integer"}, "reason": {"type": "string"}},
        "required": ["index", "reason"],
    }
    schemas["LogReport"] = {
        "type": "object",
        "description": summary(LogReport),
        "properties": plain | {"refused": {"type": "array", "items": refused}},
        "required": [field.name for field in dataclasses.fields(LogReport)],
    }
    return reference("LogReport")


def _event_schema(schemas: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(Event)
    shared = {
        field.name: schema(hints[field.name], schemas)
        for field in dataclasses.fields(Event)
        if field.name not in ("source", "kind", "detail", "origin_key")
    }
    shared["ts_us"] |= {"minimum": 0, "maximum": MAX_TS_US}
    shared["duration_us"] = {"type": ["integer", "null"], "minimum": 0, "maximum": MAX_DURATION_US}
    shared["utc_offset_s"] = {"type": ["integer", "null"], "minimum": -86_400, "maximum": 86_400}
    for name in ("app", "target", "title"):
        shared[name] = {"type": ["string", "null"], "description": f"Cut after {MAX_TEXT_CHARS} characters."}
    variants = []
    for source, kinds in KINDS_OF.items():
        name = f"{source.value.capitalize()}Event"
        details = sorted(set(kinds.values()), key=lambda detail: detail.__name__)
        schemas[name] = {
            "type": "object",
            "properties": shared
            | {
                "source": {"const": source.value},
                "kind": {"type": "string", "enum": [kind.value for kind in kinds]},
                "detail": {"anyOf": [*(schema(detail, schemas) for detail in details), {"type": "null"}]},
            },
            "required": ["ts_us", "source", "kind"],
            "additionalProperties": False,
        }
        variants.append(reference(name))
    schema(Source, schemas)
    schemas["Event"] = {"description": summary(Event), "oneOf": variants}
    return reference("Event")
