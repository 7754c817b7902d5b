"""Whether somebody is there, on X11: the server tells when input stops for a while and when it is back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from collectors.collector import CollectorError, Emit, Stop, Unavailable
from collectors.desktop.presence.idle_events import IdleEvents
from collectors.desktop.x11 import connection, idle_counter
from collectors.desktop.x11.idle_counter import IdleCounter
from collectors.events import Source
from collectors.timestamp import Timestamp, now

_NO_COUNTER: Final = Unavailable(
    "The X server keeps no idle counter (the SYNC extension's IDLETIME).",
    "Use a current X.Org server; time away then counts as time in the last window until that is there.",
)


class X11PresenceCollector:
    """Emits IDLE once there was no input for a while, and ACTIVE when it comes back (see `desktop.absence`).

    Args:
        environ: names the display.
        idle_after_ms: how long without input is idle, milliseconds; at least 2.
        now: the two clocks.
    """

    source = Source.PRESENCE

    def __init__(
        self,
        environ: Mapping[str, str],
        idle_after_ms: int,
        now: Callable[[], Timestamp] = now,
    ) -> None:
        self._environ = environ
        self._idle_after_ms = idle_after_ms
        self._now = now

    def check(self) -> Unavailable | None:
        """Whether an X server with an idle counter answers."""
        try:
            with connection.connected(self._environ) as display:
                return None if idle_counter.find(display) else _NO_COUNTER
        except CollectorError as error:
            return error.unavailable

    def run(self, emit: Emit, stop: Stop) -> None:
        """Tell of coming and going until `stop` is set.

        Raises:
            CollectorError: when the X server is not there, has no idle counter, or goes away.
        """
        with connection.connected(self._environ) as display:
            counter = idle_counter.find(display)
            if counter is None:
                raise CollectorError(_NO_COUNTER)
            self._follow(display, counter, emit, stop)

    def _follow(self, display: Any, counter: IdleCounter, emit: Emit, stop: Stop) -> None:
        away = counter.alarm(self._idle_after_ms, idle_counter.POSITIVE_TRANSITION)
        # One below: the counter may stand exactly at the threshold, and a transition starts from above its value.
        back = counter.alarm(self._idle_after_ms - 1, idle_counter.NEGATIVE_TRANSITION)
        absence = IdleEvents(emit, self._now)
        already_ms = counter.value_ms()
        if already_ms >= self._idle_after_ms:
            absence.begin(already_ms)
        while connection.wait(display, stop, None):
            for _ in range(display.pending_events()):
                fired = counter.fired(display.next_event())
                if fired is None:
                    continue
                alarm, value_ms = fired
                if alarm == away:
                    absence.begin(value_ms)
                elif alarm == back:
                    absence.end()
