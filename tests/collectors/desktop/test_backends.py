"""Which way is taken, and what is said if none can be."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from collectors.collector import Collector, CollectorError, Emit, Stop, Unavailable
from collectors.desktop.backends import Backend, BackendSelector, WrongSession
from collectors.desktop.presence.collector import PresenceCollector
from collectors.desktop.window.collector import WindowCollector
from collectors.events import Event, EventKind, Source

OTHER = WrongSession("This is another kind of session.", "Choose another session.")
LACKS = Unavailable("The part is not switched on.", "Switch it on.")


class Part:
    """A way that says what it was made to say, and tells one event under its name."""

    source = Source.WINDOW

    def __init__(self, name: str, trouble: Unavailable | None) -> None:
        self._name, self._trouble = name, trouble

    def check(self) -> Unavailable | None:
        return self._trouble

    def run(self, emit: Emit, stop: Stop) -> None:
        emit(Event(1, Source.WINDOW, EventKind.FOCUS, app=self._name))


def chosen(troubles: Mapping[str, Unavailable | None]) -> BackendSelector:
    def way(name: str) -> Backend:
        def make(environ: Mapping[str, str]) -> Collector:
            return Part(name, troubles[name])

        return Backend(name, make)

    return BackendSelector(Source.WINDOW, tuple(way(name) for name in troubles), {})


def reported(collector: BackendSelector) -> list[str | None]:
    events: list[Event] = []
    stop = Stop()
    try:
        collector.run(events.append, stop)
    finally:
        stop.close()
    return [event.app for event in events]


@pytest.mark.parametrize("troubles", [{"a": None, "b": None}, {"b": OTHER, "a": None}, {"b": LACKS, "a": None}])
def test_the_first_way_that_works_is_taken(troubles: dict[str, Unavailable | None]):
    assert reported(chosen(troubles)) == ["a"]


def test_it_is_chosen_again_when_it_runs_again():
    troubles: dict[str, Unavailable | None] = {"a": None, "b": None}
    collector = chosen(troubles)
    assert collector.check() is None
    assert reported(collector) == ["a"]
    troubles["a"] = OTHER
    assert reported(collector) == ["b"]
    assert collector.way is not None
    assert collector.way.name == "b"


def test_a_session_that_lacks_a_part_is_reported_how_to_get_it():
    collector = chosen({"a": OTHER, "b": LACKS, "c": OTHER})
    assert collector.check() == LACKS
    with pytest.raises(CollectorError) as caught:
        reported(collector)
    assert caught.value.unavailable == LACKS


def test_a_session_that_no_way_fits_is_reported_what_was_tried():
    trouble = chosen({"first": OTHER, "second": OTHER}).check()
    assert trouble is not None
    assert "first" in trouble.reason
    assert "second" in trouble.reason
    assert trouble.remedy == OTHER.remedy


@pytest.mark.parametrize("make", [WindowCollector, PresenceCollector])
def test_without_any_display_that_is_what_is_said(make: type[BackendSelector]):
    trouble = make({}).check()
    assert trouble is not None
    assert "no graphical display" in trouble.reason


@pytest.mark.parametrize("make", [WindowCollector, PresenceCollector])
def test_an_x_server_is_not_enough_in_a_wayland_session(make: type[BackendSelector]):
    trouble = make({"DISPLAY": ":0", "WAYLAND_DISPLAY": "nowhere", "XDG_RUNTIME_DIR": "/nowhere"}).check()
    assert trouble is not None
    assert "Wayland" in trouble.reason
    assert trouble.remedy.endswith(".")


@pytest.mark.desktop
@pytest.mark.parametrize("make", [WindowCollector, PresenceCollector])
def test_an_x_session_is_read_as_one(xserver, make: type[BackendSelector]):
    collector = make(xserver.environ)
    assert collector.check() is None
    assert collector.way is not None
    assert collector.way.name == "X11"
