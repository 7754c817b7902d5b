"""How lively the keyboard and the mouse are, on X11: counts and gaps every ten seconds, by raw events of XInput 2.

Which key it was is in the server's message, and stays there: of a key's event its type and its time are read, and
whether it is one of those that take something back. Of a button's event the number is read too, since the wheel counts
as buttons 4 to 7.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Container, Mapping
from typing import Any, Final

from Xlib import XK
from Xlib.ext import ge, xinput

from collectors.collector import CollectorError, Emit, Stop, Unavailable
from collectors.desktop.input.counter import INTERVAL_S, Interval, Kind, Press
from collectors.desktop.input.event import rhythm_event
from collectors.desktop.window.foreground import Foreground, ForegroundChanges
from collectors.desktop.x11 import connection
from collectors.events import US_PER_S, Source
from collectors.timestamp import Timestamp, now

_VERSION: Final = (2, 2)  # from 2.1 on, raw events come also while another program has grabbed the keyboard
_TIME: Final = struct.Struct("=2xI")  # device id, time in ms
_NUMBER: Final = struct.Struct("=6xI")  # device id, time, number of the key or button
_WHEEL: Final = range(4, 8)
_TAKE_BACK: Final = (XK.XK_BackSpace, XK.XK_Delete)
_NO_XINPUT: Final = Unavailable(
    "The X server has no XInput 2.1, which tells that a key was pressed without telling which.",
    "Use a current X.Org server.",
)


def press_of(event: Any, corrections: Container[int] = ()) -> Press | None:
    """The press a raw event tells of; None for any other event.

    Args:
        event: from python-xlib.
        corrections: numbers of the keys that take something back. Of a key's event it is asked whether its number is
            one of them; if there are none, nothing behind the time is looked at.
    """
    if event.type != ge.GenericEventCode:
        return None
    if event.evtype == xinput.RawKeyPress:
        takes_back = bool(corrections) and _NUMBER.unpack_from(event.data)[0] in corrections
        return Press(Kind.CORRECTION if takes_back else Kind.KEY, *_TIME.unpack_from(event.data))
    if event.evtype == xinput.RawButtonPress:
        (number,) = _NUMBER.unpack_from(event.data)
        return Press(Kind.SCROLL if number in _WHEEL else Kind.CLICK, *_TIME.unpack_from(event.data))
    return None


class X11RhythmCollector:
    """Emits RHYTHM for every interval that had input: it begins with a press, and nothing runs while there is none.

    Args:
        environ: names the display.
        front: what is in front.
        interval_s: length of an interval, seconds.
        now: the two clocks.
    """

    source = Source.INPUT

    def __init__(
        self,
        environ: Mapping[str, str],
        front: Foreground | None = None,
        interval_s: float = INTERVAL_S,
        now: Callable[[], Timestamp] = now,
    ) -> None:
        self._environ = environ
        self._front = Foreground() if front is None else front
        self._interval_s = interval_s
        self._now = now

    def check(self) -> Unavailable | None:
        """Whether an X server with XInput 2.1 answers."""
        try:
            with connection.connected(self._environ) as display:
                return None if _has_xinput(display) else _NO_XINPUT
        except CollectorError as error:
            return error.unavailable

    def run(self, emit: Emit, stop: Stop) -> None:
        """Count until `stop` is set; what was counted by then is reported, too.

        Raises:
            CollectorError: when the X server is not there, is too old, or goes away.
        """
        with connection.connected(self._environ) as display:
            if not _has_xinput(display):
                raise CollectorError(_NO_XINPUT)
            mask = xinput.RawKeyPressMask | xinput.RawButtonPressMask
            display.screen().root.xinput_select_events([(xinput.AllMasterDevices, mask)])
            with self._front.turns() as turns:
                self._count(display, turns, emit, stop)

    def _count(self, display: Any, turns: ForegroundChanges, emit: Emit, stop: Stop) -> None:
        interval: Interval | None = None
        going = True
        corrections = frozenset(display.keysym_to_keycode(keysym) for keysym in _TAKE_BACK) - {0}
        while going:
            rest_s = None if interval is None else interval.began_s + self._interval_s - self._now().mono_s
            going = connection.wait(display, stop, None if rest_s is None else max(0.0, rest_s))
            at = self._now()
            if interval is not None and at.mono_s >= interval.began_s + self._interval_s:
                tell(interval, turns, at, emit)
                interval = None
            if turns.look() and interval is not None:
                interval.turn(at.mono_s)
            for _ in range(display.pending_events()):
                press = press_of(display.next_event(), corrections)
                if press is not None:
                    interval = interval or Interval(at.mono_s)
                    interval.add(press, turns.number, at.mono_s)
        if interval is not None:
            tell(interval, turns, self._now(), emit)


def tell(interval: Interval, turns: ForegroundChanges, at: Timestamp, emit: Emit) -> None:
    """Tell of an interval that is over, each window's part by itself.

    Args:
        interval: that is over.
        turns: which window was in front, and when.
        at: the end of the interval.
        emit: takes the events.
    """
    for part, counts, _ in interval.close(at.mono_s):
        began_us = at.ts_us - round((at.mono_s - part.began_s) * US_PER_S)
        event = rhythm_event(began_us, counts, turns.between(part.first_turn, part.last_turn))
        if event is not None:
            emit(event)


def _has_xinput(display: Any) -> bool:
    if not display.has_extension(xinput.extname):
        return False
    major, minor = _VERSION
    known = xinput.XIQueryVersion(
        display=display.display,
        opcode=display.display.get_extension_major(xinput.extname),
        major_version=major,
        minor_version=minor,
    )
    return (known.major_version, known.minor_version) >= (2, 1)
