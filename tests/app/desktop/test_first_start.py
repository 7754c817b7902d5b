"""The way in: a first start from its first page to the open window, and unlocking with whatever opens."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.api.client import ControlClient
from app.desktop.desktop import Desktop
from app.desktop.first_start import FirstRunController
from app.desktop.unlocking import UnlockController
from app.errors import WrongKeyError
from app.models.choices import KeyMethod, UnlockMethod
from app.models.recording_state import State
from app.paths import Paths, from_environment
from app.program.program import IMPORT
from app.services.access.key_management import unlock_methods
from app.services.access.unlock import Credentials, first_start, is_set_up, unlock, unlock_with_recovery
from app.services.preferences import Preferences
from app.settings import Settings
from app.system.relaunch import StartMode
from app.views.dialogs.first_run import FirstRun, Step
from app.views.dialogs.key_rotation import KeyRotationDialog
from app.views.dialogs.unlock import UnlockDialog
from app.views.settings.keys import KeysPanel
from app.views.style import Theme
from app.views.widgets.basics import Switch
from collectors.events import Source
from tests.app.qt import bury
from tests.app.running import bash_history, paths

__all__ = ["paths"]

# What the offscreen platform cannot do tells nothing about the program.
pytestmark = pytest.mark.qt_log_ignore("^This plugin does not support ", "systemTrayWindowChanged")

PASSPHRASE = "salt lantern quiet river"
BY_PASSPHRASE = Credentials(passphrase=PASSPHRASE, use_secret_service=False)
ASKED = Credentials(use_secret_service=False)


class Way:
    """A desktop from its start on, as a person meets it."""

    def __init__(self, paths: Paths, theme: Theme, qtbot: QtBot) -> None:
        self.quits = 0
        self.qtbot = qtbot
        self.again: list[StartMode] = []
        self.desktop = Desktop(paths, theme, self._quit, self.again.append, background=False)

    def _quit(self) -> None:
        self.quits += 1

    @property
    def first(self) -> FirstRun:
        entrance = self.desktop._entrance
        assert isinstance(entrance, FirstRunController)
        return entrance._view

    @property
    def dialog(self) -> UnlockDialog:
        entrance = self.desktop._entrance
        assert isinstance(entrance, UnlockController)
        return entrance._view

    def to(self, step: Step) -> None:
        """Go on to a step of the first start, with a passphrase."""
        first = self.first
        while first.step is not step:
            if first.step is Step.KEY:
                first.key.choose(KeyMethod.PASSPHRASE)
                first.key.passphrase.setText(PASSPHRASE)
                first.key.again.setText(PASSPHRASE)
                first.next.click()
                self.qtbot.waitUntil(lambda: first.step is Step.RECOVERY)
            elif first.step is Step.RECOVERY:
                first.recovery.written.setChecked(True)
                first.next.click()
            else:
                first.next.click()

    def unlock(self, secret: str, method: UnlockMethod = UnlockMethod.PASSPHRASE) -> None:
        self.dialog.choose(method)
        self.dialog.secret.setText(secret)
        self.dialog.unlock.click()

    def opened(self) -> None:
        """Wait until the window is there."""
        self.qtbot.waitUntil(lambda: self.desktop.window is not None and self.desktop.window.isVisible())

    def settings(self) -> Settings:
        assert self.desktop.program is not None
        return self.desktop.program.core.preferences.settings

    def close(self) -> None:
        self.desktop.close()

    def end(self) -> None:
        """Close, and leave nothing of it to be collected later."""
        self.close()
        desktop = self.desktop
        if desktop._tray is not None:
            bury(desktop._tray.menu, desktop._tray)
        parts = (
            desktop._rotating,
            desktop._door,
            desktop._bridge,
            desktop._feed,
            desktop.program,
            desktop._entrance,
            desktop,
        )
        bury(*(part for part in parts if part is not None))


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    palette, sheet = qapp.palette(), qapp.styleSheet()
    made = Theme(qapp)
    yield made
    qapp.styleHints().colorSchemeChanged.disconnect(made._follow)
    bury(made)
    qapp.setPalette(palette)
    qapp.setStyleSheet(sheet)


@pytest.fixture
def way(paths: Paths, theme: Theme, qtbot: QtBot) -> Iterator[Way]:
    made = Way(paths, theme, qtbot)
    yield made
    made.end()


def set_up(paths: Paths) -> str:
    """A profile that is set up; returns its recovery code."""
    opened = first_start(paths, BY_PASSPHRASE)
    opened.store.close()
    assert opened.recovery_code is not None
    return opened.recovery_code


class TestFirstStart:
    def test_from_the_first_page_to_the_open_window(self, way: Way, paths: Paths) -> None:
        way.desktop.start(ASKED)
        way.to(Step.HISTORY)
        way.first.next.click()
        way.opened()
        assert is_set_up(paths)
        assert not way.first.isVisible()
        assert way.quits == 0

    def test_without_a_session_bus_a_passphrase_is_asked_for(self, way: Way) -> None:
        way.desktop.start(Credentials())
        way.to(Step.KEY)
        assert not way.first.key.service.isEnabled()
        assert way.first.key.method is KeyMethod.PASSPHRASE

    def test_without_a_session_bus_the_window_opens_all_the_same(self, way: Way) -> None:
        way.desktop.start(Credentials())
        way.to(Step.HISTORY)
        way.first.next.click()
        way.opened()

    @pytest.mark.desktop
    def test_with_a_keyring_it_keeps_the_key(self, way: Way, paths: Paths, keyring: None) -> None:
        way.desktop.start(Credentials())
        way.first.next.click()
        way.first.next.click()
        assert way.first.key.method is KeyMethod.SECRET_SERVICE
        way.first.next.click()
        way.qtbot.waitUntil(lambda: way.first.step is Step.RECOVERY)
        way.close()
        unlock(paths, Credentials()).close()

    def test_nothing_is_kept_before_the_key_is_made(self, way: Way, paths: Paths) -> None:
        way.desktop.start(ASKED)
        way.to(Step.KEY)
        assert not is_set_up(paths)
        assert not paths.store.exists()

    def test_what_was_allowed_may_be_sensed_and_nothing_else(self, way: Way) -> None:
        way.desktop.start(ASKED)
        way.to(Step.CONSENT)
        way.first.consent.findChildren(Switch)[1].click()
        way.to(Step.HISTORY)
        way.first.next.click()
        way.opened()
        assert way.settings().consent == {Source.PRESENCE}

    def test_nothing_is_sensed_before_the_last_step(self, way: Way) -> None:
        way.desktop.start(ASKED)
        way.to(Step.CONSENT)
        way.first.consent.findChildren(Switch)[1].click()
        way.to(Step.HISTORY)
        assert way.settings().consent == frozenset()

    def test_the_code_that_was_shown_opens_the_store(self, way: Way, paths: Paths) -> None:
        way.desktop.start(ASKED)
        way.to(Step.RECOVERY)
        code = way.first.recovery.code.text()
        way.close()
        unlock_with_recovery(paths, code).close()

    def test_the_passphrase_that_was_typed_opens_the_store(self, way: Way, paths: Paths) -> None:
        way.desktop.start(ASKED)
        way.to(Step.RECOVERY)
        way.close()
        unlock(paths, BY_PASSPHRASE).close()

    def test_a_history_is_imported_on_the_way_in(self, way: Way, own_home: Path) -> None:
        bash_history(own_home, 20)
        way.desktop.start(ASKED)
        way.to(Step.HISTORY)
        way.first.history._boxes["bash"].setChecked(True)
        way.first.history.start.click()
        assert not way.first.next.isEnabled()
        way.qtbot.waitUntil(way.first.next.isEnabled)
        assert "20 stored" in way.first.history._found_labels["bash"].text()
        way.first.next.click()
        way.opened()
        assert way.settings().history_consent == {"bash"}

    def test_an_import_that_fails_does_not_bar_the_way(self, way: Way, own_home: Path) -> None:
        bash_history(own_home, 20)
        way.desktop.start(ASKED)
        way.to(Step.HISTORY)
        way.first.history._boxes["bash"].setChecked(True)
        assert way.desktop.program is not None
        way.desktop.program.core.store.close()
        way.first.history.start.click()
        way.qtbot.waitUntil(way.first.next.isEnabled)
        assert "closed" in way.first.history._found_labels["bash"].text()

    def test_a_key_that_cannot_be_made_is_said_and_one_can_try_again(self, way: Way, paths: Paths) -> None:
        way.desktop.start(ASKED)
        way.to(Step.KEY)
        paths.store.write_bytes(b"somebody's")
        way.first.key.choose(KeyMethod.PASSPHRASE)
        way.first.key.passphrase.setText(PASSPHRASE)
        way.first.key.again.setText(PASSPHRASE)
        way.first.next.click()
        way.qtbot.waitUntil(lambda: "left alone" in way.first.key.notice.text)
        paths.store.unlink()
        way.to(Step.RECOVERY)

    def test_the_sample_person_begins_with_the_key(self, theme: Theme, qtbot: QtBot) -> None:
        sample = from_environment(os.environ, sample=True)
        sample.create()
        way = Way(sample, theme, qtbot)
        way.desktop.start(ASKED)
        assert way.first.step is Step.KEY
        assert list(way.first.history._boxes) == ["sample"]
        way.end()


class TestGivingUp:
    def test_before_the_key_it_leaves_nothing(self, way: Way, paths: Paths) -> None:
        way.desktop.start(ASKED)
        way.to(Step.KEY)
        way.first.close()
        assert way.quits == 1
        assert not is_set_up(paths)
        assert not paths.store.exists()

    def test_while_the_key_is_made_it_leaves_a_store_that_opens(self, way: Way, paths: Paths) -> None:
        way.desktop.start(ASKED)
        way.to(Step.KEY)
        way.first.key.choose(KeyMethod.PASSPHRASE)
        way.first.key.passphrase.setText(PASSPHRASE)
        way.first.key.again.setText(PASSPHRASE)
        way.first.next.click()
        way.first.close()
        way.close()
        unlock(paths, BY_PASSPHRASE).close()

    def test_after_the_key_it_leaves_a_store_that_opens_and_senses_nothing(self, way: Way, paths: Paths) -> None:
        way.desktop.start(ASKED)
        way.to(Step.CONSENT)
        way.first.consent.findChildren(Switch)[1].click()
        way.to(Step.HISTORY)
        way.first.close()
        way.close()
        store = unlock(paths, BY_PASSPHRASE)
        settings = Preferences(store).settings
        store.close()
        assert (way.quits, settings) == (1, Settings())

    def test_during_the_import_it_ends(self, way: Way, paths: Paths, own_home: Path) -> None:
        bash_history(own_home, 5_000)
        way.desktop.start(ASKED)
        way.to(Step.HISTORY)
        way.first.history._boxes["bash"].setChecked(True)
        way.first.history.start.click()
        way.first.close()
        way.close()
        unlock(paths, BY_PASSPHRASE).close()


class TestUnlocking:
    def test_the_passphrase_opens_the_window(self, way: Way, paths: Paths) -> None:
        set_up(paths)
        way.desktop.start(ASKED)
        way.unlock(PASSPHRASE)
        way.opened()
        assert not way.dialog.isVisible()
        assert way.quits == 0

    def test_a_wrong_passphrase_is_said_and_the_dialog_stays(self, way: Way, paths: Paths) -> None:
        set_up(paths)
        way.desktop.start(ASKED)
        way.unlock("something else entirely")
        way.qtbot.waitUntil(lambda: bool(way.dialog.notice.text))
        assert way.dialog.isVisible()
        assert way.dialog.unlock.isEnabled()
        assert way.desktop.program is None

    def test_after_a_wrong_passphrase_the_right_one_opens(self, way: Way, paths: Paths) -> None:
        set_up(paths)
        way.desktop.start(ASKED)
        way.unlock("something else entirely")
        way.qtbot.waitUntil(lambda: bool(way.dialog.notice.text))
        way.unlock(PASSPHRASE)
        way.opened()

    def test_the_recovery_code_opens_it_however_it_is_written(self, way: Way, paths: Paths) -> None:
        code = set_up(paths)
        way.desktop.start(ASKED)
        way.unlock(code.lower().replace("-", " "), UnlockMethod.RECOVERY)
        way.opened()

    def test_a_wrong_recovery_code_opens_nothing(self, way: Way, paths: Paths) -> None:
        set_up(paths)
        way.desktop.start(ASKED)
        way.unlock("AAAAA-BBBBB-CCCCC", UnlockMethod.RECOVERY)
        way.qtbot.waitUntil(lambda: bool(way.dialog.notice.text))
        assert way.dialog.isVisible()

    def test_a_passphrase_from_the_command_line_opens_without_a_question(self, way: Way, paths: Paths) -> None:
        set_up(paths)
        way.desktop.start(BY_PASSPHRASE)
        assert not way.dialog.isVisible()
        way.opened()

    def test_a_wrong_one_from_there_is_said_and_one_is_asked(self, way: Way, paths: Paths) -> None:
        set_up(paths)
        way.desktop.start(Credentials(passphrase="something else entirely", use_secret_service=False))
        way.qtbot.waitUntil(way.dialog.isVisible)
        assert way.dialog.notice.text
        way.unlock(PASSPHRASE)
        way.opened()

    def test_closing_the_dialog_ends_the_program(self, way: Way, paths: Paths) -> None:
        set_up(paths)
        way.desktop.start(ASKED)
        way.dialog.quit.click()
        assert way.quits == 1

    def test_closed_while_it_opens_the_store_is_closed_again(self, way: Way, paths: Paths) -> None:
        set_up(paths)
        way.desktop.start(ASKED)
        way.unlock(PASSPHRASE)
        way.close()
        unlock(paths, BY_PASSPHRASE).close()

    def test_a_store_that_is_gone_is_said_and_none_is_made(self, way: Way, paths: Paths) -> None:
        set_up(paths)
        paths.store.unlink()
        way.desktop.start(ASKED)
        way.unlock(PASSPHRASE)
        way.qtbot.waitUntil(lambda: "nothing was created" in way.dialog.notice.text)
        assert not paths.store.exists()

    @pytest.mark.desktop
    def test_with_a_keyring_nobody_is_asked(self, way: Way, paths: Paths, keyring: None) -> None:
        first_start(paths, Credentials()).store.close()
        way.desktop.start(Credentials())
        assert not way.dialog.isVisible()
        way.opened()

    @pytest.mark.desktop
    def test_a_keyring_that_is_gone_is_said_and_the_recovery_code_opens(
        self, way: Way, paths: Paths, keyring: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        opened = first_start(paths, Credentials())
        opened.store.close()
        monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
        way.desktop.start(Credentials())
        way.qtbot.waitUntil(way.dialog.isVisible)
        assert "session bus" in way.dialog.notice.text
        way.unlock(opened.recovery_code or "", UnlockMethod.RECOVERY)
        way.opened()


class TestKeys:
    def panel(self, way: Way) -> KeysPanel:
        way.opened()
        assert way.desktop.window is not None
        panel = way.desktop.window.settings.keys
        way.qtbot.waitUntil(lambda: "passphrase" in panel.text_label.text())
        return panel

    def test_a_code_that_nobody_kept_is_said_at_the_next_start_and_a_new_one_can_be_made(
        self, way: Way, paths: Paths
    ) -> None:
        lost = set_up(paths)
        way.desktop.start(BY_PASSPHRASE)
        panel = self.panel(way)
        assert way.desktop.window is not None
        assert "recovery code" in way.desktop.window.status.notice.text()
        panel.new_code.click()
        panel.current.setText(PASSPHRASE)
        panel.go.click()
        way.qtbot.waitUntil(lambda: bool(panel.code.text()))
        code = panel.code.text()
        assert code != lost
        panel.written.setChecked(True)
        panel.done.click()
        way.qtbot.waitUntil(lambda: unlock_methods(paths).code_seen)
        way.close()
        unlock_with_recovery(paths, code).close()

    def test_the_passphrase_is_changed_by_whoever_knows_it(self, way: Way, paths: Paths) -> None:
        set_up(paths)
        way.desktop.start(BY_PASSPHRASE)
        panel = self.panel(way)
        panel.passphrase.click()
        panel.current.setText("somebody else entirely")
        panel.new.setText("another long passphrase")
        panel.again.setText("another long passphrase")
        panel.go.click()
        way.qtbot.waitUntil(lambda: "does not open" in panel.notice.text)
        panel.current.setText(PASSPHRASE)
        panel.go.click()
        way.qtbot.waitUntil(lambda: not panel.form.isVisibleTo(panel))
        way.close()
        unlock(paths, Credentials(passphrase="another long passphrase", use_secret_service=False)).close()

    def test_a_code_that_was_written_down_at_the_first_start_is_known_to_be(self, way: Way, paths: Paths) -> None:
        way.desktop.start(ASKED)
        way.to(Step.HISTORY)
        way.qtbot.waitUntil(lambda: unlock_methods(paths).code_seen)


class TestNewKey:
    def rotating(self, way: Way) -> KeyRotationDialog:
        way.qtbot.waitUntil(lambda: way.desktop._rotating is not None)
        assert way.desktop._rotating is not None
        return way.desktop._rotating.view

    def ask(self, way: Way, passphrase: str) -> KeysPanel:
        assert way.desktop.window is not None
        panel = way.desktop.window.settings.keys
        way.qtbot.waitUntil(lambda: "passphrase" in panel.text_label.text())
        panel.new_key.click()
        panel.current.setText(passphrase)
        panel.go.click()
        return panel

    def test_the_store_lies_under_a_new_key_and_the_program_starts_again(self, way: Way, paths: Paths) -> None:
        lost, before = set_up(paths), paths.store.read_bytes()[:16]
        way.desktop.start(BY_PASSPHRASE)
        way.opened()
        panel = self.ask(way, "somebody else entirely")
        way.qtbot.waitUntil(lambda: "does not open" in panel.notice.text)
        assert way.desktop._rotating is None
        panel.current.setText(PASSPHRASE)
        panel.go.click()
        view = self.rotating(way)
        way.qtbot.waitUntil(view.recovery.isVisible, timeout=180_000)
        code = view.recovery.code.text()
        assert not view.go_on.isEnabled()
        view.recovery.written.setChecked(True)
        view.go_on.click()
        assert way.again == [StartMode.OPEN]
        way.close()
        assert paths.store.read_bytes()[:16] != before
        assert unlock_methods(paths).code_seen
        with pytest.raises(WrongKeyError):
            unlock_with_recovery(paths, lost)
        unlock_with_recovery(paths, code).close()
        unlock(paths, BY_PASSPHRASE).close()

    def test_it_waits_for_what_should_not_be_broken_off(self, way: Way, paths: Paths) -> None:
        set_up(paths)
        way.desktop.start(BY_PASSPHRASE)
        way.opened()
        assert way.desktop.program is not None
        go_on = threading.Event()
        way.desktop.program.jobs.start(IMPORT, lambda *_: go_on.wait(180))
        panel = self.ask(way, PASSPHRASE)
        assert "An import is under way" in panel.notice.text
        go_on.set()
        assert way.desktop._rotating is None

    def test_closed_before_it_is_done_the_old_key_stays(self, way: Way, paths: Paths) -> None:
        code = set_up(paths)
        way.desktop.start(BY_PASSPHRASE)
        way.opened()
        self.ask(way, PASSPHRASE)
        view = self.rotating(way)
        view.cancel.click()
        way.qtbot.waitUntil(view.go_on.isVisible, timeout=180_000)
        was_done = bool(view.recovery.code.text())  # it may have been quicker than the click
        view.close()
        way.qtbot.waitUntil(lambda: way.again == [StartMode.OPEN])
        way.close()
        unlock(paths, BY_PASSPHRASE).close()
        if not was_done:
            unlock_with_recovery(paths, code).close()


class TestLock:
    def test_lock_now_starts_it_again(self, way: Way, paths: Paths) -> None:
        set_up(paths)
        way.desktop.start(BY_PASSPHRASE)
        way.opened()
        assert way.desktop.window is not None
        way.desktop.window.settings.lock_now.click()
        assert way.again == [StartMode.LOCKED]

    def test_locked_it_says_so_and_opens_nothing_by_itself(self, way: Way, paths: Paths) -> None:
        set_up(paths)
        way.desktop.start(Credentials(), StartMode.LOCKED)
        assert way.desktop.program is None
        tray = way.desktop._tray
        assert tray is not None
        assert "nothing is recorded" in tray.icon.toolTip()
        assert tray.state is State.LOCKED
        way.qtbot.waitUntil(way.dialog.isVisible)

    def test_unlocked_it_goes_on_as_at_a_start(self, way: Way, paths: Paths) -> None:
        set_up(paths)
        way.desktop.start(Credentials(), StartMode.LOCKED)
        way.unlock(PASSPHRASE)
        way.opened()
        tray = way.desktop._tray
        assert tray is not None
        way.qtbot.waitUntil(lambda: tray.state is not State.LOCKED)
        assert ControlClient(paths.socket).command("status", {})["recording"] != "locked"


class TestDesktop:
    def test_without_a_tray_the_window_is_the_way_in(self, way: Way, paths: Paths) -> None:
        set_up(paths)
        way.desktop._background = True
        way.desktop.start(BY_PASSPHRASE)
        way.opened()

    def test_a_second_start_brings_the_window_up(self, way: Way, paths: Paths) -> None:
        set_up(paths)
        way.desktop.start(BY_PASSPHRASE)
        way.opened()
        assert way.desktop.window is not None
        way.desktop.window.hide()
        way.desktop._show.emit()
        way.opened()

    def test_before_the_store_is_open_there_is_nothing_to_bring_up(self, way: Way, paths: Paths) -> None:
        set_up(paths)
        way.desktop.start(ASKED)
        way.desktop.bring_up()
        assert way.desktop.window is None

    def test_the_colours_follow_the_settings(self, way: Way, paths: Paths, theme: Theme) -> None:
        set_up(paths)
        way.desktop.start(BY_PASSPHRASE)
        way.opened()
        light = theme.palette
        assert way.desktop.program is not None
        way.desktop.program.change_settings(theme="dark")
        way.qtbot.waitUntil(lambda: theme.palette != light)

    def test_the_status_is_read_more_often_while_somebody_looks(self, way: Way, paths: Paths) -> None:
        set_up(paths)
        way.desktop.start(BY_PASSPHRASE)
        way.opened()
        assert way.desktop._feed is not None
        assert way.desktop.window is not None
        assert way.desktop._feed.watched
        way.desktop.window.hide()
        assert not way.desktop._feed.watched

    def test_the_tray_shows_what_the_window_shows(self, way: Way, paths: Paths) -> None:
        set_up(paths)
        way.desktop.start(BY_PASSPHRASE)
        way.opened()
        tray = way.desktop._tray
        assert tray is not None
        way.qtbot.waitUntil(lambda: "no source is allowed yet" in tray.icon.toolTip())
