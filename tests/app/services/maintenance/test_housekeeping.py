"""Sessions in the stored history, and the daily clean-up."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue

from app.services.backend import Cancelled
from app.services.ingest.pipeline import new_action
from app.services.maintenance.housekeeping import Hygiene
from app.services.preferences import Preferences
from app.store.store import Store
from app.store.values.records import CleanupReport
from collectors.events import US_PER_DAY, US_PER_S, Event, EventKind, Source
from tests.app.services.conftest import KEY, NOW_US, Clock


def commands(store: Store, at_s: list[int]) -> None:
    events = [Event(NOW_US + s * US_PER_S, Source.TERMINAL, EventKind.COMMAND, "bash", "ls") for s in at_s]
    store.append([new_action(event) for event in events]).result()


def test_a_pause_of_over_five_minutes_separates_two_sessions(
    opened: Store, preferences: Preferences, clock: Clock
) -> None:
    commands(opened, [0, 60, 120, 120 + 301, 120 + 330])
    hygiene = Hygiene(opened, preferences, clock)
    assert hygiene.rebuild_sessions() == 2
    with opened.reader() as reader:
        first, second = reader.sessions(0, 2**62)
    assert (first.start_us, first.end_us) == (NOW_US, NOW_US + 120 * US_PER_S)
    assert (first.ended_by, first.actions) == ("idle", 3)
    assert second.actions == 2


def test_rebuilding_twice_keeps_every_session_once(opened: Store, preferences: Preferences, clock: Clock) -> None:
    commands(opened, [0, 60, 1_000])
    hygiene = Hygiene(opened, preferences, clock)
    assert hygiene.rebuild_sessions() == hygiene.rebuild_sessions()
    with opened.reader() as reader:
        assert len(reader.sessions(0, 2**62)) == 2


def test_the_clean_up_is_due_once_a_day(opened: Store, preferences: Preferences, clock: Clock) -> None:
    hygiene = Hygiene(opened, preferences, clock)
    assert hygiene.cleanup_if_due() is None, "a history just imported stays whole for a day"
    clock.now_us += US_PER_DAY
    assert hygiene.cleanup_if_due() is not None
    assert hygiene.cleanup_if_due() is None
    clock.now_us += US_PER_DAY
    assert hygiene.cleanup_if_due() is not None


def test_a_dry_run_does_not_count_as_the_days_clean_up(opened: Store, preferences: Preferences, clock: Clock) -> None:
    hygiene = Hygiene(opened, preferences, clock)
    hygiene.cleanup_if_due()
    clock.now_us += US_PER_DAY
    hygiene.cleanup(30, dry_run=True)
    assert hygiene.cleanup_if_due() is not None


class Watched(Store):
    """A store that hands out the stop flag of its clean-up."""

    stops: SimpleQueue[threading.Event]

    def cleanup(
        self, keep_days: int, now_us: int, dry_run: bool, seed: int = 0, stop: threading.Event | None = None
    ) -> Future[CleanupReport]:
        assert stop is not None
        self.stops.put(stop)
        return super().cleanup(keep_days, now_us, dry_run, seed, stop)


def test_a_cancelled_clean_up_stops_and_is_due_again(tmp_path: Path, clock: Clock) -> None:
    store = Watched.create(tmp_path / "watched.db", KEY)
    store.stops = SimpleQueue()
    hygiene = Hygiene(store, Preferences(store), clock)
    hygiene.cleanup_if_due()
    clock.now_us += US_PER_DAY
    store.on_committed(lambda _: bool(store.stops.get(timeout=180).wait(180)))  # the writer waits for it
    commands(store, [0])

    def check_cancelled() -> None:
        raise Cancelled

    stopped = hygiene.cleanup_if_due(check_cancelled)
    whole = hygiene.cleanup_if_due()
    store.close()
    assert stopped is not None
    assert stopped.cancelled
    assert whole is not None
    assert not whole.cancelled
