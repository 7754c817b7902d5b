"""The endpoints of the local API, each said once: the server registers them, the OpenAPI document describes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.api.http.requests import CleanupRequest
from app.services.access.pairing import Hello, HelloRequest, Paired, PairRequest
from app.services.backend import LogReport, Stats
from app.services.status import ActionForecast, Status
from app.store.values.records import CleanupReport
from collectors.events import Event

LOG_PATH: Final = "/api/log-action"


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint.

    Attributes:
        takes: type of the request body; None if there is none.
        gives: type of the answer; None for the OpenAPI document itself.
        is_open: whether it is asked without a token, over TCP too.
    """

    name: str
    method: str
    path: str
    summary: str
    takes: type | None
    gives: type | None
    is_open: bool = False


LOG_ACTION: Final = Route("log_action", "POST", LOG_PATH, "Send one event, or a list of events.", Event, LogReport)
CLEANUP: Final = Route(
    "cleanup",
    "POST",
    "/api/cleanup",
    "Thin out old actions, or say what that would remove.",
    CleanupRequest,
    CleanupReport,
)
STATUS: Final = Route("status", "GET", "/api/status", "What the program is doing now.", None, Status)
PREDICTIONS: Final = Route(
    "predictions",
    "GET",
    "/api/predictions",
    "The most likely next actions, most likely first.",
    None,
    ActionForecast,
)
STATS: Final = Route("stats", "GET", "/api/stats", "Counts, and how often predictions came true.", None, Stats)
OPENAPI: Final = Route("openapi", "GET", "/api/openapi.json", "This description.", None, None)
PAIR: Final = Route(
    "pair",
    "POST",
    "/api/pair",
    "Give an extension a token that can only send events, by the code that the Sources page shows.",
    PairRequest,
    Paired,
    is_open=True,
)
HELLO: Final = Route(
    "hello",
    "POST",
    "/api/hello",
    "Prove to a client, before it sends its token, that this is the program that it was paired with.",
    HelloRequest,
    Hello,
    is_open=True,
)

ROUTES: Final = (LOG_ACTION, CLEANUP, STATUS, PREDICTIONS, STATS, OPENAPI, PAIR, HELLO)
OPEN_ROUTES: Final = frozenset((route.method, route.path) for route in ROUTES if route.is_open)
