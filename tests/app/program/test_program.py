"""The program without a face: what runs in the background, what it says, and how it ends."""

from __future__ import annotations

import socket
import threading
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QThread
from pytestqt.qtbot import QtBot

from app.api.client import ControlClient
from app.errors import DamagedError
from app.paths import Paths
from app.program.program import IMPORT, TRAIN, Program
from app.services.ingest.importer import ImportReport
from app.services.ingest.pipeline import new_action
from app.services.preferences import Preferences
from app.services.status import Recording, SourceState
from app.settings import PAUSED_UNTIL_RESUMED, Settings
from app.store.store import Store
from app.store.values.forget_request import Forget, Receipt
from collectors.events import US_PER_S, Event, EventKind, PresenceDetail, Source
from tests.app.running import ENOUGH, Make, bash_history, clock, command, hand, live, make, paths, program
from tests.app.senses import WAIT_S, HandSense
from tests.app.services.conftest import KEY, NOW_US
from tests.app.small_disk import SmallDisk

__all__ = ["clock", "hand", "make", "paths", "program"]

TERMINAL = frozenset({Source.TERMINAL})


def heard(program: Program) -> list[str]:
    """What it says from now on."""
    said: list[str] = []
    program.noticed.connect(said.append)
    return said


def reports(program: Program) -> list[ImportReport]:
    """What it tells of imports from now on."""
    reported: list[ImportReport] = []
    program.imported.connect(reported.append)
    return reported


def end_of(program: Program, job: str, qtbot: QtBot) -> AbstractContextManager[object]:
    """Wait for the end of a job."""
    return qtbot.waitSignal(program.jobs.ended, check_params_cb=lambda name: name == job)


def state(program: Program) -> SourceState:
    return program.senses.statuses()[0].state


def sensing(program: Program, qtbot: QtBot) -> None:
    program.change_settings(consent=TERMINAL)
    qtbot.waitUntil(lambda: state(program) is SourceState.RUNNING)


class TestStart:
    def test_other_programs_of_the_user_can_speak_to_it(self, program: Program, paths: Paths) -> None:
        assert ControlClient(paths.socket).running()
        assert program.api_address.startswith("http://127.0.0.1:")

    def test_a_port_that_is_taken_is_said_and_another_is_used(self, make: Make, qtbot: QtBot) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            program = make(api_port=port)
            said = heard(program)
            program.start()
        assert said == [f"Port {port} is taken; the local API listens at {program.api_address}."]
        assert program.api_address != f"http://127.0.0.1:{port}"

    def test_without_a_place_for_its_socket_it_says_so_and_runs(self, make: Make, paths: Paths, qtbot: QtBot) -> None:
        program = make(profile=replace(paths, runtime=paths.runtime / ("long" * 40)))
        said = heard(program)
        program.start()
        assert "XDG_RUNTIME_DIR" in said[-1]
        assert program.api_address == ""
        sensing(program, qtbot)

    def test_what_it_said_before_there_was_a_window_is_kept(self, make: Make) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            program = make(api_port=taken.getsockname()[1])
            program.start()
        assert "is taken" in program.latest_notice

    def test_the_past_is_learned_from_before_anything_is_sensed(self, make: Make, qtbot: QtBot) -> None:
        program = make()
        live(program.core.store, ENOUGH)
        program.start()
        qtbot.waitUntil(lambda: program.core.forecaster.forecasts() != ())
        assert program.core.forecaster.forecasts()[0].action == "cmd:git status"

    def test_nothing_is_sensed_without_consent(self, program: Program, hand: HandSense) -> None:
        assert state(program) is SourceState.OFF
        assert hand.runs == 0

    def test_what_had_consent_before_runs_again(self, make: Make, qtbot: QtBot) -> None:
        program = make()
        program.core.preferences.change(consent=TERMINAL)
        program.start()
        qtbot.waitUntil(lambda: state(program) is SourceState.RUNNING)

    def test_the_sample_person_is_not_sensed(self, make: Make, paths: Paths) -> None:
        program = make(profile=replace(paths, is_sample=True))
        program.core.preferences.change(consent=TERMINAL)
        program.start()
        assert program.senses.statuses() == ()


class TestSettings:
    def test_consent_starts_a_sense(self, program: Program, qtbot: QtBot, hand: HandSense) -> None:
        sensing(program, qtbot)
        assert hand.began.wait(WAIT_S)

    def test_a_sense_gives_back_what_it_was_given_once_it_has_stopped_for_want_of_consent(
        self, program: Program, qtbot: QtBot, hand: HandSense
    ) -> None:
        sensing(program, qtbot)
        assert hand.began.wait(WAIT_S)
        program.pause(None)
        qtbot.waitUntil(lambda: state(program) is SourceState.OFF)
        assert (1, False) not in hand.withdrawals
        program.change_settings(consent=frozenset())
        qtbot.waitUntil(lambda: (1, False) in hand.withdrawals)

    def test_what_is_sensed_is_stored(self, program: Program, qtbot: QtBot, hand: HandSense) -> None:
        sensing(program, qtbot)
        with qtbot.waitSignal(program.committed):
            hand.does(command(0))
        assert program.commands.status().actions == 1

    def test_a_change_made_elsewhere_is_reported_on_the_main_thread(self, program: Program, qtbot: QtBot) -> None:
        reported: list[tuple[Settings, bool]] = []
        program.settings_changed.connect(
            lambda settings: reported.append((settings, threading.current_thread() is threading.main_thread()))
        )
        elsewhere = threading.Thread(target=program.core.preferences.change, kwargs={"keep_days": 7})
        elsewhere.start()
        elsewhere.join()
        qtbot.waitUntil(lambda: reported == [(program.core.preferences.settings, True)])

    def test_of_many_quick_changes_the_last_one_holds(self, program: Program, qtbot: QtBot) -> None:
        for _ in range(10):
            program.change_settings(consent=TERMINAL)
            program.change_settings(consent=frozenset())
        program.change_settings(keep_days=7)
        qtbot.waitUntil(lambda: program.core.preferences.settings.keep_days == 7)
        assert program.core.preferences.settings.consent == frozenset()
        qtbot.waitUntil(lambda: state(program) is SourceState.OFF)

    def test_a_change_that_cannot_be_made_is_said_and_the_next_is_made(self, program: Program, qtbot: QtBot) -> None:
        said = heard(program)
        program.change_settings(excluded_title_patterns=("(",))
        program.change_settings(keep_days=7)
        qtbot.waitUntil(lambda: program.core.preferences.settings.keep_days == 7)
        qtbot.waitUntil(lambda: len(said) == 1)
        assert "regular expression" in said[0]
        assert program.core.preferences.settings.excluded_title_patterns == ()

    def test_a_change_made_just_before_the_end_is_kept(self, program: Program, paths: Paths) -> None:
        program.change_settings(keep_days=7)
        program.change_settings(keep_days=8)
        program.close()
        store = Store.open(paths.store, KEY)
        kept = Preferences(store).settings.keep_days
        store.close()
        assert kept == 8


class TestPause:
    def test_a_pause_stops_the_senses_for_its_time(self, program: Program, qtbot: QtBot, hand: HandSense) -> None:
        sensing(program, qtbot)
        program.pause(900)
        qtbot.waitUntil(hand.ended.is_set)
        assert program.commands.status().recording is Recording.PAUSED
        assert program.commands.status().paused_until_us == NOW_US + 900 * US_PER_S

    def test_a_pause_without_an_end_lasts_until_resumed(self, program: Program, qtbot: QtBot) -> None:
        sensing(program, qtbot)
        program.pause(None)
        qtbot.waitUntil(lambda: state(program) is SourceState.OFF)
        assert program.commands.status().paused_until_us == PAUSED_UNTIL_RESUMED

    def test_a_resume_starts_the_senses(self, program: Program, qtbot: QtBot) -> None:
        sensing(program, qtbot)
        program.pause(None)
        qtbot.waitUntil(lambda: state(program) is SourceState.OFF)
        program.resume()
        qtbot.waitUntil(lambda: state(program) is SourceState.RUNNING)
        assert program.commands.status().recording is Recording.ON

    def test_a_key_of_the_desktop_pauses_and_resumes(self, program: Program, qtbot: QtBot) -> None:
        sensing(program, qtbot)
        program.pause_key.pressed.emit()
        qtbot.waitUntil(lambda: state(program) is SourceState.OFF)
        program.pause_key.pressed.emit()
        qtbot.waitUntil(lambda: state(program) is SourceState.RUNNING)

    def test_the_end_of_a_pause_is_a_change_of_the_status(self, program: Program, qtbot: QtBot) -> None:
        with qtbot.waitSignal(program.changed):
            program.senses.pause_ended.emit()


class TestTraining:
    def test_its_weights_are_in_use_and_it_says_so(self, program: Program, qtbot: QtBot) -> None:
        live(program.core.store, ENOUGH)
        said = heard(program)
        with qtbot.waitSignal(program.learned):
            program.train()
        assert program.commands.status().model == "personal, run 1"
        assert said == ["Learned from everything stored so far."]

    def test_with_too_little_to_learn_from_it_says_what_is_missing(self, program: Program, qtbot: QtBot) -> None:
        with qtbot.waitSignal(program.noticed) as reported:
            program.train()
        assert "too few to learn from" in reported.args[0]
        assert program.commands.status().model == "prior"

    def test_a_training_that_fails_leaves_the_model_and_says_why(self, make: Make, qtbot: QtBot) -> None:
        program = make("fails")
        live(program.core.store, ENOUGH)
        with qtbot.waitSignal(program.noticed) as reported:
            program.train()
        assert reported.args == ["Out of memory. Close something."]
        assert program.commands.status().model == "prior"
        assert program.commands.status().learning is None

    def test_while_it_lasts_the_status_says_how_far_it_is(self, make: Make, qtbot: QtBot) -> None:
        program = make("waits")
        live(program.core.store, ENOUGH)
        program.train()

        def far() -> tuple[str, float] | None:
            learning = program.commands.status().learning
            return None if learning is None else (learning.stage, learning.fraction)

        qtbot.waitUntil(lambda: far() == ("training", 0.5))

    def test_cancelled_it_leaves_the_model_and_is_over(self, make: Make, qtbot: QtBot) -> None:
        program = make("waits")
        live(program.core.store, ENOUGH)
        with qtbot.waitSignal(program.changed):
            program.train()
        with end_of(program, TRAIN, qtbot):
            program.cancel_training()
        status = program.commands.status()
        assert (status.model, status.learning) == ("prior", None)

    def test_that_it_was_cancelled_is_a_change_of_the_status(self, make: Make, qtbot: QtBot) -> None:
        program = make("waits")
        live(program.core.store, ENOUGH)
        with qtbot.waitSignal(program.changed):
            program.train()
        with qtbot.waitSignal(program.changed):
            program.cancel_training()

    def test_a_second_one_does_not_begin_next_to_it(self, make: Make, qtbot: QtBot) -> None:
        program = make("waits")
        live(program.core.store, ENOUGH)
        with qtbot.waitSignal(program.changed):
            program.train()
        program.train()
        with end_of(program, TRAIN, qtbot):
            program.cancel_training()
        assert not program.jobs.running(TRAIN)

    def test_going_away_trains_when_it_is_time(self, program: Program, qtbot: QtBot, hand: HandSense) -> None:
        live(program.core.store, 500)
        sensing(program, qtbot)
        with qtbot.waitSignal(program.learned):
            hand.does(Event(NOW_US, Source.PRESENCE, EventKind.IDLE, detail=PresenceDetail(idle_us=180 * US_PER_S)))

    def test_going_away_numbers_the_sessions(self, program: Program, qtbot: QtBot) -> None:
        live(program.core.store, ENOUGH)
        with end_of(program, "tidy", qtbot):
            program.senses.user_left.emit()
        with program.core.store.reader() as reader:
            assert reader.counts().sessions == 1


class TestImport:
    def test_what_is_found_is_stored_and_reported(self, program: Program, qtbot: QtBot, own_home: Path) -> None:
        bash_history(own_home, 20)
        reported = reports(program)
        with qtbot.waitSignal(program.imported, check_params_cb=lambda report: report.done):
            program.import_histories(("bash",))
        assert (reported[-1].source, reported[-1].read, reported[-1].stored) == ("bash", 20, 20)
        assert program.commands.status().actions == 20

    def test_progress_is_reported_before_the_end(self, program: Program, qtbot: QtBot, own_home: Path) -> None:
        bash_history(own_home, 1_200)
        reported = reports(program)
        with qtbot.waitSignal(program.imported, check_params_cb=lambda report: report.done):
            program.import_histories(("bash",))
        assert [report.read for report in reported if not report.done] == [500, 1_000, 1_200]

    def test_it_is_learned_from(self, program: Program, qtbot: QtBot, own_home: Path) -> None:
        bash_history(own_home, ENOUGH)
        with qtbot.waitSignal(program.learned):
            program.import_histories(("bash",))

    def test_with_nothing_new_nothing_is_learned(self, program: Program, qtbot: QtBot, own_home: Path) -> None:
        bash_history(own_home, ENOUGH)
        with qtbot.waitSignal(program.learned):
            program.import_histories(("bash",))
        with end_of(program, IMPORT, qtbot):
            program.import_histories(("bash",))
        assert not program.jobs.running(TRAIN)

    def test_cancelled_each_history_is_reported_done_and_what_was_stored_stays(
        self, program: Program, qtbot: QtBot, own_home: Path
    ) -> None:
        bash_history(own_home, 5_000)
        reported = reports(program)
        # In the job's own thread, so that it hears of it in the midst of its work.
        program.imported.connect(lambda _: program.jobs.cancel(IMPORT), Qt.ConnectionType.DirectConnection)
        with end_of(program, IMPORT, qtbot):
            program.import_histories(("bash", "zsh"))
        done = {report.source: report for report in reported if report.done}
        assert {name: report.cancelled for name, report in done.items()} == {"bash": True, "zsh": True}
        assert 0 < program.commands.status().actions < 5_000

    def test_one_that_fails_is_reported_done_with_its_reason(self, program: Program, qtbot: QtBot) -> None:
        reported = reports(program)
        said = heard(program)
        with end_of(program, IMPORT, qtbot):
            program.import_histories(("diary",))
        assert [(report.source, report.done) for report in reported] == [("diary", True)]
        assert reported[0].problems == tuple(said)
        assert "no history 'diary'" in said[0]


@pytest.fixture
def on_small_disk(small_disk: SmallDisk, make: Make) -> Program:
    program = make(store=small_disk.folder / "store.db")
    program.core.preferences.change(consent=TERMINAL)
    return program


def fill(disk: SmallDisk, program: Program, qtbot: QtBot) -> None:
    """Fill the disk until the store can write no more."""
    disk.fill()
    for first in range(0, 10_000, 500):
        program.core.store.append([new_action(command(first + each)) for each in range(500)])
    qtbot.waitUntil(lambda: program.core.store.trouble is not None)


class TestFullDisk:
    def test_it_is_said_and_so_is_its_end(self, small_disk: SmallDisk, on_small_disk: Program, qtbot: QtBot) -> None:
        said = heard(on_small_disk)
        fill(small_disk, on_small_disk, qtbot)
        qtbot.waitUntil(lambda: len(said) == 1)
        small_disk.free()
        qtbot.waitUntil(lambda: len(said) == 2)
        assert said[0] != said[1]
        assert said[1] == "The store takes events again."

    def test_the_forecast_is_still_there(self, small_disk: SmallDisk, on_small_disk: Program, qtbot: QtBot) -> None:
        fill(small_disk, on_small_disk, qtbot)
        for number in range(20):
            on_small_disk.core.observer.sense(command(number))
        qtbot.waitUntil(lambda: on_small_disk.core.forecaster.forecasts() != ())

    def test_the_program_ends(self, small_disk: SmallDisk, on_small_disk: Program, qtbot: QtBot) -> None:
        fill(small_disk, on_small_disk, qtbot)
        for number in range(20):
            on_small_disk.core.observer.sense(command(number))
        on_small_disk.close()
        assert on_small_disk.core.observer.close(0)


class TestEnd:
    def test_everything_sensed_is_stored(self, program: Program, qtbot: QtBot, hand: HandSense, paths: Paths) -> None:
        sensing(program, qtbot)
        for number in range(50):
            hand.does(command(number))
        qtbot.waitUntil(lambda: program.senses.statuses()[0].events == 50)
        program.close()
        store = Store.open(paths.store, KEY)
        with store.reader() as reader:
            actions = reader.counts().actions
        store.close()
        assert actions == 50

    def test_a_training_under_way_is_ended(self, make: Make, qtbot: QtBot) -> None:
        program = make("waits")
        live(program.core.store, ENOUGH)
        with qtbot.waitSignal(program.changed):
            program.train()
        program.close()
        assert not any(thread.isRunning() for thread in program.findChildren(QThread))

    def test_an_import_under_way_is_ended(self, program: Program, qtbot: QtBot, own_home: Path) -> None:
        bash_history(own_home, 5_000)
        program.import_histories(("bash",))
        program.close()
        assert not any(thread.isRunning() for thread in program.findChildren(QThread))

    def test_the_socket_is_gone(self, program: Program, paths: Paths) -> None:
        program.close()
        assert not paths.socket.exists()
        assert not ControlClient(paths.socket).running()

    def test_nothing_begins_any_more(self, program: Program) -> None:
        program.close()
        program.train()
        assert not program.jobs.running(TRAIN)

    def test_a_second_end_does_nothing(self, program: Program) -> None:
        program.close()
        program.close()
        assert program.api_address == ""


class TestRepair:
    def test_what_a_repair_brought_back_although_it_was_forgotten_goes_again_by_itself(
        self, make: Make, qtbot: QtBot, paths: Paths
    ) -> None:
        program = make()
        with end_of(program, "warm up", qtbot):
            program.start()
        store, request = program.core.store, Forget(app="bash")
        live(store, 30)
        begun = store.write_down_forgetting(request, NOW_US).result()
        with store.reader() as reader:
            plan = reader.plan_to_forget(request, begun.up_to_id)
        store.forget(plan, NOW_US).result()
        with paths.store.open("r+b") as file:
            file.seek(3 * 4_096 + 100)
            byte = file.read(1)[0]
            file.seek(3 * 4_096 + 100)
            file.write(bytes((byte ^ 1,)))
        said = heard(program)
        with pytest.raises(DamagedError):
            store.backup()
        assert store.repaired is not None
        assert store.repaired.forgets

        def is_done() -> bool:
            with store.reader() as reader:
                return reader.unfinished_forgetting() is None and reader.counts().actions == 0

        qtbot.waitUntil(is_done)
        assert any("forgotten again" in line for line in said)
        program.close()


class TestForgetting:
    def test_the_answer_comes_first_and_the_model_follows_by_itself(self, make: Make, qtbot: QtBot) -> None:
        program = make()
        live(program.core.store, 40)
        with end_of(program, "warm up", qtbot):
            program.start()
        assert any("vim" in each.action for each in program.core.forecaster.forecasts())
        reported: list[Receipt] = []
        with end_of(program, "warm up", qtbot):
            assert program.forget(Forget(text="vim"), reported.append, lambda *_: None, dry_run=False)
        qtbot.waitUntil(lambda: bool(reported))
        assert reported[0].actions == 8
        known = [each.action for each in program.core.forecaster.forecasts()]
        assert known
        assert not any("vim" in action for action in known)
        program.close()

    def test_one_after_the_other_leaves_a_model_without_both(self, make: Make, qtbot: QtBot) -> None:
        program = make()
        live(program.core.store, 40)
        program.start()
        for number, word in enumerate(("vim", "status")):
            reported: list[Receipt] = []
            assert program.forget(Forget(text=word), reported.append, lambda *_: None, dry_run=False)
            qtbot.waitUntil(lambda reported=reported: bool(reported))
            assert program.commands.status().actions == (32, 24)[number]
        qtbot.waitUntil(lambda: program.core.forecaster.forecasts() != ())
        known = [each.action for each in program.core.forecaster.forecasts()]
        assert not any("vim" in action or "status" in action for action in known)
        program.close()
