"""The part of the X Synchronization Extension 3.1 that tells how long there was no input, without polling.

python-xlib leaves this extension out. libXext has it, but libX11 ends the whole process when the server goes away;
these few requests on a connection of our own do not.
"""

from __future__ import annotations

import struct
from typing import Any, Final

from Xlib.protocol import rq

_NAME: Final = "SYNC"
_VERSION: Final = (3, 1)
_ALARM_NOTIFY: Final = 1  # counted from the extension's first event
_ALL_BUT_DELTA: Final = 0b101111  # counter, value type, value, test type, events; delta is 1 unless it is given
_DELTA: Final = 0b010000
_ABSOLUTE: Final = 0
_COUNTER_HEAD: Final = struct.Struct("=IiIH")  # counter, resolution (high, low), length of the name

POSITIVE_TRANSITION: Final = 0
NEGATIVE_TRANSITION: Final = 1


class Initialize(rq.ReplyRequest):  # type: ignore[misc]
    """Agree on the version of the extension; the server refuses everything else before it."""

    _request = rq.Struct(
        rq.Card8("opcode"), rq.Opcode(0), rq.RequestLength(), rq.Card8("major"), rq.Card8("minor"), rq.Pad(2)
    )
    _reply = rq.Struct(rq.ReplyCode(), rq.Pad(1), rq.Card16("sequence_number"), rq.ReplyLength(), rq.Pad(24))


class ListSystemCounters(rq.ReplyRequest):  # type: ignore[misc]
    """The counters the server keeps, IDLETIME among them."""

    _request = rq.Struct(rq.Card8("opcode"), rq.Opcode(1), rq.RequestLength())
    _reply = rq.Struct(
        rq.ReplyCode(),
        rq.Pad(1),
        rq.Card16("sequence_number"),
        rq.ReplyLength(),
        rq.Card32("count"),
        rq.Pad(20),
        rq.Binary("counters", pad=0),
    )


class QueryCounter(rq.ReplyRequest):  # type: ignore[misc]
    """The value of a counter."""

    _request = rq.Struct(rq.Card8("opcode"), rq.Opcode(5), rq.RequestLength(), rq.Card32("counter"))
    _reply = rq.Struct(
        rq.ReplyCode(),
        rq.Pad(1),
        rq.Card16("sequence_number"),
        rq.ReplyLength(),
        rq.Int32("high"),
        rq.Card32("low"),
        rq.Pad(16),
    )


class CreateAlarm(rq.Request):  # type: ignore[misc]
    """Have an event sent whenever a counter crosses a value."""

    _request = rq.Struct(
        rq.Card8("opcode"),
        rq.Opcode(8),
        rq.RequestLength(),
        rq.Card32("alarm"),
        rq.Card32("mask"),
        rq.Card32("counter"),
        rq.Card32("value_type"),
        rq.Int32("high"),
        rq.Card32("low"),
        rq.Card32("test"),
        rq.Int32("delta_high"),
        rq.Card32("delta_low"),
        rq.Card32("events"),
    )


class AlarmNotify(rq.Event):  # type: ignore[misc]
    """A counter crossed the value of an alarm."""

    _code = None
    _fields = rq.Struct(
        rq.Card8("type"),
        rq.Card8("kind"),
        rq.Card16("sequence_number"),
        rq.Card32("alarm"),
        rq.Int32("high"),
        rq.Card32("low"),
        rq.Int32("alarm_high"),
        rq.Card32("alarm_low"),
        rq.Card32("time"),
        rq.Card8("state"),
        rq.Pad(3),
    )


class IdleCounter:
    """The server's IDLETIME counter: milliseconds since the last input of any device.

    Args:
        display: from `collectors.desktop.x11.connection.connected`; `find` says whether its server has the counter.
    """

    def __init__(self, display: Any, opcode: int, first_event: int, counter: int) -> None:
        self._display = display
        self._opcode = opcode
        self._counter = counter
        self._alarm_event = first_event + _ALARM_NOTIFY
        display.extension_add_event(self._alarm_event, AlarmNotify)

    def value_ms(self) -> int:
        """How long there has been no input, milliseconds."""
        reply = QueryCounter(display=self._display.display, opcode=self._opcode, counter=self._counter)
        return _whole(reply)

    def alarm(self, value_ms: int, test: int) -> int:
        """Set an alarm that goes off every time the counter crosses a value.

        Args:
            value_ms: the value, milliseconds.
            test: POSITIVE_TRANSITION (from below it to it) or NEGATIVE_TRANSITION (from above it to it).

        Returns:
            The alarm's id, for `fired`.
        """
        alarm = int(self._display.display.allocate_resource_id())
        CreateAlarm(
            display=self._display.display,
            opcode=self._opcode,
            alarm=alarm,
            mask=_ALL_BUT_DELTA | _DELTA,
            counter=self._counter,
            value_type=_ABSOLUTE,
            high=value_ms >> 32,
            low=value_ms & 0xFFFFFFFF,
            test=test,
            delta_high=0,
            delta_low=0,
            events=1,
        )
        return alarm

    def fired(self, event: Any) -> tuple[int, int] | None:
        """The alarm an event tells of, and the counter's value in milliseconds; None for an event of another kind."""
        return (int(event.alarm), _whole(event)) if event.type == self._alarm_event else None


def find(display: Any) -> IdleCounter | None:
    """The idle counter of a server; None if it keeps none."""
    extension = display.query_extension(_NAME)
    if extension is None:
        return None
    major, minor = _VERSION
    Initialize(display=display.display, opcode=extension.major_opcode, major=major, minor=minor)
    listed = ListSystemCounters(display=display.display, opcode=extension.major_opcode)
    data = bytes(listed.counters)
    at = 0
    for _ in range(listed.count):
        counter, _, _, length = _COUNTER_HEAD.unpack_from(data, at)
        start = at + _COUNTER_HEAD.size
        if data[start : start + length] == b"IDLETIME":
            return IdleCounter(display, extension.major_opcode, extension.first_event, counter)
        at = -(-(start + length) // 4) * 4
    return None


def _whole(value: Any) -> int:
    return (int(value.high) << 32) | int(value.low)
