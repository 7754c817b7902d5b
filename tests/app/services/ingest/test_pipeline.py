"""From a sense or a client into the store, through the gate, with a prediction saved before each truth."""

from __future__ import annotations

import math
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest

from app.errors import UnstorableError
from app.services.backend import ONE_STORED, LogReport, Sent
from app.services.ingest import group_commit
from app.services.ingest.pipeline import IngestPipeline
from app.services.learning.forecast import Forecaster
from app.services.preferences import Preferences
from app.store.store import Store
from collectors.desktop.focused_window import FocusedWindow
from collectors.desktop.window.foreground import Before, HiddenReason
from collectors.event_json import to_wire
from collectors.events import US_PER_S, Event, EventKind, PresenceDetail, RhythmDetail, Source, WindowDetail
from neural.reward.actions import label
from tests.app.services.conftest import NOW_US, Clock


def focus(at_s: float, app: str, title: str = "") -> Event:
    return Event(
        NOW_US + int(at_s * US_PER_S), Source.WINDOW, EventKind.FOCUS, app, None, title, detail=WindowDetail(7)
    )


def command(at_s: float, text: str) -> Event:
    return Event(NOW_US + int(at_s * US_PER_S), Source.TERMINAL, EventKind.COMMAND, "bash", text)


def stored(store: Store) -> list[Event]:
    with store.reader() as reader:
        return [row.event for row in reader.timeline(0, 2**62)]


def lengths_s(store: Store) -> list[tuple[str | None, float | None]]:
    return [(event.app, None if event.duration_us is None else event.duration_us / US_PER_S) for event in stored(store)]


def test_a_switch_ends_the_window_before_it(opened: Store, observer: IngestPipeline, clock: Clock) -> None:
    for event in (focus(0, "xterm"), focus(4, "firefox"), focus(5.5, "xterm")):
        observer.sense(event)
    observer.flush()
    assert lengths_s(opened)[:2] == [("xterm", 4.0), ("firefox", 1.5)]


def test_time_in_an_excluded_window_belongs_to_no_other(
    opened: Store, observer: IngestPipeline, preferences: Preferences, clock: Clock
) -> None:
    preferences.change(excluded_apps=("diary",))
    for event in (focus(0, "xterm"), focus(3, "diary", "secret thoughts"), focus(60, "firefox")):
        observer.sense(event)
    observer.flush()
    assert lengths_s(opened)[0] == ("xterm", 3.0)
    assert [event.app for event in stored(opened)] == ["xterm", "firefox"]
    assert dict(observer.tally().dropped)


def test_what_is_in_front_is_known_as_far_as_the_gate_lets_it_be(
    observer: IngestPipeline, preferences: Preferences, clock: Clock
) -> None:
    preferences.change(excluded_apps=("diary",))
    found: list[Before] = [observer.front.now]
    for event in (focus(0, "xterm", "bash"), focus(3, "diary", "secret thoughts"), focus(60, "xterm", "bash")):
        observer.sense(event)
        found.append(observer.front.now)
    observer.pause()
    found.append(observer.front.now)
    known = FocusedWindow("xterm", "bash", None)
    assert found == [HiddenReason.UNKNOWN, known, HiddenReason.HIDDEN, known, HiddenReason.UNKNOWN]


def test_the_desktop_itself_is_no_window_to_file_keys_under(observer: IngestPipeline) -> None:
    observer.sense(focus(0, "xterm"))
    observer.sense(Event(NOW_US + US_PER_S, Source.WINDOW, EventKind.FOCUS))
    assert observer.front.now is HiddenReason.UNKNOWN


def test_a_pause_takes_no_more_and_ends_what_was_open(
    opened: Store, observer: IngestPipeline, preferences: Preferences, clock: Clock
) -> None:
    observer.sense(focus(0, "xterm"))
    observer.flush()
    clock.now_us = NOW_US + 10 * US_PER_S
    preferences.change(paused_until_us=2**62)
    observer.pause()
    observer.sense(focus(20, "firefox"))
    observer.flush()
    assert lengths_s(opened) == [("xterm", 10.0)]


def test_nothing_is_taken_from_a_sense_without_consent(
    opened: Store, observer: IngestPipeline, preferences: Preferences
) -> None:
    preferences.change(consent=frozenset({Source.INPUT}))
    observer.sense(focus(0, "xterm"))
    observer.flush()
    assert stored(opened) == []


def test_going_idle_ends_the_window_when_input_stopped(opened: Store, observer: IngestPipeline) -> None:
    observer.sense(focus(0, "xterm"))
    idle = PresenceDetail(idle_us=180 * US_PER_S)
    observer.sense(Event(NOW_US + 300 * US_PER_S, Source.PRESENCE, EventKind.IDLE, detail=idle))
    observer.flush()
    assert lengths_s(opened)[0] == ("xterm", 120.0)


def test_a_watch_that_goes_on_is_one_action_whatever_else_is_reported_of_presence(
    opened: Store, observer: IngestPipeline
) -> None:
    def watch(lasted_s: int) -> Event:
        detail = PresenceDetail(sign="film")
        return Event(NOW_US, Source.PRESENCE, EventKind.WATCH, duration_us=lasted_s * US_PER_S, detail=detail)

    lock = Event(NOW_US + 200 * US_PER_S, Source.PRESENCE, EventKind.LOCK, detail=PresenceDetail())
    for event in (watch(180), lock, watch(240)):
        observer.sense(event)
    observer.flush()
    assert stored(opened) == [watch(240), lock]


def test_a_pulse_keeps_the_open_window_up_to_date(opened: Store, observer: IngestPipeline, clock: Clock) -> None:
    observer.sense(focus(0, "xterm"))
    clock.now_us = NOW_US + 30 * US_PER_S
    observer.extend_open()
    observer.flush()
    assert lengths_s(opened) == [("xterm", 30.0)]


def test_closing_stores_how_long_the_last_window_lasted(opened: Store, observer: IngestPipeline, clock: Clock) -> None:
    observer.sense(focus(0, "xterm"))
    clock.now_us = NOW_US + 7 * US_PER_S
    observer.close()
    opened.append(()).result()
    assert lengths_s(opened) == [("xterm", 7.0)]


def test_a_clients_events_are_in_the_store_when_log_returns(opened: Store, observer: IngestPipeline) -> None:
    report = observer.log([to_wire(command(0, "make")), {"ts_us": 1}, to_wire(command(1, "make test"))])
    assert report.stored == 2
    assert [index for index, _ in report.refused] == [1]
    assert len(stored(opened)) == 2


def test_single_events_are_answered_each_for_itself(
    opened: Store, observer: IngestPipeline, preferences: Preferences
) -> None:
    preferences.change(excluded_apps=("diary",))
    too_many = RhythmDetail(10 * US_PER_S, keys=10**12)
    raws: list[object] = [
        to_wire(command(0, "make")),
        {"ts_us": 1},
        to_wire(Event(NOW_US, Source.BROWSER, EventKind.MOUSE_MOVE, "firefox", "https://example.org/")),
        to_wire(focus(1, "diary", "secret thoughts")),
        to_wire(Event(NOW_US, Source.INPUT, EventKind.RHYTHM, detail=too_many)),
        to_wire(command(2, "curl -u me:fa9Zq81kd7Wm https://example.org/")),
    ]
    reported: list[LogReport | Exception | None] = [None] * len(raws)
    all_reported = threading.Semaphore(0)

    def tell(number: int, outcome: LogReport | Exception) -> None:
        reported[number] = outcome
        all_reported.release()

    observer.log_soon([Sent(raw, "a client", partial(tell, number)) for number, raw in enumerate(raws)])
    for _ in raws:
        assert all_reported.acquire(timeout=180)
    make, unknown, noise, excluded, unstorable, curl = reported
    assert make == ONE_STORED
    assert isinstance(unknown, LogReport)
    assert [index for index, _ in unknown.refused] == [0]
    assert noise == replace(ONE_STORED, stored=0, noise=1)
    assert excluded == replace(ONE_STORED, stored=0, dropped=(("excluded app", 1),))
    assert isinstance(unstorable, UnstorableError)
    assert curl == replace(ONE_STORED, redacted=1)
    observer.flush()
    assert [event.app for event in stored(opened)] == ["bash", "bash"]
    assert observer.tally().redacted == 1


@pytest.mark.parametrize("quick", [False, True])
def test_only_a_quick_disk_is_waited_for_in_the_thread_that_brings_an_event(
    opened: Store, observer: IngestPipeline, monkeypatch: pytest.MonkeyPatch, *, quick: bool
) -> None:
    monkeypatch.setattr(group_commit, "QUICK_S", math.inf if quick else 0)
    reported_in: list[int] = []

    def tell(outcome: LogReport | Exception) -> None:
        assert outcome == ONE_STORED
        reported_in.append(threading.get_ident())

    for number in range(5):
        observer.log_soon([Sent(to_wire(command(number, "make")), "a client", tell)])
        observer.flush()
    assert len(stored(opened)) == len(reported_in) == 5
    own = [ident == threading.get_ident() for ident in reported_in]
    assert own == [False] + [quick] * 4  # before the first nothing is known of the disk


def test_noise_is_counted_and_let_go(opened: Store, observer: IngestPipeline) -> None:
    noise = Event(NOW_US, Source.BROWSER, EventKind.MOUSE_MOVE, "firefox", "https://example.org/")
    report = observer.log([to_wire(noise)] * 5)
    assert (report.stored, report.noise) == (0, 5)
    assert stored(opened) == []


def test_each_prediction_is_saved_before_the_truth_and_scored_after(opened: Store, observer: IngestPipeline) -> None:
    for number in range(12):
        observer.sense(command(number, ("make", "make test", "git commit")[number % 3]))
    observer.flush()
    with opened.reader() as reader:
        predictions = reader.predictions(100)
        rates = reader.hit_rates()
    assert len(predictions) == 12
    assert sum(each.truth is not None for each in predictions) == 11
    assert rates.scored == 11
    assert {name for name, _ in rates.top1} > {"model"}
    assert dict(rates.top1)["model"] > 0.4
    scored = [each for each in predictions if each.rank]
    for each in scored:
        assert each.ranked[each.rank - 1][0] == each.truth


def test_a_new_title_alone_is_no_action_to_predict(opened: Store, observer: IngestPipeline) -> None:
    for number in range(5):
        observer.sense(focus(number, "firefox", f"page {number}"))
    observer.flush()
    with opened.reader() as reader:
        assert len(reader.predictions(100)) == 1


def test_in_a_flood_actions_are_learned_from_and_not_predicted(
    opened: Store, forecaster: Forecaster, observer: IngestPipeline
) -> None:
    observer.sense(command(0, "make"))
    observer.flush()
    for number in range(1, 9):
        event = command(number, ("make test", "make")[number % 2])
        forecaster.observe(event, label(event), predict=False)
    event = command(9, "make")
    forecaster.observe(event, label(event))
    opened.append(()).result()
    with opened.reader() as reader:
        predictions = reader.predictions(100)
    assert len(predictions) == 2
    assert sorted(each.truth or "" for each in predictions) == ["", "cmd:make"]
    assert forecaster.forecasts()[0].action == "cmd:make test"


YEAR_S = 365 * 86_400


def pulsed_s(observer: IngestPipeline, opened: Store, clock: Clock, *now_s: float) -> list[float | None]:
    """How long the one window was said to last after each pulse at these times."""
    seen = []
    for at_s in now_s:
        clock.now_us = NOW_US + int(at_s * US_PER_S)
        observer.extend_open()
        observer.flush()
        seen.append(lengths_s(opened)[0][1])
    return seen


def test_a_clock_a_year_ahead_makes_no_window_longer_than_a_week(
    opened: Store, observer: IngestPipeline, clock: Clock
) -> None:
    observer.sense(focus(0, "xterm"))
    assert pulsed_s(observer, opened, clock, 30, YEAR_S) == [30.0, 7 * 86_400.0]
    observer.sense(focus(YEAR_S + 5, "firefox"))
    observer.flush()
    assert [event.app for event in stored(opened)] == ["xterm", "firefox"]


def test_a_clock_a_year_back_shortens_nothing_and_recording_goes_on(
    opened: Store, observer: IngestPipeline, clock: Clock
) -> None:
    observer.sense(focus(0, "xterm"))
    assert pulsed_s(observer, opened, clock, 30, -YEAR_S, 40) == [30.0, 30.0, 40.0]
    observer.sense(focus(-YEAR_S, "firefox"))
    observer.sense(command(-YEAR_S + 1, "make"))
    observer.flush()
    assert sorted(event.app or "" for event in stored(opened)) == ["bash", "firefox", "xterm"]


def test_time_asleep_belongs_to_no_window(opened: Store, observer: IngestPipeline, clock: Clock) -> None:
    observer.sense(focus(0, "xterm"))
    observer.sense(Event(NOW_US + 60 * US_PER_S, Source.PRESENCE, EventKind.SUSPEND))
    assert pulsed_s(observer, opened, clock, 9 * 3_600) == [60.0]
    observer.sense(Event(NOW_US + 9 * 3_600 * US_PER_S, Source.PRESENCE, EventKind.RESUME))
    observer.sense(focus(9 * 3_600 + 20, "firefox"))
    observer.flush()
    assert lengths_s(opened)[:4] == [("xterm", 60.0), (None, None), (None, None), ("xterm", 20.0)]


def test_the_hour_that_summer_time_takes_is_not_lived(opened: Store, observer: IngestPipeline, clock: Clock) -> None:
    """Lengths are of UTC; only the offset next to them changes."""
    observer.sense(replace(focus(0, "xterm"), utc_offset_s=7_200))
    observer.sense(replace(focus(1_800, "firefox"), utc_offset_s=3_600))
    observer.sense(replace(focus(3_600, "xterm"), utc_offset_s=3_600))
    observer.flush()
    assert lengths_s(opened)[:2] == [("xterm", 1_800.0), ("firefox", 1_800.0)]
    assert [event.utc_offset_s for event in stored(opened)] == [7_200, 3_600, 3_600]


def test_clients_events_of_any_year_are_stored_as_they_are_dated(
    opened: Store, observer: IngestPipeline, clock: Clock
) -> None:
    wild = [to_wire(command(at_s, f"make {at_s}")) for at_s in (0, YEAR_S, -YEAR_S, 1)]
    for raw in wild:
        clock.now_us += YEAR_S * US_PER_S
        assert observer.log([raw]).stored == 1
    observer.flush()
    assert [event.ts_us for event in stored(opened)] == sorted(raw["ts_us"] for raw in wild)


def test_while_nothing_can_be_stored_a_sense_waits_and_the_main_thread_does_not(
    opened: Store, preferences: Preferences, forecaster: Forecaster, clock: Clock
) -> None:
    goes_on, held = threading.Event(), threading.Event()

    def hold(_rows: object) -> None:
        held.set()
        goes_on.wait()

    observer = IngestPipeline(opened, preferences, forecaster, clock, most_waiting=4)
    opened.on_committed(hold)
    observer.sense(focus(0, "xterm"))
    assert held.wait(180)
    with ThreadPoolExecutor(1) as threads:
        sensed = threads.submit(lambda: [observer.sense(focus(number, f"app {number}")) for number in range(1, 20)])
        try:
            for _ in range(100):  # one that blocked would end the test by its time limit
                observer.extend_open()
                observer.pause()
            assert not sensed.done()
        finally:
            goes_on.set()
        sensed.result(60)
    observer.flush()
    assert {event.app for event in stored(opened)} == {"xterm", *(f"app {number}" for number in range(1, 20))}
    observer.close()
