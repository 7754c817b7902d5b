import dataclasses
import subprocess
import sys
from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QComboBox, QLineEdit, QPlainTextEdit, QSpinBox

from app.services.access.unlock_methods import KeyAction, UnlockMethods
from app.views.charts.chart_frame import ChartFrame
from app.views.close_action import OnClose
from app.views.navigation import Page
from app.views.widgets.basics import column_width
from neural.language.facts import ChartKind
from tools import sample_values as sample

CTRL = Qt.KeyboardModifier.ControlModifier
KEYS = (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4, Qt.Key.Key_5, Qt.Key.Key_6)


@pytest.mark.parametrize(("key", "page"), list(zip(KEYS, Page, strict=True)))
def test_ctrl_and_a_number_open_a_page(shown, qtbot, key, page):
    shown.activateWindow()
    qtbot.keyClick(shown, key, CTRL)
    assert shown.page is page


def test_ctrl_k_goes_to_the_question_from_anywhere(shown, qtbot):
    shown.open_page(Page.SETTINGS)
    qtbot.keyClick(shown, Qt.Key.Key_K, CTRL)
    assert shown.page is Page.CHAT
    assert shown.chat.question.hasFocus()


def test_a_question_about_a_row_is_asked_in_the_chat(shown, qtbot):
    shown.open_page(Page.TODAY)
    with qtbot.waitSignal(shown.asked) as reported:
        shown.today.asked.emit("Find moments like 2026-11-20 from 17:35 to 17:40")
    assert reported.args == ["Find moments like 2026-11-20 from 17:35 to 17:40"]
    assert shown.page is Page.CHAT


def test_escape_stops_a_running_answer(shown, qtbot):
    shown.chat.start_stream()
    with qtbot.waitSignal(shown.stop_requested):
        qtbot.keyClick(shown, Qt.Key.Key_Escape)


def test_escape_asks_for_nothing_while_none_runs(shown, qtbot):
    with qtbot.assertNotEmitted(shown.stop_requested):
        qtbot.keyClick(shown, Qt.Key.Key_Escape)


def test_every_control_has_a_name_for_a_screen_reader(window):
    kinds = (QAbstractButton, QLineEdit, QPlainTextEdit, QComboBox, QSpinBox, QAbstractItemView)
    inner = ("qt_", "ScrollLeftButton", "ScrollRightButton")
    nameless = [
        type(control).__name__
        for kind in kinds
        for control in window.findChildren(kind)
        if not control.accessibleName()
        and not control.objectName().startswith(inner)
        and not isinstance(control.parent(), QComboBox | QSpinBox | QAbstractItemView)
        and type(control.parent()).__name__ != "QComboBoxPrivateContainer"
        and not (isinstance(control, QAbstractButton) and control.text())
    ]
    assert nameless == []


def test_tab_goes_from_the_pages_to_the_question(shown, qtbot):
    shown.navigation.links[Page.SETTINGS].setFocus()
    shown.chat.model.replace([])
    seen = set()
    for _ in range(12):
        qtbot.keyClick(shown.focusWidget(), Qt.Key.Key_Tab)
        seen.add(shown.focusWidget())
    assert shown.chat.question in seen


def test_closing_hides_to_the_tray_and_says_so_once(shown, qtbot):
    shown.on_close = OnClose.HIDE
    with qtbot.waitSignal(shown.hidden_first_time):
        shown.close()
    assert not shown.isVisible()
    shown.bring_up()
    with qtbot.assertNotEmitted(shown.hidden_first_time):
        shown.close()


def test_closing_without_a_tray_ends_the_program(shown, qtbot):
    with qtbot.waitSignal(shown.quit_requested):
        shown.close()


def test_closing_can_minimise_where_there_is_no_tray(shown, qtbot):
    shown.on_close = OnClose.MINIMISE
    with qtbot.assertNotEmitted(shown.quit_requested):
        shown.close()
    assert shown.isMinimized()


def test_a_hidden_window_comes_back(shown):
    shown.on_close = OnClose.HIDE
    shown.close()
    shown.bring_up()
    assert shown.isVisible()


def test_opening_today_asks_for_the_day(window, qtbot):
    with qtbot.waitSignal(window.day_requested) as reported:
        window.open_page(Page.TODAY)
    assert reported.args == [date(2026, 11, 20)]


@pytest.mark.parametrize(
    ("inner", "signal", "args"),
    [
        ("chat", "asked", ["What did I do today"]),
        ("chat", "stop_requested", []),
        ("mind", "train_requested", []),
        ("mind", "cancel_training", []),
        ("sources", "consent_changed", [frozenset()]),
        ("sources", "import_requested", [("bash",)]),
        ("sources", "cancel_import", []),
        ("settings", "settings_changed", [sample.SETTINGS]),
        ("settings", "autostart_changed", [True]),
        ("settings", "token_revoke_requested", ["editor"]),
        ("status", "pause_requested", [900]),
        ("status", "resume_requested", []),
    ],
)
def test_the_window_passes_on_what_the_pages_want(window, qtbot, inner, signal, args):
    with qtbot.waitSignal(getattr(window, signal)) as reported:
        getattr(getattr(window, inner), signal).emit(*args)
    assert reported.args == args


@pytest.mark.parametrize("page", [Page.PATTERNS, Page.MIND, Page.SOURCES, Page.SETTINGS])
def test_a_page_fits_into_the_smallest_window(shown, qtbot, page):
    shown.resize(shown.minimumSize())
    shown.open_page(page)
    scrolled = shown._pages[page]
    qtbot.waitUntil(lambda: 0 < scrolled.viewport().width() < shown.minimumWidth())
    assert scrolled.widget().minimumSizeHint().width() <= scrolled.viewport().width()


def test_settings_fit_into_the_smallest_window_with_all_that_can_be_opened(shown, qtbot):
    settings = shown.settings
    settings.keys.show_ways(UnlockMethods(passphrase=True, keyring=True, code_seen=False))
    settings.keys.show_code("0000-1111-2222-3333-4444-5555-6666")
    settings.keys.ask(KeyAction.NEW_KEY)
    settings.show_program(dataclasses.replace(sample.PROGRAM, data_path="/home/ada/" + "a-long-name/" * 20))
    settings.show_settings(dataclasses.replace(sample.SETTINGS, model_path="/home/ada/" + "a-long-name/" * 20))
    settings.show_cleaning(cleaning=False, outcome="1,204,331 actions before 20 Nov 2026 were thinned out")
    settings.tokens.show_secret("editor", "s3cret" * 10)
    settings.forget.when.setCurrentText("between")
    shown.resize(shown.minimumSize())
    shown.open_page(Page.SETTINGS)
    qtbot.waitUntil(lambda: 0 < settings.viewport().width() < shown.minimumWidth())
    qtbot.waitUntil(lambda: settings.widget().minimumSizeHint().width() <= settings.viewport().width())


@pytest.mark.parametrize("page", [Page.TODAY, Page.CHAT])
def test_a_page_that_does_not_scroll_fits_into_the_smallest_window(shown, qtbot, page):
    shown.resize(shown.minimumSize())
    shown.open_page(page)
    room_px = shown.minimumWidth() - shown.navigation.width()
    qtbot.waitUntil(lambda: shown._pages[page].minimumSizeHint().width() <= room_px)


def test_what_was_done_can_be_read_in_the_smallest_window(shown, qtbot):
    shown.resize(shown.minimumSize())
    shown.open_page(Page.TODAY)
    table, what = shown.today.rows_table, 3
    qtbot.waitUntil(lambda: table.columnWidth(what) >= column_width(table, 14))


def test_the_names_below_bars_do_not_touch_in_the_smallest_window(shown, qtbot):
    shown.resize(shown.minimumSize())
    shown.open_page(Page.CHAT)
    frames = [frame for frame in shown.chat.findChildren(ChartFrame) if frame.chart.kind is ChartKind.BARS]
    assert frames
    for frame in frames:
        qtbot.waitUntil(lambda frame=frame: frame.plot is not None and not overlaps(frame.plot))


def overlaps(plot) -> bool:
    """Whether a name is wider than the way to the next one."""
    view = plot.getPlotItem().getViewBox()
    slot_px = view.width() / len(plot.chart.series[0].x)
    (first, _), (second, _) = plot.names[:2]
    drawn = QFontMetrics(plot.getAxis("bottom").style["tickFont"])
    widest_px = max(drawn.horizontalAdvance(name) for _, name in plot.names)
    return not plot.lies and widest_px >= slot_px * (second - first)


def test_the_status_reaches_every_page(window):
    window.show_status(sample.LEARNING_STATUS)
    assert window.status.learning.text() == "Learning, 46 %"
    assert window.mind.stage.text() == "Learning, epoch 2 of 4, 46 %"
    assert window.sources.senses["window"].state.text() == "Recording"


def test_a_window_without_a_chart_loads_neither_pyqtgraph_nor_numpy():
    code = """
import sys
from PySide6.QtWidgets import QApplication
application = QApplication([])
from app.views.tray import Tray
from app.views.window import MainWindow
window = MainWindow()
window.show()
application.processEvents()
print(sorted({"pyqtgraph", "numpy", "torch", "llama_cpp"} & sys.modules.keys()))
window.close()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[]"


def test_a_program_that_stays_in_the_tray_loads_no_window():
    code = """
import sys
import app.composition
print(sorted({"app.presenters.window", "app.views.window", "app.views.pages.chat"} & sys.modules.keys()))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[]"
