"""What was watched: time without input while a film played, a call was held or something kept the screen on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

from app.services.activity import intervals
from app.services.activity.intervals import Span
from app.store.values.records import ActionRow
from collectors.events import US_PER_DAY, EventKind, PresenceDetail, Source
from neural.language.reading.plan import Period

CALL: Final = "call"
FILM: Final = "film"
SCREEN: Final = "screen"


class PresenceReader(Protocol):
    """The part of `app.store.reader.Reader` that is needed here."""

    def of_source(
        self, source: Source, app: str | None = None, start_us: int = 0, end_us: int = 2**62
    ) -> Iterator[ActionRow]:
        """The actions of one source, latest first.

        Args:
            source: of the actions.
            app: of the actions; None for all.
            start_us: inclusive, microseconds since the epoch.
            end_us: exclusive, microseconds since the epoch.
        """
        ...


def spans(reader: PresenceReader, period: Period) -> tuple[Span, ...]:
    """What was watched in a period, cut at its ends, each named FILM, CALL or SCREEN by what showed it."""
    from_us = max(0, period.start_us - US_PER_DAY)  # nobody watches for longer
    found = []
    for row in reader.of_source(Source.PRESENCE, None, from_us, period.end_us):
        event = row.event
        if event.kind is EventKind.WATCH:
            sign = event.detail.sign if isinstance(event.detail, PresenceDetail) else None
            found.append(Span(event.ts_us, event.ts_us + (event.duration_us or 0), sign or SCREEN))
    return intervals.cut(found, period)


def length_us(found: tuple[Span, ...], *signs: str) -> int:
    """How long in all, of those that these signs showed."""
    return sum(span.length_us for span in found if span.name in signs)
