"""Settings: in force at once, on disk when `change` returns, refused whole if they cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import KnownError, StoreError
from app.services.preferences import SETTING, UNTIL_REOPENED, Preferences
from app.settings import PAUSED_UNTIL_RESUMED, Settings
from app.store.store import Store
from collectors.events import Source
from tests.app.services.conftest import NOW_US


def test_a_change_is_there_after_a_restart(opened: Store) -> None:
    changes = {"consent": frozenset({Source.WINDOW}), "excluded_sites": ("Bank.example",), "keep_days": 90}
    Preferences(opened, now_us=lambda: NOW_US).change(**changes)
    again = Preferences(opened)
    assert again.settings == Settings(**changes, unrecorded_until_us=NOW_US)
    assert again.policy.excluded_sites == frozenset({"bank.example"})


def test_without_settings_nothing_is_consented_to(opened: Store) -> None:
    assert Preferences(opened).policy.consent == frozenset()


def test_a_pattern_that_is_none_is_refused_and_the_old_settings_stay(opened: Store) -> None:
    preferences = Preferences(opened)
    preferences.change(excluded_title_patterns=("salary",))
    with pytest.raises(KnownError, match="regular expression"):
        preferences.change(excluded_title_patterns=("(",))
    assert preferences.settings.excluded_title_patterns == ("salary",)
    assert Preferences(opened).settings.excluded_title_patterns == ("salary",)


def test_a_line_that_names_no_hours_changes_nothing(opened: Store) -> None:
    preferences = Preferences(opened)
    with pytest.raises(KnownError, match="22:00-06:00"):
        preferences.change(excluded_times=("at night",))
    assert preferences.settings.excluded_times == ()


def test_excluded_folders_and_hours_survive_a_restart(opened: Store) -> None:
    Preferences(opened).change(excluded_folders=("~/private",), excluded_times=("Sat Sun",), redact_emails=True)
    policy = Preferences(opened, Path("/home/me")).policy
    assert policy.excluded_folders.paths == frozenset({"/home/me/private"})
    assert len(policy.excluded_times) == 1
    assert policy.redact_emails


def test_listeners_hear_every_change(opened: Store) -> None:
    heard: list[Settings] = []
    preferences = Preferences(opened)
    preferences.on_change(heard.append)
    preferences.change(keep_days=7)
    assert [settings.keep_days for settings in heard] == [7]


def test_a_change_that_cannot_be_saved_is_in_force_and_heard_of(opened: Store) -> None:
    heard: list[Settings] = []
    preferences = Preferences(opened)
    preferences.on_change(heard.append)
    opened.close()
    with pytest.raises(StoreError, match="in force"):
        preferences.change(paused_until_us=PAUSED_UNTIL_RESUMED)
    assert preferences.policy.paused_until_us == PAUSED_UNTIL_RESUMED
    assert heard == [preferences.settings]


def test_settings_of_a_later_version_are_refused_and_kept(opened: Store) -> None:
    opened.put_setting(SETTING, '{"telepathy": true}').result()
    with pytest.raises(KnownError, match="settings"):
        Preferences(opened)
    with opened.reader() as reader:
        assert reader.setting(SETTING) == '{"telepathy": true}'


class TestWhatExtensionsHaveKept:
    """They hold what they saw while the program did not run; of when it was not to record, nothing is taken."""

    @pytest.fixture
    def preferences(self, opened: Store) -> Preferences:
        return Preferences(opened, now_us=lambda: NOW_US)

    def since_us(self, preferences: Preferences) -> int:
        return preferences.policy.unrecorded_until_us

    def test_consent_holds_from_now_on(self, preferences: Preferences) -> None:
        preferences.change(consent=frozenset({Source.BROWSER}))
        assert self.since_us(preferences) == NOW_US

    def test_so_does_going_on_after_a_pause(self, preferences: Preferences) -> None:
        preferences.change(paused_until_us=PAUSED_UNTIL_RESUMED)
        assert self.since_us(preferences) == 0
        preferences.change(paused_until_us=0)
        assert self.since_us(preferences) == NOW_US

    def test_other_changes_keep_what_was_seen_before_them(self, preferences: Preferences) -> None:
        preferences.change(keep_days=7, consent=frozenset())
        assert self.since_us(preferences) == 0

    def test_what_was_seen_while_it_was_locked_is_not_taken_in_whichever_process_it_is_opened(
        self, preferences: Preferences, opened: Store
    ) -> None:
        preferences.lock()
        assert self.since_us(preferences) == UNTIL_REOPENED
        again = Preferences(opened, now_us=lambda: NOW_US + 5)
        again.reopen()
        assert self.since_us(again) == NOW_US + 5

    def test_a_program_that_was_not_locked_takes_what_was_seen_while_it_did_not_run(
        self, preferences: Preferences
    ) -> None:
        preferences.reopen()
        assert self.since_us(preferences) == 0
