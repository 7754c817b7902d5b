"""Against a real GNOME Shell on a virtual screen: what its extension tells, and what happens when either dies."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing

import pytest
from jeepney import DBusAddress, HeaderFields, new_method_call, new_signal

from app.cli.main import main
from app.integrations import gnome_extension
from collectors.desktop.backends import WrongSession
from collectors.desktop.bus import dbus
from collectors.desktop.window import focus_filter
from collectors.desktop.window.collector import WindowCollector
from collectors.desktop.window.focus_filter import SETTLE_S
from collectors.desktop.window.gnome import INTERFACE, GnomeWindowCollector
from collectors.events import Source, WindowDetail
from tests.collectors.run_collector import running
from tests.desktop.clients import Windows
from tests.desktop.compositors import gnome as gnomes
from tests.desktop.compositors.gnome import Gnome, needs_gnome
from tests.desktop.peers import newcomer, own_names
from tests.desktop.programs import PATIENCE_S, on_bus
from tests.desktop.running import until

pytestmark = pytest.mark.desktop
APP = "org.example.windows"
EXTENSIONS = DBusAddress("/org/gnome/Shell", "org.gnome.Shell", "org.gnome.Shell.Extensions")


@pytest.fixture(scope="module")
def gnome() -> Iterator[Gnome]:
    """With the extension, and for all tests here: it takes seconds to start."""
    needs_gnome()
    with gnomes.gnome() as whole:
        whole.install()
        whole.start()
        until(lambda: GnomeWindowCollector(whole.environ).check() is None, "the extension runs in the shell")
        yield whole


@pytest.fixture
def windows(gnome: Gnome) -> Iterator[Windows]:
    with closing(gnome.windows(APP)) as windows:
        yield windows


def titled(title: str | None):
    return lambda event: event.title == title


def switch(gnome: Gnome, method: str) -> None:
    with dbus.session(gnome.environ) as bus:
        assert bus.call(EXTENSIONS, method, "s", (gnome_extension.UUID,)) == (True,)


@pytest.mark.usefixtures("undisturbed")
def test_every_switch_is_reported_with_application_title_and_process(
    gnome: Gnome, windows: Windows, monkeypatch: pytest.MonkeyPatch
):
    collector = WindowCollector(gnome.environ)
    assert collector.check() is None
    assert collector.way is not None
    assert collector.way.name == "GNOME Shell"
    with running(collector) as work:
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
        for number in range(100):  # one that spins ends with the last one
            windows.do(f"{'title' if number else 'open'} c {number}")
        work.until(titled("99"))
        events = work.stop()
    assert [event.title for event in events][:5] == ["First", "Second", "Second, renamed", "First", None]
    assert len(events) < 60
    assert (first.source, first.app, first.detail) == (Source.WINDOW, APP, WindowDetail(windows.process.pid))


def test_a_locked_screen_takes_the_extension_away_and_gives_it_back(gnome: Gnome, windows: Windows):
    windows.do("open a There before")
    with running(GnomeWindowCollector(gnome.environ)) as work:
        work.until(titled("There before"))
        switch(gnome, "DisableExtension")
        work.until(titled(None))
        windows.do("open b Unseen")
        switch(gnome, "EnableExtension")
        work.until(titled("Unseen"))


@pytest.mark.usefixtures("undisturbed")
def test_ten_thousand_false_notices_change_nothing_and_are_counted(
    gnome: Gnome, windows: Windows, caplog: pytest.LogCaptureFixture
):
    windows.do("open a True")
    address = gnome.environ["DBUS_SESSION_BUS_ADDRESS"]
    before = own_names(address)
    with running(GnomeWindowCollector(gnome.environ)) as work:
        work.until(titled("True"))
        ours = newcomer(address, before)
        with closing(on_bus(address)) as stranger:
            to = DBusAddress("/org/kryptictrack/Focus", ours, INTERFACE)
            for number in range(9_999):
                forged = new_signal(to, "Seen", "ssss", ("1", "evil", f"forged {number}", "1"))
                forged.header.fields[HeaderFields.destination] = ours
                stranger.send(forged if number % 2 else new_method_call(to, "Seen", "as", (["x"] * 50,)))
            stranger.send_and_get_reply(new_method_call(to, "Seen"), timeout=PATIENCE_S)  # so all were read
        windows.do("open b Still there")
        work.until(titled("Still there"))
        events = work.stop()
    assert [event.title for event in events] == ["True", "Still there"]
    lines = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert 1 <= len(lines) <= 20
    assert "10000 messages" in lines[-1].getMessage()


def test_the_extension_is_installed_by_a_command_and_its_shell_may_die(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    needs_gnome()
    with gnomes.gnome() as gnome:
        assert isinstance(GnomeWindowCollector(gnome.environ).check(), WrongSession)
        gnome.start()
        trouble = WindowCollector(gnome.environ).check()
        assert trouble is not None
        assert "kryptic gnome install" in trouble.remedy
        with monkeypatch.context() as patch:
            surround(patch, gnome)
            assert main(["gnome", "install"]) == 0
        assert "Log out and in again" in capsys.readouterr().out
        gnome.kill()
        gnome.start()
        collector = GnomeWindowCollector(gnome.environ)
        until(lambda: collector.check() is None, "the extension runs in the shell")
        with running(collector) as work:
            gnome.windows(APP).do("open a First")
            work.until(titled("First"))
            gnome.kill()
            assert "went away" in work.until_error().unavailable.reason
        with monkeypatch.context() as patch:
            surround(patch, gnome)
            assert main(["gnome", "remove"]) == 0
        assert capsys.readouterr().out == "The extension is gone.\n"
        assert not gnome_extension.folder(gnome.home / ".local" / "share").exists()


def surround(patch: pytest.MonkeyPatch, gnome: Gnome) -> None:
    """Make the shell's surroundings this process's own."""
    for name in ("HOME", "XDG_RUNTIME_DIR", "GSETTINGS_BACKEND", "DBUS_SESSION_BUS_ADDRESS"):
        patch.setenv(name, gnome.environ[name])
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        patch.delenv(name, raising=False)
