"""What the program knows of senses, histories, imports and itself, as the window shows it."""

from __future__ import annotations

import os
from collections.abc import Mapping

from app.errors import KnownError
from app.integrations import autostart
from app.models.program_info import ProgramInfo
from app.models.sources import HistoryInfo, ImportProgress, SenseInfo
from app.paths import Paths
from app.services.commands.imports import SAMPLE
from app.services.core import Core
from app.services.ingest.importer import ImportReport
from app.store.keys.secret_service import SecretService
from app.store.values.records import Dimension
from collectors.catalog import COLLECTORS
from collectors.events import US_PER_DAY
from collectors.history.readers import READERS


def sense_infos(paths: Paths) -> list[SenseInfo]:
    """The senses of a profile, as the window shows them; the sample person has none."""
    if paths.is_sample:
        return []
    return [SenseInfo(each.name, each.title, each.records, each.never_records, each.source) for each in COLLECTORS]


def history_infos(paths: Paths, environ: Mapping[str, str] = os.environ) -> list[HistoryInfo]:
    """The histories there are, with what was found of them; looks through the home directory."""
    if paths.is_sample:
        return [HistoryInfo(SAMPLE, "A synthetic month", ("30 days of a person who does not exist",))]
    return [HistoryInfo(each.name, each.title, tuple(map(str, each.discover(paths.home, environ)))) for each in READERS]


def import_progress(report: ImportReport) -> ImportProgress:
    """An import's report as the window shows it."""
    problems = f"{report.rejected} entries could not be read. " if report.rejected else ""
    message = "Stopped; what was stored stays." if report.cancelled else problems + " ".join(report.problems[:1])
    return ImportProgress(
        name=report.source,
        read=report.read,
        stored=report.stored,
        dropped=sum(number for _, number in report.dropped),
        redacted=report.redacted,
        duplicates=report.duplicates,
        done=report.done,
        message=message.strip(),
    )


def program_info(core: Core, api_address: str) -> ProgramInfo:
    """The folders of the program and its data, and what this session offers; the keyring may be slow to answer.

    Args:
        core: the services.
        api_address: the address of the local API for TCP clients; "" if it does not run.
    """
    try:
        SecretService().check()
        secret_service = True
    except KnownError:
        secret_service = False
    now_us = core.now_us()
    with core.store.reader() as reader:
        used = [total.key for total in reader.totals(Dimension.APP, now_us - 7 * US_PER_DAY, now_us) if total.key]
    return ProgramInfo(
        api_address=api_address,
        data_path=str(core.paths.data),
        autostart=autostart.is_enabled(core.paths),
        secret_service=secret_service,
        most_used=used[0] if used else "",
    )
