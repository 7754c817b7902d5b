"""What is in front, as collectors alongside the window's see it."""

from __future__ import annotations

import select
import threading

import pytest

from collectors.desktop.focused_window import FocusedWindow
from collectors.desktop.window.foreground import Before, Foreground, HiddenReason

EDITOR, SHELL = FocusedWindow("code", "notes", None), FocusedWindow("foot", "bash", None)


def test_a_change_wakes_whoever_waits_for_it():
    front = Foreground()
    with front.turns() as turns:
        assert not turns.look()
        other = threading.Thread(target=front.show, args=(EDITOR,))
        other.start()
        assert select.select([turns], [], [], 60)[0] == [turns]
        other.join()
        assert turns.look()
        assert turns.between(turns.number, turns.number) == EDITOR
        assert not turns.look()


def test_the_same_again_is_no_change():
    front = Foreground()
    front.show(EDITOR)
    with front.turns() as turns:
        front.show(FocusedWindow("code", "notes", None))
        assert not turns.look()
        assert turns.between(0, 0) == EDITOR


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        ([EDITOR], EDITOR),
        ([EDITOR, EDITOR], EDITOR),
        ([EDITOR, SHELL], HiddenReason.UNKNOWN),
        ([EDITOR, HiddenReason.UNKNOWN], HiddenReason.UNKNOWN),
        ([EDITOR, HiddenReason.HIDDEN, EDITOR], HiddenReason.HIDDEN),
    ],
)
def test_several_windows_are_none_and_a_hidden_one_hides_all(shown: list[Before], found: Before):
    front = Foreground()
    front.show(shown[0])
    with front.turns() as turns:
        for before in shown[1:]:
            front.show(before)
            turns.look()
        assert turns.between(0, turns.number) == found


def test_what_is_no_longer_known_is_hidden():
    front = Foreground()
    with front.turns() as turns:
        for number in range(1_000):
            front.show(FocusedWindow("code", str(number), None))
            turns.look()
        assert turns.between(3, 3) is HiddenReason.HIDDEN
        assert turns.between(1_000, 1_000) == FocusedWindow("code", "999", None)
        assert turns.between(900, 900) is HiddenReason.HIDDEN  # asked for after a later one


@pytest.mark.parametrize(("first", "last"), [(-1, 0), (1, 0), (0, 1), (0, 10**18), (10**18, 10**18)])
def test_numbers_that_nobody_gave_tell_nothing_and_take_nothing_away(first: int, last: int):
    front = Foreground()
    front.show(EDITOR)
    with front.turns() as turns:
        assert turns.between(first, last) is HiddenReason.HIDDEN
        assert turns.between(0, 0) == EDITOR


def test_who_no_longer_waits_is_not_reported():
    front = Foreground()
    with front.turns():
        pass
    front.show(EDITOR)
    assert front.now == EDITOR
