"""The desktop's list of recently used files, live: what programs put on it while we look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from collectors.clock import now_us
from collectors.events import US_PER_S, Event
from collectors.history.reader import HistoryError
from collectors.history.recent_files import RecentFiles
from collectors.inotify import Change, Inotify, Notice

_NAME: Final = "recently-used.xbel"
_CHANGES: Final = Change.MOVED_TO | Change.CLOSE_WRITE | Change.ONLY_FOLDER
_OLDEST_US: Final = 10 * US_PER_S


class RecentList:
    """Watches the list, and reads it when it was written.

    Args:
        inotify: reports the changes.
        home: the user's.
        environ: names the list's folder.
    """

    def __init__(self, inotify: Inotify, home: Path, environ: Mapping[str, str]) -> None:
        self._path = Path(environ.get("XDG_DATA_HOME") or home / ".local/share") / _NAME
        self._seen: set[int] = set()
        self._watch = -1
        try:
            self._watch = inotify.watch(self._path.parent, _CHANGES)
        except OSError:
            return  # no desktop keeps such a list here
        self._seen = {event.origin_key for event in self._read() if event.origin_key is not None}

    def take_in(self, notices: Iterable[Notice]) -> Iterator[Event]:
        """What was put on the list, as some notices tell."""
        if not any(notice.watch == self._watch and notice.name == _NAME for notice in notices):
            return
        seen = set()
        oldest_us = now_us() - _OLDEST_US
        for event in self._read():
            if event.origin_key is None:
                continue
            seen.add(event.origin_key)
            if event.origin_key not in self._seen and event.ts_us >= oldest_us:
                yield event
        self._seen = seen

    def _read(self) -> Iterator[Event]:
        try:
            for row in RecentFiles().read(self._path):
                if isinstance(row, Event):
                    yield row
        except HistoryError:
            return  # there is none yet, or it is being written: the next notice comes when it is
