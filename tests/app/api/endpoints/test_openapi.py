"""The description of the API: valid, complete, and true of what the API answers."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.api.endpoints.routes import ROUTES
from collectors.events import KINDS_OF
from tests.app.api.conftest import EVENT, Running


@pytest.fixture
def described(running: Running) -> Any:
    return running.ask("GET", "/api/openapi.json").body


def test_it_is_valid_openapi_3_1(described: Any) -> None:
    assert list(OpenAPIV31SpecValidator(described).iter_errors()) == []


def test_it_describes_exactly_what_is_served(described: Any, running: Running) -> None:
    said = {(method.upper(), path) for path, operations in described["paths"].items() for method in operations}
    assert said == {(route.method, route.path) for route in ROUTES}
    for method, path in said:
        assert running.ask(method, path, {} if method == "POST" else None).status not in (404, 405)


def test_control_commands_are_not_served_over_tcp(running: Running) -> None:
    assert running.ask("POST", "/control/echo", {}).status == 404


def test_every_source_is_listed_with_its_kinds(described: Any) -> None:
    schemas = described["components"]["schemas"]
    listed = {
        schemas[name]["properties"]["source"]["const"]: schemas[name]["properties"]["kind"]["enum"]
        for name in (variant["$ref"].rpartition("/")[2] for variant in schemas["Event"]["oneOf"])
    }
    assert listed == {source.value: [kind.value for kind in kinds] for source, kinds in KINDS_OF.items()}


def conforms(described: Any, schema: Any, value: Any) -> bool:
    validator = jsonschema.Draft202012Validator({**schema, "components": described["components"]})
    return bool(validator.is_valid(value))


@pytest.mark.parametrize("route", [route for route in ROUTES if route.method == "GET"], ids=lambda route: route.name)
def test_what_is_read_is_as_described(described: Any, running: Running, route: Any) -> None:
    answers = described["paths"][route.path]["get"]["responses"]
    body = running.ask("GET", route.path).body
    assert conforms(described, answers["200"]["content"]["application/json"]["schema"], body)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/log-action", [EVENT, 7], "200"),
        ("/api/log-action", 7, "400"),
        ("/api/log-action", {}, "400"),
        ("/api/cleanup", {"keep_days": 30}, "200"),
        ("/api/cleanup", {}, "400"),
    ],
)
def test_what_is_sent_is_answered_as_described(
    described: Any, running: Running, path: str, body: Any, status: str
) -> None:
    answer = running.ask("POST", path, body)
    schema = described["paths"][path]["post"]["responses"][status]["content"]["application/json"]["schema"]
    assert answer.status == int(status)
    assert conforms(described, schema, answer.body)


@pytest.mark.parametrize(
    ("event", "good"),
    [
        (EVENT, True),
        (EVENT | {"detail": {"cwd": "/", "exit_status": 0}}, True),
        ([EVENT, EVENT], True),
        (EVENT | {"kind": "focus"}, False),
        (EVENT | {"detail": {"idle_us": 1}}, False),
        (EVENT | {"origin_key": 1}, False),
        (EVENT | {"ts_us": -1}, False),
        ({"source": "terminal", "kind": "command"}, False),
        ({"ts_us": 1, "source": "input", "kind": "rhythm", "detail": {"interval_us": 5, "keys": 3}}, True),
        ({"ts_us": 1, "source": "input", "kind": "rhythm", "detail": {"interval_us": 5, "text": "a"}}, False),
    ],
)
def test_the_described_events_are_those_that_are_taken(
    described: Any, running: Running, event: Any, good: bool
) -> None:
    schema = described["paths"]["/api/log-action"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert conforms(described, schema, event) is good
    assert (running.ask("POST", "/api/log-action", event).status == 200) is good
