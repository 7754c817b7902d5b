"""Whether somebody is there, on GNOME: Mutter tells when input stops for a while and when it is back.

Interface org.gnome.Mutter.IdleMonitor: a watch of idleness fires each time, a watch of the user's return once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from jeepney import DBusAddress  # type: ignore[import-untyped]  # it ships no types

from collectors.collector import CollectorError, Emit, Stop, Unavailable
from collectors.desktop.backends import WrongSession
from collectors.desktop.bus import dbus
from collectors.desktop.bus.dbus import Bus, CallError
from collectors.desktop.bus.refusals import Refusals
from collectors.desktop.presence.idle_events import IdleEvents
from collectors.events import Source
from collectors.timestamp import Timestamp, now

_NAME: Final = "org.gnome.Mutter.IdleMonitor"
_MONITOR: Final = DBusAddress("/org/gnome/Mutter/IdleMonitor/Core", _NAME, _NAME)
_SLACK_MS: Final = 50  # a watch may fire a moment before its time is full
_NOT_GNOME: Final = WrongSession("Mutter's idle monitor is not on the session's bus.", "Choose a GNOME session.")

_GONE: Final = Unavailable(
    "GNOME Shell went away, or does not answer.",
    "It is tried again by itself; if it does not come back, log out and in again.",
)


class GnomePresenceCollector:
    """Emits IDLE once there was no input for a while, and ACTIVE when it comes back (see `desktop.absence`).

    Args:
        environ: names the session's bus.
        idle_after_ms: how long without input is idle, milliseconds.
        now: the two clocks.
    """

    source = Source.PRESENCE

    def __init__(self, environ: Mapping[str, str], idle_after_ms: int, now: Callable[[], Timestamp] = now) -> None:
        self._environ = environ
        self._idle_after_ms = idle_after_ms
        self._now = now

    def check(self) -> Unavailable | None:
        """Whether Mutter's idle monitor answers."""
        try:
            with dbus.session(self._environ) as bus:
                if bus.owner(_NAME) is None:
                    return _NOT_GNOME
                bus.call(_MONITOR, "GetIdletime")
        except CollectorError as error:
            return WrongSession(error.unavailable.reason, error.unavailable.remedy)
        except CallError:
            return _GONE
        return None

    def run(self, emit: Emit, stop: Stop) -> None:
        """Tell of coming and going until `stop` is set.

        Raises:
            CollectorError: when Mutter is not there, does not answer, or goes away.
        """
        with dbus.session(self._environ) as bus:
            bus.follow(_NAME)
            mutter = bus.owner(_NAME)
            if mutter is None:
                raise CollectorError(_NOT_GNOME)
            bus.listen(sender=mutter, interface=_NAME, member="WatchFired")
            try:
                self._follow(bus, mutter, IdleEvents(emit, self._now), stop)
            except CallError as error:
                raise CollectorError(_GONE) from error

    def _follow(self, bus: Bus, mutter: str, absence: IdleEvents, stop: Stop) -> None:
        (away,) = bus.call(_MONITOR, "AddIdleWatch", "t", (self._idle_after_ms,))
        back = self._look(bus, absence, None)
        with Refusals() as refusals:
            while bus.wait(stop, None):
                for message in bus.arrived():
                    if refusals.strange(message, bus, mutter):
                        continue
                    if dbus.lost(message, mutter):
                        raise CollectorError(_GONE)
                    fired = message.body if dbus.is_signal(message, _NAME, "WatchFired") else None
                    if fired == (away,):
                        back = self._look(bus, absence, back)
                    elif fired == (back,):
                        absence.end()
                        back = None

    def _look(self, bus: Bus, absence: IdleEvents, back: int | None) -> int | None:
        """Report when the user is away.

        Args:
            bus: that Mutter is on.
            absence: takes what Mutter says.
            back: the watch for the return that has not fired yet. It is kept: its notice may be on its way.

        Returns:
            The watch for the return.
        """
        idle_ms = self._idle_ms(bus)
        if idle_ms < self._idle_after_ms - _SLACK_MS:
            return back
        absence.begin(idle_ms)
        if back is not None:
            return back
        (back,) = bus.call(_MONITOR, "AddUserActiveWatch")
        if self._idle_ms(bus) < idle_ms:  # the return came just before there was a watch for it
            absence.end()
        return back

    def _idle_ms(self, bus: Bus) -> int:
        (idle_ms,) = bus.call(_MONITOR, "GetIdletime")
        return int(idle_ms)
