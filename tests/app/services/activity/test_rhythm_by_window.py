"""The window's sense and the rhythm's side by side on a real desktop: what was typed is filed under its window."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from app.services.ingest.pipeline import IngestPipeline
from app.services.preferences import Preferences
from app.store.store import Store
from collectors import catalog
from collectors.collector import Collector, Emit, Stop, Unavailable
from collectors.desktop.focused_window import FocusedWindow
from collectors.desktop.input.collector import RhythmCollector
from collectors.desktop.input.x11 import X11RhythmCollector
from collectors.desktop.window.foreground import HiddenReason
from collectors.desktop.window.x11 import X11WindowCollector
from collectors.events import RhythmDetail, Source
from tests.collectors.run_collector import running
from tests.desktop import programs
from tests.desktop.fixtures import needs
from tests.desktop.running import until

pytestmark = pytest.mark.desktop


class Into:
    """A sense whose events go to the observer, as they do in the program."""

    def __init__(self, sense: Collector, observer: IngestPipeline) -> None:
        self.source = sense.source
        self._sense = sense
        self._observer = observer

    def check(self) -> Unavailable | None:
        return self._sense.check()

    def run(self, emit: Emit, stop: Stop) -> None:
        def both(event):
            self._observer.sense(event)
            emit(event)

        self._sense.run(both, stop)


def typed(store: Store) -> Mapping[str | None, int]:
    """Keys by the application they were stored under."""
    found: dict[str | None, int] = {}
    with store.reader() as reader:
        for row in reader.of_source(Source.INPUT):
            assert isinstance(row.event.detail, RhythmDetail)
            found[row.event.app] = found.get(row.event.app, 0) + row.event.detail.keys
    return found


def test_keys_are_filed_under_their_window_and_those_in_an_excluded_one_nowhere(
    opened: Store, observer: IngestPipeline, preferences: Preferences
) -> None:
    needs("Xvfb", "openbox", "xterm", "xclock", "xdotool", "xprop")
    preferences.change(excluded_apps=("xclock",))
    with programs.desktop() as desktop:
        terminal, clock = desktop.terminal("alpha"), desktop.clock("beta")
        rhythm = X11RhythmCollector(desktop.environ, observer.front, interval_s=0.2)
        with running(Into(X11WindowCollector(desktop.environ), observer)), running(Into(rhythm, observer)) as work:
            desktop.activate(terminal)
            until(lambda: isinstance(observer.front.now, FocusedWindow), "the terminal in front")
            while not any(event.app == "XTerm" for event in work.events):
                desktop.xdotool("key", "a")
            desktop.activate(clock)
            until(lambda: observer.front.now is HiddenReason.HIDDEN, "an excluded window in front")
            desktop.xdotool("type", "--delay", "4", "secretly")
            desktop.activate(terminal)
            until(lambda: isinstance(observer.front.now, FocusedWindow), "the terminal in front again")
            reported = len(work.events)
            while not any(event.app == "XTerm" for event in work.events[reported:]):
                desktop.xdotool("key", "a")
            work.stop()
    observer.flush()
    assert {"XTerm"} <= typed(opened).keys() <= {"XTerm", None}


def test_the_senses_of_a_program_share_what_is_in_front(observer: IngestPipeline) -> None:
    shared = catalog.senses(observer.front)
    assert [sense.name for sense in shared] == [sense.name for sense in catalog.COLLECTORS]
    (rhythm,) = [sense.make() for sense in shared if sense.source is Source.INPUT]
    assert isinstance(rhythm, RhythmCollector)
    assert rhythm.front is observer.front
