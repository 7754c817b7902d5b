"""When no input is an absence, and when it is a film."""

from __future__ import annotations

from collectors.desktop.presence.media import Sign
from collectors.desktop.presence.rules import LONGEST_S, LOOK_EVERY_S, TELL_EVERY_S, PresenceRules
from collectors.events import US_PER_S, Event, EventKind, PresenceDetail, Source
from collectors.timestamp import Timestamp

AFTER_S = 180.0


class Scene:
    """A synthetic clock, and what was reported by it: kind, when, and how long nobody had been there.

    What was watched is distinguished: by which sign, from when on, and for how long so far.
    """

    def __init__(self) -> None:
        self.mono_s = 10_000.0
        self.reported: list[tuple[EventKind, float, float]] = []
        self.watched: list[tuple[str | None, float, float]] = []
        self.attendance = PresenceRules(180_000, lambda: Timestamp(round(self.mono_s * US_PER_S), self.mono_s))

    def input(self, kind: EventKind, idle_s: float) -> None:
        detail = PresenceDetail(round(idle_s * US_PER_S))
        self._tell(self.attendance.take(Event(1, Source.PRESENCE, kind, detail=detail)))

    def note(self, kind: EventKind) -> None:
        self._tell(self.attendance.note(Event(1, Source.PRESENCE, kind)))

    def watch_until(self, mono_s: float, sign: Sign | None = Sign.FILM) -> None:
        """Look whenever it is time to."""
        while (wait_s := self.attendance.look_in_s()) is not None and self.mono_s + wait_s <= mono_s:
            self.look(there=sign is not None, sign=sign)
        self.mono_s = mono_s

    def look(self, *, there: bool, sign: Sign | None = Sign.FILM) -> None:
        """Look when it is time to."""
        wait_s = self.attendance.look_in_s()
        assert wait_s is not None
        self.mono_s += wait_s
        self._tell(self.attendance.looked(sign if there else None))

    def _tell(self, events: tuple[Event, ...]) -> None:
        for event in events:
            assert isinstance(event.detail, PresenceDetail)
            if event.kind is EventKind.WATCH:
                assert event.duration_us is not None
                self.watched.append((event.detail.sign, event.ts_us / US_PER_S, event.duration_us / US_PER_S))
                continue
            self.reported.append((event.kind, event.ts_us / US_PER_S, event.detail.idle_us / US_PER_S))


def test_where_nothing_plays_no_input_is_an_absence_at_once():
    scene = Scene()
    assert scene.attendance.look_in_s() is None
    scene.input(EventKind.IDLE, AFTER_S)
    assert scene.attendance.look_in_s() == 0.0
    scene.look(there=False)
    assert scene.reported == [(EventKind.IDLE, 10_000.0, AFTER_S)]
    assert scene.attendance.look_in_s() is None
    scene.mono_s += 60
    scene.input(EventKind.ACTIVE, AFTER_S + 60)
    assert scene.reported[1:] == [(EventKind.ACTIVE, 10_060.0, AFTER_S + 60)]


def test_a_film_is_no_absence_however_often_it_is_looked():
    scene = Scene()
    scene.input(EventKind.IDLE, AFTER_S)
    for _ in range(100):
        scene.look(there=True)
    assert scene.mono_s == 10_000.0 + 99 * LOOK_EVERY_S
    scene.input(EventKind.ACTIVE, 99 * LOOK_EVERY_S)
    assert scene.reported == []
    assert scene.attendance.look_in_s() is None


def test_an_absence_after_a_film_is_counted_from_its_end():
    scene = Scene()
    scene.input(EventKind.IDLE, AFTER_S)
    scene.look(there=True)
    scene.look(there=True)
    end_s = scene.mono_s
    while not scene.reported:
        scene.look(there=False)
    assert scene.reported == [(EventKind.IDLE, end_s + AFTER_S, AFTER_S)]
    scene.mono_s += 20
    scene.input(EventKind.ACTIVE, 1.0)
    assert scene.reported[1:] == [(EventKind.ACTIVE, end_s + AFTER_S + 20, AFTER_S + 20)]


def test_a_film_that_pauses_and_goes_on_is_one():
    scene = Scene()
    scene.input(EventKind.IDLE, AFTER_S)
    scene.look(there=True)
    for _ in range(5):
        scene.look(there=False)
    scene.look(there=True)
    for _ in range(5):
        scene.look(there=False)
    assert scene.reported == []


def test_four_hours_without_input_are_an_absence_whatever_plays():
    scene = Scene()
    scene.input(EventKind.IDLE, AFTER_S)
    while not scene.reported:
        scene.look(there=True)
        assert scene.mono_s < 10_000.0 + LONGEST_S + 2 * AFTER_S
    ((kind, _, idle_s),) = scene.reported
    assert kind is EventKind.IDLE
    assert AFTER_S <= idle_s < AFTER_S + 2 * LOOK_EVERY_S


def test_other_events_pass():
    event = Event(1, Source.PRESENCE, EventKind.LOCK)
    assert Scene().attendance.take(event) == (event,)


def test_a_look_that_comes_after_the_return_says_nothing():
    scene = Scene()
    scene.input(EventKind.IDLE, AFTER_S)
    scene.input(EventKind.ACTIVE, AFTER_S)
    assert scene.attendance.looked(None) == ()


def sat_down() -> Scene:
    """Somebody was at the keys until 10,500, and input has just been asked to have stopped then."""
    scene = Scene()
    scene.mono_s = 10_500.0 + AFTER_S
    scene.input(EventKind.IDLE, AFTER_S)
    return scene


def test_what_is_watched_lasts_from_the_last_input_to_the_next():
    scene = sat_down()
    scene.watch_until(12_000.0)
    scene.input(EventKind.ACTIVE, 1_500.0)
    assert scene.reported == []
    assert {(sign, from_s) for sign, from_s, _ in scene.watched} == {("film", 10_500.0)}
    lengths = [length_s for *_, length_s in scene.watched]
    assert (lengths[0], lengths[-1]) == (AFTER_S, 1_500.0)
    assert lengths == sorted(lengths)
    assert len(lengths) <= 2 + (1_500.0 - AFTER_S) / TELL_EVERY_S


def test_a_film_that_ends_was_watched_until_it_was_last_seen():
    scene = sat_down()
    scene.watch_until(10_900.0)
    seen_s = 10_900.0 - (10_900.0 - 10_500.0 - AFTER_S) % LOOK_EVERY_S
    scene.watch_until(12_000.0, None)
    assert scene.watched[-1] == ("film", 10_500.0, seen_s - 10_500.0)
    assert [kind for kind, *_ in scene.reported] == [EventKind.IDLE]


def test_a_film_after_a_pause_is_another_and_the_pause_is_not_watched():
    scene = sat_down()
    scene.watch_until(10_800.0)
    scene.watch_until(10_850.0, None)
    scene.watch_until(11_000.0)
    scene.input(EventKind.ACTIVE, 500.0)
    (first, second) = (
        max(length_s for _, at_s, length_s in scene.watched if at_s == start_s) for start_s in begun(scene)
    )
    assert first <= 300.0
    assert second <= 150.0
    assert begun(scene)[1] >= 10_850.0 - LOOK_EVERY_S


def begun(scene: Scene) -> list[float]:
    """When each of the watches began."""
    return sorted({at_s for _, at_s, _ in scene.watched})


def test_a_call_is_distinguished_from_a_film():
    scene = sat_down()
    scene.watch_until(11_000.0, Sign.CALL)
    scene.watch_until(11_500.0, Sign.FILM)
    scene.input(EventKind.ACTIVE, 1_000.0)
    lasted = {sign: (at_s, length_s) for sign, at_s, length_s in scene.watched}
    assert lasted["call"][0] == 10_500.0
    assert lasted["film"][0] >= sum(lasted["call"])
    assert sum(lasted["film"]) == 11_500.0


def test_nothing_is_watched_behind_a_locked_screen_or_in_sleep():
    for leaving, coming in ((EventKind.LOCK, EventKind.UNLOCK), (EventKind.SUSPEND, EventKind.RESUME)):
        scene = sat_down()
        scene.watch_until(10_800.0)
        scene.note(leaving)
        scene.watch_until(11_300.0, Sign.FILM if leaving is EventKind.LOCK else None)
        scene.note(coming)
        assert scene.watched[-1] == ("film", 10_500.0, 300.0)


def test_what_was_watched_before_the_sense_began_is_not_claimed():
    scene = Scene()
    scene.input(EventKind.IDLE, 7_200.0)
    scene.look(there=True)
    scene.watch_until(10_100.0)
    assert begun(scene) == [10_000.0]


def test_a_screen_that_is_kept_on_is_watched_until_it_no_longer_is():
    scene = Scene()
    scene.mono_s = 10_500.0 + AFTER_S
    scene.input(EventKind.WATCH, AFTER_S)
    assert scene.attendance.look_in_s() == 1.0  # for two notices that come one after the other
    scene.watch_until(11_000.0, None)
    assert begun(scene) == [10_500.0]
    scene.mono_s += AFTER_S
    scene.input(EventKind.IDLE, AFTER_S)
    scene.look(there=False)
    assert {sign for sign, *_ in scene.watched} == {"screen"}
    assert scene.watched[-1][2] <= 500.0
    assert [kind for kind, *_ in scene.reported] == [EventKind.IDLE]


def test_an_absence_reported_right_after_a_kept_screen_is_one_at_once():
    scene = sat_down()
    scene.input(EventKind.WATCH, AFTER_S)
    scene.input(EventKind.IDLE, AFTER_S)
    scene.look(there=False)
    assert scene.watched == []
    assert [kind for kind, *_ in scene.reported] == [EventKind.IDLE]


def test_no_more_than_four_hours_are_watched_in_one_piece():
    scene = sat_down()
    scene.watch_until(10_500.0 + 2 * LONGEST_S)
    assert max(length_s for *_, length_s in scene.watched) <= LONGEST_S
    assert [kind for kind, *_ in scene.reported] == [EventKind.IDLE]
