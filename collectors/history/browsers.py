"""The histories of the Chromium family and of Firefox as visits."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collectors.events import MAX_DURATION_US, Event, EventKind, Source, clean_text, local_offset_s
from collectors.history.browser_places import browser_of, chromium_histories, firefox_histories
from collectors.history.database_copy import SQLITE_ERRORS, copied, rows
from collectors.history.reader import HistoryError, Rejected, origin_key, possible_time

WEBKIT_EPOCH_US: Final = 11_644_473_600 * 1_000_000
"""From 1601-01-01, the start of Chromium's microseconds, to 1970-01-01."""

_INTERNAL: Final = (
    "about:",
    "blob:",
    "chrome-extension:",
    "chrome:",
    "data:",
    "javascript:",
    "moz-extension:",
    "place:",
)

# Chromium, ui/base/page_transition_types.h: the low byte is the reason; frames inside a page are none of the user's
# visits. 0x20000000 marks the end of a chain of redirects; what lies before it (0x10000000, or either redirect bit,
# together 0xD0000000) are addresses that sent the browser on.
_CHROMIUM_QUERY: Final = """
SELECT visits.id AS id, urls.url AS url, urls.title AS title, visits.visit_time AS time,
       visits.visit_duration AS duration, 0 AS is_download
FROM visits JOIN urls ON urls.id = visits.url
WHERE (visits.transition & 255) NOT IN (3, 4)
  AND ((visits.transition & 536870912) != 0 OR (visits.transition & 3489660928) = 0)
ORDER BY visits.id
"""
# Firefox, toolkit/components/places/nsINavHistoryService.idl: 4 and 8 are frames, 7 is a download.
_FIREFOX_QUERY: Final = """
SELECT moz_historyvisits.id AS id, moz_places.url AS url, moz_places.title AS title,
       moz_historyvisits.visit_date AS time, NULL AS duration, moz_historyvisits.visit_type = 7 AS is_download
FROM moz_historyvisits JOIN moz_places ON moz_places.id = moz_historyvisits.place_id
WHERE moz_historyvisits.visit_type NOT IN (4, 8)
ORDER BY moz_historyvisits.id
"""


@dataclass(frozen=True, slots=True)
class BrowserHistory:
    """Reads the history database of one family of browsers.

    A visit is known by its address and its microsecond, so the same visit in a synchronised profile is one.

    Attributes:
        name: the reader's name, and the events' app if the path does not tell the browser.
        title: as the window shows it.
        query: the visits in the order they were made.
        epoch_us: what the database's times are ahead of the Unix epoch by, microseconds.
        places: finds the databases.
    """

    name: str
    title: str
    query: str
    epoch_us: int
    places: Callable[[Path, Mapping[str, str]], tuple[Path, ...]]

    def discover(self, home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
        """The databases of every profile, those of snaps and flatpaks too."""
        return self.places(home, environ)

    def read(self, path: Path) -> Iterator[Event | Rejected]:
        """Stream the visits of one profile; see `HistoryReader.read`."""
        app = browser_of(path, self.name)
        with copied(path) as connection:
            self._check(connection, path)
            for row in rows(connection, self.query, str(path)):
                visit = row if isinstance(row, Rejected) else self._visit(row, app, path)
                if visit is not None:
                    yield visit

    def _check(self, connection: sqlite3.Connection, path: Path) -> None:
        try:
            connection.execute(f"EXPLAIN {self.query}").fetchall()
        except SQLITE_ERRORS as error:
            reason = str(error)
            raise HistoryError(
                f"{path} is not a {self.title.removesuffix(' history')} history: {reason}.",
                "Choose the profile's own file, or close the browser and import again.",
            ) from error

    def _visit(self, row: sqlite3.Row, app: str, path: Path) -> Event | Rejected | None:
        where = f"{path}: visit {row['id']}"
        url, time = row["url"], row["time"]
        if not isinstance(url, bytes) or not url:
            return Rejected(where, "no address")
        ts_us = time - self.epoch_us if isinstance(time, int) else 0
        if not possible_time(ts_us):
            return Rejected(where, "no readable time")
        address = clean_text(url.decode("utf-8", "replace"))
        if address.startswith(_INTERNAL):
            return None
        title, duration_us = row["title"], row["duration"]
        known = isinstance(duration_us, int) and 0 < duration_us <= MAX_DURATION_US
        return Event(
            ts_us=ts_us,
            source=Source.BROWSER,
            kind=EventKind.DOWNLOAD if row["is_download"] else EventKind.VISIT,
            app=app,
            target=address,
            title=clean_text(title.decode("utf-8", "replace")) if isinstance(title, bytes) and title else None,
            duration_us=duration_us if known else None,
            utc_offset_s=local_offset_s(ts_us),
            origin_key=origin_key("visit", ts_us, url),
        )


CHROMIUM: Final = BrowserHistory("chromium", "Chromium history", _CHROMIUM_QUERY, WEBKIT_EPOCH_US, chromium_histories)
FIREFOX: Final = BrowserHistory(
    "firefox", "Firefox history", _FIREFOX_QUERY, 0, lambda home, _environ: firefox_histories(home)
)
