import dataclasses
from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit

from app.models.choices import UnlockAttempt, UnlockMethod
from app.models.program_info import TokenKind
from app.models.sources import ImportProgress, SenseInfo
from app.models.timeline import DayView
from app.services.access.pairing import Ended, Offer
from app.services.status import LearningStatus, Recording, SourceState, SourceStatus
from app.store.values.records import HitRates
from app.views.charts.chart_frame import ChartFrame
from app.views.dialogs.unlock import UnlockDialog
from app.views.pages.mind import MindPage
from app.views.pages.pairing import PairingPanel
from app.views.pages.sources import SourcesPage
from app.views.pages.today import TodayPage
from app.views.settings.page import SettingsPage
from app.views.status_line import StatusLine
from app.views.widgets.basics import Switch
from collectors.events import Source
from neural.reward.explaining.report_values import RewardReport
from tools import sample_values as sample

LEFT = Qt.MouseButton.LeftButton


class TestToday:
    def test_the_latest_comes_first(self, page):
        today = page(TodayPage(sample.DAY.day))
        today.show_day(sample.DAY, sample.DAY.day)
        assert today.timeline.index(0, 0).data() == "17:36"

    def test_earlier_rows_are_asked_for_once_where_the_table_ends_and_put_below(self, page, qtbot):
        today = page(TodayPage(sample.DAY.day))
        rows = sample.ROWS * 5
        long_day = dataclasses.replace(sample.DAY, rows=rows, actions=len(rows) + 3)
        today.show_day(long_day, sample.DAY.day)
        asked = []
        today.earlier_requested.connect(lambda day, before: asked.append((day, before)))
        bar = today.rows_table.verticalScrollBar()
        bar.setValue(bar.maximum())
        bar.setValue(bar.maximum() - 1)
        assert asked == [(sample.DAY.day, rows[0])]
        today.show_earlier(sample.DAY.day, rows[0], sample.ROWS[:3])
        assert today.timeline.rows[-3:] == sample.ROWS[2::-1]

    def test_rows_of_another_place_are_not_put_below(self, page):
        today = page(TodayPage(sample.DAY.day))
        today.show_day(sample.DAY, sample.DAY.day)
        today.show_earlier(sample.DAY.day, sample.ROWS[4], sample.ROWS[:3])
        today.show_earlier(date(2026, 1, 1), sample.ROWS[0], sample.ROWS[:3])
        assert today.timeline.rowCount() == len(sample.ROWS)

    def test_the_day_before_and_after_can_be_asked_for(self, page, qtbot):
        today = page(TodayPage(date(2026, 11, 20)))
        with qtbot.waitSignal(today.day_requested) as reported:
            qtbot.mouseClick(today.earlier, LEFT)
        assert reported.args == [date(2026, 11, 19)]

    def test_there_is_no_day_after_today(self, page):
        today = page(TodayPage(date(2026, 11, 20)))
        assert not today.later.isEnabled()
        today.show_day(DayView(date(2026, 11, 18)), date(2026, 11, 20))
        assert today.later.isEnabled()

    def test_an_empty_day_says_what_to_do(self, page, qtbot):
        today = page(TodayPage(date(2026, 11, 20)))
        assert not today.rows_table.isVisible()
        assert today._empty.isVisible()

    def test_another_day_takes_the_chart_away(self, page):
        today = page(TodayPage(sample.DAY.day))
        today.show_day(sample.DAY, sample.DAY.day)
        today.show_day(DayView(date(2026, 11, 19)), sample.DAY.day)
        assert [chart for chart in today.findChildren(ChartFrame) if chart.isVisible()] == []

    def test_a_day_tells_of_focus_changes_and_rests(self, page):
        today = page(TodayPage(sample.DAY.day))
        assert not today.attention.isVisible()
        today.show_day(sample.DAY, sample.DAY.day)
        assert today.attention.isVisible()
        assert "focus sessions" in today.attention.text()

    def test_the_menu_of_a_row_asks_for_moments_like_it(self, page, qtbot):
        today = page(TodayPage(sample.DAY.day))
        today.show_day(sample.DAY, sample.DAY.day)
        with qtbot.assertNotEmitted(today.asked):
            today.find_alike.trigger()
        today.rows_table.selectRow(0)
        with qtbot.waitSignal(today.asked) as reported:
            today.find_alike.trigger()
        assert reported.args == [f"Find moments like {sample.DAY.day.isoformat()} from 17:35 to 17:40"]

    def test_the_same_day_again_keeps_the_chart(self, page):
        today = page(TodayPage(sample.DAY.day))
        today.show_day(sample.DAY, sample.DAY.day)
        chart = today._chart
        today.show_day(dataclasses.replace(sample.DAY, rows=sample.ROWS[:5]), sample.DAY.day)
        assert today._chart is chart


class TestMind:
    def test_before_anything_every_part_says_what_will_be_there(self, page):
        mind = page(MindPage())
        assert all(words.isVisibleTo(mind) for words in (mind.no_forecast, mind.no_rates, mind.no_runs))

    def test_a_known_mind_shows_forecasts_rates_and_runs(self, page):
        mind = page(MindPage())
        mind.show_mind(sample.HIT_RATES, sample.RUNS, sample.FORECASTS)
        assert (mind.forecasts.rowCount(), mind.runs.rowCount()) == (5, 3)
        assert mind.scored.text().startswith("Over 1,240 predictions")

    def test_what_the_first_guess_rests_on_is_shown_as_long_as_it_is_the_first(self, page):
        mind = page(MindPage())
        mind.show_forecasts(sample.FORECASTS)
        mind.show_why(sample.WHY)
        assert mind.reasons_table.isVisibleTo(mind)
        assert mind.reasons.rowCount() == len(sample.WHY.reasons)
        assert mind.kinds.text() == (
            "By kind: a command 54 % (3 % something new), an application 24 %, a file 14 %, a site 8 % (2 % something new)."
        )
        mind.show_forecasts(sample.FORECASTS[1:])
        assert not mind.reasons_table.isVisibleTo(mind)
        assert not mind.kinds.isVisibleTo(mind)
        assert mind.reasons.rowCount() == 0

    def test_before_a_report_it_says_what_will_be_there(self, page):
        mind = page(MindPage())
        reward = mind.reward
        for reported in (None, RewardReport(0, 1, 0, 0)):
            reward.show_report(reported)
            assert reward.none_yet.isVisibleTo(reward)
            assert not any(part.isVisibleTo(reward) for part in (reward.meaning, reward.unchanged, reward.shifts_table))
            assert reward._charts == []

    def test_a_report_is_drawn_and_listed(self, page):
        mind = page(MindPage())
        reward = mind.reward
        reward.show_report(sample.REWARD)
        assert [frame.chart.title for frame in reward._charts] == [
            "By action",
            "By hour",
            "By project",
        ]
        assert (reward.sequences.rowCount(), reward.shifts.rowCount(), reward.spikes.rowCount()) == (2, 2, 2)
        assert "6,968 decisions on 29 days" in reward.meaning.text()
        drawn = reward._charts
        reward.show_report(sample.REWARD)
        assert reward._charts is drawn

    @pytest.mark.parametrize(("shifts", "words"), [((), "Nothing surely changed"), (None, "There is too little")])
    def test_a_month_without_a_change_says_so(self, page, shifts, words):
        mind = page(MindPage())
        reward = mind.reward
        reward.show_report(dataclasses.replace(sample.REWARD, shifts=shifts))
        assert not reward.shifts_table.isVisibleTo(reward)
        assert reward.unchanged.text().startswith(words)

    def test_nothing_scored_draws_nothing(self, page):
        mind = page(MindPage())
        mind.show_mind(sample.HIT_RATES, (), ())
        mind.show_mind(HitRates(0, (), (), None), (), ())
        assert mind._chart is None

    def test_training_shows_its_progress_and_can_be_cancelled(self, page, qtbot):
        mind = page(MindPage())
        mind.show_learning(LearningStatus("Reading", 0.25))
        assert (mind.progress.value(), mind.train.isVisible()) == (250, False)
        with qtbot.waitSignal(mind.cancel_training):
            mind.cancel.click()

    def test_training_can_be_asked_for(self, page, qtbot):
        mind = page(MindPage())
        with qtbot.waitSignal(mind.train_requested):
            mind.train.click()

    @pytest.mark.parametrize(
        ("name", "words"),
        [("prior", "The shipped model forecasts"), ("personal, run 3", "Your own model, run 3")],
    )
    def test_it_says_whose_weights_forecast(self, page, name, words):
        mind = page(MindPage())
        mind.show_model(name)
        assert mind.model.text() == words


class TestSources:
    @pytest.fixture
    def sources(self, page, now_us):
        made = page(SourcesPage(now_us))
        made.set_senses(sample.SENSES)
        made.set_histories(sample.HISTORIES)
        return made

    def test_every_sense_is_off_until_it_is_turned_on(self, sources):
        assert sources.consent() == frozenset()

    def test_a_switch_tells_the_whole_consent(self, sources, qtbot):
        sources.senses["window"].switch.click()
        with qtbot.waitSignal(sources.consent_changed) as reported:
            sources.senses["rhythm"].switch.click()
        assert reported.args == [frozenset({Source.WINDOW, Source.INPUT})]

    def test_showing_the_state_tells_nobody(self, sources, qtbot):
        with qtbot.assertNotEmitted(sources.consent_changed):
            sources.show_statuses(sample.SOURCES)

    def test_a_running_sense_says_how_much_it_saw_and_when(self, sources):
        sources.show_statuses(sample.SOURCES)
        row = sources.senses["window"]
        assert (row.state.text(), row.tally.text()) == ("Recording", "843 events, 4 a minute\nlast 17:41")

    def test_a_sense_that_was_started_again_says_how_often(self, sources):
        sources.show_statuses(sample.SOURCES)
        assert sources.senses["rhythm"].tally.text().splitlines()[-1] == "started again 2 times"

    def test_a_sense_that_does_not_work_says_why_and_what_to_do(self, sources):
        sources.show_statuses(sample.SOURCES)
        reported = sources.senses["processes"].trouble.text
        assert reported.splitlines() == [sample.SOURCES[3].reason, sample.SOURCES[3].remedy]

    def test_a_sense_that_can_hear_nothing_says_so_and_offers_what_it_waits_for(self, sources, qtbot):
        deaf = [
            SourceStatus(name, name, consented=True, state=SourceState.RUNNING, reason="Nobody tells.", remedy="Ask.")
            for name in ("terminal", "browser", "window")
        ]
        infos = [
            SenseInfo(name, name, "what is told", "what is not", Source(name))
            for name in ("terminal", "browser", "window")
        ]
        sources.set_senses(infos)
        sources.show_statuses(deaf)
        terminal, browser, window = (sources.senses[info.name] for info in infos)
        assert (terminal.state.text(), browser.state.text()) == ("Hears nothing yet", "Hears nothing yet")
        assert terminal.trouble.text == "Nobody tells.\nAsk."
        assert (window.state.text(), window.help) == ("Recording", None)
        with qtbot.waitSignal(sources.hooks_requested):
            terminal.help.click()
        with qtbot.waitSignal(sources.pairing.offer_requested):
            browser.help.click()
        sources.show_statuses([dataclasses.replace(deaf[0], reason="", remedy="")])
        assert terminal.state.text() == "Recording"
        assert terminal.tally.text() == "nothing since the start"
        assert not terminal.help.isVisibleTo(sources)

    def test_a_history_that_is_not_there_cannot_be_imported(self, sources):
        assert not sources.histories["zsh"].start.isEnabled()

    def test_one_history_can_be_imported(self, sources, qtbot):
        with qtbot.waitSignal(sources.import_requested) as reported:
            sources.histories["bash"].start.click()
        assert reported.args == [("bash",)]

    def test_everything_found_can_be_imported_at_once(self, sources, qtbot):
        with qtbot.waitSignal(sources.import_requested) as reported:
            sources.import_all.click()
        assert reported.args == [("bash", "fish", "git", "recent-files", "firefox")]

    def test_an_import_counts_what_became_of_what_was_read(self, sources):
        sources.show_import(sample.IMPORTS[0])
        assert sources.histories["bash"].found_label.text() == (
            "12,408 entries read, 11,870 stored, 226 there already, 312 dropped, 9 secrets taken out"
        )

    def test_a_running_import_can_be_cancelled_and_no_second_started(self, sources, qtbot):
        sources.show_import(sample.IMPORTS[1])
        assert not sources.histories["bash"].start.isEnabled()
        with qtbot.waitSignal(sources.cancel_import):
            sources.cancel.click()

    def test_a_finished_import_frees_the_buttons(self, sources):
        sources.show_import(sample.IMPORTS[1])
        sources.show_import(dataclasses.replace(sample.IMPORTS[1], done=True))
        assert sources.histories["bash"].start.isEnabled()
        assert not sources.cancel.isVisibleTo(sources)

    def test_an_import_of_unknown_length_still_moves(self, sources):
        sources.show_import(ImportProgress("bash", read=5))
        assert sources.histories["bash"].progress.maximum() == 0


class TestSettings:
    @pytest.fixture
    def settings(self, page):
        made = page(SettingsPage())
        made.show_settings(sample.SETTINGS)
        made.show_program(sample.PROGRAM)
        made.show_tokens(sample.TOKENS)
        return made

    def test_showing_settings_changes_none(self, settings, qtbot):
        with qtbot.assertNotEmitted(settings.settings_changed):
            settings.show_settings(dataclasses.replace(sample.SETTINGS, theme="dark"))

    def test_a_chosen_theme_holds_at_once(self, settings, qtbot):
        settings.theme.setCurrentIndex(2)
        with qtbot.waitSignal(settings.settings_changed) as reported:
            settings.theme.activated.emit(2)
        assert reported.args[0] == dataclasses.replace(sample.SETTINGS, theme="dark")

    def test_days_hold_when_typing_ends(self, settings, qtbot):
        settings.keep_days.setValue(90)
        with qtbot.waitSignal(settings.settings_changed) as reported:
            settings.keep_days.editingFinished.emit()
        assert reported.args[0].keep_days == 90

    def test_exclusions_are_saved_as_the_gate_wants_them(self, settings, qtbot):
        settings.exclusions.apps.setPlainText("KeePassXC\n\n Element ")
        settings.exclusions.sites.setPlainText("https://www.Clinic.example/login")
        with qtbot.waitSignal(settings.settings_changed) as reported:
            settings.exclusions.save.click()
        kept = reported.args[0]
        assert (kept.excluded_apps, kept.excluded_sites) == (("keepassxc", "element"), ("clinic.example",))
        assert not settings.exclusions.edited

    def test_folders_and_hours_are_saved_and_a_line_that_is_none_is_said(self, settings, qtbot):
        settings.exclusions.folders.setPlainText("~/private/\n")
        settings.exclusions.times.setPlainText("at night")
        assert "names no hours" in settings.exclusions.fault.text()
        assert not settings.exclusions.save.isEnabled()
        settings.exclusions.times.setPlainText("Mon-Fri 22:00-06:00")
        with qtbot.waitSignal(settings.settings_changed) as reported:
            settings.exclusions.save.click()
        kept = reported.args[0]
        assert (kept.excluded_folders, kept.excluded_times) == (("~/private",), ("Mon-Fri 22:00-06:00",))

    def test_a_line_that_is_no_folder_is_said(self, settings):
        settings.exclusions.folders.setPlainText("private")
        assert settings.exclusions.fault.text().startswith("private is no folder")

    def test_a_broken_pattern_is_said_and_cannot_be_saved(self, settings):
        settings.exclusions.titles.setPlainText("salary|(")
        assert settings.exclusions.fault.text().startswith("salary|( is no regular expression")
        assert not settings.exclusions.save.isEnabled()

    def test_what_is_being_edited_survives_a_change_from_elsewhere(self, settings):
        settings.exclusions.apps.setPlainText("half typed")
        settings.show_settings(dataclasses.replace(sample.SETTINGS, theme="dark"))
        assert settings.exclusions.apps.toPlainText() == "half typed"

    def test_the_model_file_can_be_given_up(self, settings, qtbot):
        with qtbot.waitSignal(settings.settings_changed) as reported:
            settings.no_model.click()
        assert reported.args[0].model_path is None

    def test_a_key_for_pausing_can_be_asked_for(self, settings, qtbot):
        with qtbot.waitSignal(settings.settings_changed) as reported:
            settings.pause_key.click()
        assert reported.args[0].pause_key

    def test_autostart_is_asked_for(self, settings, qtbot):
        with qtbot.waitSignal(settings.autostart_changed) as reported:
            settings.autostart.click()
        assert reported.args == [False]

    def test_a_desktop_without_autostart_rests_the_switch(self, settings):
        settings.show_program(dataclasses.replace(sample.PROGRAM, autostart=None))
        assert not settings.autostart.isEnabled()

    def test_a_token_is_asked_for_by_name_and_kind(self, settings, qtbot):
        settings.tokens.name.setText(" browser ")
        settings.tokens.kind.setCurrentIndex(1)
        with qtbot.waitSignal(settings.token_create_requested) as reported:
            settings.tokens.make.click()
        assert reported.args == ["browser", TokenKind.FULL]
        assert isinstance(reported.args[1], TokenKind)

    def test_a_token_without_a_name_cannot_be_made(self, settings):
        settings.tokens.name.setText("  ")
        assert not settings.tokens.make.isEnabled()

    def test_a_new_token_is_shown_once(self, settings):
        settings.show_new_token("browser", "s3cret")
        assert settings.tokens.secret.text() == "s3cret"
        settings.tokens.secret_frame.findChildren(type(settings.exclusions.save))[1].click()
        assert settings.tokens.secret.text() == ""
        assert not settings.tokens.secret_frame.isVisibleTo(settings)

    def test_a_token_is_revoked_by_name(self, settings, qtbot):
        revokes = [
            control
            for control in settings.tokens.findChildren(type(settings.exclusions.save))
            if control.accessibleName() == "Revoke the token of own scripts"
        ]
        with qtbot.waitSignal(settings.token_revoke_requested) as reported:
            revokes[0].click()
        assert reported.args == ["own scripts"]


class TestStatusLine:
    def test_a_pause_can_be_chosen_by_length(self, page, now_us, qtbot):
        line = page(StatusLine(now_us))
        line.show_status(sample.STATUS)
        wanted = []
        line.pause_requested.connect(wanted.append)
        for entry in line.pause.menu().actions():
            entry.trigger()
        assert wanted == [900, 3_600, None]

    def test_a_pause_offers_to_resume(self, page, now_us, qtbot):
        line = page(StatusLine(now_us))
        line.show_status(dataclasses.replace(sample.STATUS, recording=Recording.PAUSED, paused_until_us=2**62))
        assert (line.pause.isVisible(), line.resume.isVisible()) == (False, True)
        with qtbot.waitSignal(line.resume_requested):
            line.resume.click()

    def test_a_message_stands_quietly_next_to(self, page, now_us):
        line = page(StatusLine(now_us))
        line.show_status(dataclasses.replace(sample.STATUS, message="The disk is full"))
        assert line.notice.text() == "The disk is full"

    def test_what_was_said_outlasts_the_next_status(self, page, now_us):
        line = page(StatusLine(now_us))
        line.show_notice("Learned from everything stored so far.")
        line.show_status(sample.STATUS)
        assert line.notice.text() == "Learned from everything stored so far."

    def test_a_message_that_is_over_goes(self, page, now_us):
        line = page(StatusLine(now_us))
        line.show_status(dataclasses.replace(sample.STATUS, message="The disk is full"))
        line.show_status(sample.STATUS)
        assert line.notice.text() == ""


class TestUnlock:
    @pytest.fixture
    def dialog(self, qtbot, dressed):
        made = UnlockDialog(secret_service=True)
        qtbot.addWidget(made)
        return made

    def test_the_passphrase_is_tried(self, dialog, qtbot):
        dialog.secret.setText("salt lantern")
        with qtbot.waitSignal(dialog.unlock_requested) as reported:
            dialog.unlock.click()
        assert reported.args == [UnlockAttempt(UnlockMethod.PASSPHRASE, "salt lantern")]

    def test_while_it_is_tried_nothing_can_be_pressed(self, dialog):
        dialog.secret.setText("salt lantern")
        dialog.unlock.click()
        assert not dialog.unlock.isEnabled()

    def test_the_recovery_code_is_tried_in_the_clear(self, dialog, qtbot):
        dialog.other.click()
        assert dialog.secret.echoMode() is QLineEdit.EchoMode.Normal
        dialog.secret.setText("K7QF-2M9X")
        with qtbot.waitSignal(dialog.unlock_requested) as reported:
            dialog.unlock.click()
        assert reported.args == [UnlockAttempt(UnlockMethod.RECOVERY, "K7QF-2M9X")]

    def test_the_keyring_can_be_tried_again(self, dialog, qtbot):
        with qtbot.waitSignal(dialog.unlock_requested) as reported:
            dialog.service.click()
        assert reported.args == [UnlockAttempt(UnlockMethod.SECRET_SERVICE, "")]

    def test_an_error_is_reported_with_its_remedy_and_what_was_typed_stays(self, dialog):
        dialog.secret.setText("salt lanten")
        dialog.unlock.click()
        dialog.show_error("This passphrase does not open the store.", "Try again.")
        assert dialog.notice.text == "This passphrase does not open the store.\nTry again."
        assert dialog.secret.selectedText() == "salt lanten"
        assert dialog.unlock.isEnabled()

    def test_nothing_typed_cannot_be_tried(self, dialog):
        assert not dialog.unlock.isEnabled()


class TestSwitch:
    def test_space_turns_it(self, page, qtbot):
        switch = page(Switch("Allow Windows"))
        qtbot.keyClick(switch, Qt.Key.Key_Space)
        assert switch.isChecked()

    def test_on_and_off_look_different_without_colour(self, page):
        switch = page(Switch("Allow Windows"))
        off = switch.grab().toImage().convertToFormat(switch.grab().toImage().Format.Format_Grayscale8)
        switch.setChecked(True)
        on = switch.grab().toImage().convertToFormat(off.format())
        assert on != off


class TestPairing:
    @pytest.fixture
    def panel(self, page):
        return page(PairingPanel())

    def test_no_code_is_shown_before_one_is_asked_for(self, panel, qtbot):
        assert not panel.frame.isVisibleTo(panel)
        with qtbot.waitSignal(panel.offer_requested):
            panel.show_code.click()

    def test_a_code_is_shown_with_the_port_it_goes_to(self, panel):
        panel.show_offer(Offer("7K3QF-2M9XD", 300), 47_821)
        assert panel.code.text() == "7K3QF-2M9XD"
        assert panel.frame.isVisibleTo(panel)
        assert not panel.show_code.isVisibleTo(panel)
        assert any("47821" in words.text() for words in panel.frame.findChildren(QLabel))

    def test_it_can_be_withdrawn(self, panel, qtbot):
        panel.show_offer(Offer("7K3QF-2M9XD", 300), 47_821)
        with qtbot.waitSignal(panel.withdraw_requested):
            panel.cancel.click()

    def test_a_code_that_has_served_is_gone_and_who_was_paired_is_said(self, panel):
        panel.show_offer(Offer("7K3QF-2M9XD", 300), 47_821)
        panel.show_ended(Ended.PAIRED, "Chromium")
        assert panel.code.text() == ""
        assert panel.message_label.text().startswith("Chromium is paired.")

    def test_one_that_was_guessed_at_says_so(self, panel):
        panel.show_offer(Offer("7K3QF-2M9XD", 300), 47_821)
        panel.show_ended(Ended.GUESSED, "")
        assert "guessed at" in panel.trouble.text

    def test_one_that_has_expired_says_so(self, panel, qtbot):
        panel.show_offer(Offer("7K3QF-2M9XD", 0.001), 47_821)
        qtbot.waitUntil(lambda: panel.message_label.text() == "The code has expired; nothing was paired.")
        assert panel.code.text() == ""


def test_watchers_are_let_in_by_a_switch_and_reading_by_another(qtbot, page):
    settings = page(SettingsPage())
    panel = settings.watchers
    assert not panel.sending.isChecked()
    assert not panel.reading.isEnabled()
    changes = []
    settings.settings_changed.connect(changes.append)
    qtbot.mouseClick(panel.sending, LEFT)
    qtbot.mouseClick(panel.reading, LEFT)
    qtbot.mouseClick(panel.sending, LEFT)
    assert [(each.activitywatch, each.activitywatch_reading) for each in changes] == [
        (True, False),
        (True, True),
        (False, False),
    ]
    assert not panel.reading.isEnabled()
