"""The settings say when the user's leaving locks the program."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest
from jeepney import DBusAddress, new_signal
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from app.settings import Settings
from app.workers.auto_lock import LockWatch
from tests.app.keyrings import bus
from tests.app.qt import bury
from tests.desktop.programs import on_bus

__all__ = ["bus"]

pytestmark = pytest.mark.desktop
SCREEN = DBusAddress("/s", None, "org.freedesktop.ScreenSaver")


def test_by_itself_nothing_is_watched(qapp: object) -> None:
    watch = LockWatch()
    watch.apply(Settings())
    assert watch.findChildren(QThread) == []
    bury(watch)


def test_a_locked_screen_locks_where_that_was_chosen_and_no_longer_after(bus: str, qtbot: QtBot) -> None:
    watch = LockWatch()
    left: list[int] = []
    watch.left.connect(lambda: left.append(1))
    watch.apply(replace(Settings(), lock_with_screen=True))
    with closing(on_bus(bus)) as saver:

        def reported() -> bool:
            saver.send(new_signal(SCREEN, "ActiveChanged", "b", (True,)))
            return bool(left)

        qtbot.waitUntil(reported)
        watch.apply(Settings())
        assert not any(thread.isRunning() for thread in watch.findChildren(QThread))
    watch.close()
    bury(watch)
