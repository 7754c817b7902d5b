"""Every test gets a home of its own, and leaves no thread behind."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import hypothesis
import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.store.store import Store
from app.store.writer.writer import WRITER_NAME
from collectors.running import thread as sense_thread

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Threads of OpenMP wait for each other after every step; if other programs want the cores, that is ten times slower.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Neither a time for one example nor one for making them: a busy machine breaks both, and neither is a fault.
hypothesis.settings.register_profile(
    "patient", hypothesis.settings(), deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh HOME with fresh XDG directories, and no bus or display of the person who runs the tests."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for variable, name in (
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_STATE_HOME", "state"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_RUNTIME_DIR", "run"),
    ):
        directory = tmp_path / name
        directory.mkdir(mode=0o700)
        monkeypatch.setenv(variable, str(directory))
    for variable in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "HISTFILE"):
        monkeypatch.delenv(variable, raising=False)
    return home


PATIENCE_MS = 180_000
"""How long a condition may take to come true; a test that waits for one fails for its absence, never for slowness."""


@pytest.fixture
def qtbot(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> QtBot:
    """pytest-qt's own, patient by default."""
    waits = ("waitUntil", "wait_until", "waitSignal", "waitSignals", "wait_signal", "wait_signals")
    for name in (*waits, "waitExposed", "waitActive"):
        monkeypatch.setattr(qtbot, name, partial(getattr(qtbot, name), timeout=PATIENCE_MS))
    return qtbot


@pytest.fixture(autouse=True)
def patient_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sense may take as long as a condition; the program's own second is for those who wait before its window."""
    monkeypatch.setattr(sense_thread, "_STOP_WITHIN_MS", PATIENCE_MS)


def close_stores() -> list[str]:
    """Close every store that is open still, and name them.

    A store's writer must end before its process does, whatever becomes of the rest: it may hold what was acknowledged.
    So one that a test leaves open would keep the whole run from ending.
    """
    # By its type: asked for its class, some object of another library warns, and a warning is an error here.
    left = [each for each in gc.get_objects() if type(each) is Store and not each._closed]
    for store in left:
        store.close()
    return [str(store.path) for store in left]


def pytest_sessionfinish() -> None:
    """Also if the run was broken off, or a fixture of more than one test left it."""
    for path in close_stores():
        sys.stderr.write(f"\nA store was left open, and is closed now: {path}\n")


@pytest.fixture(autouse=True)
def no_window_left() -> Iterator[None]:
    """Windows that a test closed go with it: each that stays makes every change of style slower for all that follow."""
    yield
    if QApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """Fails a test that leaves a thread running; a store that it left open is closed."""
    before = set(threading.enumerate())
    yield
    left = [
        thread for thread in threading.enumerate() if thread not in before and thread.is_alive() and not thread.daemon
    ]
    open_still = close_stores() if any(thread.name == WRITER_NAME for thread in left) else []
    for thread in left:
        thread.join(timeout=PATIENCE_MS / 1_000)
    alive = [thread.name for thread in left if thread.is_alive()]
    assert not alive, f"threads left running: {alive}"
    assert not open_still, f"stores left open: {open_still}"
