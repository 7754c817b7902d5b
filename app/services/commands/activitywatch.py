"""`kryptic activitywatch`: letting ActivityWatch's programs in, and keeping them out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from app.errors import KnownError
from app.services.commands import requests
from app.services.core import Core

_CHANGES: Final[Mapping[str, Mapping[str, bool]]] = {
    "status": {},
    "on": {"activitywatch": True},
    "off": {"activitywatch": False, "activitywatch_reading": False},
    "read-on": {"activitywatch": True, "activitywatch_reading": True},
    "read-off": {"activitywatch_reading": False},
}


class ActivityWatchCommands:
    """See `app.services.commands.dispatch`.

    Args:
        core: the services.
        port: the port for watchers now; 0 if they are not let in.
    """

    def __init__(self, core: Core, port: Callable[[], int]) -> None:
        self._core = core
        self._port = port

    def switch(self, request: requests.ActivityWatch) -> Any:
        """Change the switches; return them and the port. The running program follows a moment later.

        Raises:
            KnownError: if there is no such action.
        """
        changes = _CHANGES.get(request.action)
        if changes is None:
            raise KnownError(f"There is no action {request.action!r}.", f"Known are {', '.join(_CHANGES)}.")
        preferences = self._core.preferences
        settings = preferences.change(**changes) if changes else preferences.settings
        return {"watchers": settings.activitywatch, "reading": settings.activitywatch_reading, "port": self._port()}
