"""Taking everything out, in clear: as JSON lines of every table, or as an export of ActivityWatch.

Nothing is held but the row that is written, however long the past. A file appears whole or not at all.

Source: ActivityWatch's buckets and events (docs.activitywatch.net), and what its server gives at /api/0/export.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TextIO

from app.errors import KnownError
from app.services.activitywatch.buckets import data_of, is_reported, moment, stored
from app.store.reader import Reader
from app.store.store import Store
from app.store.values.records import ActionRow
from collectors.events import US_PER_S, Source

ROWS_A_REPORT: Final = 10_000


class Format(StrEnum):
    """What an export looks like."""

    JSON_LINES = "json-lines"
    ACTIVITYWATCH = "activitywatch"


def export(store: Store, path: Path, form: Format, *, force: bool, progress: Callable[[int], None]) -> int:
    """Write an export, readable by its owner alone.

    Args:
        store: open.
        path: the file to make.
        form: what it looks like.
        force: take the place of a file that is there; it stays as it was until the new one is whole.
        progress: takes the number of rows so far; what it raises ends the export, and leaves nothing behind.

    Returns:
        How many rows were written.

    Raises:
        KnownError: if a file is there already, or it cannot be written; nothing is left behind.
    """
    writers = {Format.JSON_LINES: _json_lines, Format.ACTIVITYWATCH: _activitywatch}
    rows = 0
    try:
        with _made(path, force=force) as file, store.reader() as reader:
            for piece, is_row in writers[form](reader):
                file.write(piece)
                rows += is_row
                if is_row and rows % ROWS_A_REPORT == 0:
                    progress(rows)
    except FileExistsError as error:
        raise KnownError(
            f"{path} exists and was left alone.", "Name a file that does not exist yet, or say --force."
        ) from error
    except OSError as error:
        raise KnownError(f"{path} could not be written ({error.strerror}).", "Name another place.") from error
    return rows


@contextmanager
def _made(path: Path, *, force: bool) -> Iterator[TextIO]:
    """A file that gets its name when it is whole; the name is kept free for it meanwhile."""
    part = path.with_name(f".{path.name}.part-{os.getpid()}")
    if not force:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    try:
        descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)  # half an export would pass for a whole one
        if not force:
            path.unlink(missing_ok=True)
        raise


Pieces = Iterator[tuple[str, bool]]
"""Text to write, and whether it is a row."""


def _json_lines(reader: Reader) -> Pieces:
    for row in reader.export():
        yield json.dumps(row, ensure_ascii=False) + "\n", True


def _activitywatch(reader: Reader) -> Pieces:
    yield '{"buckets": {', False
    first = True
    for bucket in stored(reader, platform.node() or "localhost"):
        yield (
            ("" if first else ", ") + f'{json.dumps(bucket.id)}: {json.dumps(bucket.to_json())[:-1]}, "events": [',
            False,
        )
        first = False
        later_us: int | None = None
        for row in reader.of_source(bucket.source, bucket.app):
            if not is_reported(row.event):
                continue
            event = _event(row, later_us)
            yield (", " if later_us is not None else "") + json.dumps(event, ensure_ascii=False), True
            later_us = row.event.ts_us
        yield "]}", False
    yield "}}\n", False


def _event(row: ActionRow, later_us: int | None) -> dict[str, Any]:
    event = row.event
    duration_us = event.duration_us
    if event.source is Source.PRESENCE and duration_us is None and later_us is not None:
        duration_us = later_us - event.ts_us  # a state lasts until the next one
    return {
        "id": row.id,
        "timestamp": moment(event.ts_us),
        "duration": (duration_us or 0) / US_PER_S,
        "data": data_of(event),
    }
