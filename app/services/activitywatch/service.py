"""What ActivityWatch's clients may ask of the program: to take in what watchers see, and, if allowed, to be read."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from app.errors import KnownError
from app.services.activitywatch import query
from app.services.activitywatch.buckets import Bucket, Buckets, moment, named
from app.services.activitywatch.functions import QueryError
from app.services.activitywatch.ingest import Watching
from app.services.activitywatch.reader import Item, Reading
from app.services.preferences import Preferences
from app.store.store import Store
from collectors.events import MAX_TS_US, US_PER_DAY, US_PER_S

MAX_PULSE_US: Final = US_PER_DAY
MOST_PERIODS: Final = 31


class NoBucketError(KnownError):
    """A bucket that is not there."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no bucket {name[:200]!r}.", "Make it first, with its type.")


class ActivityWatch:
    """The program, as ActivityWatch's clients see it. Every method may be called from any thread, and may block.

    Args:
        store: open.
        watching: takes in what watchers see.
        preferences: whether reading is allowed.
        now_us: the clock.
    """

    def __init__(self, store: Store, watching: Watching, preferences: Preferences, now_us: Callable[[], int]) -> None:
        self._preferences = preferences
        self._now_us = now_us
        self.hostname: Final = platform.node() or "localhost"
        self._buckets = Buckets(store)
        self._watching = watching
        self._reading = Reading(store, self._buckets, self.hostname, now_us)

    @property
    def readable(self) -> bool:
        """Whether the user lets programs read."""
        return self._preferences.settings.activitywatch_reading

    @property
    def passed_over(self) -> int:
        """Rows that a sense of the program's own saw as well, since the start."""
        return self._watching.passed_over

    def forgotten(self) -> None:
        """Something was forgotten: what watchers go on seeing starts over."""
        self._watching.reset()

    # --- for watchers

    def make_bucket(self, name: str, kind: str, client: str, hostname: str) -> bool:
        """Make a bucket; False if there is one of its name.

        Args:
            name: the bucket's id.
            kind: its type, such as "currentwindow".
            client: that creates it.
            hostname: of the watched machine.

        Raises:
            BucketError: if its type is not understood, or its name cannot serve.
        """
        return self._buckets.make(named(name, kind, client, hostname, self._now_us()))

    def heartbeat(self, name: str, raw: object, pulse_us: int) -> dict[str, Any]:
        """Take a heartbeat; the event that it made or lengthened.

        Args:
            name: of the bucket.
            raw: the event as the client sent it.
            pulse_us: the longest gap that the heartbeat bridges.

        Raises:
            NoBucketError: if there is no such bucket; UnreadableError if the event cannot be read.
        """
        return self._watching.heartbeat(self._made(name), raw, pulse_us)

    def insert(self, name: str, raws: Sequence[object]) -> tuple[dict[str, Any], ...]:
        """Take events as they are; as `heartbeat`."""
        return self._watching.insert(self._made(name), raws)

    # --- for readers

    def buckets(self) -> dict[str, dict[str, Any]]:
        """Every bucket, with when its latest event ended."""
        buckets: dict[str, dict[str, Any]] = {}
        for name, bucket in self._reading.buckets().items():
            last_us = self._reading.last_end_us(bucket)
            buckets[name] = bucket.to_json() | ({} if last_us is None else {"last_updated": moment(last_us)})
        return buckets

    def bucket(self, name: str) -> dict[str, Any]:
        """One bucket."""
        return self._known(name).to_json()

    def events(self, name: str, start_us: int | None, end_us: int | None, limit: int | None) -> list[dict[str, Any]]:
        """The events of a bucket that touch a time, latest first.

        Args:
            name: of the bucket.
            start_us: inclusive, microseconds since the epoch; None for no bound.
            end_us: exclusive, microseconds since the epoch; None for no bound.
            limit: how many at the most; None for all.
        """
        start_us, end_us = _between(start_us, end_us)
        return [item.to_json() for item in self._reading.items(self._known(name), start_us, end_us, limit)]

    def event(self, name: str, identity: int) -> dict[str, Any] | None:
        """One event."""
        item = self._reading.item(self._known(name), identity)
        return None if item is None else item.to_json()

    def count(self, name: str, start_us: int | None, end_us: int | None) -> int:
        """How many events of a bucket touch a time.

        Args:
            name: of the bucket.
            start_us: inclusive, microseconds since the epoch; None for no bound.
            end_us: exclusive, microseconds since the epoch; None for no bound.
        """
        return self._reading.count(self._known(name), *_between(start_us, end_us))

    def query(self, text: str, periods: Sequence[tuple[int, int]], name: str = "") -> list[Any]:
        """What a query answers for each period.

        Args:
            text: in ActivityWatch's query language.
            periods: start and end of each, microseconds since the epoch.
            name: of the query, for messages.

        Raises:
            QueryError: if it cannot be answered; KnownError if it would be too much.
        """
        if len(periods) > MOST_PERIODS:
            raise QueryError(f"a query has at most {MOST_PERIODS} periods")
        known = self._reading.buckets()
        answers: list[Any] = []
        for start_us, end_us in periods:
            names = {"NAME": name, "STARTTIME": moment(start_us), "ENDTIME": moment(end_us)}
            answers.append(query.plain(query.answer(text, names, _Past(self._reading, known, start_us, end_us))))
        return answers

    def _made(self, name: str) -> Bucket:
        bucket = self._buckets.get(name)
        if bucket is None:
            raise NoBucketError(name)
        return bucket

    def _known(self, name: str) -> Bucket:
        bucket = self._reading.buckets().get(name)
        if bucket is None:
            raise NoBucketError(name)
        return bucket


class _Past:
    """What one query may read; implements `functions.Past`."""

    def __init__(self, reading: Reading, buckets: Mapping[str, Bucket], start_us: int, end_us: int) -> None:
        self._reading = reading
        self._buckets = buckets
        self._start_us = start_us
        self._end_us = end_us

    def find(self, text: str, hostname: str | None) -> str | None:
        found = (
            name
            for name, bucket in self._buckets.items()
            if text in name and (not hostname or bucket.hostname == hostname)
        )
        return next(found, None)

    def items(self, bucket: str) -> list[Item] | None:
        known = self._buckets.get(bucket)
        return None if known is None else list(self._reading.items(known, self._start_us, self._end_us))


def _between(start_us: int | None, end_us: int | None) -> tuple[int, int]:
    return start_us or 0, MAX_TS_US if end_us is None else end_us


def pulse_us(seconds: float) -> int:
    """A pulse in microseconds, as far as one is taken for the same activity."""
    return min(round(seconds * US_PER_S), MAX_PULSE_US)
