"""That the user leaves: the screen is locked, the machine goes to sleep, or there was no input for a while.

Nothing is recorded here: this is for locking the store. Screens tell by the signal ActiveChanged of one of the
ScreenSaver interfaces on the session bus; logind (org.freedesktop.login1) tells of sleep and of locked sessions on the
system bus, and is asked to wait a moment with sleep; the X server's idle counter tells of input.
"""

from __future__ import annotations

import os
import select
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from enum import StrEnum
from typing import Final

from jeepney import (  # type: ignore[import-untyped]  # it ships no types
    DBusAddress,
    DBusErrorResponse,
    HeaderFields,
    MatchRule,
    Message,
    message_bus,
    new_method_call,
)
from jeepney.io.blocking import DBusConnection, open_dbus_connection  # type: ignore[import-untyped]  # as above

from collectors.collector import CollectorError, Stop
from collectors.desktop import x11, x11_sync
from collectors.desktop.x11_sync import IdleCounter

_SCREENS: Final = (
    *("org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver", "org.mate.ScreenSaver"),
    *("org.cinnamon.ScreenSaver", "org.xfce.ScreenSaver"),
)
_LOGIND: Final = "org.freedesktop.login1"
_MANAGER: Final = DBusAddress("/org/freedesktop/login1", _LOGIND, f"{_LOGIND}.Manager")
_ANSWER_S: Final = 5.0
_LEAST_WAIT_S: Final = 0.5


class Leaving(StrEnum):
    """How the user left."""

    SCREEN = "the screen was locked"
    SLEEP = "the machine goes to sleep"
    IDLE = "there was no input"


def watch(
    tell: Callable[[Leaving], None],
    stop: Stop,
    *,
    with_screen: bool,
    idle_after_ms: int | None,
    environ: Mapping[str, str] = os.environ,
) -> None:
    """Tell of every leaving until `stop` is set. What this desktop cannot tell is left out.

    Args:
        tell: called on this thread.
        stop: ends it.
        with_screen: whether to tell of the screen and of sleep.
        idle_after_ms: how long without input counts, milliseconds; None where idleness does not matter.
        environ: where the display is looked up.
    """
    with ExitStack() as stack:
        buses = [bus for bus in (_session(stack), _system(stack)) if bus is not None] if with_screen else []
        counter = None if idle_after_ms is None else _idle_counter(stack, environ)
        told_idle = False
        while not stop.is_set():
            wait_s: float | None = None
            if counter is not None and idle_after_ms is not None:
                left_ms = idle_after_ms - counter.value_ms()
                if left_ms <= 0 and not told_idle:
                    tell(Leaving.IDLE)
                told_idle = left_ms <= 0
                wait_s = max(_LEAST_WAIT_S, (left_ms if left_ms > 0 else idle_after_ms) / 1_000)
            select.select([stop, *(bus.sock for bus in buses)], [], [], wait_s)
            for bus in tuple(buses):
                if not _take(bus, tell):
                    buses.remove(bus)


def _take(bus: DBusConnection, tell: Callable[[Leaving], None]) -> bool:
    """Tell what has arrived; False where the bus is gone."""
    while True:
        try:
            message = bus.receive(timeout=0)
        except TimeoutError:
            return True
        except OSError:
            return False
        leaving = _meaning(message)
        if leaving is not None:
            tell(leaving)


def _meaning(message: Message) -> Leaving | None:
    fields = message.header.fields
    member, interface = fields.get(HeaderFields.member), fields.get(HeaderFields.interface)
    if member == "ActiveChanged" and interface in _SCREENS and message.body == (True,):
        return Leaving.SCREEN
    if member == "PrepareForSleep" and interface == _MANAGER.interface and message.body == (True,):
        return Leaving.SLEEP
    if member == "Lock" and interface == f"{_LOGIND}.Session":
        return Leaving.SCREEN
    return None


def _session(stack: ExitStack) -> DBusConnection | None:
    bus = _connect("SESSION", stack)
    if bus is not None:
        for interface in _SCREENS:
            _listen(bus, MatchRule(type="signal", interface=interface, member="ActiveChanged"))
    return bus


def _system(stack: ExitStack) -> DBusConnection | None:
    bus = _connect("SYSTEM", stack)
    if bus is None:
        return None
    _listen(bus, MatchRule(type="signal", interface=_MANAGER.interface, member="PrepareForSleep"))
    _listen(bus, MatchRule(type="signal", interface=f"{_LOGIND}.Session", member="Lock"))
    wanted = ("sleep", "KrypticTrack", "The store is being locked", "delay")
    try:
        answer = bus.send_and_get_reply(new_method_call(_MANAGER, "Inhibit", "ssss", wanted), timeout=_ANSWER_S)
    except (DBusErrorResponse, OSError):
        return bus  # without it sleep may come before everything is closed, and is told all the same
    if answer.body and hasattr(answer.body[0], "to_raw_fd"):
        stack.callback(os.close, answer.body[0].to_raw_fd())
    return bus


def _connect(name: str, stack: ExitStack) -> DBusConnection | None:
    try:
        bus = open_dbus_connection(bus=name, enable_fds=True)
    except (OSError, KeyError, ValueError, DBusErrorResponse):
        return None
    stack.callback(bus.close)
    return bus


def _listen(bus: DBusConnection, rule: MatchRule) -> None:
    bus.send_and_get_reply(message_bus.AddMatch(rule), timeout=_ANSWER_S)


def _idle_counter(stack: ExitStack, environ: Mapping[str, str]) -> IdleCounter | None:
    try:
        return x11_sync.find(stack.enter_context(x11.connected(environ)))
    except CollectorError:
        return None
