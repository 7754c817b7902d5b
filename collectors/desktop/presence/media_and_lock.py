"""What tells of presence besides input, on a thread of its own: films and calls, the screen's lock, sleep."""

from __future__ import annotations

import logging
import os
import select
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from collectors.collector import CollectorError, Either, Emit, Stop
from collectors.desktop.bus import dbus
from collectors.desktop.bus.dbus import Bus, CallError
from collectors.desktop.presence.media import engaged
from collectors.desktop.presence.rules import PresenceRules
from collectors.desktop.presence.session import Doings, Session
from collectors.events import Event
from collectors.timestamp import Timestamp, now

_LOG: Final = logging.getLogger(__name__)
_END_WITHIN_S: Final = 0.5


@contextmanager
def monitor_media(
    emit: Emit,
    stop: Stop,
    environ: Mapping[str, str],
    idle_after_ms: int,
    now: Callable[[], Timestamp] = now,
) -> Iterator[tuple[Emit, Stop]]:
    """For the length of a block, what is known of input goes through here, and what else is known is reported, too.

    Args:
        emit: takes the events.
        stop: ends it.
        environ: names the buses.
        idle_after_ms: how long without any sign of somebody is an absence, milliseconds.
        now: the two clocks.

    Yields:
        A function that takes input events, and a stop signal that is also set on failure.

    Raises:
        CollectorError: when a bus went away.
    """
    either = Either(stop)
    company = _MediaMonitor(emit, either, environ, PresenceRules(idle_after_ms, now), Doings(now))
    thread = threading.Thread(target=company.run, name="presence-media", daemon=True)
    thread.start()
    try:
        yield company.take, either
    finally:
        either.set()
        company.leave()
        # One that waits for a bus that hangs ends later, and tells nothing any more. It is not joined: that would leave
        # Python with a record of this thread, which Qt began, for ever.
        company.ended.wait(_END_WITHIN_S)
    if company.error is not None:
        raise company.error


class _MediaMonitor:
    def __init__(
        self, emit: Emit, stop: Either, environ: Mapping[str, str], attendance: PresenceRules, doings: Doings
    ) -> None:
        self.error: Exception | None = None
        self.ended = threading.Event()
        self._emit = emit
        self._stop = stop
        self._environ = environ
        self._attendance = attendance
        self._session = Session(environ, doings)
        self._lock = threading.Lock()
        self._is_left = False
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)

    def take(self, event: Event) -> None:
        """What is known of input; from the thread that reads it."""
        with self._lock:
            self._tell(*self._attendance.take(event))
        os.eventfd_write(self._wake, 1)

    def leave(self) -> None:
        """Tell nothing any more; to be called once, by whoever made it."""
        self._part()

    def run(self) -> None:
        """The thread's own work."""
        try:
            with ExitStack() as stack:
                stack.callback(self._session.close)
                stack.enter_context(self._session.refusals)
                self._follow(self._buses(stack))
        except Exception as error:  # noqa: BLE001 - it is raised again when the block ends
            self.error = error
            self._stop.set()
        finally:
            self._part()
            self.ended.set()

    def _part(self) -> None:
        """The first of the two threads parts; the last one gives the descriptors back, which nobody waits on then."""
        with self._lock:
            is_last, self._is_left = self._is_left, True
        if is_last:
            os.close(self._wake)
            self._stop.close()

    def _buses(self, stack: ExitStack) -> list[Bus]:
        buses: list[Bus] = []
        listeners = (dbus.session, self._session.listen_to_screens), (dbus.system, self._session.listen_to_logind)
        for connect, listen in listeners:
            try:
                bus = stack.enter_context(connect(self._environ))
                event = listen(bus)
                events = () if event is None else (event,)
            except (CollectorError, CallError) as error:
                _LOG.info("lock, sleep and players are reported as far as there are buses: %s", error)
                continue
            buses.append(bus)
            self._hear(events)
        return buses

    def _follow(self, buses: list[Bus]) -> None:
        waited_for: list[Any] = [self._stop, self._wake, *buses]
        while True:
            with self._lock:
                look_in_s = self._attendance.look_in_s()
            if look_in_s == 0.0:
                sign = engaged(self._environ, self._stop)
                with self._lock:
                    self._tell(*self._attendance.looked(sign))
                continue
            timeout_s = 0.0 if any(bus.is_waiting for bus in buses) else look_in_s
            ready = select.select(waited_for, [], [], timeout_s)[0]
            if self._stop in ready:
                return
            if self._wake in ready:
                os.eventfd_read(self._wake)
            for bus in buses:
                for message in bus.arrived():
                    self._hear(self._session.hear(message, bus))

    def _hear(self, events: Iterable[Event]) -> None:
        """What is known of the screen and the machine."""
        for event in events:
            with self._lock:
                self._tell(*self._attendance.note(event), event)

    def _tell(self, *events: Event) -> None:
        if not self._is_left:
            for event in events:
                self._emit(event)
