import pytest
from PySide6.QtWidgets import QApplication

from app.models.choices import FirstRunChoice, KeyMethod
from app.models.sources import ImportProgress
from app.views.dialogs.first_run import FirstRun, Step
from app.views.widgets.basics import Switch
from collectors.events import Source
from tools import sample_values as sample

PASSPHRASE = "salt lantern quiet river"


@pytest.fixture
def first(qtbot, dressed):
    made = FirstRun(sample.SENSES, sample.HISTORIES, secret_service=True)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def at_key(first: FirstRun) -> FirstRun:
    first.next.click()
    first.next.click()
    return first


def test_the_steps_follow_one_another(first):
    seen = [first.step]
    for _ in range(2):
        first.next.click()
        seen.append(first.step)
    assert seen == [Step.ABOUT, Step.CONSENT, Step.KEY]


def test_nothing_is_allowed_unless_it_is_turned_on(first):
    assert first.choice().consent == frozenset()


def test_what_is_turned_on_is_allowed(first):
    first.consent.findChildren(Switch)[0].click()
    assert first.choice().consent == {Source.WINDOW}


def test_one_can_go_back_and_change_ones_mind(first):
    first.next.click()
    first.back.click()
    assert first.step is Step.ABOUT


def test_the_keyring_is_asked_to_keep_the_key(first, qtbot):
    at_key(first)
    with qtbot.waitSignal(first.key_requested) as reported:
        first.next.click()
    assert reported.args == [FirstRunChoice(frozenset(), frozenset(), KeyMethod.SECRET_SERVICE, None)]


def test_without_a_keyring_a_passphrase_is_asked_for(qtbot, dressed):
    first = FirstRun(sample.SENSES, sample.HISTORIES, secret_service=False)
    qtbot.addWidget(first)
    at_key(first)
    assert first.key.method is KeyMethod.PASSPHRASE
    assert not first.key.service.isEnabled()
    assert not first.next.isEnabled()


def test_a_passphrase_must_be_typed_twice_alike(first):
    at_key(first)
    first.key.choose(KeyMethod.PASSPHRASE)
    first.key.passphrase.setText(PASSPHRASE)
    first.key.again.setText("salt lantern")
    assert (first.next.isEnabled(), first.key.verdict.text()) == (False, "The two differ")
    first.key.again.setText(PASSPHRASE)
    assert first.next.isEnabled()


def test_a_short_passphrase_is_not_taken(first):
    at_key(first)
    first.key.choose(KeyMethod.PASSPHRASE)
    first.key.passphrase.setText("short")
    first.key.again.setText("short")
    assert (first.next.isEnabled(), first.key.verdict.text()) == (False, "Too short, 5 more")


def test_while_the_key_is_made_it_is_not_asked_for_again(first):
    at_key(first)
    first.next.click()
    assert not first.next.isEnabled()


def test_a_key_that_could_not_be_made_is_reported_and_can_be_tried_again(first):
    at_key(first)
    first.next.click()
    first.show_key_error("The keyring is locked.", "Unlock it, or use a passphrase.")
    assert first.key.notice.text == "The keyring is locked.\nUnlock it, or use a passphrase."
    assert first.next.isEnabled()


def test_the_recovery_code_must_be_written_down(first):
    first.show_recovery_code("K7QF-2M9X")
    assert (first.step, first.next.isEnabled()) == (Step.RECOVERY, False)
    first.recovery.written.click()
    assert first.next.isEnabled()


def test_the_recovery_code_can_be_copied(first):
    first.show_recovery_code("K7QF-2M9X")
    first.recovery.copy.click()
    assert QApplication.clipboard().text() == "K7QF-2M9X"


def test_code_and_passphrase_are_gone_after_their_step(first):
    first.key.choose(KeyMethod.PASSPHRASE)
    first.key.passphrase.setText(PASSPHRASE)
    first.show_recovery_code("K7QF-2M9X")
    first.recovery.written.click()
    first.next.click()
    assert (first.recovery.code.text(), first.key.passphrase.text()) == ("", "")


def test_a_made_key_is_not_gone_back_on(first):
    first.show_recovery_code("K7QF-2M9X")
    assert not first.back.isVisible()


def test_only_histories_that_are_there_are_offered(first):
    assert set(first.history._boxes) == {"bash", "fish", "git", "recent-files", "firefox"}


def test_the_chosen_histories_are_imported(first, qtbot):
    first.open_step(Step.HISTORY)
    first.history._boxes["git"].click()
    with qtbot.waitSignal(first.chosen) as reported:
        first.history.start.click()
    assert reported.args[0].history == {"git"}


def test_an_import_shows_its_progress_and_can_be_cancelled(first, qtbot):
    first.open_step(Step.HISTORY)
    first.show_import(sample.IMPORTS[1])
    assert first.history.bar.value() == 580
    assert not first.next.isEnabled()
    with qtbot.waitSignal(first.cancel_import):
        first.history.cancel.click()


def test_after_the_import_the_program_opens(first, qtbot):
    first.open_step(Step.HISTORY)
    first.show_import(ImportProgress("git", 3, 3, done=True))
    with qtbot.waitSignal(first.finished) as reported:
        first.next.click()
    assert reported.args[0].history == {"git"}


def test_nothing_needs_to_be_imported(first, qtbot):
    first.open_step(Step.HISTORY)
    with qtbot.waitSignal(first.finished):
        first.next.click()


def test_closing_before_the_end_means_not_now(first, qtbot):
    with qtbot.waitSignal(first.abandoned):
        first.close()


def test_closing_at_the_end_is_no_refusal(first, qtbot):
    first.open_step(Step.HISTORY)
    first.next.click()
    with qtbot.assertNotEmitted(first.abandoned):
        first.close()
