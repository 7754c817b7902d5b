"""Notices of the focused window that our own parts inside KWin and GNOME Shell send, and those that are none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from jeepney import Message  # type: ignore[import-untyped]  # it ships no types

from collectors.collector import CollectorError, Stop, Unavailable
from collectors.desktop.bus import dbus
from collectors.desktop.bus.dbus import Bus
from collectors.desktop.bus.refusals import Refusals
from collectors.desktop.focused_window import FocusedWindow
from collectors.desktop.window.debounce import FocusDebouncer
from collectors.events import Source
from collectors.timestamp import Timestamp, now

_NOTICE: Final = 4  # window, application, title, process
_MOST_PIDS: Final = 2**31
_MOST_DIGITS: Final = 10


def sighting(body: tuple[Any, ...], sightings: FocusDebouncer) -> str | None:
    """Take a notice.

    Args:
        body: four texts: which window, empty for none; its application, its title, and its process's number.
        sightings: takes each focused window.

    Returns:
        Why it is no notice; None if it is one.
    """
    if len(body) != _NOTICE or not all(isinstance(part, str) for part in body):
        return "a notice has four texts"
    window, app, title, pid = body
    if not window:
        sightings.lose()
        return None
    known = pid.isascii() and pid.isdecimal() and len(pid) <= _MOST_DIGITS and 0 < int(pid) < _MOST_PIDS
    sightings.see(window, FocusedWindow(app or None, title or None, int(pid) if known else None))
    return None


class NoticedWindows:
    """Emits a FOCUS event whenever another window, or another title, has the focus (rules in `desktop.focus`).

    Args:
        environ: names the session's bus.
        now: the two clocks.
    """

    source = Source.WINDOW

    def __init__(self, environ: Mapping[str, str], now: Callable[[], Timestamp] = now) -> None:
        self._environ = environ
        self._now = now


def follow(
    bus: Bus,
    owner: str,
    sightings: FocusDebouncer,
    stop: Stop,
    take: Callable[[Message], str | None],
    *,
    gone: Unavailable,
) -> None:
    """Take notices until `stop` is set, each as it comes, and tell of what has the focus when that is due.

    Args:
        bus: that they come from.
        owner: the unique address of the one who sends them; it is followed already.
        sightings: takes what `take` reads.
        stop: ends it.
        take: takes a message of the owner's; says why it is no notice.
        gone: what it means that the owner leaves the bus.

    Raises:
        CollectorError: when the owner goes away.
    """
    with Refusals() as refusals:
        while bus.wait(stop, sightings.wait_s()):
            for message in bus.arrived():
                if refusals.strange(message, bus, owner):
                    continue
                if dbus.lost(message, owner):
                    raise CollectorError(gone)
                refused = take(message)
                if refused is not None:
                    refusals.add(refused)
            sightings.tell_due()
