"""A past that ActivityWatch kept: an export (`/api/0/export`) or the database of either of its servers."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from collectors.events import Event
from collectors.history.activitywatch import database
from collectors.history.activitywatch.watchers import SOURCES, event_of
from collectors.history.json_stream import JsonBreakError, JsonStream
from collectors.history.reader import HistoryError, Rejected, existing, opened

_CHUNK_BYTES: Final = 1 << 16
_DOWNLOADS: Final = re.compile(r'^XDG_DOWNLOAD_DIR="([^"\n]+)"', re.MULTILINE)
_SQLITE: Final = b"SQLite format 3\0"


class ActivityWatch:
    """Reads an export file or a database. Buckets of types that are not known (see `watchers`) are passed over."""

    name: Final = "activitywatch"
    title: Final = "ActivityWatch"

    def discover(self, home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
        """The servers' databases, and exports among the downloads, as the program names them."""
        folders = [*_download_folders(home, environ), home / "Downloads", home]
        candidates = list(database.discover(home, environ))
        for folder in folders:
            try:
                candidates += sorted(folder.glob("aw-bucket*export*.json"))
            except OSError:
                continue  # a folder that may not be listed holds nothing that could be read
        return existing(candidates)

    def read(self, path: Path) -> Iterator[Event | Rejected]:
        """Stream its rows; see `HistoryReader.read`. An export that breaks off keeps what came before the break."""
        with opened(path) as file:
            is_database = file.read(len(_SQLITE)) == _SQLITE
        yield from database.read(path) if is_database else self._read_export(path)

    def _read_export(self, path: Path) -> Iterator[Event | Rejected]:
        with opened(path) as file, io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace") as text:
            stream = JsonStream(text)
            found = False
            try:
                for name in stream.members():
                    if name == "buckets" and stream.starts_with("{"):
                        found = True
                        for bucket in stream.members():
                            yield from _bucket(stream, path, bucket)
            except JsonBreakError as error:
                if not found:
                    raise _no_export(path) from error
                yield Rejected(f"{path}: character {stream.offset}", f"the export is damaged from here on: {error}")
                return
            if not found:
                raise _no_export(path)


def _download_folders(home: Path, environ: Mapping[str, str]) -> list[Path]:
    """The folder for downloads, whose name is in the user's own language (xdg-user-dirs)."""
    config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config", "user-dirs.dirs")
    try:
        with config.open("rb") as file:
            text = file.read(_CHUNK_BYTES).decode("utf-8", "replace")
    except OSError:
        return []  # none was set up: the usual name stands
    return [Path(named.replace("$HOME", str(home))) for named in _DOWNLOADS.findall(text)]


def _no_export(path: Path) -> HistoryError:
    return HistoryError(
        f"{path} is not an export of ActivityWatch.",
        'In ActivityWatch choose "Raw Data", then "Export all buckets as JSON", and import that file.',
    )


def _bucket(stream: JsonStream, path: Path, bucket: str) -> Iterator[Event | Rejected]:
    kind: object = None
    if not stream.starts_with("{"):
        yield Rejected(f"{path}: bucket {bucket!r}", "a bucket is an object")
        return
    for name in stream.members():
        if name == "type":
            kind = stream.value()
        elif name == "events" and stream.starts_with("[") and _readable(kind):
            for number, _ in enumerate(stream.elements()):
                row = event_of(stream.value(), kind, bucket)
                if isinstance(row, Event):
                    yield row
                else:
                    yield Rejected(f"{path}: bucket {bucket!r}, event {number}", row)


def _readable(kind: object) -> bool:
    return kind is None or (isinstance(kind, str) and kind in SOURCES)
