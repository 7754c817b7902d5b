"""Windows over the synthetic day of `tools.sample_values`, in the program's own look."""

from pathlib import Path

import pytest

from app.views.style import LIGHT, qt_palette, sheet
from app.views.window import MainWindow
from tools import sample_values as sample


def pytest_collection_modifyitems(items):
    """The offscreen platform says of each window what it cannot do; that tells nothing about the program."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("^This plugin does not support "))


@pytest.fixture
def now_us():
    return lambda: sample.NOW_US


@pytest.fixture(scope="module")
def dressed(qapp):
    """The application in the light palette, and bare again after the file's last test."""
    before = qapp.palette()
    qapp.setPalette(qt_palette(LIGHT))
    qapp.setStyleSheet(sheet(LIGHT, 10))
    yield qapp
    qapp.setStyleSheet("")
    qapp.setPalette(before)


@pytest.fixture
def page(qtbot, dressed):
    def keep(made):
        qtbot.addWidget(made)
        made.resize(760, 560)
        with qtbot.waitExposed(made):
            made.show()
        return made

    return keep


@pytest.fixture
def window(qtbot, dressed, now_us):
    made = MainWindow(now_us)
    qtbot.addWidget(made)
    sample.fill(made)
    return made


@pytest.fixture
def shown(window, qtbot):
    with qtbot.waitExposed(window):
        window.show()
    return window
