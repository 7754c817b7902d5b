"""An export of ActivityWatch (aw-server's `/api/0/export`): its windows, tabs, editors and times away."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from collectors.events import (
    MAX_DURATION_US,
    US_PER_S,
    Detail,
    Event,
    EventKind,
    FileDetail,
    PageDetail,
    PresenceDetail,
    Source,
    clean_text,
    local_offset_s,
)
from collectors.history.json_stream import JsonBreakError, JsonStream
from collectors.history.reader import HistoryError, Rejected, existing, opened, origin_key, possible_time

_CHUNK_BYTES: Final = 1 << 16
_DOWNLOADS: Final = re.compile(r'^XDG_DOWNLOAD_DIR="([^"\n]+)"', re.MULTILINE)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Moment:
    """When an event was, and how long; what all kinds of them share."""

    ts_us: int
    duration_us: int | None
    utc_offset_s: int

    def event(
        self,
        source: Source,
        kind: EventKind,
        key: int,
        *,
        app: str | None = None,
        target: str | None = None,
        title: str | None = None,
        detail: Detail | None = None,
    ) -> Event:
        return Event(
            self.ts_us, source, kind, app, target, title, self.duration_us, self.utc_offset_s, detail, origin_key=key
        )


class ActivityWatch:
    """Reads an export file. Buckets of other kinds than windows, tabs, editors and presence are passed over."""

    name: Final = "activitywatch"
    title: Final = "ActivityWatch export"

    def discover(self, home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
        """Exports among the downloads, as the program names them."""
        folders = [*_download_folders(home, environ), home / "Downloads", home]
        candidates: list[Path] = []
        for folder in folders:
            try:
                candidates += sorted(folder.glob("aw-bucket*export*.json"))
            except OSError:
                continue  # a folder that may not be listed holds nothing that could be read
        return existing(candidates)

    def read(self, path: Path) -> Iterator[Event | Rejected]:
        """Stream an export; see `HistoryReader.read`. One that breaks off keeps what came before the break."""
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
                row = _row(stream.value(), kind, bucket)
                if isinstance(row, Event):
                    yield row
                else:
                    yield Rejected(f"{path}: bucket {bucket!r}, event {number}", row)


def _readable(kind: object) -> bool:
    return kind is None or (isinstance(kind, str) and kind in _MAKERS)


def _row(raw: object, kind: object, bucket: str) -> Event | str:
    """The event, or the reason why it is none."""
    if not isinstance(raw, dict):
        return str(raw) if isinstance(raw, ValueError) else "an event is an object"
    data = raw.get("data")
    ts_us = _time_us(raw.get("timestamp"))
    if ts_us is None:
        return "no readable time"
    if not isinstance(data, dict):
        return "no data"
    seconds = raw.get("duration")
    duration_us: int | None = None
    if (
        isinstance(seconds, int | float)
        and not isinstance(seconds, bool)
        and 0 <= seconds <= MAX_DURATION_US / US_PER_S
    ):
        duration_us = round(seconds * US_PER_S)
    # Older exports name a bucket's type behind its events: then the data tell.
    known = kind if isinstance(kind, str) else _kind_of(data)
    return _MAKERS[known](data, _Moment(ts_us, duration_us, local_offset_s(ts_us)), bucket)


def _kind_of(data: Mapping[str, Any]) -> str:
    shapes = (("url", "web.tab.current"), ("status", "afkstatus"), ("file", "app.editor.activity"))
    return next((kind for name, kind in shapes if name in data), "currentwindow")


def _window(data: Mapping[str, Any], moment: _Moment, _bucket: str) -> Event | str:
    app, title = _text(data, "app"), _text(data, "title")
    if app is None and title is None:
        return "neither an app nor a title"
    key = origin_key("activitywatch", "window", moment.ts_us, app, title)
    return moment.event(Source.WINDOW, EventKind.FOCUS, key, app=app, title=title)


def _presence(data: Mapping[str, Any], moment: _Moment, _bucket: str) -> Event | str:
    kinds = {"afk": EventKind.IDLE, "not-afk": EventKind.ACTIVE}
    status = _text(data, "status") or ""
    if status not in kinds:
        return f"unknown status {status!r}"
    key = origin_key("activitywatch", "presence", moment.ts_us, status)
    # ActivityWatch begins the time away at the last input, so nothing had been idle before.
    return moment.event(Source.PRESENCE, kinds[status], key, detail=PresenceDetail(0))


def _page(data: Mapping[str, Any], moment: _Moment, bucket: str) -> Event | str:
    url, title = _text(data, "url"), _text(data, "title")
    if url is None:
        return "no address"
    key = origin_key("activitywatch", "page", moment.ts_us, url, title)
    app = _program(bucket, "aw-watcher-web-", "browser")
    # Only a plain "no" says that the window was not a private one.
    detail = PageDetail(private=data.get("incognito", False) is not False)
    return moment.event(Source.BROWSER, EventKind.VISIT, key, app=app, target=url, title=title, detail=detail)


def _edit(data: Mapping[str, Any], moment: _Moment, bucket: str) -> Event | str:
    file = _text(data, "file")
    if file is None:
        return "no file"
    key = origin_key("activitywatch", "editor", moment.ts_us, file)
    app = _program(bucket, "aw-watcher-", "editor")
    detail = FileDetail(project=_text(data, "project"), language=_text(data, "language"))
    return moment.event(Source.EDITOR, EventKind.EDIT, key, app=app, target=file, detail=detail)


_MAKERS: Final[Mapping[str, Callable[[Mapping[str, Any], _Moment, str], Event | str]]] = {
    "currentwindow": _window,
    "afkstatus": _presence,
    "web.tab.current": _page,
    "app.editor.activity": _edit,
}


def _program(bucket: str, prefix: str, usual: str) -> str:
    return bucket.removeprefix(prefix).split("_", 1)[0] if bucket.startswith(prefix) else usual


def _text(data: Mapping[str, Any], name: str) -> str | None:
    value = data.get(name)
    return clean_text(value) if isinstance(value, str) and value else None


def _time_us(value: object) -> int | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if moment is None:
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    ts_us = (aware - _EPOCH) // timedelta(microseconds=1)
    return ts_us if possible_time(ts_us) else None
