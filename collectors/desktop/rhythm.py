"""How lively the keyboard and the mouse are: counts and gaps every ten seconds, by raw events of XInput 2.

Which key it was is in the server's message, and stays there: of a key's event only its type and its time are read. Of a
button's event the number is read too, since the wheel counts as buttons 4 to 7.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

from Xlib.ext import ge, xinput

from collectors.collector import CollectorError, Emit, Stop, Unavailable
from collectors.desktop import x11
from collectors.events import US_PER_MS, US_PER_S, Event, EventKind, RhythmDetail, Source, local_offset_s
from collectors.moment import Moment, now

INTERVAL_S: Final = 10.0
_VERSION: Final = (2, 2)  # from 2.1 on, raw events come also while another program has grabbed the keyboard
_TIME: Final = struct.Struct("=2xI")  # device id, time in ms
_BUTTON: Final = struct.Struct("=6xI")  # device id, time, button number
_WHEEL: Final = range(4, 8)
_NO_XINPUT: Final = Unavailable(
    "The X server has no XInput 2.1, which tells that a key was pressed without telling which.",
    "Use a current X.Org server.",
)


class Kind(Enum):
    """What was pressed or turned; never which."""

    KEY = auto()
    CLICK = auto()
    SCROLL = auto()


@dataclass(frozen=True, slots=True)
class Press:
    """One press, at the server's clock in milliseconds (32 bits, it wraps)."""

    kind: Kind
    time_ms: int


def press_of(event: Any) -> Press | None:
    """The press a raw event tells of; None for any other event.

    Args:
        event: from python-xlib. Of a key's event, nothing behind the time is looked at.
    """
    if event.type != ge.GenericEventCode:
        return None
    if event.evtype == xinput.RawKeyPress:
        return Press(Kind.KEY, *_TIME.unpack_from(event.data))
    if event.evtype == xinput.RawButtonPress:
        (number,) = _BUTTON.unpack_from(event.data)
        return Press(Kind.SCROLL if number in _WHEEL else Kind.CLICK, *_TIME.unpack_from(event.data))
    return None


class Tally:
    """The counts of one interval, from its first press on."""

    def __init__(self, began: Moment) -> None:
        self.began = began
        self._counts = dict.fromkeys(Kind, 0)
        self._last_ms: int | None = None
        self._gaps_ms = 0
        self._longest_ms = 0

    def add(self, press: Press) -> None:
        """Count a press, and the gap before it."""
        if self._last_ms is not None:
            gap_ms = (press.time_ms - self._last_ms) & 0xFFFFFFFF
            self._gaps_ms += gap_ms
            self._longest_ms = max(self._longest_ms, gap_ms)
        self._last_ms = press.time_ms
        self._counts[press.kind] += 1

    def event(self, ended_s: float) -> Event:
        """The event of the interval.

        Args:
            ended_s: the monotonic second the interval was closed.
        """
        gaps = sum(self._counts.values()) - 1
        return Event(
            ts_us=self.began.ts_us,
            source=Source.INPUT,
            kind=EventKind.RHYTHM,
            utc_offset_s=local_offset_s(self.began.ts_us),
            detail=RhythmDetail(
                interval_us=round((ended_s - self.began.mono_s) * US_PER_S),
                keys=self._counts[Kind.KEY],
                clicks=self._counts[Kind.CLICK],
                scrolls=self._counts[Kind.SCROLL],
                mean_gap_us=self._gaps_ms * US_PER_MS // gaps if gaps > 0 else None,
                longest_gap_us=self._longest_ms * US_PER_MS if gaps > 0 else None,
            ),
        )


class RhythmCollector:
    """Emits RHYTHM for every interval that had input: it begins with a press, and nothing runs while there is none.

    Args:
        environ: where the display is looked up; the process's own environment by default.
        interval_s: length of an interval, seconds.
        now: the two clocks.
    """

    source = Source.INPUT

    def __init__(
        self,
        environ: Mapping[str, str] = os.environ,
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
        while going:
            rest_s = None if tally is None else tally.began.mono_s + self._interval_s - self._now().mono_s
            going = x11.wait(display, stop, None if rest_s is None else max(0.0, rest_s))
            at = self._now()
            if tally is not None and at.mono_s >= tally.began.mono_s + self._interval_s:
                emit(tally.event(at.mono_s))
                tally = None
            for _ in range(display.pending_events()):
                press = press_of(display.next_event())
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
