"""The window over the running program: what is wanted in it is done, and what is done is seen in it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from importlib.abc import MetaPathFinder
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.integrations import shell_hooks
from app.integrations.shell_hooks import HookState
from app.models.program_info import TokenKind
from app.models.transcript import Turn, TurnKind
from app.paths import Paths
from app.presenters.chat import ASK
from app.presenters.window import WindowPresenter
from app.program.program import TRAIN, Program
from app.services.activity import habits
from app.services.activity.habits import Habits
from app.services.asking import chat_log
from app.settings import PAUSED_UNTIL_RESUMED
from app.store.values.forget_request import Forget
from app.views.charts.chart_frame import ChartFrame
from app.views.navigation import Page
from app.views.window import MainWindow
from app.workers.status_feed import StatusFeed
from collectors.event_json import to_wire
from collectors.events import Event, EventKind, Source
from neural.language.facts import Answer
from tests.app import pairing
from tests.app.program.test_program import fill
from tests.app.qt import bury
from tests.app.running import ENOUGH, Make, bash_history, clock, hand, live, make, paths
from tests.app.senses import WAIT_S
from tests.app.services.conftest import NOW_US
from tests.app.small_disk import SmallDisk
from tools.sample_values import APPS_CHART

__all__ = ["clock", "hand", "make", "paths"]

QUESTION = "How many commands did I run yesterday?"


@dataclass
class Face:
    """A program with a window."""

    program: Program
    window: MainWindow
    feed: StatusFeed
    bridge: WindowPresenter
    qtbot: QtBot

    def ask(self, question: str = QUESTION) -> None:
        self.window.chat.question.setPlainText(question)
        self.window.chat.send.click()

    @property
    def turns(self) -> list[Turn]:
        model = self.window.chat.model
        return [model.turn(row) for row in range(model.rowCount())]

    def answered(self) -> Turn:
        """Wait for the end of an answer."""
        self.qtbot.waitUntil(lambda: not self.program.jobs.running(ASK))
        return self.turns[-1]

    def until(self, done: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(done)


Show = Callable[..., Face]


@pytest.fixture
def show(make: Make, qtbot: QtBot) -> Iterator[Show]:
    """Shows a window over a program, started here where it is not yet."""
    made: list[Face] = []

    def build(program: Program | None = None) -> Face:
        if program is None:
            program = make()
            program.start()
        window = MainWindow(program.core.now_us)
        feed = StatusFeed(program.commands.status, program.jobs)
        program.changed.connect(feed.stale)
        program.committed.connect(feed.stale)
        feed.watched = True
        made.append(Face(program, window, feed, WindowPresenter(program, window, feed), qtbot))
        return made[-1]

    yield build
    for face in made:
        face.program.close()
        bury(face.bridge, face.window, face.feed)


@pytest.fixture
def face(show: Show) -> Face:
    made = show()
    live(made.program.core.store, ENOUGH)
    return made


@pytest.fixture
def stand_in_shells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with bash and zsh, and no fish."""
    for shell in ("bash", "zsh"):
        (tmp_path / shell).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def slow(make: Make, show: Show) -> Face:
    """One whose brain begins, and goes on until it is cancelled; a model file is chosen."""
    program = make("waits")
    live(program.core.store, ENOUGH)
    program.core.preferences.change(model_path="words.gguf")
    program.start()
    return show(program)


class TestCharts:
    def test_what_draws_them_is_loaded_off_the_windows_thread_once_it_is_seen(
        self, show: Show, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        loading: list[threading.Thread] = []

        class Watch(MetaPathFinder):
            def find_spec(self, name: str, *_: object) -> None:
                if name == "app.views.charts.plot":
                    loading.append(threading.current_thread())

        monkeypatch.delitem(sys.modules, "app.views.charts.plot", raising=False)
        monkeypatch.setattr(sys, "meta_path", [Watch(), *sys.meta_path])
        face = show()
        face.window.chat.add_question("When?", NOW_US)
        face.window.chat.show_answer(Answer("Then.", None, (), APPS_CHART, "plain"), NOW_US)
        assert loading == []
        face.window.show()
        face.until(lambda: any(chart.plot is not None for chart in face.window.findChildren(ChartFrame)))
        assert len(loading) == 1
        assert loading[0] is not threading.main_thread()


class TestChat:
    def test_a_question_is_answered_from_the_store(self, face: Face) -> None:
        face.ask()
        answer = face.answered()
        assert [turn.kind for turn in face.turns] == [TurnKind.QUESTION, TurnKind.ANSWER]
        assert str(ENOUGH) in answer.text
        assert not answer.growing

    def test_the_conversation_is_there_after_a_restart(self, face: Face, make: Make, show: Show) -> None:
        face.ask()
        face.answered()
        before = face.turns
        face.program.close()
        again = show(make())
        assert again.turns == before

    def test_without_a_conversation_the_page_is_empty(self, face: Face) -> None:
        assert face.turns == []

    def test_the_words_of_a_model_are_seen_as_they_come(self, slow: Face) -> None:
        slow.ask()
        slow.until(lambda: slow.turns[-1].text == "Well, ")
        assert slow.turns[-1].growing

    def test_a_model_that_is_stopped_leaves_the_plain_answer(self, slow: Face) -> None:
        slow.ask()
        slow.until(lambda: slow.turns[-1].text == "Well, ")
        slow.window.chat.send.click()
        answer = slow.answered()
        assert (answer.kind, answer.narrator, answer.growing) == (TurnKind.ANSWER, "plain", False)
        assert str(ENOUGH) in answer.text

    def test_after_a_stop_one_can_ask_again(self, slow: Face) -> None:
        slow.ask()
        slow.until(lambda: slow.turns[-1].text == "Well, ")
        slow.window.chat.send.click()
        slow.answered()
        slow.ask()
        slow.until(lambda: slow.turns[-1].text == "Well, ")
        assert len(slow.turns) == 4

    def test_during_a_training_the_plain_answer_comes_at_once_and_says_why(self, slow: Face) -> None:
        slow.program.train()
        status = slow.program.commands.status
        slow.until(lambda: (learning := status().learning) is not None and learning.stage == "training")
        slow.ask()
        answer = slow.answered()
        assert answer.text.splitlines()[-1].startswith("The model did not speak: The brain process is at work")
        assert slow.program.jobs.running(TRAIN)

    def test_an_answer_that_cannot_be_given_is_an_error_in_its_place(self, face: Face) -> None:
        face.program.core.store.close()
        face.ask()
        answer = face.answered()
        assert (answer.kind, answer.growing) == (TurnKind.ERROR, False)
        assert answer.remedy

    def test_on_a_full_disk_the_answer_is_shown_and_that_it_is_not_kept(
        self, small_disk: SmallDisk, make: Make, show: Show, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(chat_log, "_SAVE_TIMEOUT_S", 0.01)
        program = make(store=small_disk.folder / "store.db")
        live(program.core.store, ENOUGH)
        face = show(program)
        fill(small_disk, program, face.qtbot)
        face.ask()
        assert str(ENOUGH) in face.answered().text
        face.until(lambda: "not kept" in face.window.status.notice.text())


class TestLive:
    def test_what_is_recorded_is_listed_and_leaves_everything_when_it_is_deleted(self, face: Face) -> None:
        panel = face.window.sources.live
        face.window.show()
        face.window.open_page(Page.SOURCES)
        for command in ("make zwitscherlein", "make test"):
            event = Event(NOW_US, Source.TERMINAL, EventKind.COMMAND, "bash", command)
            face.program.core.observer.log([to_wire(event)])
        face.until(lambda: len(panel.rows) == 2)
        wanted = next(row for row in panel.rows.values() if row.row.event.target == "make zwitscherlein")
        wanted.delete.click()
        face.until(lambda: len(panel.rows) == 1)
        assert [row.row.event.target for row in panel.rows.values()] == ["make test"]
        with face.program.core.store.reader() as reader:
            assert list(reader.search("zwitscherlein", 9)) == []
            assert reader.counts().actions == ENOUGH + 1

    def test_several_go_one_after_the_other(self, face: Face) -> None:
        panel = face.window.sources.live
        face.window.show()
        face.window.open_page(Page.SOURCES)
        for number in range(3):
            event = Event(NOW_US, Source.TERMINAL, EventKind.COMMAND, "bash", f"make {number}")
            face.program.core.observer.log([to_wire(event)])
        face.until(lambda: len(panel.rows) == 3)
        for row in list(panel.rows.values()):
            row.delete.click()
        face.until(lambda: not panel.rows)
        with face.program.core.store.reader() as reader:
            assert reader.counts().actions == ENOUGH

    def test_nothing_is_read_for_a_list_that_is_not_seen(self, face: Face) -> None:
        event = Event(NOW_US, Source.TERMINAL, EventKind.COMMAND, "bash", "make")
        face.program.core.observer.log([to_wire(event)])
        face.until(lambda: not face.program.jobs.running("status"))
        assert not face.window.sources.live.rows


class TestSources:
    def test_a_terminal_sense_without_a_hook_says_so_and_sets_up_the_shells(
        self, face: Face, paths: Paths, stand_in_shells: None
    ) -> None:
        face.program.core.preferences.change(consent=frozenset({Source.TERMINAL}))
        row = face.window.sources.senses["terminal"]
        face.until(lambda: row.state.text() == "Hears nothing yet")
        assert row.trouble.text.startswith("No shell tells its commands yet; bash and zsh can.")
        assert row.help is not None
        row.help.click()
        face.until(lambda: row.state.text() == "Recording")
        assert row.trouble.text == ""
        assert shell_hooks.state(paths, os.environ, "bash") is HookState.INSTALLED
        assert shell_hooks.state(paths, os.environ, "fish") is HookState.NOT_INSTALLED
        assert face.window.status.notice.text().startswith("Set up: bash and zsh.")


class TestSettings:
    def test_what_is_never_to_be_recorded_is_dropped_from_then_on(self, face: Face) -> None:
        face.window.settings.exclusions.apps.setPlainText("Diary")
        face.window.settings.exclusions.save.click()
        face.until(lambda: face.program.core.preferences.settings.excluded_apps == ("diary",))
        secret = Event(NOW_US, Source.TERMINAL, EventKind.COMMAND, "diary", "write")
        report = face.program.core.observer.log([to_wire(secret)])
        assert report.stored == 0
        assert len(report.dropped) == 1

    def test_consent_given_in_the_window_holds(self, face: Face) -> None:
        face.window.sources.senses["presence"].switch.click()
        face.until(lambda: face.program.core.preferences.settings.consent == {Source.PRESENCE})

    def test_a_change_made_elsewhere_is_seen(self, face: Face) -> None:
        face.program.core.preferences.change(keep_days=7)
        face.until(lambda: face.window.settings.keep_days.value() == 7)

    def test_a_change_in_the_window_leaves_consent_and_pause_as_they_are(self, face: Face) -> None:
        face.program.core.preferences.change(consent=frozenset({Source.TERMINAL}), paused_until_us=PAUSED_UNTIL_RESUMED)
        face.window.settings.theme.setCurrentIndex(2)
        face.window.settings.theme.activated.emit(2)
        face.until(lambda: face.program.core.preferences.settings.theme == "dark")
        settings = face.program.core.preferences.settings
        assert (settings.consent, settings.paused_until_us) == ({Source.TERMINAL}, PAUSED_UNTIL_RESUMED)

    def test_the_start_with_the_desktop_is_set_and_taken_back(self, face: Face, paths: Paths) -> None:
        face.until(face.window.settings.autostart.isEnabled)
        face.window.settings.autostart.click()
        assert paths.autostart.exists()
        face.window.settings.autostart.click()
        assert not paths.autostart.exists()

    def test_where_things_are_is_reported(self, face: Face, paths: Paths) -> None:
        face.until(lambda: face.window.settings.data_path.text() == str(paths.data))
        assert face.program.api_address in face.window.settings.tokens.address.text()


class TestPause:
    def test_a_pause_is_seen_and_can_be_ended(self, face: Face) -> None:
        face.program.core.preferences.change(consent=frozenset({Source.TERMINAL}))
        face.until(lambda: not face.window.status.pause.isHidden())
        face.window.status.pause_requested.emit(900)
        face.until(lambda: not face.window.status.resume.isHidden())
        assert face.window.status.state.text().startswith("Paused until")
        face.window.status.resume.click()
        face.until(lambda: face.window.status.state.text() == "Recording, 1 source")


class TestTokens:
    def make_one(self, face: Face, name: str = "editor") -> str:
        tokens = face.window.settings.tokens
        tokens.name.setText(name)
        tokens.make.click()
        face.until(lambda: not tokens.secret_frame.isHidden())
        return tokens.secret.text()

    def test_a_new_token_opens_the_api(self, face: Face) -> None:
        secret = self.make_one(face)
        client = face.program.core.tokens.match(secret)
        assert client is not None
        assert client.name == "editor"

    def test_it_is_shown_this_once(self, face: Face, make: Make, show: Show) -> None:
        secret = self.make_one(face)
        face.program.close()
        again = show(make())
        assert again.program.core.tokens.match(secret) is not None
        assert again.window.settings.tokens.none_yet.isHidden()
        assert again.window.settings.tokens.secret_frame.isHidden()
        assert again.window.settings.tokens.secret.text() == ""

    def test_a_name_that_cannot_be_given_is_refused_with_a_sentence(self, face: Face) -> None:
        with face.qtbot.waitSignal(face.program.noticed) as reported:
            face.window.token_create_requested.emit("e" * 100, TokenKind.FULL)
        assert "cannot be given" in reported.args[0]
        assert face.program.core.tokens.clients == ()

    def test_one_that_cannot_be_kept_is_not_given(self, face: Face) -> None:
        face.program.core.store.close()
        with face.qtbot.waitSignal(face.program.noticed) as reported:
            face.window.token_create_requested.emit("editor", TokenKind.FULL)
        assert "closed" in reported.args[0]
        assert face.program.core.tokens.clients == ()
        assert face.window.settings.tokens.secret_frame.isHidden()

    def test_a_token_that_is_revoked_opens_nothing_even_after_a_restart(
        self, face: Face, make: Make, show: Show
    ) -> None:
        secret = self.make_one(face)
        face.window.token_revoke_requested.emit("editor")
        face.until(lambda: not face.window.settings.tokens.none_yet.isHidden())
        assert face.program.core.tokens.match(secret) is None
        face.program.close()
        assert show(make()).program.core.tokens.match(secret) is None


class TestPairing:
    def code(self, face: Face) -> str:
        panel = face.window.sources.pairing
        panel.show_code.click()
        face.until(lambda: bool(panel.code.text()))
        return panel.code.text()

    def pair(self, face: Face) -> str:
        """Pair from a thread of its own, as an extension does next to the window."""
        port, code = face.program.api.port, self.code(face)
        with ThreadPoolExecutor() as pool:
            token = pool.submit(pairing.pair, port, code)
            face.until(token.done)
            return token.result()

    def test_the_code_on_the_page_pairs_an_extension_and_the_page_says_which(self, face: Face) -> None:
        token = self.pair(face)
        panel = face.window.sources.pairing
        face.until(lambda: panel.message_label.text().startswith("Chromium is paired."))
        assert panel.frame.isHidden()
        assert face.window.settings.tokens.none_yet.isHidden()
        assert pairing.is_known(face.program.api.port, "Chromium", token)

    def test_it_stays_paired_after_a_restart(self, face: Face, show: Show) -> None:
        token = self.pair(face)
        face.program.close()
        assert pairing.is_known(show().program.api.port, "Chromium", token)

    def test_a_code_that_is_withdrawn_pairs_nothing(self, face: Face) -> None:
        code = self.code(face)
        face.window.sources.pairing.cancel.click()
        face.until(face.window.sources.pairing.frame.isHidden)
        with pytest.raises(AssertionError, match="No pairing code"):
            pairing.pair(face.program.api.port, code)
        assert face.program.core.tokens.clients == ()


class TestImport:
    def test_its_counts_reach_the_page_and_the_buttons_come_back(
        self, make: Make, show: Show, own_home: object, paths: Paths
    ) -> None:
        bash_history(paths.home, 20)
        face = show()
        sources = face.window.sources
        face.until(lambda: "bash" in sources.histories and sources.histories["bash"].start.isEnabled())
        sources.histories["bash"].start.click()
        face.until(lambda: "20 stored" in sources.histories["bash"].found_label.text())
        assert sources.cancel.isHidden()
        assert sources.histories["bash"].start.isEnabled()

    def test_a_history_that_is_not_there_cannot_be_imported(self, face: Face) -> None:
        face.until(lambda: bool(face.window.sources.histories))
        assert not any(row.start.isEnabled() for row in face.window.sources.histories.values())

    def test_one_that_fails_is_over_on_the_page(self, face: Face) -> None:
        face.until(lambda: bool(face.window.sources.histories))
        face.program.core.store.close()
        bash_history(face.program.core.paths.home, 20)
        face.window.import_requested.emit(("bash",))
        face.until(lambda: "closed" in face.window.sources.histories["bash"].found_label.text())
        assert face.window.sources.cancel.isHidden()


class TestMind:
    def test_a_training_is_seen_and_can_be_cancelled(self, slow: Face) -> None:
        mind = slow.window.mind
        mind.train.click()
        slow.until(lambda: not mind.cancel.isHidden())
        slow.until(lambda: mind.stage.text() == "training, 50 %")
        mind.cancel.click()
        slow.until(lambda: not mind.train.isHidden())
        assert mind.model.text() == "The shipped model forecasts"

    def test_a_training_that_ends_is_listed_while_the_page_is_in_view(self, face: Face) -> None:
        face.window.open_page(Page.MIND)
        face.window.mind.train.click()
        face.until(lambda: face.window.mind.runs.rowCount() == 1)

    def test_a_training_that_ends_while_the_page_is_read_is_listed(
        self, face: Face, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        let_go = threading.Event()
        read = face.bridge._mind._values

        def read_and_wait() -> object:
            values = read()
            assert let_go.wait(WAIT_S)
            return values

        monkeypatch.setattr(face.bridge._mind, "_values", read_and_wait)
        face.window.open_page(Page.MIND)
        with face.qtbot.waitSignal(face.program.learned):
            face.program.train()
        let_go.set()
        face.until(lambda: face.window.mind.runs.rowCount() == 1)

    def test_its_page_is_filled_when_it_is_opened(self, face: Face) -> None:
        with face.qtbot.waitSignal(face.program.learned):
            face.program.train()
        face.window.open_page(Page.MIND)
        face.until(lambda: face.window.mind.runs.rowCount() == 1 and face.window.mind.forecasts.rowCount() > 0)

    def test_why_a_training_cannot_be_is_said_and_stays_said(self, show: Show) -> None:
        face = show()
        face.window.mind.train.click()
        face.until(lambda: "too few to learn from" in face.window.status.notice.text())
        with face.qtbot.waitSignal(face.feed.status):
            face.feed.refresh()
        assert "too few to learn from" in face.window.status.notice.text()


class TestToday:
    def test_a_day_is_read_when_it_is_asked_for(self, face: Face) -> None:
        face.window.open_page(Page.TODAY)
        face.window.today.earlier.click()
        face.until(lambda: face.window.today.timeline.rowCount() == ENOUGH)

    def test_a_day_on_which_nothing_was_done_says_so(self, face: Face) -> None:
        face.window.open_page(Page.TODAY)
        face.until(lambda: face.window.today.title.text() == "Today")
        assert face.window.today.timeline.rowCount() == 0
        assert not face.window.today._empty.isHidden()


class TestPatterns:
    def test_they_are_read_when_the_page_is_opened(self, face: Face) -> None:
        face.window.open_page(Page.PATTERNS)
        face.until(lambda: face.window.patterns.pairs.rowCount() > 0)
        assert face.window.patterns.pairs.rows[0].name.startswith("Run ")

    def test_another_time_chosen_while_one_is_read_is_the_one_that_is_shown(
        self, face: Face, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begun, let_go = threading.Event(), threading.Event()
        asked: list[int] = []

        def read(_reader: object, today: date, days: int, check_cancelled: Callable[[], None]) -> Habits:
            asked.append(days)
            begun.set()
            assert let_go.wait(WAIT_S)
            check_cancelled()
            return Habits(today, today, today)

        monkeypatch.setattr(habits, "read", read)
        face.window.open_page(Page.PATTERNS)
        face.until(begun.is_set)
        face.window.patterns.range.setCurrentIndex(2)
        face.window.patterns.range.activated.emit(2)
        let_go.set()
        face.until(lambda: face.window.patterns.summary.text() == "")
        assert asked == [7, 90]

    def test_what_is_forgotten_leaves_them_while_another_page_is_looked_at(self, face: Face) -> None:
        face.window.open_page(Page.PATTERNS)
        face.until(lambda: face.window.patterns.pairs.rowCount() > 0)
        face.window.open_page(Page.SETTINGS)
        face.program.forget(Forget(app="bash"), lambda _: None, lambda *_: None, dry_run=False)
        face.until(lambda: face.window.patterns.pairs.rowCount() == 0)
        assert face.window.patterns.summary.text() == "Reading"

    def test_what_is_forgotten_leaves_them_too(self, face: Face) -> None:
        face.window.open_page(Page.PATTERNS)
        face.until(lambda: face.window.patterns.pairs.rowCount() > 0)
        face.program.forget(Forget(app="bash"), lambda _: None, lambda *_: None, dry_run=False)
        face.until(lambda: face.window.patterns.pairs.rowCount() == 0)


class TestStatus:
    def test_what_is_stored_elsewhere_is_counted_in_the_line(self, face: Face) -> None:
        event = Event(NOW_US, Source.TERMINAL, EventKind.COMMAND, "bash", "make")
        face.program.commands.log([to_wire(event)], "somebody")
        face.until(lambda: face.window.status.store.text().startswith(f"{ENOUGH + 1} actions"))

    def test_what_was_said_before_the_window_was_made_stands_in_it(self, make: Make, show: Show) -> None:
        program = make()
        program.start()
        program.say("Port 47821 is taken.")
        assert show(program).window.status.notice.text() == "Port 47821 is taken."


class TestForgetting:
    def test_what_would_go_is_shown_first_and_then_it_goes_from_the_window_too(self, make: Make, show: Show) -> None:
        program = make()
        live(program.core.store, 40)
        program.start()
        face = show(program)
        face.until(lambda: bool(program.core.forecaster.forecasts()))
        face.ask()
        face.answered()
        panel = face.window.settings.forget
        panel.name.setText("bash")
        panel.look.click()
        face.until(lambda: "40 actions" in panel.answer.text())
        assert panel.agree.isVisibleTo(panel)
        assert program.commands.status().actions == 40
        panel.agree.click()
        face.until(lambda: panel.answer.text().startswith("Forgotten"))
        face.until(lambda: program.commands.status().actions == 0)
        assert not program.core.forecaster.forecasts()
        assert not panel.agree.isVisibleTo(panel)

    def test_another_name_takes_the_question_away(self, show: Show) -> None:
        panel = show().window.settings.forget
        panel.name.setText("bash")
        panel.look.click()
        panel.name.setText("zsh")
        assert not panel.agree.isVisibleTo(panel)
        assert panel.answer.isHidden()

    def test_everything_of_all_time_is_no_request_and_neither_is_a_range_that_is_none(self, show: Show) -> None:
        panel = show().window.settings.forget
        panel.what.setCurrentIndex(panel.what.count() - 1)
        assert not panel.look.isEnabled()
        panel.when.setCurrentIndex(panel.when.count() - 1)
        panel.until.setDateTime(panel.since.dateTime().addDays(-1))
        panel.look.click()
        assert "ends before it begins" in panel.answer.text()

    def test_what_was_said_about_it_leaves_the_conversation_shown(self, make: Make, show: Show) -> None:
        program = make()
        live(program.core.store, 40)
        program.start()
        face = show(program)
        face.ask("How long was I in bash yesterday?")
        face.answered()
        face.until(lambda: len(face.turns) == 2)
        program.forget(Forget(app="bash"), lambda _: None, lambda *_: None, dry_run=False)
        face.until(lambda: not face.turns)

    def test_thinning_out_is_begun_by_hand_and_says_what_went(self, show: Show) -> None:
        face = show()
        face.window.settings.clean_up.click()
        assert face.window.settings.clean_up.text() == "Stop"
        face.until(lambda: face.window.settings.cleaned.text() == "0 thinned out.")
        assert face.window.settings.clean_up.text() == "Thin out now"

    def test_everything_is_destroyed_after_the_word_for_it_alone(self, show: Show, paths: Paths, qtbot: QtBot) -> None:
        face = show()
        paths.envelope.write_text("a key")
        panel = face.window.settings.wipe
        panel.word.setText("yes")
        assert not panel.wipe.isEnabled()
        panel.word.setText("wipe")
        with qtbot.waitSignal(face.program.wiped):
            panel.wipe.click()
        assert not paths.envelope.exists()
