"""Against real buses: what a screen saver, logind and the X server say when the user leaves."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from jeepney import DBusAddress, MessageType, message_bus, new_method_return, new_signal
from jeepney.io.blocking import DBusConnection

from collectors.away_watch import Leaving, watch
from collectors.collector import Stop
from tests.desktop.compositors.sway import Sway, start_sway
from tests.desktop.fixtures import needs, session_bus, sway, xserver
from tests.desktop.programs import XServer, on_bus
from tests.desktop.programs import session_bus as own_bus

__all__ = ["session_bus", "sway", "xserver"]

pytestmark = pytest.mark.desktop
WAIT_S = 180
SCREEN = "org.gnome.ScreenSaver"
LOGIND = "org.freedesktop.login1"


@contextmanager
def watched(**how: object) -> Iterator[queue.Queue[Leaving]]:
    """What is reported, for the length of a block."""
    reported: queue.Queue[Leaving] = queue.Queue()
    stop = Stop()
    thread = threading.Thread(target=watch, args=(reported.put, stop), kwargs=how)
    thread.start()
    try:
        yield reported
    finally:
        stop.set()
        thread.join(WAIT_S)
        stop.close()


def say(bus: DBusConnection, interface: str, member: str, *, yes: bool) -> None:
    bus.send(new_signal(DBusAddress("/somewhere", None, interface), member, "b", (yes,)))


class Logind:
    """The one method of logind that is called, on a bus of the test's own."""

    def __init__(self, address: str) -> None:
        self.bus = on_bus(address)
        self.bus.send_and_get_reply(message_bus.RequestName(LOGIND), timeout=WAIT_S)
        self.asked: tuple[str, ...] = ()
        self.reading, self._writing = os.pipe()

    def answer(self) -> None:
        while not self.asked:
            message = self.bus.receive(timeout=WAIT_S)
            if message.header.message_type is MessageType.method_call:
                self.asked = message.body
                self.bus.send(new_method_return(message, "h", (self._writing,)))
        os.close(self._writing)

    def close(self) -> None:
        self.bus.close()
        os.close(self.reading)


def test_a_locked_screen_is_reported_and_an_unlocked_one_is_not(
    session_bus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with own_bus() as address:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        with (
            closing(Logind(address)) as logind,
            closing(on_bus(session_bus)) as saver,
            watched(with_screen=True, idle_after_ms=None) as reported,
        ):
            logind.answer()  # it is asked last of all, so that by then the session's bus is listened to
            say(saver, SCREEN, "ActiveChanged", yes=True)
            assert reported.get(timeout=WAIT_S) is Leaving.SCREEN
            say(saver, SCREEN, "ActiveChanged", yes=False)
            say(saver, "org.example.Other", "ActiveChanged", yes=True)
            say(saver, SCREEN, "ActiveChanged", yes=True)
            assert reported.get(timeout=WAIT_S) is Leaving.SCREEN
        assert reported.empty()


def test_sleep_waits_until_it_is_reported_and_the_watch_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    needs("dbus-daemon")
    with own_bus() as address:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        with closing(Logind(address)) as logind:
            with watched(with_screen=True, idle_after_ms=None) as reported:
                logind.answer()
                assert logind.asked[0] == "sleep"
                assert logind.asked[3] == "delay"
                say(logind.bus, f"{LOGIND}.Manager", "PrepareForSleep", yes=True)
                assert reported.get(timeout=WAIT_S) is Leaving.SLEEP
            assert os.read(logind.reading, 1) == b""  # the watch gave back what had held the sleep up


def test_no_input_is_reported_once(xserver: XServer) -> None:
    with watched(with_screen=False, idle_after_ms=1, environ=xserver.environ) as reported:
        assert reported.get(timeout=WAIT_S) is Leaving.IDLE


def test_no_input_is_reported_on_wayland_too_each_time(sway: Sway) -> None:
    with watched(with_screen=False, idle_after_ms=300, environ=sway.environ) as reported:
        for _ in range(2):
            assert reported.get(timeout=WAIT_S) is Leaving.IDLE
            sway.press()


def test_a_compositor_that_dies_is_waited_for(sway: Sway) -> None:
    with watched(with_screen=False, idle_after_ms=100, environ=sway.environ) as reported:
        assert reported.get(timeout=WAIT_S) is Leaving.IDLE
        sway.kill()
        again = start_sway(sway.folder)
        try:
            assert reported.get(timeout=WAIT_S) is Leaving.IDLE
        finally:
            again.close()


def test_where_nothing_can_be_reported_it_waits_for_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere")
    with watched(with_screen=True, idle_after_ms=1, environ={}) as reported:
        assert reported.empty()
