"""What changes on a screen say of an activity."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.desktop.screen.patterns import (
    CELLS,
    COLUMNS,
    POINTS_ACROSS,
    POINTS_DOWN,
    Activity,
    Look,
    activity,
    cells,
    differing,
    event,
    where,
)
from collectors.desktop.screen.x11 import X11ScreenCollector
from collectors.events import Event, EventKind, ScreenDetail, Source
from collectors.timestamp import Timestamp
from tests.collectors.run_collector import running
from tests.desktop.programs import PATIENCE_S, Desktop

SCREEN = (1600, 900)
MIDDLE = CELLS // 2
SECONDS_AN_EVENT = 5
NOTHING: frozenset[int] = frozenset()
LINE = frozenset({MIDDLE, MIDDLE + 1})
PAGE = frozenset(range(CELLS // 2))
FILM = frozenset(range(40, 60))


def look(changed: frozenset[int], *, typed: bool = False, pointed: bool = False, pointer: int = MIDDLE) -> Look:
    return Look(changed, typed, pointed, pointer)


@pytest.mark.parametrize(
    ("looks", "wanted"),
    [
        ([look(NOTHING)] * 15, None),
        ([look(LINE, typed=True)] * 12 + [look(NOTHING)] * 3, Activity.TYPING),
        ([look(FILM)] * 15, Activity.WATCHING),
        ([look(FILM | LINE, pointed=True), *[look(FILM)] * 14], Activity.WATCHING),
        ([look(PAGE, typed=True), *[look(NOTHING)] * 6] * 2, Activity.READING),
        ([look(PAGE, pointed=True)] * 10 + [look(LINE)] * 5, Activity.WORKING),
        ([look(NOTHING, pointed=True)] * 15, Activity.WORKING),
    ],
)
def test_an_activity_is_reported_by_what_changes_and_what_is_touched(looks: list[Look], wanted: Activity | None):
    assert activity(looks) is wanted


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        (0, "top left"),
        (COLUMNS - 1, "top right"),
        (CELLS - 1, "bottom right"),
        (MIDDLE, "middle"),
        (COLUMNS // 2, "top"),
    ],
)
def test_where_it_is_is_reported_by_ninths(cell: int, wanted: str):
    assert where([look(frozenset({cell}), typed=True)], Activity.TYPING) == wanted
    assert where([look(PAGE, pointer=cell)], Activity.READING) == wanted


def test_where_it_is_is_reported_by_the_changes_where_the_pointer_is_unknown():
    assert where([Look(frozenset({0}), typed=False, pointed=True, pointer=None)], Activity.WORKING) == "top left"
    assert where([Look(NOTHING, typed=False, pointed=True, pointer=None)], Activity.WORKING) is None


@given(st.sets(st.integers(0, POINTS_ACROSS * POINTS_DOWN - 1), max_size=9), st.integers(1, 255))
def test_two_pictures_differ_in_the_cells_of_the_points_that_do(points: set[int], shade: int):
    before = bytes(POINTS_ACROSS * POINTS_DOWN)
    after = bytearray(before)
    for point in points:
        after[point] = shade
    where_they_are = {
        cell
        for point in points
        for cell in cells((point % POINTS_ACROSS, point // POINTS_ACROSS, 1, 1), (POINTS_ACROSS, POINTS_DOWN))
    }
    assert differing(before, bytes(after)) == where_they_are


def test_a_rectangle_lies_in_the_cells_it_touches():
    assert cells((0, 0, 1, 1), SCREEN) == {0}
    assert cells((99, 0, 2, 1), SCREEN) == {0, 1}
    assert cells((0, 99, 1, 2), SCREEN) == {0, COLUMNS}
    assert cells((0, 0, *SCREEN), SCREEN) == frozenset(range(CELLS))


@given(
    st.tuples(*[st.integers(-40_000, 40_000)] * 2, *[st.integers(0, 70_000)] * 2),
    st.tuples(*[st.integers(0, 40_000)] * 2),
)
def test_no_rectangle_lies_outside(area: tuple[int, int, int, int], screen: tuple[int, int]):
    found = cells(area, screen)
    assert found
    assert found <= frozenset(range(CELLS))


def test_an_event_tells_patterns_alone():
    reported = event([look(LINE, typed=True)] * 4, Timestamp(5_000_000, 10.0), 40.0)
    assert reported is not None
    assert (reported.source, reported.kind, reported.ts_us) == (Source.SCREEN, EventKind.PATTERN, 5_000_000)
    assert reported.detail == ScreenDetail(30_000_000, "typing", round(200 / CELLS, 1), "middle")
    assert (reported.app, reported.target, reported.title) == (None, None, None)
    assert event([look(NOTHING)], Timestamp(0, 0.0), 30.0) is None


def pattern(event: Event) -> ScreenDetail:
    assert isinstance(event.detail, ScreenDetail)
    return event.detail


@pytest.mark.desktop
def test_a_screen_that_plays_by_itself_is_watched(desktop: Desktop):
    desktop.start(
        *("xterm", "-geometry", "100x40", "-T", "film", "-e"),
        *("sh", "-c", "while :; do seq 100000 100045; done"),
    )
    desktop.window("film")
    with running(X11ScreenCollector(desktop.environ, look_every_s=0.5, interval_s=1.5)) as work:
        reported = work.until(lambda event: pattern(event).activity == Activity.WATCHING)
    assert pattern(reported).changed_percent > 0


@pytest.mark.desktop
def test_half_minutes_in_which_nothing_happens_are_not_reported(desktop: Desktop):
    seconds = 0
    enough = threading.Event()

    def clock() -> Timestamp:
        nonlocal seconds
        seconds += 1
        if seconds > 50 * SECONDS_AN_EVENT:
            enough.set()
        return Timestamp(seconds * 1_000_000, float(seconds))

    with running(X11ScreenCollector(desktop.environ, 0.02, SECONDS_AN_EVENT, now=clock)) as work:
        assert enough.wait(PATIENCE_S)
        assert len(work.stop()) < 25  # the first may still see the desktop being drawn


@pytest.mark.desktop
def test_without_a_display_it_says_so():
    missing = X11ScreenCollector({}).check()
    assert missing is not None
    assert missing.remedy
