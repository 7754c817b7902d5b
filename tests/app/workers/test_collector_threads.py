"""The running senses follow consent and pauses, and their states are reported as they are."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from app.services.ingest.pipeline import IngestPipeline
from app.services.preferences import Preferences
from app.services.status import SourceState, SourceStatus
from app.settings import PAUSED_UNTIL_RESUMED, Settings
from app.store.store import Store
from app.workers.collector_threads import CollectorThreads
from collectors.catalog import COLLECTORS
from collectors.collector import CollectorError, Unavailable
from collectors.event_json import to_wire
from collectors.events import US_PER_MS, US_PER_S, Event, EventKind, PresenceDetail, Source, WindowDetail
from collectors.running.supervise import Backoff
from tests.app.qt import bury
from tests.app.senses import WAIT_S, HandSense
from tests.app.services.conftest import NOW_US, Clock

BOTH = Settings(consent=frozenset({Source.TERMINAL, Source.WINDOW}))


@pytest.fixture
def terminal() -> Iterator[HandSense]:
    hand = HandSense(Source.TERMINAL)
    yield hand
    hand.close()


@pytest.fixture
def window() -> Iterator[HandSense]:
    hand = HandSense(Source.WINDOW)
    yield hand
    hand.close()


@pytest.fixture
def senses(
    qapp: object, observer: IngestPipeline, clock: Clock, terminal: HandSense, window: HandSense
) -> Iterator[CollectorThreads]:
    made = CollectorThreads(observer, clock, (terminal.sense(), window.sense()))
    yield made
    made.close()
    bury(made)


def states(senses: CollectorThreads) -> dict[str, SourceState]:
    return {status.name: status.state for status in senses.statuses()}


def status(senses: CollectorThreads, name: str) -> SourceStatus:
    return next(each for each in senses.statuses() if each.name == name)


def running(senses: CollectorThreads, qtbot: QtBot, settings: Settings = BOTH) -> None:
    """Apply settings, and wait until every sense with consent runs."""
    senses.apply(settings)
    qtbot.waitUntil(lambda: all(status(senses, name).state is SourceState.RUNNING for name in settings.consent))


def command(text: str) -> Event:
    return Event(NOW_US, Source.TERMINAL, EventKind.COMMAND, "bash", text)


def focus(app: str) -> Event:
    return Event(NOW_US, Source.WINDOW, EventKind.FOCUS, app, detail=WindowDetail(7))


def stored(store: Store) -> list[Event]:
    with store.reader() as reader:
        return [row.event for row in reader.timeline(0, 2**62)]


def test_every_sense_is_off_until_somebody_consents(senses: CollectorThreads) -> None:
    senses.apply(Settings())
    assert set(states(senses).values()) == {SourceState.OFF}
    assert not any(each.consented for each in senses.statuses())


def test_the_statuses_stand_in_the_order_of_the_catalog(senses: CollectorThreads) -> None:
    assert [each.name for each in senses.statuses()] == ["terminal", "window"]


def test_only_what_has_consent_runs(senses: CollectorThreads, qtbot: QtBot, window: HandSense) -> None:
    running(senses, qtbot, Settings(consent=frozenset({Source.TERMINAL})))
    assert states(senses) == {"terminal": SourceState.RUNNING, "window": SourceState.OFF}
    assert window.runs == 0


def test_a_sense_that_runs_is_not_started_again_by_another_setting(
    senses: CollectorThreads, qtbot: QtBot, terminal: HandSense
) -> None:
    running(senses, qtbot)
    assert terminal.began.wait(WAIT_S)
    senses.apply(replace(BOTH, theme="dark"))
    assert terminal.runs == 1
    assert terminal.began.is_set()


def test_what_is_sensed_is_stored_and_counted(
    senses: CollectorThreads, qtbot: QtBot, terminal: HandSense, observer: IngestPipeline, opened: Store
) -> None:
    running(senses, qtbot)
    terminal.does(command("make"))
    terminal.does(command("make test"))
    qtbot.waitUntil(lambda: status(senses, "terminal").events == 2)
    observer.flush()
    assert [event.target for event in stored(opened)] == ["make", "make test"]
    assert status(senses, "terminal").last_event_us == NOW_US


def test_what_a_paired_extension_sends_is_counted_with_its_sense(
    qapp: object, observer: IngestPipeline, clock: Clock
) -> None:
    sense = next(each for each in COLLECTORS if each.source is Source.BROWSER)
    senses = CollectorThreads(observer, clock, (sense,))
    visit = Event(NOW_US, Source.BROWSER, EventKind.VISIT, "chromium", "https://example.org/")
    observer.log([to_wire(visit), to_wire(command("make"))])
    assert [(each.name, each.events, each.last_event_us) for each in senses.statuses()] == [("browser", 1, NOW_US)]
    senses.close()
    bury(senses)


def test_events_of_the_last_minute_and_restarts_are_counted(
    senses: CollectorThreads, qtbot: QtBot, terminal: HandSense, clock: Clock
) -> None:
    running(senses, qtbot)
    terminal.does(command("make"))
    qtbot.waitUntil(lambda: status(senses, "terminal").per_minute == 1)
    clock.now_us = NOW_US + 61 * US_PER_S
    assert status(senses, "terminal").per_minute == 0
    terminal.does(CollectorError(Unavailable("The shell is gone.", "Open another.")))
    qtbot.waitUntil(lambda: status(senses, "terminal").restarts == 1)


def test_a_sense_that_is_switched_off_stops_and_says_so(
    senses: CollectorThreads, qtbot: QtBot, terminal: HandSense
) -> None:
    running(senses, qtbot)
    senses.apply(Settings(consent=frozenset({Source.WINDOW})))
    assert terminal.ended.is_set()
    assert states(senses) == {"terminal": SourceState.OFF, "window": SourceState.RUNNING}
    assert not status(senses, "terminal").consented


def test_a_word_that_comes_late_does_not_switch_a_sense_on_again(senses: CollectorThreads, terminal: HandSense) -> None:
    senses.apply(BOTH)
    assert terminal.began.wait(WAIT_S)  # it has said that it runs, and nobody has listened yet
    senses.apply(Settings())
    QCoreApplication.sendPostedEvents()
    assert states(senses)["terminal"] is SourceState.OFF


def test_a_word_of_the_thread_before_is_not_taken_for_the_next_ones(
    senses: CollectorThreads, window: HandSense
) -> None:
    senses.apply(BOTH)
    assert window.began.wait(WAIT_S)
    senses.apply(Settings())
    window.unavailable = Unavailable("There is no display.", "Log in to a desktop.")
    senses.apply(BOTH)
    QCoreApplication.sendPostedEvents()
    assert states(senses)["window"] is not SourceState.RUNNING


def test_a_sense_can_be_switched_on_again(senses: CollectorThreads, qtbot: QtBot, terminal: HandSense) -> None:
    running(senses, qtbot)
    senses.apply(Settings())
    running(senses, qtbot)
    assert terminal.began.wait(WAIT_S)
    assert terminal.runs == 2


def test_a_sense_that_cannot_work_here_says_why_and_what_would_help(
    senses: CollectorThreads, qtbot: QtBot, window: HandSense
) -> None:
    window.unavailable = Unavailable("There is no display.", "Log in to a desktop.")
    senses.apply(BOTH)
    qtbot.waitUntil(lambda: status(senses, "window").state is SourceState.UNAVAILABLE)
    assert (status(senses, "window").reason, status(senses, "window").remedy) == (
        "There is no display.",
        "Log in to a desktop.",
    )


def test_a_reason_goes_when_the_sense_is_switched_off(
    senses: CollectorThreads, qtbot: QtBot, window: HandSense
) -> None:
    window.unavailable = Unavailable("There is no display.", "Log in to a desktop.")
    senses.apply(BOTH)
    qtbot.waitUntil(lambda: status(senses, "window").state is SourceState.UNAVAILABLE)
    senses.apply(Settings())
    assert (status(senses, "window").reason, status(senses, "window").remedy) == ("", "")


@pytest.fixture
def length_later_us(observer: IngestPipeline, opened: Store, clock: Clock) -> Callable[[], int | None]:
    """How long the first action has lasted, seen a quarter of an hour later."""

    def look() -> int | None:
        clock.now_us = NOW_US + 900 * US_PER_S
        observer.extend_open()
        observer.flush()
        return stored(opened)[0].duration_us

    return look


def in_xterm(senses: CollectorThreads, qtbot: QtBot, window: HandSense) -> None:
    running(senses, qtbot)
    window.does(focus("xterm"))
    qtbot.waitUntil(lambda: status(senses, "window").events == 1)


def test_a_broken_window_sense_lengthens_no_window(
    senses: CollectorThreads, qtbot: QtBot, window: HandSense, clock: Clock, length_later_us: Callable[[], int | None]
) -> None:
    in_xterm(senses, qtbot, window)
    clock.now_us = NOW_US + 5 * US_PER_S
    # The state lasts a second, which a look from time to time may miss.
    with qtbot.waitSignal(
        senses.changed, check_params_cb=lambda: status(senses, "window").state is SourceState.RESTARTING
    ):
        window.does(CollectorError(Unavailable("The display is gone.", "Log in again.")))
    assert length_later_us() == 5 * US_PER_S


def test_without_the_window_sense_the_last_window_has_ended(
    senses: CollectorThreads, qtbot: QtBot, window: HandSense, clock: Clock, length_later_us: Callable[[], int | None]
) -> None:
    in_xterm(senses, qtbot, window)
    clock.now_us = NOW_US + 5 * US_PER_S
    senses.apply(Settings(consent=frozenset({Source.TERMINAL})))
    assert length_later_us() == 5 * US_PER_S


@pytest.fixture
def quick(
    qapp: object, observer: IngestPipeline, clock: Clock, terminal: HandSense, window: HandSense
) -> Iterator[CollectorThreads]:
    backoff = Backoff(first_s=0.0, patience_s=1.0)
    made = CollectorThreads(observer, clock, (terminal.sense(), window.sense()), backoff=backoff)
    yield made
    made.close()
    bury(made)


@pytest.mark.parametrize("how", ["killed", "bug", "hung"])
def test_one_that_is_killed_breaks_or_hangs_comes_back_and_the_others_never_notice(
    quick: CollectorThreads, qtbot: QtBot, terminal: HandSense, window: HandSense, how: str
) -> None:
    gone, bug, hung = CollectorError(Unavailable("It went.", "Wait.")), ZeroDivisionError("a bug"), threading.Event()
    try:
        running(quick, qtbot)
        terminal.does({"killed": gone, "bug": bug, "hung": hung}[how])
        for number in range(20):
            window.does(focus(f"app {number}"))
        qtbot.waitUntil(lambda: status(quick, "terminal").restarts >= 1)
        qtbot.waitUntil(lambda: status(quick, "terminal").state is SourceState.RUNNING)
        terminal.does(command("make"))
        qtbot.waitUntil(lambda: status(quick, "terminal").events == 1)
        qtbot.waitUntil(lambda: status(quick, "window").events == 20)
    finally:
        hung.set()


def test_a_pause_stops_the_senses_and_keeps_the_consent(
    senses: CollectorThreads, qtbot: QtBot, terminal: HandSense
) -> None:
    running(senses, qtbot)
    senses.apply(replace(BOTH, paused_until_us=PAUSED_UNTIL_RESUMED))
    assert terminal.ended.is_set()
    assert status(senses, "terminal").consented
    assert states(senses)["terminal"] is SourceState.OFF


def test_a_resume_starts_them_again(senses: CollectorThreads, qtbot: QtBot) -> None:
    senses.apply(replace(BOTH, paused_until_us=PAUSED_UNTIL_RESUMED))
    running(senses, qtbot)
    assert states(senses)["terminal"] is SourceState.RUNNING


def test_a_timed_pause_ends_by_itself(senses: CollectorThreads, qtbot: QtBot, clock: Clock) -> None:
    senses.apply(replace(BOTH, paused_until_us=NOW_US + 50 * US_PER_MS))
    with qtbot.waitSignal(senses.pause_ended):
        clock.now_us = NOW_US + 50 * US_PER_MS
    qtbot.waitUntil(lambda: states(senses)["terminal"] is SourceState.RUNNING)


def test_a_timer_that_is_early_does_not_end_a_pause(senses: CollectorThreads, qtbot: QtBot) -> None:
    ended: list[bool] = []
    senses.pause_ended.connect(lambda: ended.append(True))
    with qtbot.waitSignal(senses._pause_timer.timeout):
        senses.apply(replace(BOTH, paused_until_us=NOW_US + US_PER_MS))  # the clock stands, as after being set back
    assert ended == []
    assert states(senses)["terminal"] is SourceState.OFF
    assert senses._pause_timer.isActive()


def test_nothing_senses_in_hours_that_are_excluded(senses: CollectorThreads, qtbot: QtBot, clock: Clock) -> None:
    began = time.localtime(NOW_US // US_PER_S)
    now_min = began.tm_hour * 60 + began.tm_min
    hours = (now_min // 60, now_min % 60, (now_min + 60) % 1_440 // 60, (now_min + 60) % 60)
    quiet = replace(BOTH, excluded_times=("{:02}:{:02}-{:02}:{:02}".format(*hours),))
    running(senses, qtbot)
    senses.apply(quiet)
    assert set(states(senses).values()) == {SourceState.OFF}
    assert senses._pause_timer.isActive()
    clock.now_us = NOW_US + 2 * 3_600 * US_PER_S
    senses._pause_timer.timeout.emit()
    qtbot.waitUntil(lambda: set(states(senses).values()) == {SourceState.RUNNING})


def test_a_pause_without_an_end_sets_no_timer(senses: CollectorThreads) -> None:
    senses.apply(replace(BOTH, paused_until_us=PAUSED_UNTIL_RESUMED))
    assert not senses._pause_timer.isActive()


def test_going_idle_is_reported_as_a_moment_for_house_keeping(
    senses: CollectorThreads, qtbot: QtBot, terminal: HandSense
) -> None:
    running(senses, qtbot)
    with qtbot.waitSignal(senses.user_left):
        terminal.does(Event(NOW_US, Source.PRESENCE, EventKind.IDLE, detail=PresenceDetail(idle_us=180 * US_PER_S)))


def test_each_change_is_reported_once(senses: CollectorThreads, qtbot: QtBot) -> None:
    running(senses, qtbot)
    reported: list[bool] = []
    senses.changed.connect(lambda: reported.append(True))
    senses.apply(BOTH)
    assert reported == []


def test_closing_stops_every_sense(
    senses: CollectorThreads, qtbot: QtBot, terminal: HandSense, window: HandSense
) -> None:
    running(senses, qtbot)
    senses.close()
    assert terminal.ended.is_set()
    assert window.ended.is_set()


def test_a_sense_that_was_closed_takes_nothing_more(
    senses: CollectorThreads, qtbot: QtBot, preferences: Preferences
) -> None:
    running(senses, qtbot)
    senses.close()
    assert set(states(senses).values()) == {SourceState.OFF}
