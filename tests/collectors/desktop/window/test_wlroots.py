from __future__ import annotations

import pytest

from collectors.collector import CollectorError
from collectors.desktop.backends import WrongSession
from collectors.desktop.window.collector import WindowCollector
from collectors.desktop.window.wlroots import WlrootsWindowCollector
from collectors.events import EventKind, Source, WindowDetail
from tests.collectors.run_collector import running
from tests.desktop.compositors.sway import Sway, start_sway

pytestmark = pytest.mark.desktop


def titled(title: str | None):
    return lambda event: event.title == title


@pytest.mark.usefixtures("undisturbed")
def test_each_switch_is_reported_once_with_its_title_and_application(sway: Sway):
    sway.terminal("alpha", "one")
    sway.terminal("beta", "two")
    with running(WlrootsWindowCollector(sway.environ)) as work:
        work.until(titled("beta"))
        for title, count in (("alpha", 1), ("beta", 2), ("alpha", 2)):
            sway.focus(title)
            work.until(lambda _, title=title, count=count: [e.title for e in work.events].count(title) == count)
    assert [(event.app, event.title) for event in work.events] == [
        ("two", "beta"),
        ("one", "alpha"),
        ("two", "beta"),
        ("one", "alpha"),
    ]
    assert {(event.source, event.kind) for event in work.events} == {(Source.WINDOW, EventKind.FOCUS)}
    assert {event.detail for event in work.events} == {WindowDetail(pid=None)}


@pytest.mark.usefixtures("undisturbed")
def test_a_hundred_switches_are_reported_in_their_order(sway: Sway):
    titles = ["alpha", "beta", "gamma"]
    for title in titles:
        sway.terminal(title)
    with running(WlrootsWindowCollector(sway.environ)) as work:
        work.until(titled("gamma"))
        made = ["gamma"]
        for step in range(100):
            made.append(titles[step % 3])
            sway.focus(made[-1])
        work.until(lambda _: len(work.events) == len(made))
    assert [event.title for event in work.events] == made
    stamps = [event.ts_us for event in work.events]
    assert stamps == sorted(stamps)


@pytest.mark.usefixtures("undisturbed")
def test_a_window_that_opens_and_one_that_closes_are_reported(sway: Sway):
    sway.terminal("alpha")
    with running(WlrootsWindowCollector(sway.environ)) as work:
        work.until(titled("alpha"))
        beta = sway.terminal("beta")
        work.until(titled("beta"))
        sway.clients.remove(beta)
        beta.close()
        work.until(lambda _: [event.title for event in work.events].count("alpha") == 2)
    assert work.events[-1].title == "alpha"


def test_a_new_title_is_a_new_event_and_one_that_spins_is_a_few(sway: Sway):
    alpha = sway.terminal("alpha")
    with running(WlrootsWindowCollector(sway.environ)) as work:
        work.until(titled("alpha"))
        alpha.rename("Bericht für März")
        work.until(titled("Bericht für März"))
        alpha.rename(*(f"step {step}" for step in range(500)))
        work.until(titled("step 499"))
    reported_s = (work.events[-1].ts_us - work.events[0].ts_us) / 1e6
    assert len(work.events) <= 4 + reported_s


def test_closing_the_last_window_is_reported_as_a_focus_without_application(sway: Sway):
    alpha = sway.terminal("alpha")
    with running(WlrootsWindowCollector(sway.environ)) as work:
        work.until(titled("alpha"))
        sway.clients.remove(alpha)
        alpha.close()
        event = work.until(lambda event: event.app is None)
    assert (event.title, event.detail) == (None, None)


def test_stopping_ends_it_while_nothing_happens(sway: Sway):
    with running(WlrootsWindowCollector(sway.environ)) as work:
        assert work.stop() == []


def test_a_compositor_that_dies_is_a_clear_error_and_one_in_its_place_is_read(sway: Sway):
    sway.terminal("alpha")
    with running(WlrootsWindowCollector(sway.environ)) as work:
        work.until(titled("alpha"))
        sway.kill()
        error = work.until_error()
    assert isinstance(error, CollectorError)
    assert "closed the connection" in error.unavailable.reason
    assert WlrootsWindowCollector(sway.environ).check() is not None
    again = start_sway(sway.folder)
    try:
        assert again.environ == sway.environ
        again.terminal("beta")
        with running(WlrootsWindowCollector(again.environ)) as work:
            work.until(titled("beta"))
    finally:
        again.close()


def test_it_is_the_way_that_is_chosen_here_even_next_to_an_x_server(sway: Sway, xserver):
    collector = WindowCollector({**sway.environ, "DISPLAY": xserver.display})
    assert collector.check() is None
    assert collector.way is not None
    assert "wlroots" in collector.way.name


@pytest.mark.parametrize(
    ("environ", "word"),
    [
        ({}, "WAYLAND_DISPLAY is not set"),
        ({"XDG_SESSION_TYPE": "wayland"}, "does not know its compositor"),
        ({"WAYLAND_DISPLAY": "wayland-9"}, "XDG_RUNTIME_DIR is not set"),
        ({"WAYLAND_DISPLAY": "wayland-9", "XDG_RUNTIME_DIR": "/nowhere"}, "answers on wayland-9"),
        ({"WAYLAND_DISPLAY": "/nowhere/wayland-9"}, "answers on wayland-9"),
        ({"WAYLAND_DISPLAY": "/nowhere/" + 200 * "x"}, "answers on"),
    ],
)
def test_without_a_compositor_it_says_why_and_what_helps(environ: dict[str, str], word: str):
    trouble = WlrootsWindowCollector(environ).check()
    assert trouble is not None
    assert word in trouble.reason
    assert trouble.remedy.endswith(".")
    assert isinstance(trouble, WrongSession) == (not environ)
