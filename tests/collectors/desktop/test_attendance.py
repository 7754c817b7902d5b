"""When no input is an absence, and when it is a film."""

from __future__ import annotations

from collectors.desktop.attendance import LONGEST_S, LOOK_EVERY_S, Attendance
from collectors.events import US_PER_S, Event, EventKind, PresenceDetail, Source
from collectors.moment import Moment

AFTER_S = 180.0


class Scene:
    """A made-up clock, and what was told by it: kind, when, and how long nobody had been there."""

    def __init__(self) -> None:
        self.mono_s = 10_000.0
        self.told: list[tuple[EventKind, float, float]] = []
        self.attendance = Attendance(180_000, lambda: Moment(round(self.mono_s * US_PER_S), self.mono_s))

    def input(self, kind: EventKind, idle_s: float) -> None:
        detail = PresenceDetail(round(idle_s * US_PER_S))
        self._tell(self.attendance.take(Event(1, Source.PRESENCE, kind, detail=detail)))

    def look(self, *, there: bool) -> None:
        """Look when it is time to."""
        wait_s = self.attendance.look_in_s()
        assert wait_s is not None
        self.mono_s += wait_s
        self._tell(self.attendance.looked(there=there))

    def _tell(self, event: Event | None) -> None:
        if event is not None:
            assert isinstance(event.detail, PresenceDetail)
            self.told.append((event.kind, event.ts_us / US_PER_S, event.detail.idle_us / US_PER_S))


def test_where_nothing_plays_no_input_is_an_absence_at_once():
    scene = Scene()
    assert scene.attendance.look_in_s() is None
    scene.input(EventKind.IDLE, AFTER_S)
    assert scene.attendance.look_in_s() == 0.0
    scene.look(there=False)
    assert scene.told == [(EventKind.IDLE, 10_000.0, AFTER_S)]
    assert scene.attendance.look_in_s() is None
    scene.mono_s += 60
    scene.input(EventKind.ACTIVE, AFTER_S + 60)
    assert scene.told[1:] == [(EventKind.ACTIVE, 10_060.0, AFTER_S + 60)]


def test_a_film_is_no_absence_however_often_it_is_looked():
    scene = Scene()
    scene.input(EventKind.IDLE, AFTER_S)
    for _ in range(100):
        scene.look(there=True)
    assert scene.mono_s == 10_000.0 + 99 * LOOK_EVERY_S
    scene.input(EventKind.ACTIVE, 99 * LOOK_EVERY_S)
    assert scene.told == []
    assert scene.attendance.look_in_s() is None


def test_an_absence_after_a_film_is_counted_from_its_end():
    scene = Scene()
    scene.input(EventKind.IDLE, AFTER_S)
    scene.look(there=True)
    scene.look(there=True)
    end_s = scene.mono_s
    while not scene.told:
        scene.look(there=False)
    assert scene.told == [(EventKind.IDLE, end_s + AFTER_S, AFTER_S)]
    scene.mono_s += 20
    scene.input(EventKind.ACTIVE, 1.0)
    assert scene.told[1:] == [(EventKind.ACTIVE, end_s + AFTER_S + 20, AFTER_S + 20)]


def test_a_film_that_pauses_and_goes_on_is_one():
    scene = Scene()
    scene.input(EventKind.IDLE, AFTER_S)
    scene.look(there=True)
    for _ in range(5):
        scene.look(there=False)
    scene.look(there=True)
    for _ in range(5):
        scene.look(there=False)
    assert scene.told == []


def test_four_hours_without_input_are_an_absence_whatever_plays():
    scene = Scene()
    scene.input(EventKind.IDLE, AFTER_S)
    while not scene.told:
        scene.look(there=True)
        assert scene.mono_s < 10_000.0 + LONGEST_S + 2 * AFTER_S
    ((kind, _, idle_s),) = scene.told
    assert kind is EventKind.IDLE
    assert AFTER_S <= idle_s < AFTER_S + 2 * LOOK_EVERY_S


def test_other_events_pass():
    event = Event(1, Source.PRESENCE, EventKind.LOCK)
    assert Scene().attendance.take(event) is event


def test_a_look_that_comes_after_the_return_says_nothing():
    scene = Scene()
    scene.input(EventKind.IDLE, AFTER_S)
    scene.input(EventKind.ACTIVE, AFTER_S)
    assert scene.attendance.looked(there=False) is None
