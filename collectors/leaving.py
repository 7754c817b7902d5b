"""That the user leaves: the screen is locked, the machine goes to sleep, or there was no input for a while.

Nothing is recorded here: this is for locking the store. Screens tell by the signal ActiveChanged of one of the
ScreenSaver interfaces on the session bus; logind (org.freedesktop.login1) tells of sleep and of locked sessions on the
system bus, and is asked to wait a moment with sleep; of input, the sense of presence is asked on a thread of its own.
"""

from __future__ import annotations

import logging
import os
import select
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
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

from collectors.catalog import Sense
from collectors.collector import Stop
from collectors.desktop.choose import Chosen
from collectors.desktop.presence import ways
from collectors.events import Event, EventKind, Source
from collectors.supervise import RunState, ThreadState, supervise

_LOG: Final = logging.getLogger(__name__)
_SCREENS: Final = (
    *("org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver", "org.mate.ScreenSaver"),
    *("org.cinnamon.ScreenSaver", "org.xfce.ScreenSaver"),
)
_LOGIND: Final = "org.freedesktop.login1"
_MANAGER: Final = DBusAddress("/org/freedesktop/login1", _LOGIND, f"{_LOGIND}.Manager")
_ANSWER_S: Final = 5.0


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
        tell: called on this thread, and of input on another one; not after the watch has ended.
        stop: ends it.
        with_screen: whether to tell of the screen and of sleep.
        idle_after_ms: how long without input counts, milliseconds; None where idleness does not matter.
        environ: where the display is looked up.
    """
    with ExitStack() as stack:
        buses = [bus for bus in (_session(stack), _system(stack)) if bus is not None] if with_screen else []
        if idle_after_ms is not None:
            stack.enter_context(_watching_input(tell, idle_after_ms, environ))
        while not stop.is_set():
            select.select([stop, *(bus.sock for bus in buses)], [], [])
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


@contextmanager
def _watching_input(tell: Callable[[Leaving], None], idle_after_ms: int, environ: Mapping[str, str]) -> Iterator[None]:
    """Have idleness told for the length of a block, whatever films play: a locked store asks for nothing that shows."""

    def take(event: Event) -> None:
        if event.kind is EventKind.IDLE:
            tell(Leaving.IDLE)

    sense = Sense(
        name="leaving",
        title="",
        records="",
        never_records="",
        source=Source.PRESENCE,
        make=lambda: Chosen(Source.PRESENCE, ways(idle_after_ms, despite_films=True), environ),
    )
    stop = Stop()
    thread = threading.Thread(target=supervise, args=(sense, take, stop, _report), name="leaving-input")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        stop.close()


def _report(state: ThreadState) -> None:
    if state.state in (RunState.UNAVAILABLE, RunState.FAILED):
        _LOG.warning("that there is no input cannot be told: %s %s", state.reason, state.remedy)
