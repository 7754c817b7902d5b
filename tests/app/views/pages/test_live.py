"""What was recorded in the last minute: the list follows the store, and each row can be deleted."""

from __future__ import annotations

import dataclasses

import pytest

from app.services.activity.live import LIVE_US
from app.views.pages.live import DELETING, NOTHING, LivePanel
from collectors.events import US_PER_S
from tools import sample_values as sample


class Now:
    def __init__(self) -> None:
        self.us = sample.NOW_US

    def __call__(self) -> int:
        return self.us


@pytest.fixture
def now():
    return Now()


@pytest.fixture
def panel(qtbot, dressed, now):
    made = LivePanel(now)
    qtbot.addWidget(made)
    return made


def texts(panel):
    return [panel._column.itemAt(place).widget().row.id for place in range(len(panel.rows))]


def test_before_anything_it_says_so_and_takes_no_room(panel):
    assert panel.summary.text() == NOTHING
    assert not panel.area.isVisibleTo(panel)


def test_the_latest_stands_first(panel):
    panel.show_rows(sample.LATELY[2:])
    panel.show_rows(sample.LATELY)
    assert texts(panel) == [row.id for row in sample.LATELY]
    assert panel.summary.text() == "6 entries in the last minute"


def test_a_row_that_stays_keeps_its_button_and_its_focus(panel):
    panel.show_rows(sample.LATELY[1:])
    button = panel.rows[sample.LATELY[1].id].delete
    button.setFocus()
    panel.show_rows(sample.LATELY)
    assert panel.rows[sample.LATELY[1].id].delete is button


def test_every_button_says_what_it_deletes(panel):
    panel.show_rows(sample.LATELY)
    assert panel.rows[sample.LATELY[0].id].delete.accessibleName() == "Delete code, window.py, atlas, for good"


def test_a_press_asks_once_and_says_that_it_is_under_way(panel, qtbot):
    panel.show_rows(sample.LATELY)
    button = panel.rows[sample.LATELY[1].id].delete
    with qtbot.waitSignal(panel.delete_requested) as reported:
        button.click()
    assert reported.args == [sample.LATELY[1]]
    assert (button.text(), button.isEnabled()) == (DELETING, False)


def test_what_was_deleted_goes_with_the_next_rows(panel):
    panel.show_rows(sample.LATELY)
    panel.rows[sample.LATELY[0].id].delete.click()
    panel.show_rows(sample.LATELY[1:])
    assert sample.LATELY[0].id not in panel.rows


def test_what_could_not_be_deleted_says_why_and_can_be_tried_again(panel):
    panel.show_rows(sample.LATELY)
    panel.rows[sample.LATELY[0].id].delete.click()
    panel.show_failure(sample.LATELY[:1], "The disk is full.", "Make room.")
    assert panel.message_label.text() == "The disk is full. Make room."
    assert panel.rows[sample.LATELY[0].id].delete.isEnabled()


def test_rows_leave_when_their_minute_is_over(panel, now):
    panel.show_rows(sample.LATELY)
    now.us += LIVE_US - 20 * US_PER_S
    panel.look()
    assert len(panel.rows) == 2
    now.us += LIVE_US
    panel.look()
    assert panel.summary.text() == NOTHING


def test_what_goes_on_stays(panel, now):
    longer = dataclasses.replace(
        sample.LATELY[0], event=dataclasses.replace(sample.LATELY[0].event, duration_us=3 * LIVE_US)
    )
    panel.show_rows(sample.LATELY)
    panel.show_rows((longer, *sample.LATELY[1:]))
    now.us += 2 * LIVE_US
    panel.look()
    assert list(panel.rows) == [longer.id]


def test_while_it_is_seen_it_asks_for_fresh_rows_now_and_then(panel, qtbot):
    with qtbot.waitSignal(panel.stale):
        panel.show()
    with qtbot.waitSignal(panel.stale):
        for _ in range(5):
            panel.look()
    panel.hide()
    assert not panel._timer.isActive()
