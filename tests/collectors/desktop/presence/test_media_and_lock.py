"""Against real buses and a real X server: the screen's lock, the machine's sleep, and films, next to input."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jeepney import DBusAddress

from collectors.collector import Either, Emit, Stop, Unavailable
from collectors.desktop.bus import dbus
from collectors.desktop.presence import media_and_lock
from collectors.desktop.presence.collector import PresenceCollector
from collectors.events import Event, EventKind, PresenceDetail, Source
from tests.collectors.run_collector import Running, running
from tests.desktop import programs
from tests.desktop.fixtures import needs
from tests.desktop.peers import Answer, Peer, peer
from tests.desktop.programs import Desktop
from tests.desktop.running import until

pytestmark = pytest.mark.desktop
LOGIND = "org.freedesktop.login1"
SCREEN = "org.gnome.ScreenSaver"
OURS, OTHERS = "/org/freedesktop/login1/session/_31", "/org/freedesktop/login1/session/_32"
SOON_MS = 300


class Beside:
    """Nothing is known of input; what else is known is reported."""

    source = Source.PRESENCE

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def check(self) -> Unavailable | None:
        return None

    def run(self, emit: Emit, stop: Stop) -> None:
        with media_and_lock.monitor_media(emit, stop, self._environ, SOON_MS) as (_, either):
            either.wait(None)


@dataclass
class Buses:
    """Both buses, with a screen saver and a logind on them."""

    environ: Mapping[str, str]
    screen: Peer
    logind: Peer
    held_up: list[int]

    def lock(self, *, yes: bool) -> None:
        self.screen.tell("/org/gnome/ScreenSaver", SCREEN, "ActiveChanged", "b", yes)

    def sleep(self, *, yes: bool) -> None:
        self.logind.tell("/org/freedesktop/login1", f"{LOGIND}.Manager", "PrepareForSleep", "b", yes)

    def session(self, path: str, member: str) -> None:
        self.logind.tell(path, f"{LOGIND}.Session", member, "")

    def hint(self, path: str, **properties: Any) -> None:
        changed = {name: ("b", value) for name, value in properties.items()}
        body = (f"{LOGIND}.Session", changed, [])
        self.logind.tell(path, "org.freedesktop.DBus.Properties", "PropertiesChanged", "sa{sv}as", *body)


@pytest.fixture
def buses() -> Iterator[Buses]:
    needs("dbus-daemon")
    held_up: list[int] = []

    def inhibit(_: tuple[Any, ...]) -> tuple[str, tuple[int]]:
        reading, writing = os.pipe()
        held_up.append(reading)
        stack.callback(os.close, reading)
        stack.callback(os.close, writing)
        return "h", (writing,)

    answers: dict[str, Answer] = {
        "Inhibit": inhibit,
        "GetSession": lambda _: ("o", (OURS,)),
        "Get": lambda _: ("v", (("b", False),)),
    }
    with ExitStack() as stack:
        session, system = (stack.enter_context(programs.session_bus()) for _ in range(2))
        environ = {
            "DBUS_SESSION_BUS_ADDRESS": session,
            "DBUS_SYSTEM_BUS_ADDRESS": system,
            "XDG_SESSION_ID": "1",
        }
        screen, logind = (stack.enter_context(peer(*which)) for which in ((session, SCREEN), (system, LOGIND, answers)))
        yield Buses(environ, screen, logind, held_up)


@pytest.fixture
def work(buses: Buses) -> Iterator[Running]:
    with running(Beside(buses.environ)) as work:
        # logind is asked last of all for the session's lock, so that by then everything is listened to.
        until(lambda: any(member == "Get" for member, _ in buses.logind.calls), "logind asked for the session's lock")
        yield work


def kinds(work: Running) -> list[EventKind]:
    return [event.kind for event in work.events]


def watched(work: Running) -> set[int]:
    """When each of the watches began."""
    return {event.ts_us for event in list(work.events) if event.kind is EventKind.WATCH}


def kind(wanted: EventKind):
    return lambda event: event.kind is wanted


def test_the_lock_is_reported_once_by_whomever_it_is_reported(buses: Buses, work: Running):
    buses.lock(yes=True)
    lock = work.until(kind(EventKind.LOCK))
    buses.hint(OURS, LockedHint=True)
    buses.session(OURS, "Lock")
    buses.session(OURS, "Unlock")
    unlock = work.until(kind(EventKind.UNLOCK))
    buses.hint(OURS, IdleHint=True)
    buses.hint(OURS, LockedHint=True)
    until(lambda: kinds(work).count(EventKind.LOCK) == 2, "locked again, by the hint")
    assert kinds(work) == [EventKind.LOCK, EventKind.UNLOCK, EventKind.LOCK]
    assert lock.detail == PresenceDetail(0)
    assert unlock.detail == PresenceDetail(unlock.ts_us - lock.ts_us)


def test_other_users_sessions_are_nobodys_business_here(buses: Buses, work: Running):
    buses.session(OTHERS, "Lock")
    buses.hint(OTHERS, LockedHint=True)
    buses.session(OURS, "Lock")
    buses.session(OTHERS, "Unlock")
    buses.session(OURS, "Unlock")
    work.until(kind(EventKind.UNLOCK))
    assert kinds(work) == [EventKind.LOCK, EventKind.UNLOCK]


def test_sleep_waits_until_it_is_noted_and_is_held_up_again_after_it(buses: Buses):
    with running(Beside(buses.environ)) as work:
        until(lambda: any(member == "Get" for member, _ in buses.logind.calls), "logind asked")
        (inhibit,) = [body for member, body in buses.logind.calls if member == "Inhibit"]
        assert (inhibit[0], inhibit[3]) == ("sleep", "delay")
        buses.sleep(yes=True)
        work.until(kind(EventKind.SUSPEND))
        buses.sleep(yes=False)
        resume = work.until(kind(EventKind.RESUME))
        until(lambda: len(buses.held_up) == 2, "sleep held up again")
        assert isinstance(resume.detail, PresenceDetail)


def test_a_screen_that_is_locked_already_is_reported(buses: Buses):
    answers: dict[str, Answer] = {"GetSession": lambda _: ("o", (OURS,)), "Get": lambda _: ("v", (("b", True),))}
    with (
        programs.session_bus() as system,
        peer(system, LOGIND, answers),
        running(Beside({**buses.environ, "DBUS_SYSTEM_BUS_ADDRESS": system})) as work,
    ):
        work.until(kind(EventKind.LOCK))


def test_without_the_sessions_name_logind_is_asked_for_the_users_own(buses: Buses):
    asked: list[tuple[Any, ...]] = []

    def get(arguments: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
        asked.append(arguments)
        return ("v", (("(so)", ("1", OURS)),)) if arguments[1] == "Display" else ("v", (("b", True),))

    with programs.session_bus() as system, peer(system, LOGIND, {"Get": get}):
        environ = {**buses.environ, "DBUS_SYSTEM_BUS_ADDRESS": system, "XDG_SESSION_ID": ""}
        with running(Beside(environ)) as work:
            work.until(kind(EventKind.LOCK))
    assert [arguments[1] for arguments in asked] == ["Display", "LockedHint"]


def test_where_there_are_no_buses_there_is_nothing_to_tell():
    nowhere = "unix:path=/nowhere"
    environ = {"DBUS_SESSION_BUS_ADDRESS": nowhere, "DBUS_SYSTEM_BUS_ADDRESS": nowhere}
    with running(Beside(environ)) as work:
        assert work.stop() == []


def test_a_bus_that_goes_away_is_reported(buses: Buses):
    with ExitStack() as stack:
        session = stack.enter_context(programs.session_bus())
        with running(Beside({**buses.environ, "DBUS_SESSION_BUS_ADDRESS": session})) as work:
            until(lambda: any(member == "Get" for member, _ in buses.logind.calls), "logind asked")
            stack.close()
            assert "closed the connection" in work.until_error().unavailable.reason


def test_ten_thousand_false_signals_change_nothing_and_are_counted(
    buses: Buses, work: Running, caplog: pytest.LogCaptureFixture
):
    for address, teller in (("SESSION", buses.screen), ("SYSTEM", buses.logind)):
        with dbus.session({"DBUS_SESSION_BUS_ADDRESS": buses.environ[f"DBUS_{address}_BUS_ADDRESS"]}) as bus:
            (names,) = bus.call(DBusAddress("/", "org.freedesktop.DBus", "org.freedesktop.DBus"), "ListNames")
            for name in (name for name in names if name.startswith(":") and name != bus.name):
                for _ in range(5_000):
                    teller.tell("/", SCREEN, "ActiveChanged", "b", True, to=name)  # noqa: FBT003 - as it is sent
        for body in (("s", "yes"), ("u", 1), ("bb", True, True), ("as", ["x"] * 100)):
            teller.tell("/", SCREEN, "ActiveChanged", *body)
            teller.tell(OURS, "org.freedesktop.DBus.Properties", "PropertiesChanged", *body)
    buses.hint(OURS, LockedHint=True)
    work.until(kind(EventKind.LOCK))
    buses.lock(yes=False)
    work.until(kind(EventKind.UNLOCK))
    assert kinds(work) == [EventKind.LOCK, EventKind.UNLOCK]
    work.stop()
    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert 1 <= len(lines) <= 20
    assert lines[-1].startswith("10000 messages")


def test_a_film_keeps_somebody_there_and_its_end_does_not(desktop: Desktop, monkeypatch: pytest.MonkeyPatch):
    needs("dbus-daemon")
    # One answer that a slow machine brings too late is an absence here, if a third of a second makes one.
    monkeypatch.setattr("collectors.desktop.presence.media._ANSWERS_WITHIN_S", float(programs.PATIENCE_S))
    status = ["Playing"]
    answers: dict[str, Answer] = {"GetAll": lambda _: ("a{sv}", ({"PlaybackStatus": ("s", status[0])},))}
    with programs.session_bus() as address, peer(address, "org.mpris.MediaPlayer2.player", answers) as player:
        environ = {**desktop.environ, "DBUS_SESSION_BUS_ADDRESS": address, "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/none"}
        with running(PresenceCollector(environ, idle_after_ms=SOON_MS)) as work:
            until(lambda: len(player.calls) >= 2, "two looks whether the film still plays")
            assert set(kinds(work)) <= {EventKind.WATCH}
            desktop.xdotool("key", "shift")
            until(lambda: len(player.calls) >= 4, "two more looks, after a key")
            until(lambda: len(watched(work)) >= 2, "another watch, which the key parts from the first")
            assert set(kinds(work)) == {EventKind.WATCH}
            status[0] = "Paused"
            idle = work.until(kind(EventKind.IDLE))
            assert isinstance(idle.detail, PresenceDetail)
            desktop.xdotool("key", "shift")
            work.until(kind(EventKind.ACTIVE))
    details = {event.detail for event in work.events if event.kind is EventKind.WATCH}
    assert details == {PresenceDetail(sign="film")}


def test_either_signal_ends_a_wait():
    for which in (0, 1):
        other = Stop()
        either = Either(other)
        assert not either.is_set()
        (other, either)[which].set()
        assert either.is_set()
        assert other.is_set() is (which == 0)
        either.close()
        other.close()


def test_a_bus_that_hangs_holds_up_no_stop(tmp_path: Path):
    reported: list[Event] = []
    stop = Stop()
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "bus"))
        silent.listen()
        hung = f"unix:path={tmp_path / 'bus'}"
        environ = {"DBUS_SESSION_BUS_ADDRESS": hung, "DBUS_SYSTEM_BUS_ADDRESS": hung}
        with ExitStack() as stack:
            take, _ = stack.enter_context(media_and_lock.monitor_media(reported.append, stop, environ, SOON_MS))
            take(Event(1, Source.PRESENCE, EventKind.IDLE, detail=PresenceDetail(SOON_MS * 1_000)))
            asking, _ = silent.accept()
            stack.close()
            asking.close()
    assert reported == []
    stop.close()
