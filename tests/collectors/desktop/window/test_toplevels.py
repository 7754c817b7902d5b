"""Which of several windows is reported, and when."""

from __future__ import annotations

from collectors.desktop.window.toplevels import Toplevel, Toplevels
from collectors.events import Event
from collectors.timestamp import Timestamp


class Desk:
    """Windows on a desk whose clock the test moves."""

    def __init__(self) -> None:
        self.reported: list[Event] = []
        self.s = 0.0
        self.toplevels = Toplevels(self.reported.append, self.now)

    def now(self) -> Timestamp:
        return Timestamp(1_000_000 + round(self.s * 1e6), self.s)

    def show(self, window: Toplevel, *, active: bool) -> None:
        window.active = active
        self.toplevels.described(window)

    def after(self, s: float) -> None:
        self.s += s
        self.toplevels.tell_due()

    def titles(self) -> list[str | None]:
        return [event.title for event in self.reported]


def window(title: str) -> Toplevel:
    return Toplevel(app="app", title=title)


def test_a_window_without_the_focus_is_not_reported():
    desk = Desk()
    desk.show(window("a"), active=False)
    assert desk.reported == []


def test_a_switch_is_reported_once_in_whatever_order_it_is_described():
    desk, a, b = Desk(), window("a"), window("b")
    desk.show(a, active=True)
    desk.show(a, active=False)
    desk.show(b, active=True)
    desk.show(a, active=True)
    desk.show(b, active=False)
    desk.after(5)
    assert desk.titles() == ["a", "b", "a"]


def test_the_moment_between_two_windows_is_nothing_and_staying_so_is_reported_with_its_own_stamp():
    desk, a = Desk(), window("a")
    desk.show(a, active=True)
    desk.after(2)
    desk.show(a, active=False)
    desk.after(0.1)
    assert desk.titles() == ["a"]
    assert desk.toplevels.wait_s() is not None
    desk.after(0.2)
    assert desk.titles() == ["a", None]
    assert desk.reported[-1].ts_us == 3_000_000
    assert desk.toplevels.wait_s() is None


def test_a_window_that_is_closed_loses_the_focus():
    desk, a = Desk(), window("a")
    desk.show(a, active=True)
    desk.toplevels.closed(a)
    desk.after(1)
    assert desk.titles() == ["a", None]


def test_a_title_that_spins_is_reported_once_a_second_and_its_last_state_wins():
    desk, a = Desk(), window("0")
    desk.show(a, active=True)
    for step in range(1, 21):
        a.title = str(step)
        desk.show(a, active=True)
        desk.after(0.1)
    desk.after(1)
    assert desk.titles()[0] == "0"
    assert desk.titles()[-1] == "20"
    assert len(desk.reported) <= 4


def test_the_last_title_of_a_window_is_reported_before_the_next_window():
    desk, a, b = Desk(), window("a"), window("b")
    desk.show(a, active=True)
    a.title = "a, finished"
    desk.show(a, active=True)
    desk.show(b, active=True)
    assert desk.titles() == ["a", "a, finished", "b"]


def test_of_two_seats_windows_the_last_one_counts_and_the_other_comes_back():
    desk, a, b = Desk(), window("a"), window("b")
    desk.show(a, active=True)
    desk.show(b, active=True)
    a.title = "unseen"
    desk.show(a, active=True)
    desk.show(b, active=False)
    assert desk.titles() == ["a", "b", "unseen"]


def test_texts_are_reported_as_they_may_be_stored():
    desk = Desk()
    desk.show(Toplevel(app=" foot ", title="one\ntwo\x1b\0"), active=True)
    desk.show(Toplevel(app="", title=None), active=True)
    assert [(event.app, event.title) for event in desk.reported] == [("foot", "one two"), (None, None)]
