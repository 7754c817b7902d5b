"""The desktop's list of recently used files (`recently-used.xbel`, the Desktop Bookmark Specification)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit
from xml.parsers import expat

from collectors.clock import EPOCH
from collectors.events import Event, EventKind, FileDetail, Source, clean_text, local_offset_s
from collectors.history.reader import HistoryError, Rejected, existing, opened, origin_key, possible_time

_CHUNK_BYTES: Final = 1 << 16
_MAX_BOOKMARK_BYTES: Final = 4 << 20


class RecentFiles:
    """One event for each application that used a file, at the time that application last did."""

    name: Final = "recent-files"
    title: Final = "Recently used files"

    def discover(self, home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
        """The list of GTK and KDE programs, at its usual place."""
        data = Path(environ.get("XDG_DATA_HOME") or home / ".local/share")
        folders = (data, home / ".local/share")
        return existing([folder / "recently-used.xbel" for folder in folders] + [home / ".recently-used.xbel"])

    def read(self, path: Path) -> Iterator[Event | Rejected]:
        """Stream the list; see `HistoryReader.read`. A list that breaks off keeps the files before the break."""
        bookmarks = _Bookmarks(str(path))
        with opened(path) as file:
            fed_bytes = 0
            last = False
            while not last:
                chunk = file.read(_CHUNK_BYTES)
                last = not chunk
                fed_bytes += len(chunk)
                try:
                    bookmarks.parser.Parse(chunk, last)
                except expat.ExpatError as error:
                    yield from bookmarks.taken()
                    yield Rejected(f"{path}:{error.lineno}", f"broken XML: {expat.ErrorString(error.code)}")
                    return
                rows = bookmarks.taken()
                yield from rows
                fed_bytes = 0 if rows else fed_bytes
                # The parser holds an element that does not end in memory.
                if fed_bytes > _MAX_BOOKMARK_BYTES:
                    yield Rejected(str(path), f"an entry longer than {_MAX_BOOKMARK_BYTES >> 20} MiB")
                    return


class _Bookmarks:
    """Collects rows from the parser's calls: they are taken after each chunk, so that no more than that is held."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._rows: list[Event | Rejected] = []
        self._bookmark: dict[str, str] | None = None
        self._applications: list[dict[str, str]] = []
        self._mime_type: str | None = None
        self.parser = expat.ParserCreate()
        self.parser.EntityDeclHandler = self._refuse_entity
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def taken(self) -> list[Event | Rejected]:
        rows, self._rows = self._rows, []
        return rows

    def _refuse_entity(self, name: str, *_: object) -> None:
        # The list needs none, and a few that name one another can fill the memory.
        raise HistoryError(
            f"{self._where} declares the XML entity {name!r}, which no desktop writes.",
            "Move the file away; the desktop makes a new one.",
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "bookmark":
            self._bookmark, self._applications, self._mime_type = attributes, [], None
        elif name.endswith(":application"):
            self._applications.append(attributes)
        elif name.endswith(":mime-type"):
            self._mime_type = attributes.get("type")

    def _end(self, name: str) -> None:
        if name != "bookmark" or self._bookmark is None:
            return
        bookmark, self._bookmark = self._bookmark, None
        where = f"{self._where}:{self.parser.CurrentLineNumber}"
        href = bookmark.get("href", "")
        if not href:
            self._rows.append(Rejected(where, "no file is named"))
            return
        usual = bookmark.get("visited") or bookmark.get("modified") or ""
        for application in self._applications or [{}]:
            ts_us = _time_us(application.get("modified") or usual)
            if ts_us is None:
                self._rows.append(Rejected(where, "no readable time"))
                continue
            self._rows.append(_event(href, application.get("name"), ts_us, self._mime_type))


def _event(href: str, app: str | None, ts_us: int, mime_type: str | None) -> Event:
    return Event(
        ts_us=ts_us,
        source=Source.FILES,
        kind=EventKind.OPEN,
        app=clean_text(app) if app else None,
        target=clean_text(_file_of(href)),
        utc_offset_s=local_offset_s(ts_us),
        detail=FileDetail(mime_type=clean_text(mime_type)) if mime_type else None,
        origin_key=origin_key("recent-files", href, app, ts_us),
    )


def _file_of(href: str) -> str:
    try:
        address = urlsplit(href)
    except ValueError:
        return href  # no address; it is kept as it was written
    return unquote(address.path, errors="replace") if address.scheme == "file" else href


def _time_us(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    ts_us = (aware - EPOCH) // timedelta(microseconds=1)
    return ts_us if possible_time(ts_us) else None
