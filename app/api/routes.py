"""The endpoints of the local API, each said once: the server registers them, the OpenAPI document describes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.api.requests import CleanupRequest
from app.services.backend import LogReport, Stats
from app.services.status import ActionForecast, Status
from app.store.records import CleanupReport
from collectors.events import Event

LOG_PATH: Final = "/api/log-action"


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint.

    Attributes:
        takes: type of the request body; None where there is none.
        gives: type of the answer; None for the OpenAPI document itself.
    """

    name: str
    method: str
    path: str
    summary: str
    takes: type | None
    gives: type | None


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

ROUTES: Final = (LOG_ACTION, CLEANUP, STATUS, PREDICTIONS, STATS, OPENAPI)
