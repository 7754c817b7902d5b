"""ActivityWatch's buckets: what a source is called there, what an action looks like, and those that watchers made.

Every source that holds something is a bucket, named as ActivityWatch's own watchers name theirs, whoever sensed it; so
whoever asks by the usual names finds it. Source: docs.activitywatch.net/en/latest/buckets-and-events.html.
"""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from app.errors import KnownError
from app.services.wait_for_commit import wait_for_commit
from app.store.reader import Reader
from app.store.store import Store
from app.store.values.records import Dimension
from collectors.clock import EPOCH
from collectors.events import MAX_TS_US, Event, EventKind, FileDetail, PageDetail, RhythmDetail, Source
from collectors.history.activitywatch.watchers import APP_PREFIXES, SOURCES, app_of

SETTING: Final = "activitywatch_buckets"
MOST_BUCKETS: Final = 256
MAX_NAME_CHARS: Final = 200
_AWAY: Final = frozenset({EventKind.IDLE, EventKind.LOCK, EventKind.SUSPEND})
_TYPES: Final = {source: kind for kind, source in SOURCES.items()}
_CLIENTS: Final = {
    Source.WINDOW: "aw-watcher-window",
    Source.PRESENCE: "aw-watcher-afk",
    Source.INPUT: "aw-watcher-input",
}


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket.

    Attributes:
        id: its name.
        kind: its type, such as "currentwindow".
        client: who fills it.
        hostname: the machine.
        created_us: when it was made.
        source: what its events are filed under.
        app: the one application that it holds; None if it holds all of its source.
    """

    id: str
    kind: str
    client: str
    hostname: str
    created_us: int
    source: Source
    app: str | None

    def to_json(self) -> dict[str, Any]:
        """The bucket as ActivityWatch tells it, without its events."""
        return {
            "id": self.id,
            "name": None,
            "type": self.kind,
            "client": self.client,
            "hostname": self.hostname,
            "created": moment(self.created_us),
            "data": {},
        }


class BucketError(KnownError):
    """A bucket that cannot be made."""


class Buckets:
    """The buckets that watchers made, kept in the store. Safe from any thread.

    Args:
        store: keeps them.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changing = threading.Lock()
        with store.reader() as reader:
            saved = reader.setting(SETTING)
        self._made: dict[str, Bucket] = {} if saved is None else _read(saved)

    def get(self, name: str) -> Bucket | None:
        """The bucket of this name, if a watcher made one."""
        return self._made.get(name)

    def all(self) -> tuple[Bucket, ...]:
        """All of them, in the order in which they were made."""
        return tuple(self._made.values())

    def make(self, bucket: Bucket) -> bool:
        """Keep a bucket; False if there is one of its name, which stays as it is.

        Raises:
            BucketError: if there are too many; StoreError if it cannot be kept.
        """
        with self._changing:
            if bucket.id in self._made:
                return False
            if len(self._made) >= MOST_BUCKETS:
                raise BucketError(
                    f"There are {MOST_BUCKETS} buckets already; no other was made.",
                    "Let the watchers keep to the buckets they have.",
                )
            made = {**self._made, bucket.id: bucket}
            text = json.dumps([dataclasses.asdict(each) for each in made.values()])
            wait_for_commit(self._store, self._store.put_setting(SETTING, text))
            self._made = made
            return True


def named(name: str, kind: str, client: str, hostname: str, created_us: int) -> Bucket:
    """A bucket as a watcher asks for it.

    Args:
        name: the bucket's id.
        kind: its type, such as "currentwindow".
        client: that creates it.
        hostname: of the watched machine.
        created_us: microseconds since the epoch.

    Raises:
        BucketError: if its type is not understood, or a text is too long.
    """
    if kind not in SOURCES:
        raise BucketError(f"Buckets of the type {kind[:64]!r} are not taken in.", f"Known are {', '.join(SOURCES)}.")
    if not name or max(map(len, (name, client, hostname))) > MAX_NAME_CHARS or not name.isprintable():
        raise BucketError("This name cannot be given to a bucket.", f"Use 1 to {MAX_NAME_CHARS} printable characters.")
    source = SOURCES[kind]
    return Bucket(name, kind, client, hostname, created_us, source, app_of(source, name))


def stored(reader: Reader, hostname: str) -> Iterator[Bucket]:
    """The buckets that show the store: one for each source that holds something, or for each of its programs."""
    counts = reader.counts()
    for source in Source:
        if not dict(counts.by_source).get(source.value):
            continue
        apps: tuple[str | None, ...] = (None,)
        if source in APP_PREFIXES:
            apps = tuple(total.key for total in reader.totals(Dimension.APP, 0, MAX_TS_US, source))
        for app in apps:
            client = _CLIENTS.get(source, f"kryptictrack-{source}")
            if source in APP_PREFIXES:
                client = f"{APP_PREFIXES[source]}{app}"
            kind = _TYPES.get(source, f"kryptictrack.{source}")
            yield Bucket(f"{client}_{hostname}", kind, client, hostname, counts.first_us or 0, source, app)


def is_reported(event: Event) -> bool:
    """Whether ActivityWatch has a word for it. To watch is no state besides being there, and would be counted twice."""
    return event.kind is not EventKind.WATCH


def data_of(event: Event) -> dict[str, Any]:
    """What ActivityWatch's own watchers would say of an event; of other sources every field that is known."""
    detail = event.detail
    match event.source:
        case Source.WINDOW:
            return {"app": event.app or "", "title": event.title or ""}
        case Source.PRESENCE:
            return {"status": "afk" if event.kind in _AWAY else "not-afk"}
        case Source.BROWSER:
            private = isinstance(detail, PageDetail) and detail.private
            return {"url": event.target or "", "title": event.title or "", "audible": False, "incognito": private}
        case Source.EDITOR:
            known = detail if isinstance(detail, FileDetail) else FileDetail()
            return {"file": event.target or "", "project": known.project or "", "language": known.language or ""}
        case Source.INPUT if isinstance(detail, RhythmDetail):
            counts = {"presses": detail.keys, "clicks": detail.clicks, "scrollX": 0, "scrollY": detail.scrolls}
            return {**counts, "deltaX": 0, "deltaY": 0}
    fields = {} if detail is None else dataclasses.asdict(detail)
    texts = {"kind": event.kind.value, "app": event.app, "target": event.target, "title": event.title}
    return {name: value for name, value in {**texts, **fields}.items() if value is not None}


def moment(ts_us: int) -> str:
    """A moment as ActivityWatch writes it: ISO 8601, UTC."""
    return (EPOCH + timedelta(microseconds=ts_us)).isoformat()


def _read(saved: str) -> dict[str, Bucket]:
    try:
        raws: list[Mapping[str, Any]] = json.loads(saved)
        buckets = [Bucket(**{**raw, "source": Source(raw["source"])}) for raw in raws]
        return {bucket.id: bucket for bucket in buckets}
    except (ValueError, TypeError, KeyError) as error:
        raise KnownError(
            f"The saved buckets of ActivityWatch cannot be read ({error}); they were kept as they are.",
            "Start the version of the program that wrote them.",
        ) from error
