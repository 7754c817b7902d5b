"""What of the events that come in may be stored, and the counts of what may not."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.services.backend import ONE_STORED, LogReport
from app.services.ingest.deduplicate import SaveDeduplicator
from app.services.preferences import Preferences
from app.system.log import counted
from collectors.event_json import EventError, from_wire
from collectors.events import Event
from collectors.privacy.gate import Dropped, DropReason, Origin, Passed, judge

LOGGER: Final = logging.getLogger(__name__)
UNREADABLE: Final = "could not be read"
"""Stands among the reasons of the gate for events that are none."""
_NOTHING: Final = replace(ONE_STORED, stored=0)


@dataclass(frozen=True, slots=True)
class DropCounts:
    """Counts since the start of the program."""

    dropped: tuple[tuple[str, int], ...]
    redacted: int
    noise: int


@dataclass(frozen=True, slots=True)
class FilterResult:
    """What the gate has left of wire events.

    Attributes:
        events: what is to be stored.
        refused: (position, why) of those that could not be read.
        dropped: (reason, how many) of those that the gate stopped.
        noise: how many were of a noisy kind.
        redacted: secrets taken out of the events.
    """

    events: tuple[Event, ...]
    refused: tuple[tuple[int, str], ...]
    dropped: tuple[tuple[str, int], ...]
    noise: int
    redacted: int

    def report(self, ids: Sequence[int | None]) -> LogReport:
        """What became of them, once the events are stored under `ids`."""
        stored = sum(identity is not None for identity in ids)
        return LogReport(
            stored=stored,
            duplicates=len(self.events) - stored,
            dropped=self.dropped,
            noise=self.noise,
            refused=self.refused,
            redacted=self.redacted,
        )


class EventFilter:
    """Asks the privacy gate about each event, and counts; from any thread.

    Args:
        preferences: asked for the policy at every event, so that a pause holds from the next one on.
        now_us: the clock.
    """

    def __init__(self, preferences: Preferences, now_us: Callable[[], int]) -> None:
        self._preferences = preferences
        self._now_us = now_us
        self._counting = threading.Lock()
        self._dropped: Counter[str] = Counter()
        self._redacted = 0
        self._saves = SaveDeduplicator()

    def tally(self) -> DropCounts:
        """Counts since the start of the program."""
        with self._counting:
            dropped = dict(self._dropped)
            noise = dropped.pop(DropReason.NOISE, 0)
            return DropCounts(tuple(sorted(dropped.items())), self._redacted, noise)

    def judge(self, event: Event, origin: Origin) -> Passed | Dropped:
        """What the gate says of an event, and whether another collector has reported it already."""
        verdict = judge(event, self._preferences.policy, origin, self._now_us())
        if isinstance(verdict, Passed) and self._saves.is_duplicate(verdict.event):
            verdict = Dropped(DropReason.REPORTED)
        if isinstance(verdict, Dropped):
            with self._counting:
                self._dropped[verdict.reason] += 1
        elif verdict.redactions:
            with self._counting:
                self._redacted += verdict.redactions
        return verdict

    def _refuse(self, number: int) -> None:
        """Count what could not be read. The log says that and no more: what was sent may be anything."""
        if number:
            with self._counting:
                self._dropped[UNREADABLE] += number
            counted(LOGGER, "unreadable", "An event of a client could not be read, and was refused")

    def one(self, raw_event: object) -> tuple[Event | None, LogReport]:
        """A single wire event as it may be stored, None if it may not; and what its sender hears then."""
        try:
            event = from_wire(raw_event)
        except EventError as error:
            self._refuse(1)
            return None, replace(_NOTHING, refused=((0, str(error)),))
        verdict = self.judge(event, Origin.CLIENT)
        if isinstance(verdict, Dropped):
            noise = verdict.reason is DropReason.NOISE
            return None, replace(_NOTHING, noise=1) if noise else replace(_NOTHING, dropped=((verdict.reason, 1),))
        count = verdict.redactions
        return verdict.event, replace(ONE_STORED, redacted=count) if count else ONE_STORED

    def many(self, raw_events: Sequence[object]) -> FilterResult:
        """Wire events that came in one request."""
        events: list[Event] = []
        refused: list[tuple[int, str]] = []
        dropped: Counter[str] = Counter()
        redacted = 0
        for index, raw in enumerate(raw_events):
            try:
                event = from_wire(raw)
            except EventError as error:
                refused.append((index, str(error)))
                continue
            verdict = self.judge(event, Origin.CLIENT)
            if isinstance(verdict, Dropped):
                dropped[verdict.reason] += 1
            else:
                events.append(verdict.event)
                redacted += verdict.redactions
        self._refuse(len(refused))
        noise = dropped.pop(DropReason.NOISE, 0)
        return FilterResult(tuple(events), tuple(refused), tuple(sorted(dropped.items())), noise, redacted)
