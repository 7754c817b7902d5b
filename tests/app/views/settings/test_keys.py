"""What opens the store, as the Settings page shows and changes it."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.services.access.unlock_methods import KeyAction, KeyChange, UnlockMethods
from app.views.settings.keys import KeysPanel

BY_PASSPHRASE = UnlockMethods(passphrase=True, keyring=False, code_seen=True)
BY_KEYRING = UnlockMethods(passphrase=False, keyring=True, code_seen=True)
BY_BOTH = UnlockMethods(passphrase=True, keyring=True, code_seen=True)
CODE = "0000-1111-2222-3333-4444-5555-6666"


@pytest.fixture
def panel(qtbot: QtBot, dressed: object) -> KeysPanel:
    made = KeysPanel()
    qtbot.addWidget(made)
    made.show()
    made.show_ways(BY_PASSPHRASE)
    return made


def test_the_only_way_cannot_be_taken_away(panel: KeysPanel) -> None:
    assert not panel.no_passphrase.isVisible()
    panel.show_ways(BY_KEYRING)
    assert not panel.keyring.isEnabled()
    panel.show_ways(BY_BOTH)
    assert panel.no_passphrase.isVisible()
    assert panel.keyring.isEnabled()
    assert panel.keyring.text() == "Stop using the keyring"


def test_a_change_of_the_passphrase_asks_for_the_old_one_and_twice_for_the_new(panel: KeysPanel, qtbot: QtBot) -> None:
    panel.passphrase.click()
    for edit, text in (
        (panel.current, "the old one"),
        (panel.new, "salt lantern quiet"),
        (panel.again, "salt lantern"),
    ):
        edit.setText(text)
        assert not panel.go.isEnabled()
    panel.again.setText("salt lantern quiet")
    with qtbot.waitSignal(panel.change_requested) as reported:
        panel.go.click()
    assert reported.args == [KeyChange(KeyAction.SET_PASSPHRASE, "the old one", "salt lantern quiet")]
    assert "salt" not in repr(reported.args)
    assert not panel.go.isEnabled()


def test_a_short_new_passphrase_cannot_be_sent(panel: KeysPanel) -> None:
    panel.passphrase.click()
    panel.current.setText("the old one")
    panel.new.setText("short")
    panel.again.setText("short")
    assert not panel.go.isEnabled()
    assert "Too short" in panel.verdict.text()


def test_where_the_keyring_opens_no_passphrase_is_asked_for(panel: KeysPanel, qtbot: QtBot) -> None:
    panel.show_ways(BY_KEYRING)
    panel.new_code.click()
    assert not panel.current.isVisible()
    with qtbot.waitSignal(panel.change_requested) as reported:
        panel.go.click()
    assert reported.args == [KeyChange(KeyAction.NEW_CODE)]


def test_a_refused_change_says_why_and_can_be_mended(panel: KeysPanel) -> None:
    panel.passphrase.click()
    panel.current.setText("wrong")
    panel.show_error("The passphrase does not open the store.", "Try again.")
    assert "does not open" in panel.notice.text
    assert panel.current.text() == "wrong"
    assert panel.form.isVisible()


def test_what_was_typed_is_gone_when_the_form_is(panel: KeysPanel) -> None:
    panel.passphrase.click()
    panel.current.setText("the old one")
    panel.show_ways(BY_PASSPHRASE)
    assert not panel.form.isVisible()
    assert panel.current.text() == ""


def test_a_new_code_stays_until_it_is_written_down(panel: KeysPanel, qtbot: QtBot) -> None:
    panel.show_code(CODE)
    panel.show_ways(UnlockMethods(passphrase=True, keyring=False, code_seen=False))
    assert panel.code.text() == CODE
    assert not panel.unseen.isVisible()
    assert not panel.done.isEnabled()
    panel.written.setChecked(True)
    with qtbot.waitSignal(panel.code_kept):
        panel.done.click()
    assert panel.code.text() == ""
    assert not panel.code_frame.isVisible()


def test_a_code_that_nobody_kept_is_said(panel: KeysPanel) -> None:
    panel.show_ways(UnlockMethods(passphrase=True, keyring=False, code_seen=False))
    assert "recovery code" in panel.unseen.text
