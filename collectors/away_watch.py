"""That the user leaves: the screen is locked, the machine goes to sleep, or there was no input for a while.

Nothing is recorded here: this is for locking the store. Of the screen and of sleep, screen savers and logind tell;
sleep is held up until everything is closed. Of input, the sense of presence is asked on a thread of its own.
"""

from __future__ import annotations

import logging
import os
import select
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from enum import StrEnum
from typing import Any, Final

from jeepney import Message  # type: ignore[import-untyped]  # it ships no types

from collectors.catalog import CollectorSpec
from collectors.collector import CollectorError, Stop
from collectors.desktop.backends import BackendSelector
from collectors.desktop.bus import dbus, lock_signals
from collectors.desktop.bus.dbus import Bus
from collectors.desktop.bus.lock_signals import MANAGER, SCREENS, SESSION, SleepHold
from collectors.desktop.presence.collector import ways
from collectors.events import Event, EventKind, Source
from collectors.running.supervise import RunState, ThreadState, supervise

_LOG: Final = logging.getLogger(__name__)


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
        idle_after_ms: how long without input counts, milliseconds; None if idleness does not matter.
        environ: names the display.
    """
    with ExitStack() as stack:
        buses = [bus for bus in (_session(stack), _system(stack)) if bus is not None] if with_screen else []
        if idle_after_ms is not None:
            stack.enter_context(_watching_input(tell, idle_after_ms, environ))
        while not stop.is_set():
            timeout_s = 0.0 if any(bus.is_waiting for bus in buses) else None
            waited_for: list[Any] = [stop, *buses]
            select.select(waited_for, [], [], timeout_s)
            for bus in tuple(buses):
                if not _take(bus, tell):
                    buses.remove(bus)


def _take(bus: Bus, tell: Callable[[Leaving], None]) -> bool:
    """Tell what has arrived; False if the bus is gone."""
    try:
        for message in bus.arrived():
            leaving = _meaning(message)
            if leaving is not None:
                tell(leaving)
    except OSError:
        return False
    return True


def _meaning(message: Message) -> Leaving | None:
    if lock_signals.screen_is_locked(message) or lock_signals.session_is_locked(message):
        return Leaving.SCREEN
    return Leaving.SLEEP if lock_signals.falls_asleep(message) else None


def _session(stack: ExitStack) -> Bus | None:
    bus = _open(dbus.session, stack)
    if bus is not None:
        for interface in SCREENS:
            bus.listen(interface=interface, member=lock_signals.SCREEN)
    return bus


def _system(stack: ExitStack) -> Bus | None:
    bus = _open(dbus.system, stack)
    if bus is not None:
        bus.listen(interface=MANAGER.interface, member=lock_signals.SLEEP)
        bus.listen(interface=SESSION, member="Lock")
        hold = SleepHold("The store is being locked")
        stack.callback(hold.close)
        hold.take(bus)
    return bus


def _open(bus: Callable[[Mapping[str, str]], AbstractContextManager[Bus]], stack: ExitStack) -> Bus | None:
    try:
        return stack.enter_context(bus(os.environ))
    except CollectorError:
        return None


@contextmanager
def _watching_input(tell: Callable[[Leaving], None], idle_after_ms: int, environ: Mapping[str, str]) -> Iterator[None]:
    """Report idleness while the block runs, whatever films play: a locked store cannot rely on the screen."""

    def take(event: Event) -> None:
        if event.kind is EventKind.IDLE:
            tell(Leaving.IDLE)

    sense = CollectorSpec(
        name="leaving",
        title="",
        records="",
        never_records="",
        source=Source.PRESENCE,
        make=lambda: BackendSelector(Source.PRESENCE, ways(idle_after_ms, despite_films=True), environ),
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
        _LOG.warning("absence of input cannot be detected: %s %s", state.reason, state.remedy)
