"""Against a real KWin on a virtual screen: what its script tells, and what happens when either of the two dies."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from jeepney import DBusAddress, new_method_call

from collectors.desktop.backends import WrongSession
from collectors.desktop.bus import dbus
from collectors.desktop.presence.collector import PresenceCollector
from collectors.desktop.window import focus_filter
from collectors.desktop.window.collector import WindowCollector
from collectors.desktop.window.focus_filter import SETTLE_S
from collectors.desktop.window.kwin import INTERFACE, PLUGIN, KWinWindowCollector
from collectors.events import EventKind, Source, WindowDetail
from tests.collectors.run_collector import running
from tests.desktop.compositors import kwin as kwins
from tests.desktop.compositors.kwin import KWin
from tests.desktop.fixtures import needs
from tests.desktop.peers import newcomer, own_names
from tests.desktop.programs import PATIENCE_S, on_bus
from tests.desktop.running import until

pytestmark = pytest.mark.desktop
APP = "org.example.windows"


@pytest.fixture
def kwin(tmp_path: Path) -> Iterator[KWin]:
    needs("kwin_wayland", "dbus-daemon")
    with kwins.kwin(tmp_path) as whole:
        yield whole


def titled(title: str | None):
    return lambda event: event.title == title


@pytest.mark.usefixtures("undisturbed")
def test_every_switch_is_reported_with_application_title_and_process(kwin: KWin, monkeypatch: pytest.MonkeyPatch):
    collector = KWinWindowCollector(kwin.environ)
    assert collector.check() is None
    with running(collector) as work:
        windows = kwin.windows(APP)
        windows.do("open a First")
        first = work.until(titled("First"))
        windows.do("open b Second")
        work.until(titled("Second"))
        windows.do("title b Second, renamed")
        work.until(titled("Second, renamed"))
        windows.do("close b")
        work.until(lambda _: [event.title for event in work.events].count("First") == 2)
        monkeypatch.setattr(focus_filter, "SETTLE_S", SETTLE_S)
        windows.do("close a")
        work.until(titled(None))
        events = work.stop()
    assert [event.title for event in events] == ["First", "Second", "Second, renamed", "First", None]
    assert (first.source, first.app, first.detail) == (Source.WINDOW, APP, WindowDetail(windows.process.pid))
    assert events[-1].app is None
    assert not kwin.loaded(PLUGIN)  # nothing of ours stays if nobody listens


def test_a_session_of_kwin_is_read_as_one(kwin: KWin):
    collector = WindowCollector(kwin.environ)
    assert collector.check() is None
    assert collector.way is not None
    assert collector.way.name == "KWin"


@pytest.mark.usefixtures("undisturbed")
def test_a_second_window_of_the_same_title_is_not_numbered(kwin: KWin):
    with running(KWinWindowCollector(kwin.environ)) as work:
        for name in ("First", "Second"):
            windows = kwin.windows(f"org.example.{name}")
            windows.do("open a Inbox")
            work.until(lambda event, name=name: event.app == f"org.example.{name}")
        assert {event.title for event in work.stop()} == {"Inbox"}


def test_the_window_that_has_the_focus_at_the_start_is_reported(kwin: KWin):
    windows = kwin.windows(APP)
    windows.do("open a There before")
    with running(KWinWindowCollector(kwin.environ)) as work:
        work.until(titled("There before"))


def test_a_title_that_spins_ends_with_the_last_one(kwin: KWin):
    windows = kwin.windows(APP)
    windows.do("open a Start")
    with running(KWinWindowCollector(kwin.environ)) as work:
        work.until(titled("Start"))
        for number in range(200):
            windows.do(f"title a {number}")
        work.until(titled("199"))
        assert len(work.stop()) < 100


def test_it_says_when_kwin_dies_and_works_with_the_next_one(kwin: KWin):
    with running(KWinWindowCollector(kwin.environ)) as work:
        kwin.windows(APP).do("open a Before")
        work.until(titled("Before"))  # the script is there a moment before it runs, and the sense listens only then
        kwin.kill()
        assert "went away" in work.until_error().unavailable.reason
    trouble = KWinWindowCollector(kwin.environ).check()
    assert isinstance(trouble, WrongSession)
    kwin.start()
    with running(KWinWindowCollector(kwin.environ)) as work:
        kwin.windows(APP).do("open a Back")
        work.until(titled("Back"))


def test_a_script_that_a_crash_left_there_is_replaced(kwin: KWin, tmp_path: Path):
    left = tmp_path / "left.js"
    left.write_text("// a crash left this here")
    scripting = DBusAddress("/Scripting", "org.kde.KWin", "org.kde.kwin.Scripting")
    with dbus.session(kwin.environ) as bus:
        bus.call(scripting, "loadScript", "ss", (str(left), PLUGIN))
    with running(KWinWindowCollector(kwin.environ)) as work:
        kwin.windows(APP).do("open a Told")
        work.until(titled("Told"))


def test_going_and_coming_back_are_reported_again_and_again(kwin: KWin):
    collector = PresenceCollector(kwin.environ, idle_after_ms=300)
    assert collector.check() is None
    assert collector.way is not None
    assert collector.way.name == "Wayland"
    with running(collector) as work:
        for count in (1, 2, 3):
            work.until(lambda _, count=count: [e.kind for e in work.events].count(EventKind.IDLE) >= count)
            kwin.move_pointer()
            work.until(lambda _, count=count: [e.kind for e in work.events].count(EventKind.ACTIVE) >= count)
        assert [event.kind for event in work.stop()][:6] == [EventKind.IDLE, EventKind.ACTIVE] * 3


@pytest.mark.usefixtures("undisturbed")
def test_ten_thousand_false_notices_change_nothing_and_are_counted(
    kwin: KWin, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    address = kwin.environ["DBUS_SESSION_BUS_ADDRESS"]
    before = own_names(address)
    with running(KWinWindowCollector(kwin.environ)) as work:
        until(lambda: kwin.loaded(PLUGIN), "the script in KWin")
        ours = newcomer(address, before)
        kwin.windows(APP).do("open a True")
        work.until(titled("True"))
        with closing(on_bus(address)) as stranger:
            for number in range(7_999):
                body = ("1", "evil", f"forged {number}", "1") if number % 2 else ("x" * number, *"abc")
                stranger.send(new_method_call(DBusAddress("/x", ours, INTERFACE), "Seen", "ssss", body))
            asked = new_method_call(DBusAddress("/x", ours, INTERFACE), "Seen")
            stranger.send_and_get_reply(asked, timeout=PATIENCE_S)  # so all before it were read
            kwin.run(_garbage(ours), tmp_path / "garbage.js")
            (last,) = {event.title for event in work.events}
            assert last == "True"
            kwin.windows(APP).do("open b Still there")
            work.until(titled("Still there"))
        events = work.stop()
    assert [event.title for event in events][:2] == ["True", "Still there"]
    lines = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert 1 <= len(lines) <= 20
    assert "10000 messages" in lines[-1].getMessage()


def _garbage(receiver: str) -> str:
    """A script that sends from within KWin what is no notice."""
    call = f'callDBus("{receiver}", "/x", "{INTERFACE}"'
    return f"""
        for (let number = 0; number < 500; number += 1) {{
            {call}, "Seen", number);
            {call}, "Seen", "a", "b", "c");
            {call}, "Seen", "a", "b", ["c"], "d");
            {call}, "Unheard", "a", "b", "c", "1");
        }}
    """
