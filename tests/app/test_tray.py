"""The tray: its menu without a host, and the whole of it in a real panel."""

import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.models.recording_state import State
from app.views.style import contrast
from app.views.tray import TRAY_COLOUR, Tray, state_icon
from tests.checkout import ROOT
from tests.desktop.programs import BUS
from tools import sample_values as sample

PATIENCE_S = 180
AGAIN_S = 5
PANELS = ("#ffffff", "#f5f5f5", "#1e1e1e", "#000000")
PARTS = ("Xvfb", "openbox", "trayer", "xdotool", "dbus-daemon")

PROGRAM = """
import sys
from PySide6.QtCore import QSocketNotifier, QTimer
from PySide6.QtWidgets import QApplication
from app.views.tray import Tray
from tools import sample_values as sample

application = QApplication([])
application.setQuitOnLastWindowClosed(False)
tray = Tray(lambda: sample.NOW_US)

def say(*words):
    print(*words, flush=True)

last = None

def place():
    global last
    area = tray.icon.geometry()
    if area.width() > 0 and area.y() > 0 and area != last:
        last = area  # a panel may move it once more
        say("place", area.center().x(), area.center().y())

tray.available_changed.connect(lambda there: (say("host", there), looking.start(50) if there else None))
tray.open_requested.connect(lambda: say("open"))
tray.pause_requested.connect(lambda seconds: say("pause", seconds))
tray.quit_requested.connect(application.quit)
tray.menu.aboutToShow.connect(lambda: say("menu"))
looking = QTimer()
looking.timeout.connect(place)
tray.show_status(sample.STATUS)
stdin = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)

def reported():
    word = sys.stdin.readline().strip()
    if word in ("", "end"):
        application.quit()
    elif word == "learning":
        tray.show_status(sample.LEARNING_STATUS)
        say("state", tray.state)

stdin.activated.connect(reported)
tray.start()
sys.exit(application.exec())
"""


WATCHER = """
from jeepney import DBusAddress, MessageType, message_bus, new_method_call, new_method_return
from jeepney.io.blocking import open_dbus_connection
from jeepney.low_level import HeaderFields

bus = open_dbus_connection("SESSION")
for name in ("org.kde.StatusNotifierWatcher", "org.kde.StatusNotifierHost-1"):
    bus.send_and_get_reply(message_bus.RequestName(name))
known = {"IsStatusNotifierHostRegistered": ("b", True), "ProtocolVersion": ("i", 0)}
while True:
    message = bus.receive()
    if message.header.message_type is not MessageType.method_call:
        continue
    member = message.header.fields[HeaderFields.member]
    if member == "Get":
        bus.send(new_method_return(message, "v", (known[message.body[1]],)))
    elif member == "RegisterStatusNotifierItem":
        bus.send(new_method_return(message))
        item = DBusAddress("/StatusNotifierItem", message.body[0], "org.kde.StatusNotifierItem")
        bus.send(new_method_call(item, "Activate", "ii", (0, 0)))
"""
"""The other kind of panel: takes in the first item that comes, and clicks it (freedesktop.org, StatusNotifierItem)."""


@pytest.fixture
def tray(qapp):
    made = Tray(lambda: sample.NOW_US)
    made.show_status(sample.STATUS)
    yield made
    made.stop()
    made.menu.deleteLater()
    made.deleteLater()


def entries(tray: Tray) -> list[str]:
    return [entry.text() for entry in tray.menu.actions() if entry.isVisible() and not entry.isSeparator()]


def trigger(tray: Tray, words: str) -> None:
    next(entry for entry in tray.menu.actions() if entry.text() == words).trigger()


def test_the_menu_tells_the_state_and_what_is_likely_next(tray):
    assert entries(tray)[:4] == [
        "Recording, 3 sources",
        "Likely next",
        "Run git commit, 41 %",
        "Switch to Firefox, 22 %",
    ]


def test_the_menu_offers_pauses_the_window_and_the_end(tray):
    assert entries(tray)[-6:] == [
        "Pause for 15 minutes",
        "Pause for 1 hour",
        "Pause until resumed",
        "Lock now",
        "Open KrypticTrack",
        "Quit",
    ]


@pytest.mark.parametrize(
    ("words", "seconds"), [("Pause for 15 minutes", 900), ("Pause for 1 hour", 3_600), ("Pause until resumed", None)]
)
def test_a_pause_is_asked_for_in_seconds(tray, qtbot, words, seconds):
    with qtbot.waitSignal(tray.pause_requested) as reported:
        trigger(tray, words)
    assert reported.args == [seconds]


def test_while_paused_the_menu_offers_to_resume(tray, qtbot):
    tray.show_status(sample.PAUSED_STATUS)
    assert "Resume recording" in entries(tray)
    assert not any(words.startswith("Pause for") for words in entries(tray))
    with qtbot.waitSignal(tray.resume_requested):
        trigger(tray, "Resume recording")


def test_a_forecast_leads_to_its_reason(tray, qtbot):
    with qtbot.waitSignal(tray.forecast_chosen) as reported:
        trigger(tray, "Run git commit, 41 %")
    assert reported.args == ["cmd:git commit"]


def test_without_a_forecast_the_menu_says_so(tray):
    tray.show_status(sample.EMPTY_STATUS)
    assert "No forecast yet" in entries(tray)


def test_the_tooltip_tells_the_state(tray):
    tray.show_status(sample.LEARNING_STATUS)
    assert tray.icon.toolTip() == "KrypticTrack\nRecording, 3 sources, Learning, 46 %"


@pytest.mark.parametrize("size", [16, 22])
def test_the_states_are_distinguished_without_colour(qapp, size):
    shapes = [state_icon(state).pixmap(size, size).toImage().createAlphaMask() for state in State]
    assert len({bytes(shape.constBits()) for shape in shapes}) == len(State)


@pytest.mark.parametrize("panel", PANELS)
def test_the_icon_stands_out_from_every_panel(panel):
    assert contrast(TRAY_COLOUR, panel) >= 3


@pytest.mark.qt_log_ignore("systemTrayWindowChanged")  # the offscreen platform has no tray to hear from
def test_without_a_host_it_says_so_at_once(tray, qtbot):
    with qtbot.waitSignal(tray.available_changed) as reported:
        tray.start()
    assert reported.args == [False]


class Panel:
    """A desktop of its own: X server, window manager, bus, and the program with its tray; a panel when asked for."""

    def __init__(self, stack: ExitStack, home: Path) -> None:
        self._stack = stack
        self.place: list[str] = []
        reading, writing = os.pipe()
        self._begin(["Xvfb", "-displayfd", str(writing), "-screen", "0", "800x600x24", "-nolisten", "tcp"], (writing,))
        os.close(writing)
        with os.fdopen(reading) as pipe:
            self.display = f":{pipe.readline().strip()}"
        self.environment = {**os.environ, "DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": str(ROOT)}
        self.environment.pop("WAYLAND_DISPLAY", None)
        self._begin(["openbox"])
        bus = self._begin([*BUS, "--print-address"], stdout=subprocess.PIPE)
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().decode().strip()
        self.program = self._begin(
            [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=home
        )

    def panel(self) -> None:
        self._begin(["trayer", "--edge", "bottom", "--align", "right", "--width", "20", "--height", "32"])

    def notifier_panel(self) -> None:
        self._begin([sys.executable, "-c", WATCHER])

    def hears(self, word: str) -> list[str]:
        """The words after the next line that begins with `word`; fails when none comes."""
        return self._until(word, lambda: PATIENCE_S)

    def clicks(self, button: int, word: str) -> None:
        """Click on the icon, again if nothing comes of it or it was moved, until the program says a word."""

        def click() -> float:
            if self.place:
                self.click(self.place, button)
            return AGAIN_S if self.place else PATIENCE_S

        self._until(word, click)

    def _until(self, word: str, before: Callable[[], float]) -> list[str]:
        """The same as `hears`; before each line something is done, which tells how long that line is waited for."""
        deadline = time.monotonic() + PATIENCE_S
        heard = []
        while (left := deadline - time.monotonic()) > 0:
            if select.select([self.program.stdout], [], [], min(before(), left))[0]:
                line = self.program.stdout.readline().decode()
                if not line:
                    break
                heard.append(line.strip())
                if line.startswith("place"):
                    self.place = line.split()[1:]
                if line.split()[:1] == [word]:
                    return line.split()[1:]
        pytest.fail(f"the program said {heard}, but never {word!r}")

    def tell(self, word: str) -> None:
        self.program.stdin.write(f"{word}\n".encode())
        self.program.stdin.flush()

    def click(self, place: list[str], button: int) -> None:
        subprocess.run(
            ["xdotool", "mousemove", *place, "click", str(button)], env=self.environment, check=True, timeout=PATIENCE_S
        )

    def _begin(self, command: list[str], keep: tuple[int, ...] = (), **pipes) -> subprocess.Popen:
        environment = getattr(self, "environment", dict(os.environ))
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, **pipes}
        process = subprocess.Popen(
            command, env=environment, stderr=subprocess.DEVNULL, pass_fds=keep, bufsize=0, **pipes
        )
        self._stack.callback(self._end, process)
        return process

    @staticmethod
    def _end(process: subprocess.Popen) -> None:
        if process.stdin:
            process.stdin.close()  # the program ends when nobody speaks to it any more
        else:
            process.terminate()
        process.wait(timeout=PATIENCE_S)
        if process.stdout:
            process.stdout.close()


@pytest.fixture
def desktop(tmp_path):
    missing = [part for part in PARTS if shutil.which(part) is None]
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"missing: {', '.join(missing)}")
    if missing:
        pytest.skip(f"missing: {', '.join(missing)}")
    with ExitStack() as stack:
        yield Panel(stack, tmp_path)


@pytest.mark.desktop
def test_a_panel_that_comes_late_takes_the_icon_in(desktop):
    assert desktop.hears("host") == ["False"]
    desktop.panel()
    assert desktop.hears("host") == ["True"]
    assert len(desktop.hears("place")) == 2


@pytest.mark.desktop
def test_a_click_opens_and_the_other_button_shows_the_menu(desktop):
    desktop.panel()
    desktop.clicks(1, "open")
    desktop.clicks(3, "menu")


@pytest.mark.desktop
def test_the_icon_changes_with_the_state_in_a_real_panel(desktop):
    desktop.panel()
    desktop.hears("place")
    desktop.tell("learning")
    assert desktop.hears("state") == ["learning"]


@pytest.mark.desktop
def test_a_status_notifier_host_that_comes_late_takes_the_icon_in_and_clicks_it(desktop):
    assert desktop.hears("host") == ["False"]
    desktop.notifier_panel()
    assert desktop.hears("host") == ["True"]
    desktop.hears("open")
