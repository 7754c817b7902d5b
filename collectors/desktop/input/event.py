"""The event of one interval of input, whoever counted it."""

from __future__ import annotations

from dataclasses import asdict

from collectors.desktop.focused_window import FocusedWindow
from collectors.desktop.input.counter import Counts
from collectors.desktop.window.foreground import Before, HiddenReason
from collectors.events import Event, EventKind, RhythmDetail, Source, clean_text, local_offset_s


def rhythm_event(began_us: int, counts: Counts, before: Before) -> Event | None:
    """The event of an interval, or of the part of it that went to one window; None for one that must stay unseen.

    Of the window its application is reported. Its title is not: it stands at the window's own event of that time,
    and would be found here by every search for it.

    Args:
        began_us: when it began, microseconds since the epoch, UTC.
        counts: what was counted in it.
        before: what was in front meanwhile.
    """
    if before is HiddenReason.HIDDEN:
        return None
    return Event(
        ts_us=began_us,
        source=Source.INPUT,
        kind=EventKind.RHYTHM,
        app=clean_text(before.app) if isinstance(before, FocusedWindow) and before.app else None,
        utc_offset_s=local_offset_s(began_us),
        detail=RhythmDetail(**asdict(counts)),
    )
