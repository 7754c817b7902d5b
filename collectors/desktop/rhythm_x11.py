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
from collectors.desktop import x11
from collectors.desktop.input_counts import INTERVAL_S, Counting, Kind, Press
from collectors.desktop.rhythm_event import rhythm_event
from collectors.events import US_PER_S, Event, Source
from collectors.moment import Moment, now

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
            one of them; where there are none, nothing behind the time is looked at.
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


class Tally(Counting):
    """The counts of one interval that began at a moment."""

    def __init__(self, began: Moment) -> None:
        super().__init__()
        self.began = began

    def event(self, ended_s: float) -> Event:
        """The event of the interval.

        Args:
            ended_s: the monotonic second the interval was closed.
        """
        return rhythm_event(self.began.ts_us, self.counts(round((ended_s - self.began.mono_s) * US_PER_S)))


class X11RhythmCollector:
    """Emits RHYTHM for every interval that had input: it begins with a press, and nothing runs while there is none.

    Args:
        environ: where the display is looked up.
        interval_s: length of an interval, seconds.
        now: the two clocks.
    """

    source = Source.INPUT

    def __init__(
        self,
        environ: Mapping[str, str],
        interval_s: float = INTERVAL_S,
        now: Callable[[], Moment] = now,
    ) -> None:
        self._environ = environ
        self._interval_s = interval_s
        self._now = now

    def check(self) -> Unavailable | None:
        """Whether an X server with XInput 2.1 answers."""
        try:
            with x11.connected(self._environ) as display:
                return None if _has_xinput(display) else _NO_XINPUT
        except CollectorError as error:
            return error.unavailable

    def run(self, emit: Emit, stop: Stop) -> None:
        """Count until `stop` is set; what was counted by then is told, too.

        Raises:
            CollectorError: when the X server is not there, is too old, or goes away.
        """
        with x11.connected(self._environ) as display:
            if not _has_xinput(display):
                raise CollectorError(_NO_XINPUT)
            mask = xinput.RawKeyPressMask | xinput.RawButtonPressMask
            display.screen().root.xinput_select_events([(xinput.AllMasterDevices, mask)])
            self._count(display, emit, stop)

    def _count(self, display: Any, emit: Emit, stop: Stop) -> None:
        tally: Tally | None = None
        going = True
        corrections = frozenset(display.keysym_to_keycode(keysym) for keysym in _TAKE_BACK) - {0}
        while going:
            rest_s = None if tally is None else tally.began.mono_s + self._interval_s - self._now().mono_s
            going = x11.wait(display, stop, None if rest_s is None else max(0.0, rest_s))
            at = self._now()
            if tally is not None and at.mono_s >= tally.began.mono_s + self._interval_s:
                emit(tally.event(at.mono_s))
                tally = None
            for _ in range(display.pending_events()):
                press = press_of(display.next_event(), corrections)
                if press is not None:
                    tally = tally or Tally(at)
                    tally.add(press)
        if tally is not None:
            emit(tally.event(self._now().mono_s))


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
