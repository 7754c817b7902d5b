from __future__ import annotations

from pathlib import Path

import pytest
from Xlib import Xatom
from Xlib.display import Display

from collectors.collector import Unavailable
from collectors.desktop.window.x11 import X11WindowCollector
from collectors.events import Event, EventKind, Source, WindowDetail
from tests.collectors.run_collector import running
from tests.desktop.fixtures import needs
from tests.desktop.programs import Desktop, end, start_xserver
from tests.desktop.running import until

pytestmark = pytest.mark.desktop


def titled(title: str | None):
    return lambda event: event.title == title


def rename(desktop: Desktop, window: str, kind: str, data: bytes) -> None:
    display = Display(desktop.server.display)
    target = display.create_resource_object("window", int(window))
    target.delete_property(display.get_atom("_NET_WM_NAME"))
    target.change_property(Xatom.WM_NAME, display.get_atom(kind), 8, data)
    display.sync()
    display.close()


@pytest.mark.usefixtures("undisturbed")
def test_each_switch_is_reported_once_with_its_title_and_application(desktop: Desktop):
    first, second = desktop.terminal("alpha"), desktop.terminal("beta")
    desktop.activate(first)
    with running(X11WindowCollector(desktop.environ)) as work:
        work.until(titled("alpha"))
        for window, title, count in ((second, "beta", 1), (first, "alpha", 2), (second, "beta", 2)):
            desktop.activate(window)
            work.until(lambda _, title=title, count=count: [e.title for e in work.events].count(title) == count)
    assert [(event.app, event.title) for event in work.events] == [
        ("XTerm", "alpha"),
        ("XTerm", "beta"),
        ("XTerm", "alpha"),
        ("XTerm", "beta"),
    ]
    assert {(event.source, event.kind) for event in work.events} == {(Source.WINDOW, EventKind.FOCUS)}


def test_the_process_is_the_one_behind_the_window(desktop: Desktop):
    desktop.activate(desktop.terminal("alpha"))
    with running(X11WindowCollector(desktop.environ)) as work:
        event = work.until(titled("alpha"))
    assert event.detail == WindowDetail(pid=desktop.clients[-1].pid)


def test_a_process_of_another_machine_is_not_named(desktop: Desktop):
    window = desktop.terminal("alpha")
    desktop.xprop("-id", window, "-f", "WM_CLIENT_MACHINE", "8s", "-set", "WM_CLIENT_MACHINE", "far-away")
    desktop.activate(window)
    with running(X11WindowCollector(desktop.environ)) as work:
        event = work.until(titled("alpha"))
    assert event.detail == WindowDetail(pid=None)


def test_stamps_never_go_back(desktop: Desktop):
    windows = [desktop.terminal(title) for title in ("alpha", "beta")]
    with running(X11WindowCollector(desktop.environ)) as work:
        for window in (*windows, *windows):
            desktop.activate(window)
        desktop.terminal("gamma")
        work.until(titled("gamma"))
    stamps = [event.ts_us for event in work.events]
    assert stamps == sorted(stamps)


def test_a_new_title_of_the_same_window_is_a_new_event(desktop: Desktop):
    window = desktop.terminal("alpha")
    desktop.activate(window)
    with running(X11WindowCollector(desktop.environ)) as work:
        work.until(titled("alpha"))
        desktop.xprop("-id", window, "-f", "_NET_WM_NAME", "8u", "-set", "_NET_WM_NAME", "Bericht für März")
        event = work.until(titled("Bericht für März"))
    assert event.app == "XTerm"


@pytest.mark.parametrize(
    ("kind", "data", "title"),
    [
        ("STRING", b"caf\xe9", "café"),
        ("STRING", b"\xff\xfe raw", "ÿþ raw"),
        ("UTF8_STRING", "naïve".encode(), "naïve"),
        ("UTF8_STRING", b"cut \xe2\x82", "cut â"),
        ("COMPOUND_TEXT", b"\x1b%Gna\xc3\xafve\x1b%@ caf\xe9", "naïve café"),
        ("COMPOUND_TEXT", b"\x1b$(B\x46\x7c\x4b\x5c\x1b(B ok", "日本 ok"),
    ],
)
def test_a_title_in_any_encoding_is_reported(desktop: Desktop, kind: str, data: bytes, title: str):
    window = desktop.terminal("alpha")
    desktop.activate(window)
    with running(X11WindowCollector(desktop.environ)) as work:
        work.until(titled("alpha"))
        rename(desktop, window, kind, data)
        event = work.until(titled(title))
    assert event.app == "XTerm"


def test_a_title_that_spins_is_reported_a_few_times_and_its_last_state_wins(desktop: Desktop):
    window = desktop.terminal("alpha")
    desktop.activate(window)
    with running(X11WindowCollector(desktop.environ)) as work:
        work.until(titled("alpha"))
        display = Display(desktop.server.display)
        target, name = display.create_resource_object("window", int(window)), display.get_atom("_NET_WM_NAME")
        for step in range(500):
            target.change_property(name, display.get_atom("UTF8_STRING"), 8, f"step {step}".encode())
            display.sync()
        display.close()
        work.until(titled("step 499"))
    reported_s = (work.events[-1].ts_us - work.events[0].ts_us) / 1e6
    assert len(work.events) <= 3 + reported_s


def test_closing_the_last_window_is_reported_as_a_focus_without_application(desktop: Desktop):
    window = desktop.terminal("alpha")
    desktop.activate(window)
    with running(X11WindowCollector(desktop.environ)) as work:
        work.until(titled("alpha"))
        end(desktop.clients[-1])
        event = work.until(lambda event: event.app is None)
    assert (event.title, event.detail) == (None, None)


@pytest.mark.parametrize("act", ["windowunmap", "windowminimize"])
def test_hiding_the_last_window_is_reported_as_a_focus_without_application(desktop: Desktop, act: str):
    window = desktop.terminal("alpha")
    desktop.activate(window)
    with running(X11WindowCollector(desktop.environ)) as work:
        work.until(titled("alpha"))
        desktop.xdotool(act, window)
        work.until(lambda event: event.app is None)
    assert [event.app for event in work.events] == ["XTerm", None]


def test_a_window_that_is_shown_again_is_reported_again(desktop: Desktop):
    window = desktop.terminal("alpha")
    desktop.activate(window)
    with running(X11WindowCollector(desktop.environ)) as work:
        work.until(titled("alpha"))
        desktop.xdotool("windowminimize", window)
        work.until(lambda event: event.app is None)
        desktop.activate(window)
        work.until(lambda _: len(work.events) == 3)
    assert [event.title for event in work.events] == ["alpha", None, "alpha"]


def test_a_window_without_a_class_is_reported_by_its_title(desktop: Desktop):
    window = desktop.terminal("alpha")
    desktop.xprop("-id", window, "-remove", "WM_CLASS")
    desktop.activate(window)
    with running(X11WindowCollector(desktop.environ)) as work:
        event = work.until(titled("alpha"))
    assert event.app is None


def test_windows_that_vanish_while_they_are_looked_at_do_no_harm(desktop: Desktop):
    with running(X11WindowCollector(desktop.environ)) as work:
        for number in range(8):
            process = desktop.start("xclock", "-title", f"brief {number}")
            desktop.window(f"brief {number}")
            process.kill()
        desktop.activate(desktop.terminal("after"))
        event = work.until(titled("after"))
    assert event.app == "XTerm"


@pytest.mark.usefixtures("undisturbed")
def test_without_a_window_manager_the_input_focus_is_followed(bare_desktop: Desktop):
    first, second = bare_desktop.terminal("alpha"), bare_desktop.terminal("beta")
    with running(X11WindowCollector(bare_desktop.environ)) as work:
        bare_desktop.xdotool("windowfocus", "--sync", first)
        work.until(titled("alpha"))
        bare_desktop.xdotool("windowfocus", "--sync", second)
        work.until(titled("beta"))
    assert [event.title for event in work.events] == ["alpha", "beta"]


def test_a_window_manager_that_comes_later_is_followed(bare_desktop: Desktop):
    with running(X11WindowCollector(bare_desktop.environ)) as work:
        bare_desktop.manage()
        first, second = bare_desktop.terminal("alpha"), bare_desktop.terminal("beta")
        for window, title in ((first, "alpha"), (second, "beta"), (first, "alpha")):
            bare_desktop.activate(window)
            work.until(lambda _, title=title: bool(work.events) and work.events[-1].title == title)
    assert work.events[-1].title == "alpha"


def test_a_window_manager_that_dies_leaves_the_input_focus_to_follow(desktop: Desktop):
    manager = desktop.clients[0]
    first, second = desktop.terminal("alpha"), desktop.terminal("beta")
    desktop.activate(first)
    with running(X11WindowCollector(desktop.environ)) as work:
        work.until(titled("alpha"))
        manager.kill()
        manager.wait()
        until(lambda: desktop.is_on_its_own(second), "the server has given back what it managed")
        desktop.xdotool("windowfocus", "--sync", second)
        event = work.until(titled("beta"))
    assert event.app == "XTerm"


def test_a_server_that_dies_is_a_clear_error(desktop: Desktop):
    desktop.activate(desktop.terminal("alpha"))
    with running(X11WindowCollector(desktop.environ)) as work:
        work.until(titled("alpha"))
        desktop.server.kill()
        error = work.until_error()
    assert error.unavailable.reason == f"The X server of display {desktop.server.display} closed the connection."


def test_it_senses_again_on_a_server_that_came_back(desktop: Desktop):
    with running(X11WindowCollector(desktop.environ)) as work:
        desktop.terminal("alpha")
        work.until(titled("alpha"))
        desktop.server.kill()
        work.until_error()
    again = Desktop(start_xserver(desktop.server.display))
    try:
        again.manage()
        again.terminal("beta")
        with running(X11WindowCollector(again.environ)) as work:
            event: Event = work.until(titled("beta"))
    finally:
        again.close()
        end(again.server.process)
    assert event.app == "XTerm"


@pytest.mark.parametrize(
    ("environ", "word"),
    [
        ({}, "DISPLAY is not set"),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, "Wayland"),
        ({"XDG_SESSION_TYPE": "wayland"}, "Wayland"),
        ({"DISPLAY": "nonsense"}, "names no X display"),
        ({"DISPLAY": ":9999"}, "No X server answers"),
    ],
)
def test_without_an_x_server_it_says_why_and_what_helps(environ: dict[str, str], word: str):
    trouble = X11WindowCollector(environ).check()
    assert isinstance(trouble, Unavailable)
    assert word in trouble.reason
    assert trouble.remedy.endswith(".")


def cookie(*parts: bytes) -> bytes:
    """An entry of an authority file, for any host: family, then address, display, name and data (Xau(3))."""
    return b"\xff\xff" + b"".join(len(part).to_bytes(2, "big") + part for part in parts)


# python-xlib leaves the socket of a refused connection to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_a_server_that_refuses_us_is_reported_from_one_that_is_not_there(tmp_path: Path):
    needs("Xvfb")
    cookies = tmp_path / "cookies"
    cookies.write_bytes(cookie(b"", b"", b"MIT-MAGIC-COOKIE-1", b"a made up secret"))
    server = start_xserver(options=["-auth", str(cookies)])
    try:
        trouble = X11WindowCollector(server.environ).check()
    finally:
        end(server.process)
    assert trouble is not None
    assert "refuses" in trouble.reason


def test_the_check_passes_where_a_server_answers(xserver):
    assert X11WindowCollector(xserver.environ).check() is None
