"""The event of one interval of input, whoever counted it."""

from __future__ import annotations

from dataclasses import asdict

from collectors.desktop.input_counts import Counts
from collectors.events import Event, EventKind, RhythmDetail, Source, local_offset_s


def rhythm_event(began_us: int, counts: Counts) -> Event:
    """The event of an interval.

    Args:
        began_us: when it began, microseconds since the epoch, UTC.
        counts: what was counted in it.
    """
    return Event(
        ts_us=began_us,
        source=Source.INPUT,
        kind=EventKind.RHYTHM,
        utc_offset_s=local_offset_s(began_us),
        detail=RhythmDetail(**asdict(counts)),
    )
