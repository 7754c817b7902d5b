"""The commands that bring a past along: histories that are found or named, and the synthetic person's month."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

from app.errors import KnownError
from app.services.commands import requests
from app.services.commands.json_values import to_json_values
from app.services.commands.requests import Report
from app.services.core import Core
from app.services.ingest.importer import ImportReport
from collectors.events import US_PER_DAY, US_PER_S, Event, local_offset_s
from collectors.history.reader import HistoryReader
from collectors.history.readers import NAMED, READERS

SAMPLE: Final = "sample"
SAMPLE_DAYS: Final = 30
SAMPLE_SEED: Final = 7


class ImportCommands:
    """`kryptic import`; see `app.services.commands.dispatch`.

    Args:
        core: the services.
    """

    def __init__(self, core: Core) -> None:
        self._core = core

    def run(self, request: requests.Import, report: Report) -> Any:
        """Import one history, or all that are found; the reports, JSON-able."""
        sources = tuple(reader.name for reader in READERS) if request.source == "all" else (request.source,)
        reports = self.import_histories(
            sources, request.path, lambda progress: report(to_json_values(progress)), threading.Event()
        )
        return to_json_values(reports)

    def import_histories(
        self,
        sources: tuple[str, ...],
        path: str | None,
        progress: Callable[[ImportReport], None],
        cancelled: threading.Event,
    ) -> tuple[ImportReport, ...]:
        """Import histories by name ("sample": a synthetic month), then renew what is drawn from the whole past.

        Args:
            sources: names of histories.
            path: of one file; None for all that are found.
            progress: takes a report now and then.
            cancelled: ends the import once it is set.

        Raises:
            KnownError: if there is no such history, or the file cannot be read.
        """
        importer = self._core.importer
        if self._core.paths.is_sample and sources != (SAMPLE,):
            raise KnownError(
                "Your own past does not belong in the store of the synthetic person; nothing was read.",
                "Leave --sample out.",
            )
        chosen = [None if source == SAMPLE else _reader(source) for source in sources]
        if path is not None and len(chosen) > 1:
            raise KnownError("A file belongs to one kind of history.", "Name the kind instead of all.")
        reports = []
        for reader in chosen:
            if cancelled.is_set():
                break
            if reader is None:
                reports.append(importer.take(SAMPLE, self.sample(), progress, cancelled))
            else:
                reports.append(importer.run(reader, None if path is None else Path(path), progress, cancelled))
        self._core.hygiene.rebuild_sessions()
        self._core.forecaster.rebuild()
        return tuple(reports)

    def sample(self) -> Iterator[Event]:
        """The last 30 days of a synthetic person, up to now; for the sample profile alone.

        Raises:
            KnownError: in the profile of the real person.
        """
        if not self._core.paths.is_sample:
            raise KnownError(
                "A synthetic person does not belong among your own actions; nothing was stored.",
                "Add --sample: it has a store of its own.",
            )
        from neural.synthetic_person import simulate  # noqa: PLC0415 - only the sample person needs it

        now_us = self._core.now_us()
        today_us = (now_us // US_PER_S + local_offset_s(now_us)) // 86_400 * US_PER_DAY - local_offset_s(
            now_us
        ) * US_PER_S
        month = simulate(SAMPLE_SEED, today_us - (SAMPLE_DAYS - 1) * US_PER_DAY, SAMPLE_DAYS)
        return takewhile(lambda event: event.ts_us <= now_us, month)


def _reader(name: str) -> HistoryReader:
    for reader in NAMED:
        if reader.name == name:
            return reader
    names = ", ".join(reader.name for reader in NAMED)
    raise KnownError(f"There is no history {name!r}.", f"Known are {names}, and all.")
