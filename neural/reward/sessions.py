"""Sessions: stretches of work without a long pause, found as the events come in."""

from __future__ import annotations

from typing import Final

from collectors.events import US_PER_S, Event, EventKind, PresenceDetail, RhythmDetail, Source

SESSION_GAP_US: Final = 5 * 60 * US_PER_S
_ENDS: Final = {EventKind.LOCK: "lock", EventKind.SUSPEND: "suspend"}


class Sessions:
    """Numbers the sessions of one person's events.

    A session ends after five minutes without the user's doing, at a lock or at a suspend. What the machine does by
    itself (load, processes) neither begins a session nor keeps one open.

    Args:
        first: number of the first session, for a history that is continued.
    """

    def __init__(self, first: int = 0) -> None:
        self._number = first
        self._last_us: int | None = None
        self._ended: str | None = None
        self.ended_by: str | None = None
        """How the session before the current one ended: "idle", "lock" or "suspend"; None for the first."""

    def session_of(self, event: Event) -> int:
        """The session an event falls in; an event that ends a session belongs to the one it ends.

        Args:
            event: the next event in time order. A clock that went backwards ends nothing.
        """
        idle_us = event.detail.idle_us if isinstance(event.detail, PresenceDetail) else 0
        if event.kind in _ENDS:
            self._ended = self._ended or _ENDS[event.kind]
        elif event.kind is EventKind.IDLE:
            if idle_us >= SESSION_GAP_US:
                self._ended = self._ended or "idle"
        elif _by_the_user(event):
            self._enter(event.ts_us)
            self._last_us = event.ts_us + (event.duration_us or 0)
        return self._number

    def _enter(self, ts_us: int) -> None:
        if self._last_us is None:
            self._ended = None
            return
        ended = self._ended or ("idle" if ts_us - self._last_us > SESSION_GAP_US else None)
        if ended is not None:
            self._number += 1
            self.ended_by = ended
            self._ended = None


_BY_THE_MACHINE: Final = frozenset((Source.RESOURCES, Source.PROCESS, Source.NETWORK, Source.SCREEN))
"""Programs connect and a film plays on also if nobody sits."""


def _by_the_user(event: Event) -> bool:
    if event.source in _BY_THE_MACHINE:
        return False
    if isinstance(event.detail, RhythmDetail):
        return event.detail.keys + event.detail.clicks + event.detail.scrolls > 0
    return True
