"""Whether somebody is there: the X server tells when input stops for a while and when it comes back (XSync alarms)."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, Final

from collectors.collector import CollectorError, Emit, Stop, Unavailable
from collectors.desktop import x11, x11_sync
from collectors.desktop.x11_sync import IdleCounter
from collectors.events import US_PER_MS, US_PER_S, Event, EventKind, PresenceDetail, Source, local_offset_s
from collectors.moment import Moment, now

IDLE_AFTER_MS: Final = 180_000
_NO_COUNTER: Final = Unavailable(
    "The X server keeps no idle counter (the SYNC extension's IDLETIME).",
    "Use a current X.Org server; time away then counts as time in the last window until that is there.",
)


class PresenceCollector:
    """Emits IDLE once there was no input for a while, and ACTIVE when it comes back.

    `ts_us` is the moment it is known; `idle_us` of IDLE is how long there had been no input by then, and of ACTIVE how
    long there was none in all.

    Args:
        environ: where the display is looked up; the process's own environment by default.
        idle_after_ms: how long without input is idle, milliseconds; at least 2.
        now: the two clocks.
    """

    source = Source.PRESENCE

    def __init__(
        self,
        environ: Mapping[str, str] = os.environ,
        idle_after_ms: int = IDLE_AFTER_MS,
        now: Callable[[], Moment] = now,
    ) -> None:
        self._environ = environ
        self._idle_after_ms = idle_after_ms
        self._now = now

    def check(self) -> Unavailable | None:
        """Whether an X server with an idle counter answers."""
        try:
            with x11.connected(self._environ) as display:
                return None if x11_sync.find(display) else _NO_COUNTER
        except CollectorError as error:
            return error.unavailable

    def run(self, emit: Emit, stop: Stop) -> None:
        """Tell of coming and going until `stop` is set.

        Raises:
            CollectorError: when the X server is not there, has no idle counter, or goes away.
        """
        with x11.connected(self._environ) as display:
            counter = x11_sync.find(display)
            if counter is None:
                raise CollectorError(_NO_COUNTER)
            self._follow(display, counter, emit, stop)

    def _follow(self, display: Any, counter: IdleCounter, emit: Emit, stop: Stop) -> None:
        away = counter.alarm(self._idle_after_ms, x11_sync.POSITIVE_TRANSITION)
        # One below: the counter may stand exactly at the threshold, and a transition starts from above its value.
        back = counter.alarm(self._idle_after_ms - 1, x11_sync.NEGATIVE_TRANSITION)
        already_ms = counter.value_ms()
        known = self._tell_idle(emit, already_ms) if already_ms >= self._idle_after_ms else None
        while x11.wait(display, stop, None):
            for _ in range(display.pending_events()):
                fired = counter.fired(display.next_event())
                if fired is None:
                    continue
                alarm, value_ms = fired
                if alarm == away and known is None:
                    known = self._tell_idle(emit, value_ms)
                elif alarm == back and known is not None:
                    self._tell_active(emit, *known)
                    known = None

    def _tell_idle(self, emit: Emit, idle_ms: int) -> tuple[Moment, int]:
        at, idle_us = self._now(), idle_ms * US_PER_MS
        emit(_presence(EventKind.IDLE, at.ts_us, idle_us))
        return at, idle_us

    def _tell_active(self, emit: Emit, known: Moment, idle_us: int) -> None:
        at = self._now()
        emit(_presence(EventKind.ACTIVE, at.ts_us, idle_us + round((at.mono_s - known.mono_s) * US_PER_S)))


def _presence(kind: EventKind, ts_us: int, idle_us: int) -> Event:
    return Event(
        ts_us=ts_us,
        source=Source.PRESENCE,
        kind=kind,
        utc_offset_s=local_offset_s(ts_us),
        detail=PresenceDetail(idle_us),
    )
