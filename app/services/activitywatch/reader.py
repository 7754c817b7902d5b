"""The store as ActivityWatch's buckets of events, for those who may read it; so much at once, and no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from app.errors import KnownError
from app.services.activitywatch.buckets import Bucket, Buckets, data_of, is_reported, moment, stored
from app.store.reader import Reader
from app.store.store import Store
from app.store.values.records import ActionRow
from collectors.events import MAX_TS_US, US_PER_DAY, US_PER_S, Source

MOST_ITEMS: Final = 20_000
_LONGEST_US: Final = US_PER_DAY
"""As ActivityWatch does, an event that reaches into a time is looked for as far back as this."""


@dataclass(frozen=True, slots=True)
class Item:
    """One event as ActivityWatch sees it, microseconds; `id` is None for what a query made."""

    ts_us: int
    duration_us: int
    data: Mapping[str, Any]
    id: int | None = None

    @property
    def end_us(self) -> int:
        """When it ended."""
        return self.ts_us + self.duration_us

    def to_json(self) -> dict[str, Any]:
        """The event as ActivityWatch writes it."""
        return {
            "id": self.id,
            "timestamp": moment(self.ts_us),
            "duration": self.duration_us / US_PER_S,
            "data": dict(self.data),
        }


class TooMuchError(KnownError):
    """More was asked for than one answer holds."""

    def __init__(self) -> None:
        super().__init__(
            f"This would be more than {MOST_ITEMS} events.",
            "Ask for a shorter time; kryptic export --format activitywatch writes everything.",
        )


class Reading:
    """Answers questions about buckets, from any thread.

    Args:
        store: open.
        buckets: those that watchers made.
        hostname: the machine's name, which the buckets of the store bear.
        now_us: the clock.
    """

    def __init__(self, store: Store, buckets: Buckets, hostname: str, now_us: Callable[[], int]) -> None:
        self._store = store
        self._buckets = buckets
        self._hostname = hostname
        self._now_us = now_us

    def buckets(self) -> Mapping[str, Bucket]:
        """Every bucket by its name: those that show the store, and those that watchers made."""
        with self._store.reader() as reader:
            buckets = {bucket.id: bucket for bucket in stored(reader, self._hostname)}
        return MappingProxyType(buckets | {bucket.id: bucket for bucket in self._buckets.all()})

    def last_end_us(self, bucket: Bucket) -> int | None:
        """When the latest event of a bucket ended; None if there is none."""
        with self._store.reader() as reader:
            return next((item.end_us for item in self._items(reader, bucket, 0, MAX_TS_US)), None)

    def items(self, bucket: Bucket, start_us: int, end_us: int, limit: int | None = None) -> tuple[Item, ...]:
        """The events of a bucket that touch a stretch of time, latest first, cut to it.

        Args:
            bucket: one of the store or of a watcher.
            start_us: inclusive, microseconds since the epoch.
            end_us: exclusive, microseconds since the epoch.
            limit: how many at the most; None for all.

        Raises:
            TooMuchError: if there are too many, and no limit.
        """
        found: list[Item] = []
        with self._store.reader() as reader:
            for item in self._items(reader, bucket, start_us, end_us):
                if limit is not None and len(found) >= limit:
                    break
                if len(found) >= MOST_ITEMS:
                    raise TooMuchError
                found.append(item)
        return tuple(found)

    def count(self, bucket: Bucket, start_us: int, end_us: int) -> int:
        """How many events of a bucket touch a stretch of time.

        Args:
            bucket: one of the store or of a watcher.
            start_us: inclusive, microseconds since the epoch.
            end_us: exclusive, microseconds since the epoch.
        """
        with self._store.reader() as reader:
            return sum(1 for _ in self._items(reader, bucket, start_us, end_us))

    def item(self, bucket: Bucket, identity: int) -> Item | None:
        """One event of a bucket by its id, if it is among the latest `MOST_ITEMS`."""
        with self._store.reader() as reader:
            for number, item in enumerate(self._items(reader, bucket, 0, MAX_TS_US)):
                if item.id == identity:
                    return item
                if number >= MOST_ITEMS:
                    return None
        return None

    def _items(self, reader: Reader, bucket: Bucket, start_us: int, end_us: int) -> Iterator[Item]:
        later_us = min(self._now_us(), end_us)  # a state lasts until the next one, and the last one until now
        far_us = max(0, start_us - _LONGEST_US)
        for row in reader.of_source(bucket.source, bucket.app, far_us, end_us):
            if not is_reported(row.event):
                continue
            whole = _item(row, later_us)
            later_us = row.event.ts_us
            from_us, until_us = max(whole.ts_us, start_us), min(whole.end_us, end_us)
            if whole.end_us >= start_us:
                yield Item(from_us, until_us - from_us, whole.data, whole.id)


def _item(row: ActionRow, later_us: int) -> Item:
    event = row.event
    duration_us = event.duration_us
    if duration_us is None and event.source is Source.PRESENCE:
        duration_us = max(0, later_us - event.ts_us)
    return Item(event.ts_us, duration_us or 0, data_of(event), row.id)
