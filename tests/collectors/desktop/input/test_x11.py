from __future__ import annotations

import gc
import struct
from types import ModuleType, SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from Xlib import XK
from Xlib.display import Display
from Xlib.ext import ge, xinput

from collectors.desktop.focused_window import FocusedWindow
from collectors.desktop.input.counter import Bursts, Counting, Kind, Part, Press
from collectors.desktop.input.x11 import X11RhythmCollector, press_of
from collectors.desktop.window.foreground import Foreground, HiddenReason
from collectors.event_json import to_wire
from collectors.events import EventKind, RhythmDetail, Source
from tests.collectors.run_collector import Running, running
from tests.desktop.programs import Desktop

pytestmark = pytest.mark.desktop

CANARY = "vexzqjyk"  # letters that stand for a password, typed for real


def raw(evtype: int, detail: int, time_ms: int = 7) -> SimpleNamespace:
    data = struct.pack("=HIIHHI4x", 2, time_ms, detail, 5, 0, 0)
    return SimpleNamespace(type=ge.GenericEventCode, evtype=evtype, data=data)


def counted(work: Running) -> tuple[int, int, int]:
    details = [event.detail for event in work.events if isinstance(event.detail, RhythmDetail)]
    return sum(d.keys for d in details), sum(d.clicks for d in details), sum(d.scrolls for d in details)


def test_as_many_keys_are_counted_as_were_typed(desktop: Desktop):
    desktop.activate(desktop.terminal("alpha"))
    with running(X11RhythmCollector(desktop.environ, interval_s=0.2)) as work:
        while not work.events:  # until it listens
            desktop.xdotool("click", "3")
        keys, _, scrolls = counted(work)
        desktop.xdotool("type", "--delay", "4", "a" * 80)
        desktop.xdotool("click", "--repeat", "3", "--delay", "1", "4")
        work.until(lambda _: counted(work)[0] - keys >= 80 and counted(work)[2] - scrolls >= 3)
        work.stop()
    assert (counted(work)[0] - keys, counted(work)[2] - scrolls) == (80, 3)


def test_the_events_say_how_much_and_how_fast(desktop: Desktop):
    with running(X11RhythmCollector(desktop.environ, interval_s=0.2)) as work:
        while not work.events:
            desktop.xdotool("click", "1")
    event = work.events[0]
    assert (event.source, event.kind) == (Source.INPUT, EventKind.RHYTHM)
    assert isinstance(event.detail, RhythmDetail)
    assert event.detail.clicks >= 1


@given(first=st.integers(0, 2**32 - 1), second=st.integers(0, 2**32 - 1))
def test_two_different_keys_make_the_same_press(first: int, second: int):
    assert press_of(raw(xinput.RawKeyPress, first)) == press_of(raw(xinput.RawKeyPress, second))


def test_of_a_key_nothing_behind_the_time_is_even_read():
    event = raw(xinput.RawKeyPress, 38)
    event.data = event.data[:6]
    assert press_of(event) == Press(Kind.KEY, 7)


@given(first=st.integers(0, 2**32 - 1), second=st.integers(0, 2**32 - 1))
def test_two_keys_that_take_nothing_back_make_the_same_press(first: int, second: int):
    takes_back = {22, 119}
    presses = [press_of(raw(xinput.RawKeyPress, key), takes_back) for key in {first, second} - takes_back]
    assert all(press == Press(Kind.KEY, 7) for press in presses)
    assert press_of(raw(xinput.RawKeyPress, 22), takes_back) == Press(Kind.CORRECTION, 7)


def test_what_is_taken_back_is_counted_and_counts_as_a_key(desktop: Desktop):
    desktop.activate(desktop.terminal("alpha"))
    with running(X11RhythmCollector(desktop.environ, interval_s=0.2)) as work:
        while not work.events:
            desktop.xdotool("click", "3")
        desktop.xdotool("key", "--delay", "4", "a", "b", "BackSpace", "c", "Delete", "BackSpace")
        work.until(lambda _: counted(work)[0] >= 6)
        work.stop()
    details = [event.detail for event in work.events if isinstance(event.detail, RhythmDetail)]
    assert (counted(work)[0], sum(detail.corrections for detail in details)) == (6, 3)


@pytest.mark.parametrize(("button", "kind"), [(1, Kind.CLICK), (3, Kind.CLICK), (4, Kind.SCROLL), (7, Kind.SCROLL)])
def test_the_wheel_is_reported_from_the_buttons(button: int, kind: Kind):
    assert press_of(raw(xinput.RawButtonPress, button)) == Press(kind, 7)


def test_what_is_no_press_is_no_press():
    assert press_of(raw(xinput.RawKeyRelease, 38)) is None
    assert press_of(SimpleNamespace(type=28)) is None


def test_no_typed_key_is_kept_anywhere_in_the_collector(desktop: Desktop):
    desktop.activate(desktop.terminal("alpha"))
    display = Display(desktop.server.display)
    codes = [display.keysym_to_keycode(XK.string_to_keysym(letter)) for letter in CANARY]
    display.close()
    gc.collect()  # what an error of an earlier test still holds
    with running(X11RhythmCollector(desktop.environ, interval_s=60.0)) as work:
        while not parts():
            desktop.xdotool("click", "1")
        desktop.xdotool("type", "--delay", "4", CANARY)
        (part,) = parts()
        while part.counting._counts[Kind.KEY] < len(CANARY):
            desktop.xdotool("getmouselocation")  # until the server has notified of them all
        kept = reachable(part)
        work.stop()
    assert counted(work)[0] == len(CANARY)
    assert all(type(value) in (int, float, Kind, type(None)) for value in kept), (
        "counts and times have no room for a key"
    )
    reported = repr([to_wire(event) for event in work.events])
    assert CANARY not in reported
    assert not any(repr(codes)[1:-1] in text for text in (reported, repr(kept)))


def parts() -> list[Part]:
    return [
        value for value in gc.get_objects() if type(value) is Part
    ]  # isinstance would wake lazy proxies that other libraries keep


def reachable(part: Part) -> list[object]:
    """Every plain value that can be reached from the counts being kept."""
    plain: list[object] = []
    seen: set[int] = set()
    waiting: list[object] = [part.__dict__]
    while waiting:
        value = waiting.pop()
        if id(value) in seen or isinstance(value, (type, ModuleType)):
            continue
        seen.add(id(value))
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, (Counting, Bursts)):
            waiting.append(value.__dict__)
        elif isinstance(value, tuple):
            waiting.extend(value)
        else:
            plain.append(value)
    return plain


def test_quiet_intervals_are_not_reported(desktop: Desktop):
    with running(X11RhythmCollector(desktop.environ, interval_s=0.05)) as work:
        while not work.events:
            desktop.xdotool("click", "1")
        clicks = counted(work)[1]
        for _ in range(20):
            desktop.xdotool("getmouselocation")  # something to wait for that is no input
        work.stop()
    assert all(event.detail != RhythmDetail(event.detail.interval_us) for event in work.events)
    assert counted(work)[1] >= clicks


def reported_in(work: Running, app: str | None) -> int:
    """The keys reported for a window."""
    details = [event.detail for event in work.events if event.app == app]
    return sum(detail.keys for detail in details if isinstance(detail, RhythmDetail))


def typed_after(turn: int) -> int:
    """The keys counted, and not yet reported, since a turn of the focus."""
    return sum(part.counting._counts[Kind.KEY] for part in parts() if part.first_turn == turn)


def test_what_is_typed_is_reported_by_the_window_in_front_and_not_at_all_for_a_hidden_one(desktop: Desktop):
    desktop.activate(desktop.terminal("alpha"))
    front = Foreground()
    gc.collect()  # what an error of an earlier test still holds
    with running(X11RhythmCollector(desktop.environ, front, interval_s=60.0)) as work:
        while not parts():
            desktop.xdotool("click", "3")
        windows = (
            (FocusedWindow("xterm", "alpha", None), "aab"),
            (HiddenReason.HIDDEN, CANARY),
            (FocusedWindow("code", "notes", None), "ab"),
        )
        for turn, (window, text) in enumerate(windows, start=1):
            front.show(window)
            desktop.xdotool("type", "--delay", "4", text)
            work.until_true(lambda turn=turn, text=text: typed_after(turn) == len(text))
        work.stop()
    assert [reported_in(work, app) for app in (None, "xterm", "code")] == [0, 3, 2]
    assert len(work.events) == 3
    assert not any(event.title or event.target for event in work.events)


def test_a_server_that_dies_is_a_clear_error(desktop: Desktop):
    with running(X11RhythmCollector(desktop.environ, interval_s=0.05)) as work:
        while not work.events:
            desktop.xdotool("click", "1")
        desktop.server.kill()
        error = work.until_error()
    assert "closed the connection" in error.unavailable.reason


def test_the_check_passes_where_the_server_has_xinput(xserver):
    assert X11RhythmCollector(xserver.environ).check() is None


def test_the_check_says_why_it_cannot_work_without_a_display():
    trouble = X11RhythmCollector({}).check()
    assert trouble is not None
    assert "DISPLAY" in trouble.reason
