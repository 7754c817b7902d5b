import csv
import io
from xml.etree import ElementTree as ET

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QApplication

from app.models.chart_values import describe, marks
from app.models.predictions import hit_rate_chart
from app.views.charts.chart_frame import ChartFrame, LegendEntry
from app.views.charts.plot import Plot
from app.views.style import DARK, LIGHT, qt_palette, sheet
from neural.language.facts import Chart, ChartKind
from tools import sample_values as sample

CHARTS = {
    "lying bars": sample.APPS_CHART,
    "standing bars": sample.HOURS_CHART,
    "line": sample.WEEK_CHART,
    "spans": sample.DAY.chart,
    "nothing": Chart(ChartKind.BARS, "Nothing", "", "", "", ()),
}


@pytest.fixture
def show(qtbot, dressed):
    def make(chart: Chart) -> ChartFrame:
        frame = ChartFrame(chart)
        qtbot.addWidget(frame)
        frame.resize(480, 300)
        with qtbot.waitExposed(frame):
            frame.show()
        qtbot.waitUntil(lambda: frame.plot is not None)
        return frame

    return make


def wheel(plot: Plot, modifiers=Qt.KeyboardModifier.NoModifier) -> bool:
    """Turn the wheel over a plot; whether the plot took it."""
    where = QPointF(plot.rect().center())
    inverted = False
    event = QWheelEvent(
        where, plot.mapToGlobal(where), QPoint(0, 0), QPoint(0, 120), Qt.MouseButton.NoButton, modifiers,
        Qt.ScrollPhase.NoScrollPhase, inverted,
    )  # fmt: skip
    plot.wheelEvent(event)
    return event.isAccepted()


def pixel(frame: ChartFrame, x: float, y: float) -> QPoint:
    """Where a position of the chart lies on its plot."""
    plot = frame.plot
    return plot.mapFromScene(plot.getPlotItem().getViewBox().mapViewToScene(QPointF(x, y)))


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
def test_every_kind_is_drawn(show, chart):
    assert show(chart).plot is not None


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
def test_a_screen_reader_hears_the_title_and_the_values(show, chart):
    frame = show(chart)
    assert frame.accessibleName() == f"Chart: {chart.title}"
    assert frame.accessibleDescription() == describe(chart)


def test_long_names_make_bars_lie_and_short_ones_let_them_stand(show):
    assert show(sample.APPS_CHART).plot.lies
    assert not show(sample.HOURS_CHART).plot.lies


@pytest.mark.parametrize(
    ("chart", "x", "y", "reported"),
    [
        (sample.APPS_CHART, 5.0, 1.0, "firefox: 97 min"),
        (sample.HOURS_CHART, 9.0, 20.0, "09: 47 min"),
    ],
    ids=["lying", "standing"],
)
def test_pointing_at_a_bar_tells_its_value(show, chart, x, y, reported):
    frame = show(chart)
    plot = frame.plot
    plot._hover(plot.getPlotItem().getViewBox().mapViewToScene(QPointF(x, y)))
    assert frame.pointed.text() == reported


def test_pointing_near_a_line_tells_the_nearest_value(show):
    frame = show(sample.WEEK_CHART)
    series = sample.WEEK_CHART.series[0]
    spot = QPointF(series.x[2] + 3_600, series.y[2])
    frame.plot._hover(frame.plot.getPlotItem().getViewBox().mapViewToScene(spot))
    assert frame.pointed.text().endswith("81 min")


def test_pointing_at_a_span_tells_its_ends(show):
    frame = show(sample.DAY.chart)
    series = sample.DAY.chart.series[0]
    spot = QPointF((series.x[0] + series.y[0]) / 2, 0)
    frame.plot._hover(frame.plot.getPlotItem().getViewBox().mapViewToScene(spot))
    assert frame.pointed.text() == "code, predictor.py, atlas: 09:03 to 09:45"


def test_leaving_the_chart_brings_its_caption_back(show):
    frame = show(sample.APPS_CHART)
    caption = frame.pointed.text()
    frame.plot.point_at(0)
    frame.plot.leaveEvent(QEvent(QEvent.Type.Leave))
    assert frame.pointed.text() == caption


def test_the_keyboard_walks_the_values_in_order(show, qtbot):
    frame = show(sample.APPS_CHART)
    reported = []
    for _ in range(3):
        qtbot.keyClick(frame.plot, Qt.Key.Key_Right)
        reported.append(frame.pointed.text())
    assert reported == [mark.text for mark in marks(sample.APPS_CHART)[:3]]


def test_the_wheel_scrolls_the_page_while_the_chart_has_no_focus(show):
    frame = show(sample.HOURS_CHART)
    frame.plot.clearFocus()
    assert not wheel(frame.plot)


def test_ctrl_and_the_wheel_zoom(show):
    frame = show(sample.HOURS_CHART)
    frame.plot.clearFocus()
    view = frame.plot.getPlotItem().getViewBox()
    before = view.viewRange()[0]
    assert wheel(frame.plot, Qt.KeyboardModifier.ControlModifier)
    assert view.viewRange()[0] != before


def test_a_double_click_shows_everything_again(show, qtbot):
    frame = show(sample.HOURS_CHART)
    view = frame.plot.getPlotItem().getViewBox()
    whole = view.viewRange()[0]
    qtbot.keyClick(frame.plot, Qt.Key.Key_Plus)
    assert view.viewRange()[0] != whole
    qtbot.mouseDClick(frame.plot.viewport(), Qt.MouseButton.LeftButton, pos=frame.plot.viewport().rect().center())
    assert view.viewRange()[0] == pytest.approx(whole)


def test_copied_data_are_the_values_as_csv(show):
    frame = show(sample.APPS_CHART)
    frame.actions_by_name["Copy data"].trigger()
    rows = list(csv.reader(io.StringIO(QApplication.clipboard().text())))
    assert rows[1] == ["active time", "code", "214"]


def test_the_copied_image_is_the_drawing(show):
    frame = show(sample.APPS_CHART)
    frame.actions_by_name["Copy image"].trigger()
    assert QApplication.clipboard().image().width() == frame.plot.grab().width()


def test_a_saved_picture_can_be_read_back(show, tmp_path):
    path = tmp_path / "chart.png"
    assert show(sample.APPS_CHART).save(path)
    assert not QImage(str(path)).isNull()


def test_a_saved_drawing_is_vectors_with_a_title(show, tmp_path):
    path = tmp_path / "chart.svg"
    assert show(sample.APPS_CHART).save(path)
    root = ET.fromstring(path.read_text())
    names = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert "path" in names or "rect" in names
    assert root.find("{*}title").text == sample.APPS_CHART.title


def test_saved_values_are_csv(show, tmp_path):
    path = tmp_path / "chart.csv"
    assert show(sample.APPS_CHART).save(path)
    assert path.read_text().splitlines()[0] == "series,application,active time (min)"


@pytest.mark.parametrize("ending", ["png", "svg", "csv"])
def test_what_cannot_be_saved_is_said_with_a_way_out(show, tmp_path, ending):
    frame = show(sample.APPS_CHART)
    assert not frame.save(tmp_path / "missing" / f"chart.{ending}")
    assert frame.pointed.text() == "Not saved: No such file or directory. Choose another folder."


@pytest.fixture
def darken(dressed):
    """Changes the application's palette; it is light again afterwards."""

    def change(palette):
        dressed.setPalette(qt_palette(palette))
        dressed.setStyleSheet(sheet(palette, 10))

    yield lambda: change(DARK)
    change(LIGHT)


def test_a_chart_follows_the_theme(show, darken, qtbot):
    frame = show(sample.APPS_CHART)
    darken()
    qtbot.waitUntil(lambda: frame.plot.grab().toImage().pixelColor(1, 1).name() == DARK.surface)


def test_several_series_have_a_legend(show):
    frame = show(hit_rate_chart(sample.HIT_RATES))
    assert len(frame.findChildren(LegendEntry)) == 2
    assert show(sample.APPS_CHART).findChildren(LegendEntry) == []
