"""What counts as recorded in the last minute, and how many events a minute there were."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.services.activity.live import LIVE_US, MOST, EventRate, recorded_lately
from app.services.ingest.pipeline import new_action
from app.store.store import Store
from collectors.events import US_PER_S, Event, EventKind, Source
from tests.app.services.conftest import NOW_US


def command(ago_s: int, text: str = "make") -> Event:
    return Event(NOW_US - ago_s * US_PER_S, Source.TERMINAL, EventKind.COMMAND, "bash", text)


def lately(store: Store, *events: Event) -> list[str | None]:
    store.append([new_action(event) for event in events]).result()
    with store.reader() as reader:
        return [row.event.target or row.event.app for row in recorded_lately(reader, NOW_US)]


def test_what_began_in_the_last_minute_comes_latest_first(opened: Store) -> None:
    events = (command(61, "too old"), command(59, "first"), command(1, "last"))
    assert lately(opened, *events) == ["last", "first"]


def test_a_window_that_has_the_focus_for_long_is_among_them(opened: Store) -> None:
    focus = Event(NOW_US - 600 * US_PER_S, Source.WINDOW, EventKind.FOCUS, "xterm", duration_us=580 * US_PER_S)
    after = [command(300, f"old {number}") for number in range(MOST)]
    assert lately(opened, focus, *after, command(5)) == ["make", "xterm"]


def test_a_window_that_was_left_is_not(opened: Store) -> None:
    focus = Event(NOW_US - 600 * US_PER_S, Source.WINDOW, EventKind.FOCUS, "xterm", duration_us=300 * US_PER_S)
    assert lately(opened, focus) == []


def test_a_flood_shows_its_latest(opened: Store) -> None:
    assert len(lately(opened, *(command(1, f"make {number}") for number in range(2 * MOST)))) == MOST


@given(st.lists(st.integers(0, 300), max_size=80), st.integers(0, 300))
def test_the_pace_is_the_count_of_the_last_minute(ages_s: list[int], now_s: int) -> None:
    pace = EventRate()
    for at_s in sorted(ages_s):
        pace.record(NOW_US + at_s * US_PER_S)
    expected = sum(now_s - 60 < at_s <= now_s for at_s in ages_s if at_s > max(ages_s) - 60)
    now_us = NOW_US + now_s * US_PER_S
    assert (
        pace.per_minute(now_us) >= expected if now_s < max(ages_s, default=0) else pace.per_minute(now_us) == expected
    )


def test_a_clock_that_is_set_back_makes_no_pace_of_the_future() -> None:
    pace = EventRate()
    pace.record(NOW_US)
    assert pace.per_minute(NOW_US - LIVE_US) == 0
