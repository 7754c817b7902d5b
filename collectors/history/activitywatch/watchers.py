"""What ActivityWatch's watchers tell, as events: windows, times away, tabs, editors, counts of input.

An export, a database and the live inlet hold the same rows, so a row has the same identity (`origin_key`) wherever it
is met. Source: ActivityWatch's buckets and events (docs.activitywatch.net/en/latest/buckets-and-events.html).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from collectors.clock import EPOCH
from collectors.events import (
    MAX_DURATION_US,
    US_PER_S,
    Detail,
    Event,
    EventKind,
    FileDetail,
    PageDetail,
    PresenceDetail,
    RhythmDetail,
    Source,
    clean_text,
    local_offset_s,
)
from collectors.history.reader import origin_key, possible_time

_MOST_COUNTED: Final = 1_000_000

SOURCES: Final[Mapping[str, Source]] = MappingProxyType(
    {
        "currentwindow": Source.WINDOW,
        "afkstatus": Source.PRESENCE,
        "web.tab.current": Source.BROWSER,
        "app.editor.activity": Source.EDITOR,
        "os.hid.input": Source.INPUT,
    }
)
"""The types of buckets that are understood, and what each is a source of."""
APP_PREFIXES: Final[Mapping[Source, str]] = MappingProxyType(
    {Source.BROWSER: "aw-watcher-web-", Source.EDITOR: "aw-watcher-"}
)
"""What stands before the application's name in the id of a bucket of these sources."""
_UNNAMED: Final = {Source.BROWSER: "browser", Source.EDITOR: "editor"}


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


def event_of(raw: object, kind: object, bucket: str) -> Event | str:
    """The event of a row as ActivityWatch writes it in JSON, or the reason why it is none.

    Args:
        raw: the row: "timestamp" (ISO 8601), "duration" in seconds, "data"; a ValueError if it could not be parsed.
        kind: the type of its bucket, a key of `SOURCES`; None if unknown, and the data decide.
        bucket: the id of its bucket, which names the browser or editor.
    """
    if not isinstance(raw, dict):
        return str(raw) if isinstance(raw, ValueError) else "an event is an object"
    ts_us = time_us(raw.get("timestamp"))
    if ts_us is None:
        return "no readable time"
    return event_at(ts_us, duration_us(raw.get("duration")), raw.get("data"), kind, bucket)


def event_at(ts_us: int, lasted_us: int | None, data: object, kind: object, bucket: str) -> Event | str:
    """Return the event of a row, or the reason why it is none; as `event_of`.

    Args:
        ts_us: the start.
        lasted_us: the duration; None if unknown.
        data: the row's data.
        kind: the type of its bucket, a key of `SOURCES`; None if unknown, and the data decide.
        bucket: the name of its bucket.
    """
    if not isinstance(data, dict):
        return "no data"
    # Older exports name a bucket's type behind its events: then the data tell.
    known = kind if isinstance(kind, str) else _kind_of(data)
    return _MAKERS[SOURCES[known]](data, _Moment(ts_us, lasted_us, local_offset_s(ts_us)), bucket)


def time_us(value: object) -> int | None:
    """A moment as ActivityWatch writes it, if it can be one of the user's past; UTC if it names no offset."""
    moment = moment_us(value)
    return moment if moment is not None and possible_time(moment) else None


def moment_us(value: object) -> int | None:
    """Any moment in ISO 8601, past or not; None for what is none."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is None:
            return None
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return (aware - EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        return None


def duration_us(value: object) -> int | None:
    """A length in seconds, if it can be one."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_DURATION_US / US_PER_S:
        return None
    return round(value * US_PER_S)


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
    app = app_of(Source.BROWSER, bucket)
    # Only a plain "no" says that the window was not a private one.
    detail = PageDetail(private=data.get("incognito", False) is not False)
    return moment.event(Source.BROWSER, EventKind.VISIT, key, app=app, target=url, title=title, detail=detail)


def _edit(data: Mapping[str, Any], moment: _Moment, bucket: str) -> Event | str:
    file = _text(data, "file")
    if file is None:
        return "no file"
    key = origin_key("activitywatch", "editor", moment.ts_us, file)
    app = app_of(Source.EDITOR, bucket)
    detail = FileDetail(project=_text(data, "project"), language=_text(data, "language"))
    return moment.event(Source.EDITOR, EventKind.EDIT, key, app=app, target=file, detail=detail)


def _input(data: Mapping[str, Any], moment: _Moment, _bucket: str) -> Event | str:
    keys, clicks = _count(data, "presses"), _count(data, "clicks")
    scrolls = _count(data, "scrollX") + _count(data, "scrollY")
    if not moment.duration_us:
        return "no length"
    key = origin_key("activitywatch", "input", moment.ts_us, keys, clicks, scrolls)
    detail = RhythmDetail(moment.duration_us, keys=keys, clicks=clicks, scrolls=scrolls)
    return moment.event(Source.INPUT, EventKind.RHYTHM, key, detail=detail)


_MAKERS: Final[Mapping[Source, Callable[[Mapping[str, Any], _Moment, str], Event | str]]] = {
    Source.WINDOW: _window,
    Source.PRESENCE: _presence,
    Source.BROWSER: _page,
    Source.EDITOR: _edit,
    Source.INPUT: _input,
}


def app_of(source: Source, bucket: str) -> str | None:
    """The browser or editor that a bucket is named for; None for sources whose buckets are not."""
    prefix = APP_PREFIXES.get(source)
    if prefix is None:
        return None
    return bucket.removeprefix(prefix).split("_", 1)[0] if bucket.startswith(prefix) else _UNNAMED[source]


def _count(data: Mapping[str, Any], name: str) -> int:
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return round(min(abs(value), _MOST_COUNTED)) if value == value else 0  # noqa: PLR0124 - not a number is no count


def _text(data: Mapping[str, Any], name: str) -> str | None:
    value = data.get(name)
    return clean_text(value) if isinstance(value, str) and value else None
