from itertools import pairwise

import pytest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from app.views.charts.chart_frame import ChartFrame
from app.views.charts.draw_queue import DrawQueue
from tools import sample_values as sample

CHARTS = (sample.APPS_CHART, sample.HOURS_CHART, sample.WEEK_CHART, sample.DAY.chart)


@pytest.fixture
def charts(qtbot, dressed):
    """Charts one above the other, not shown yet."""
    holder = QWidget()
    column = QVBoxLayout(holder)
    frames = [ChartFrame(chart) for chart in CHARTS]
    for frame in frames:
        column.addWidget(frame)
    qtbot.addWidget(holder)
    yield frames
    holder.close()


def drawn(frames) -> int:
    return sum(frame.plot is not None for frame in frames)


def heights(frames) -> list[int]:
    """How high each wants to be."""
    for frame in frames:
        frame.layout().activate()
    return [frame.sizeHint().height() for frame in frames]


def test_charts_that_come_into_view_together_are_drawn_one_a_turn(charts, qtbot):
    charts[0].window().show()
    seen = [drawn(charts)]
    while seen[-1] < len(charts) and len(seen) < 1_000:
        QApplication.processEvents()
        seen.append(drawn(charts))
    assert seen[0] == 0
    assert max(after - before for before, after in pairwise(seen)) == 1
    assert seen[-1] == len(charts)


def test_the_room_of_a_drawing_is_kept_before_it_is_made(charts, qtbot):
    charts[0].window().show()
    before = heights(charts)
    assert drawn(charts) == 0
    qtbot.waitUntil(lambda: drawn(charts) == len(charts))
    assert heights(charts) == before


def test_who_asks_for_the_picture_gets_it_before_its_turn(charts):
    charts[0].window().show()
    charts[2].copy_image()
    assert [frame.plot is not None for frame in charts] == [False, False, True, False]
    assert QApplication.clipboard().image().width() == charts[2].plot.grab().width()


def test_what_is_hidden_before_its_turn_is_drawn_when_it_is_seen(charts, qtbot):
    charts[0].window().show()
    charts[1].hide()
    qtbot.waitUntil(lambda: drawn(charts) == len(charts) - 1)
    assert charts[1].plot is None
    charts[1].show()
    qtbot.waitUntil(lambda: charts[1].plot is not None)


def test_what_is_gone_before_its_turn_holds_up_no_other(charts, qtbot):
    charts[0].window().show()
    charts.pop(0).setParent(None)
    qtbot.waitUntil(lambda: drawn(charts) == len(charts))


def test_held_back_the_drawings_keep_their_room_until_they_are_let_go(charts, qtbot):
    turns = DrawQueue.of(charts[0])
    turns.hold()
    charts[0].window().show()
    before = heights(charts)
    for _ in range(10):
        QApplication.processEvents()
    assert drawn(charts) == 0
    turns.release()
    qtbot.waitUntil(lambda: drawn(charts) == len(charts))
    assert heights(charts) == before
