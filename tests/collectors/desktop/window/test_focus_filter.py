from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from collectors.desktop.focused_window import FocusedWindow
from collectors.desktop.window.focus_filter import SETTLE_S, TITLE_GAP_S, FocusFilter
from collectors.events import WindowDetail
from collectors.timestamp import Timestamp

EDITOR = FocusedWindow("Editor", "notes", 1)
BROWSER = FocusedWindow("Browser", "news", 2)


def at(seconds: float) -> Timestamp:
    return Timestamp(round(1_000_000 * (1_000 + seconds)), seconds)


def test_a_window_is_reported_with_the_moment_it_was_seen():
    event = FocusFilter().see(EDITOR, at(1.5))
    assert event is not None
    assert (event.ts_us, event.app, event.title, event.detail) == (1_001_500_000, "Editor", "notes", WindowDetail(1))


def test_the_same_window_twice_is_reported_once():
    focus = FocusFilter()
    focus.see(EDITOR, at(0))
    assert focus.see(EDITOR, at(1)) is None


def test_losing_the_focus_for_a_moment_is_nothing():
    focus = FocusFilter()
    focus.see(EDITOR, at(0))
    focus.lose(at(1))
    focus.see(EDITOR, at(1 + SETTLE_S / 2))
    assert focus.settle(100) is None


def test_losing_the_focus_for_good_is_reported_with_the_moment_it_went():
    focus = FocusFilter()
    focus.see(EDITOR, at(0))
    focus.lose(at(1))
    focus.lose(at(1.1))
    event = focus.settle(1 + SETTLE_S)
    assert event is not None
    assert (event.ts_us, event.app, event.detail) == (at(1).ts_us, None, None)


def test_a_focus_that_stays_lost_is_reported_once():
    focus = FocusFilter()
    focus.see(EDITOR, at(0))
    focus.lose(at(1))
    focus.settle(2)
    focus.lose(at(3))
    assert focus.settles_in_s(3) is None


def test_a_desktop_that_never_had_a_window_is_not_reported():
    focus = FocusFilter()
    focus.lose(at(0))
    assert focus.settle(10) is None


def test_nothing_is_waited_for_while_a_window_has_the_focus():
    focus = FocusFilter()
    focus.see(EDITOR, at(0))
    assert focus.settles_in_s(0) is None


def test_a_title_waits_until_a_second_after_what_was_reported_last():
    focus = FocusFilter()
    focus.see(EDITOR, at(0))
    assert focus.titles_in_s(0.25) == TITLE_GAP_S - 0.25
    assert focus.titles_in_s(5) == 0


def test_text_that_cannot_be_stored_is_cleaned():
    event = FocusFilter().see(FocusedWindow("Edi\x00tor", "a\ud800b", None), at(0))
    assert event is not None
    assert (event.app, event.title) == ("Editor", "a?b")


@given(st.lists(st.sampled_from([EDITOR, BROWSER, None])))
def test_what_is_reported_never_repeats_itself_and_never_goes_back(sightings: list[FocusedWindow | None]):
    focus = FocusFilter()
    reported = []
    for step, seen in enumerate(sightings):
        event = focus.lose(at(step)) if seen is None else focus.see(seen, at(step))
        reported += [found for found in (event, focus.settle(step + 0.9)) if found is not None]
    assert all((a.app, a.title) != (b.app, b.title) for a, b in pairwise(reported))
    assert [event.ts_us for event in reported] == sorted(event.ts_us for event in reported)
