"""What is notified of a focus that somebody else reports, and when."""

from __future__ import annotations

from collectors.desktop.focused_window import FocusedWindow
from collectors.desktop.window.debounce import FocusDebouncer
from collectors.events import US_PER_S, Event
from collectors.timestamp import Timestamp


class Scene:
    """A synthetic clock, and what was reported by it."""

    def __init__(self) -> None:
        self.mono_s = 100.0
        self.events: list[Event] = []
        self.sightings = FocusDebouncer(
            self.events.append, lambda: Timestamp(round(self.mono_s * US_PER_S), self.mono_s)
        )

    def see(self, window: str, title: str, *, after_s: float = 0.0) -> None:
        self.mono_s += after_s
        self.sightings.see(window, FocusedWindow("app", title, 1))

    def pass_time(self) -> None:
        """Wait as long as the reader would, and let it tell."""
        wait_s = self.sightings.wait_s()
        assert wait_s is not None
        self.mono_s += wait_s
        self.sightings.tell_due()

    def reported(self) -> list[tuple[str | None, float]]:
        return [(event.title, event.ts_us / US_PER_S) for event in self.events]


def test_another_window_is_reported_at_once():
    scene = Scene()
    scene.see("a", "A")
    scene.see("b", "B", after_s=0.1)
    assert scene.reported() == [("A", 100.0), ("B", 100.1)]
    assert scene.sightings.wait_s() is None


def test_the_same_again_is_nothing():
    scene = Scene()
    scene.see("a", "A")
    scene.see("a", "A", after_s=5)
    assert scene.reported() == [("A", 100.0)]


def test_the_last_title_of_a_second_is_reported_at_its_end_with_its_own_time():
    scene = Scene()
    scene.see("a", "A")
    scene.see("a", "A 1", after_s=0.25)
    scene.see("a", "A 2", after_s=0.25)
    assert scene.reported() == [("A", 100.0)]
    scene.pass_time()
    assert scene.reported() == [("A", 100.0), ("A 2", 100.5)]
    assert scene.mono_s == 101.0


def test_a_title_that_waits_is_reported_before_the_next_window():
    scene = Scene()
    scene.see("a", "A")
    scene.see("a", "A, saved", after_s=0.25)
    scene.see("b", "B", after_s=0.25)
    assert scene.reported() == [("A", 100.0), ("A, saved", 100.25), ("B", 100.5)]


def test_a_focus_that_is_lost_for_a_moment_is_nothing_and_one_that_stays_lost_is_reported():
    scene = Scene()
    scene.see("a", "A")
    scene.sightings.lose()
    scene.see("b", "B", after_s=0.0625)
    assert scene.reported() == [("A", 100.0), ("B", 100.0625)]
    scene.mono_s = 110.0
    scene.sightings.lose()
    scene.pass_time()
    assert scene.reported()[2:] == [(None, 110.0)]
