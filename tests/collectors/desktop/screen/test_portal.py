"""Against a real compositor, PipeWire, portal and GStreamer: a screen that is shared says what somebody does."""

from __future__ import annotations

import itertools
import os
import random
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from jeepney import DBusAddress, HeaderFields, message_bus, new_method_call, new_signal
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from collectors.collector import DeclinedError, Stop
from collectors.desktop.bus import portal
from collectors.desktop.presence.media import engaged
from collectors.desktop.screen import permission
from collectors.desktop.screen.collector import ScreenCollector
from collectors.desktop.screen.patterns import Activity
from collectors.desktop.screen.portal import PortalScreenCollector
from collectors.desktop.screen.x11 import X11ScreenCollector
from collectors.events import Event, EventKind, ScreenDetail, Source
from tests.collectors.run_collector import Running, running
from tests.desktop.fixtures import needs
from tests.desktop.peers import peer
from tests.desktop.portal import SESSION, Portal
from tests.desktop.programs import PATIENCE_S, start
from tests.desktop.running import until
from tests.desktop.screencast import NEEDED, ScreenCast, screencast

pytestmark = pytest.mark.desktop
FUZZED = 10_000
NEVER_S = 1_000.0
SAVER = "org.gnome.ScreenSaver"


@pytest.fixture(scope="module")
def whole() -> Iterator[ScreenCast]:
    needs(*NEEDED)
    with screencast() as made:
        yield made


@pytest.fixture
def cast(whole: ScreenCast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ScreenCast:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    whole.answer(shares=True)
    whole.renew_backend()
    return whole


def collector(cast: ScreenCast, look_every_s: float = 1.0, interval_s: float = 2.0) -> PortalScreenCollector:
    return PortalScreenCollector(cast.environ, look_every_s, interval_s)


def pattern(event: Event) -> ScreenDetail:
    assert isinstance(event.detail, ScreenDetail)
    return event.detail


def changes(work: Running) -> Event:
    return work.until(lambda event: pattern(event).changed_percent > 0)


def readers(parent: int | None = None) -> list[psutil.Process]:
    found: list[psutil.Process] = []
    for child in psutil.Process(parent).children():
        with suppress(psutil.NoSuchProcess):  # one may be gone by now
            # One that was killed and not yet waited for keeps its name, until another program is started.
            if child.name() == "gst-launch-1.0" and not has_ended(child):
                found.append(child)
    return found


def has_ended(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_shared_screen_that_plays_by_itself_is_watched(cast: ScreenCast):
    assert collector(cast).check() is None
    with cast.film(), running(collector(cast)) as work:
        reported = work.until(lambda event: pattern(event).activity == Activity.WATCHING)
    assert (reported.source, reported.kind) == (Source.SCREEN, EventKind.PATTERN)
    assert (reported.app, reported.target, reported.title) == (None, None, None)
    assert 0 < pattern(reported).changed_percent <= 100


def test_what_is_typed_shows_as_small_changes_with_input(cast: ScreenCast):
    cast.sway.terminal("letter")
    keys = cast.sway.type("-d", "100", "x" * 2_000)
    try:
        with running(collector(cast)) as work:
            work.until(lambda event: pattern(event).activity == Activity.TYPING)
    finally:
        keys.kill()
        keys.wait()


def test_the_user_is_asked_once(cast: ScreenCast):
    before = cast.asked
    with cast.film():
        for _ in range(2):
            with running(collector(cast, 0.5, 0.5)) as work:
                changes(work)
            cast.renew_backend()
    assert cast.asked == before + 1


def test_a_user_who_withdrew_it_is_asked_again(cast: ScreenCast, tmp_path: Path):
    environ = {**cast.environ, "XDG_STATE_HOME": str(tmp_path)}
    before = cast.asked
    with cast.film():
        for _ in range(2):
            with running(PortalScreenCollector(environ, 0.5, 0.5)) as work:
                changes(work)
            token = permission.load(environ)
            assert token is not None
            assert token in cast.permissions()
            permission.give_back(environ)
            assert token not in cast.permissions()
            assert permission.load(environ) is None
            cast.renew_backend()
    assert cast.asked == before + 2


def test_a_user_who_shares_no_screen_is_not_asked_again(cast: ScreenCast):
    cast.answer(shares=False)
    with running(collector(cast)) as work:
        error = work.until_error()
    assert isinstance(error, DeclinedError)
    assert "shared no screen" in error.unavailable.reason


def test_looking_at_the_screen_is_no_sign_of_somebody(cast: ScreenCast):
    stop = Stop()
    with cast.film(), running(collector(cast, 0.5, 0.5)) as work:
        changes(work)
        assert not engaged(cast.environ, stop)
    stop.close()


def test_gstreamer_that_dies_is_reported(cast: ScreenCast):
    with cast.film(), running(collector(cast, 0.5, 0.5)) as work:
        changes(work)
        readers()[0].kill()
        error = work.until_error()
    assert "came to an end" in error.unavailable.reason
    assert not isinstance(error, DeclinedError)


def test_nobody_reads_the_screen_any_more_once_the_program_was_killed(cast: ScreenCast):
    code = "from tests.benchmarks.senses.screen import main; main(['--sense'])"
    program = start([sys.executable, "-c", code], {**os.environ, **cast.environ})
    try:
        until(lambda: bool(readers(program.pid)), "a reader")
        (reader,) = readers(program.pid)
    finally:
        program.kill()
        program.wait(PATIENCE_S)
    until(lambda: has_ended(reader), "its end")


def test_a_portal_that_dies_is_reported_and_serves_again_once_it_is_back(cast: ScreenCast):
    with cast.film():
        try:
            with running(collector(cast, 0.5, 0.5)) as work:
                changes(work)
                cast.kill_portal()
                assert "portal went away" in work.until_error().unavailable.reason
            assert collector(cast).check() is not None
        finally:
            cast.start_portal()
        cast.renew_backend()
        with running(collector(cast, 0.5, 0.5)) as work:
            changes(work)


class StandIn(Portal):
    """A portal that shares nothing, and says what it is made to."""

    def answers(self) -> dict[str, Any]:
        streams = {"streams": ("a(ua{sv})", [(7, {})])}
        return {
            "Get": lambda _: ("v", (("u", 4),)),
            "CreateSession": self.create,
            "SelectSources": lambda call: self.answer(call[1], 0, {}),
            "Start": lambda call: self.answer(call[2], 0, streams),
            "OpenPipeWireRemote": lambda _: ("h", (os.open(os.devnull, os.O_RDONLY),)),
        }


def test_only_the_end_of_our_own_sharing_ends_it_and_for_good(cast: ScreenCast, caplog: pytest.LogCaptureFixture):
    cast.kill_portal()
    made, chance = StandIn(), random.Random(5)
    bodies: list[tuple[str, tuple[Any, ...]]] = [("", ()), ("a{sv}", ({},)), ("s", ("x",)), ("u", (7,))]
    paths = (SESSION, f"{SESSION}0", portal.PATH, "/")
    kinds = (("org.freedesktop.portal.Session", "Closed"), ("org.freedesktop.portal.Request", "Response"))
    try:
        with (
            peer(cast.bus, portal.NAME, made.answers()) as made.peer,
            closing(open_dbus_connection(cast.bus)) as stranger,
        ):
            with running(collector(cast, NEVER_S, NEVER_S)) as work:
                work.until_true(lambda: bool(readers()))
                us = made.peer.asker
                for _ in range(FUZZED - 1):
                    (interface, member), (signature, body) = chance.choice(kinds), chance.choice(bodies)
                    forged = new_signal(DBusAddress(chance.choice(paths), None, interface), member, signature, body)
                    forged.header.fields[HeaderFields.destination] = us
                    stranger.send(forged)
                call = new_method_call(DBusAddress("/", us, kinds[0][0]), "Close")
                stranger.send_and_get_reply(call, timeout=PATIENCE_S)  # so all were read
                for path, (signature, body) in itertools.product(paths[1:], bodies):
                    made.peer.tell(path, *kinds[0], signature, *body, to=us)
                made.peer.tell(SESSION, *kinds[0], "a{sv}", {}, to=us)
                error = work.until_error()
            assert isinstance(error, DeclinedError)
            assert "ended from the desktop" in error.unavailable.reason
            assert work.events == []
            assert f"{FUZZED} messages on the session's bus were refused in all" in caplog.text
            assert caplog.text.count("were refused, the last one") <= FUZZED.bit_length()
    finally:
        cast.start_portal()


def tell_of_the_lock(saver: DBusConnection, *, locked: bool) -> None:
    where = DBusAddress("/org/gnome/ScreenSaver", None, SAVER)
    saver.send(new_signal(where, "ActiveChanged", "b", (locked,)))
    saver.send_and_get_reply(message_bus.GetId(), timeout=PATIENCE_S)  # so it was passed on


@pytest.mark.parametrize("when", ["while it is shared", "while the user is asked"])
def test_a_sharing_that_the_lock_of_the_screen_ended_goes_on_after_it(cast: ScreenCast, when: str):
    cast.kill_portal()
    made = StandIn()
    answers = made.answers()

    def sessions() -> int:
        return [name for name, _ in made.peer.calls].count("CreateSession")

    def closed() -> None:
        made.peer.tell(SESSION, "org.freedesktop.portal.Session", "Closed", "a{sv}", {})

    def start_locked(call: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
        if sessions() == 1:
            tell_of_the_lock(saver, locked=True)
        return made.answers()["Start"](call)

    if when == "while the user is asked":
        answers["Start"] = start_locked
    try:
        with (
            peer(cast.bus, portal.NAME, answers) as made.peer,
            closing(open_dbus_connection(cast.bus)) as saver,
        ):
            saver.send_and_get_reply(message_bus.RequestName(SAVER), timeout=PATIENCE_S)
            with running(collector(cast, NEVER_S, NEVER_S)) as work:
                work.until_true(lambda: bool(readers()))
                if when == "while it is shared":
                    tell_of_the_lock(saver, locked=True)
                closed()
                work.until_true(lambda: not readers())
                assert sessions() == 1
                tell_of_the_lock(saver, locked=False)
                work.until_true(lambda: bool(readers()))
                assert sessions() == 2
                closed()
                assert isinstance(work.until_error(), DeclinedError)
    finally:
        cast.start_portal()


def test_under_wayland_the_x_server_is_not_asked(cast: ScreenCast):
    assert X11ScreenCollector({**cast.environ, "DISPLAY": ":0"}).check() is not None
    chosen = ScreenCollector(cast.environ)
    assert chosen.check() is None
    assert chosen.way is not None
    assert chosen.way.name == "a screen you share"


def test_what_is_missing_is_named(cast: ScreenCast, tmp_path: Path):
    nowhere = PortalScreenCollector({**cast.environ, "PATH": str(tmp_path)}).check()
    assert nowhere is not None
    assert "gstreamer1.0-pipewire" in nowhere.remedy
    no_session = PortalScreenCollector({}).check()
    assert no_session is not None
    assert "no Wayland session" in no_session.reason
