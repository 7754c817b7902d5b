"""The settings say whether a key of the desktop pauses."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from app.settings import Settings
from app.workers.pause_shortcut import PauseKey
from tests.app.keyrings import bus
from tests.app.qt import bury
from tests.desktop.portal import portal
from tests.desktop.programs import PATIENCE_S

__all__ = ["bus"]

pytestmark = pytest.mark.desktop


def test_by_itself_no_key_is_asked_for(qapp: object) -> None:
    key = PauseKey()
    key.apply(Settings())
    assert key.findChildren(QThread) == []
    bury(key)


def test_the_key_is_reported_where_that_was_chosen_and_no_longer_after(
    bus: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.workers.pause_shortcut._END_WITHIN_MS", 1_000 * PATIENCE_S)  # the second is for the user
    key = PauseKey()
    presses: list[int] = []
    key.pressed.connect(lambda: presses.append(1))
    with portal(bus) as there:
        key.apply(replace(Settings(), pause_key=True))

        def reported() -> bool:
            there.press()
            return bool(presses)

        qtbot.waitUntil(reported, timeout=180_000)
        key.apply(Settings())
        assert not any(thread.isRunning() for thread in key.findChildren(QThread))
    key.close()
    bury(key)


def test_a_desktop_without_the_portal_is_reported_in_words(bus: str, qtbot: QtBot) -> None:
    key = PauseKey()
    with qtbot.waitSignal(key.failed, timeout=180_000) as failed:
        key.apply(replace(Settings(), pause_key=True))
    assert "gives programs no keys" in failed.args[0]
    key.close()
    bury(key)
