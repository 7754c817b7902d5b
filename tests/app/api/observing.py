"""What stands behind the API if nothing but events is sent to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.services.backend import LogReport, Sent
from app.services.ingest.pipeline import IngestPipeline


class ObserverBackend:
    """What the program does with a client's events; it is asked for nothing else."""

    def __init__(self, observer: IngestPipeline) -> None:
        self._observer = observer

    def log(self, raw_events: Sequence[object], _client: str) -> LogReport:
        """Through the gate into the store."""
        return self._observer.log(raw_events)

    def log_soon(self, sent: Sequence[Sent]) -> None:
        """Single events, without waiting."""
        self._observer.log_soon(sent)

    def command(self, *_: Any, **__: Any) -> Any:
        """Nobody sends commands."""
        raise NotImplementedError

    status = predictions = stats = cleanup = command
