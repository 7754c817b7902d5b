"""What ActivityWatch's watchers send, into the store: through the gate, merged, without the time nobody was there.

The switch for watchers is the consent, as a token is for other programs. If a sense of the program's own sees the
same already, what a watcher says of it is passed over, so that nothing counts twice.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final

from app.errors import KnownError
from app.services.activitywatch.buckets import Bucket, moment
from app.services.activitywatch.heartbeats import Beat, Span, merged, outside
from app.services.ingest.pipeline import IngestPipeline
from app.services.preferences import Preferences
from app.services.wait_for_commit import wait_for_commit
from app.settings import Settings
from app.store.store import Store
from collectors.events import US_PER_S, Event, Source
from collectors.history.activitywatch.watchers import duration_us, event_at, time_us

_REMEMBERED: Final = 8
"""Events of a bucket that may still turn out to fall into an absence, which is reported three minutes late."""
_HOLES: Final = 16
_OUR_OWN: Final = frozenset({Source.WINDOW, Source.PRESENCE, Source.INPUT})
"""What the program senses by itself. Browsers and editors are known by extensions, each of one of them alone."""
_CUT: Final = frozenset({Source.WINDOW, Source.BROWSER, Source.EDITOR})

Identity = Future[int | None]
"""The id of a stored action, after its commit; None if nothing was stored."""


class UnreadableError(KnownError):
    """A row that cannot be taken in.

    Args:
        why: in a few words.
    """

    def __init__(self, why: str) -> None:
        super().__init__(f"The event cannot be read: {why}.", "Send what the watchers do.")


@dataclass(slots=True)
class _Seen:
    """An event of a bucket, and the actions it became, by when each begins: with their length so far."""

    bucket: Bucket
    beat: Beat
    actions: dict[int, tuple[Identity, int]] = field(default_factory=dict)


class Watching:
    """Takes in rows of buckets, from any thread; returns when they are committed.

    Args:
        store: lengthens actions.
        observer: takes new ones, through the gate.
        preferences: notified of every pause.
        now_us: the clock.
        sensed: whether a sense of the program's own sees a source right now.
    """

    def __init__(
        self,
        store: Store,
        observer: IngestPipeline,
        preferences: Preferences,
        now_us: Callable[[], int],
        sensed: Callable[[Source], bool],
    ) -> None:
        self._store = store
        self._observer = observer
        self._now_us = now_us
        self._sensed = sensed
        self._turn = threading.Lock()
        self._seen: dict[str, deque[_Seen]] = {}
        self._away: deque[Span] = deque(maxlen=_HOLES)
        self._paused: deque[Span] = deque(maxlen=_HOLES)
        self._passed_over = 0
        self._on_settings(preferences.settings)
        preferences.on_change(self._on_settings)

    @property
    def passed_over(self) -> int:
        """Rows that a sense of the program's own saw as well, since the start."""
        return self._passed_over

    def heartbeat(self, bucket: Bucket, raw: object, pulse_us: int) -> dict[str, Any]:
        """Take a heartbeat: it lengthens the last event of its bucket, or begins another.

        Args:
            bucket: that it belongs to.
            raw: the event as the client sent it.
            pulse_us: the longest gap that the heartbeat bridges.

        Returns:
            The event as it is now, as ActivityWatch writes it.

        Raises:
            UnreadableError: if it cannot be read.
            StoreError: if it cannot be stored.
        """
        beat = _beat(raw, bucket)
        with self._turn:
            seen = self._seen.setdefault(bucket.id, deque(maxlen=_REMEMBERED))
            longer = merged(seen[-1].beat, beat, pulse_us) if seen else None
            if longer is None:
                seen.append(_Seen(bucket, beat))
            else:
                seen[-1].beat = longer
            now = seen[-1]
            waiting = self._know_presence(now, pulse_us) + self._update(now)
        return self._stored_event(now, waiting)

    def insert(self, bucket: Bucket, raws: Sequence[object]) -> tuple[dict[str, Any], ...]:
        """Take events as they are, one by one.

        Raises:
            UnreadableError: if one cannot be read; none was taken then.
            StoreError: if they cannot be stored.
        """
        beats = [_beat(raw, bucket) for raw in raws]
        with self._turn:
            updates = [(each, self._update(each)) for each in (_Seen(bucket, beat) for beat in beats)]
        return tuple(self._stored_event(each, waiting) for each, waiting in updates)

    def reset(self) -> None:
        """Lengthen nothing that was stored before: what it was may be forgotten."""
        with self._turn:
            self._seen.clear()

    def _stored_event(self, seen: _Seen, waiting: Sequence[Future[Any]]) -> dict[str, Any]:
        for future in waiting:
            wait_for_commit(self._store, future)
        ids = [identity.result() for identity, _ in seen.actions.values() if identity.done()]
        return {
            "id": next((each for each in ids if each is not None), None),
            "timestamp": moment(seen.beat.ts_us),
            "duration": seen.beat.duration_us / US_PER_S,
            "data": dict(seen.beat.data),
        }

    # --- under the lock

    def _update(self, seen: _Seen, *, only_shorten: bool = False) -> list[Future[Any]]:
        """Bring the actions of an event in line with what is known of it now."""
        holes = [*self._paused, *(self._away if seen.bucket.source in _CUT else ())]
        pieces = {span.from_us: span.until_us - span.from_us for span in outside(seen.beat, holes)}
        waiting: list[Future[Any]] = []
        for from_us, (identity, lasted_us) in seen.actions.items():
            length_us = pieces.pop(from_us, 0)
            if length_us < lasted_us or (length_us > lasted_us and not only_shorten):
                seen.actions[from_us] = identity, length_us
                # Whoever was away is reported late; what was stored of that time keeps its place, without a length.
                known = wait_for_commit(self._store, identity)
                if known is not None:
                    waiting.append(self._store.extend(known, length_us))
        for from_us, length_us in () if only_shorten else pieces.items():
            identity = self._begin(seen, from_us, length_us)
            seen.actions[from_us] = identity, length_us
            waiting.append(identity)
        return waiting

    def _begin(self, seen: _Seen, ts_us: int, length_us: int) -> Identity:
        event = event_at(ts_us, length_us, seen.beat.data, seen.bucket.kind, seen.bucket.id)
        assert isinstance(event, Event), "it was readable before"
        if seen.bucket.source in _OUR_OWN and self._sensed(seen.bucket.source):
            self._passed_over += 1
            nothing: Identity = Future()
            nothing.set_result(None)
            return nothing
        return self._observer.take(event)

    def _know_presence(self, seen: _Seen, pulse_us: int) -> list[Future[Any]]:
        """Learn from a watcher of presence when nobody was there, and cut that out of what was stored meanwhile."""
        if seen.bucket.source is not Source.PRESENCE:
            return []
        beat = seen.beat
        if beat.data.get("status") != "afk":
            for number, away in enumerate(self._away):
                if away.from_us <= beat.ts_us < away.until_us:
                    self._away[number] = Span(away.from_us, beat.ts_us)
            return []
        # It lasts until the watcher says otherwise, and no longer than the watcher is heard of.
        away = Span(beat.ts_us, beat.end_us + pulse_us)
        if self._away and self._away[-1].from_us == away.from_us:
            self._away[-1] = away
        else:
            self._away.append(away)
        remembered = [each for events in self._seen.values() for each in events]
        return [future for each in remembered for future in self._update(each, only_shorten=True)]

    def _on_settings(self, settings: Settings) -> None:
        """Remember the pauses, so that what a watcher saw then is not added later as duration."""
        now_us = self._now_us()
        with self._turn:
            last = self._paused[-1] if self._paused else None
            if last is not None and last.until_us > now_us:
                self._paused[-1] = Span(last.from_us, max(now_us, settings.paused_until_us))
            elif settings.paused_until_us > now_us:
                self._paused.append(Span(now_us, settings.paused_until_us))


def _beat(raw: object, bucket: Bucket) -> Beat:
    if not isinstance(raw, dict):
        raise UnreadableError("an event is an object")
    ts_us, lasted_us, data = time_us(raw.get("timestamp")), duration_us(raw.get("duration", 0)), raw.get("data")
    if ts_us is None:
        raise UnreadableError("no readable time")
    if lasted_us is None:
        raise UnreadableError("no readable duration")
    event = event_at(ts_us, lasted_us, data, bucket.kind, bucket.id)
    if not isinstance(event, Event):
        raise UnreadableError(event)
    assert isinstance(data, dict)
    return Beat(ts_us, lasted_us, data)
