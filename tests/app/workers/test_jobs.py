"""Long work on threads of its own: what comes back, what is said when it breaks, and how it ends."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.errors import KnownError
from app.services.learning.brain import JobCancelledError
from app.workers.jobs import Jobs
from tests.app.qt import bury

WAIT_S = 180


def wait_for_cancel(_report: Callable[[object], None], cancelled: threading.Event) -> str:
    assert cancelled.wait(WAIT_S)
    return "what was done until then"


def test_a_result_comes_back_on_the_main_thread(jobs: Jobs, qtbot: QtBot) -> None:
    seen: list[tuple[object, threading.Thread]] = []
    with qtbot.waitSignal(jobs.ended):
        jobs.start("add", lambda *_: 1 + 1, succeeded=lambda got: seen.append((got, threading.current_thread())))
    assert seen == [(2, threading.main_thread())]


def test_the_work_is_done_off_the_main_thread(jobs: Jobs, qtbot: QtBot) -> None:
    seen: list[object] = []
    with qtbot.waitSignal(jobs.ended):
        jobs.start("where", lambda *_: threading.current_thread(), succeeded=seen.append)
    assert seen[0] is not threading.main_thread()


def test_progress_comes_in_order_and_before_the_result(jobs: Jobs, qtbot: QtBot) -> None:
    seen: list[object] = []

    def work(report: Callable[[object], None], _cancelled: threading.Event) -> str:
        for done in range(5):
            report(done)
        return "whole"

    with qtbot.waitSignal(jobs.ended):
        jobs.start("count", work, progressed=seen.append, succeeded=seen.append)
    assert seen == [0, 1, 2, 3, 4, "whole"]


def test_a_known_error_is_reported_in_its_own_words(jobs: Jobs, qtbot: QtBot, failures: list[tuple[str, str]]) -> None:
    def work(*_: object) -> None:
        raise KnownError("The disk is full.", "Make room.")

    with qtbot.waitSignal(jobs.ended):
        jobs.start("save", work)
    assert failures == [("The disk is full.", "Make room.")]


def test_a_job_has_ended_only_when_its_result_was_reported(jobs: Jobs, qtbot: QtBot) -> None:
    reported: list[str] = []
    jobs.ended.connect(lambda name: reported.append(f"end of {name}"))
    names = [str(number) for number in range(20)]
    for name in names:
        jobs.start(name, lambda *_, name=name: name, succeeded=lambda result: reported.append(str(result)))
    qtbot.waitUntil(lambda: len(reported) == 2 * len(names))
    assert all(reported.index(name) < reported.index(f"end of {name}") for name in names)


def test_who_starts_a_job_may_take_its_error(jobs: Jobs, qtbot: QtBot, failures: list[tuple[str, str]]) -> None:
    taken: list[str] = []

    def work(*_: object) -> None:
        raise KnownError("No.", "Another time.")

    with qtbot.waitSignal(jobs.ended):
        jobs.start("ask", work, failed=lambda message, _remedy: taken.append(message))
    assert (taken, failures) == (["No."], [])


def test_a_fault_of_the_program_is_a_sentence_for_the_user(
    jobs: Jobs, qtbot: QtBot, failures: list[tuple[str, str]]
) -> None:
    with qtbot.waitSignal(jobs.ended):
        jobs.start("divide", lambda *_: 1 // 0)
    assert "fault of the program" in failures[0][0]
    assert "log" in failures[0][1]


def test_a_fault_of_the_program_goes_to_the_log_whole(
    jobs: Jobs, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    with qtbot.waitSignal(jobs.ended):
        jobs.start("divide", lambda *_: 1 // 0)
    (record,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert "divide" in record.getMessage()
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError


def test_a_second_job_of_one_name_does_not_start(jobs: Jobs) -> None:
    assert jobs.start("train", wait_for_cancel)
    assert not jobs.start("train", wait_for_cancel)


def test_jobs_of_different_names_run_next_to_each_other(jobs: Jobs, qtbot: QtBot) -> None:
    met = threading.Barrier(2)
    with qtbot.waitSignals([jobs.ended, jobs.ended]):
        for name in ("one", "other"):
            jobs.start(name, lambda *_: met.wait(WAIT_S), succeeded=None)
    assert not met.broken


def test_a_name_is_free_again_when_its_job_has_ended(jobs: Jobs, qtbot: QtBot) -> None:
    with qtbot.waitSignal(jobs.ended) as reported:
        jobs.start("train", lambda *_: None)
    assert reported.args == ["train"]
    assert not jobs.running("train")
    assert jobs.start("train", lambda *_: None)


def test_the_answer_to_an_error_may_be_the_same_job_again(jobs: Jobs, qtbot: QtBot) -> None:
    attempts: list[bool] = []

    def refused(*_: object) -> None:
        raise KnownError("No.", "Another time.")

    def again(*_: str) -> None:
        if len(attempts) < 50:
            attempts.append(jobs.start("unlock", refused, failed=again))

    again()
    qtbot.waitUntil(lambda: len(attempts) == 50 and not jobs.running("unlock"))
    assert all(attempts)


def test_work_that_looks_at_the_flag_ends_with_what_it_has(jobs: Jobs, qtbot: QtBot) -> None:
    seen: list[object] = []
    jobs.start("import", wait_for_cancel, succeeded=seen.append)
    with qtbot.waitSignal(jobs.ended):
        jobs.cancel("import")
    assert seen == ["what was done until then"]


def test_work_that_reports_is_stopped_at_its_next_report(jobs: Jobs, qtbot: QtBot) -> None:
    reported: list[str] = []

    def work(report: Callable[[object], None], cancelled: threading.Event) -> None:
        cancelled.wait(WAIT_S)
        report("one more")

    jobs.start(
        "train",
        work,
        progressed=lambda _: reported.append("progress"),
        succeeded=lambda _: reported.append("result"),
        stopped=lambda: reported.append("stopped"),
    )
    with qtbot.waitSignal(jobs.ended):
        jobs.cancel("train")
    assert reported == ["stopped"]


def test_a_cancelled_job_is_no_failure(jobs: Jobs, qtbot: QtBot, failures: list[tuple[str, str]]) -> None:
    def work(*_: object) -> None:
        raise JobCancelledError("Stopped.", "")

    with qtbot.waitSignal(jobs.ended):
        jobs.start("train", work)
    assert failures == []


def test_cancelling_what_is_not_under_way_does_nothing(jobs: Jobs) -> None:
    jobs.cancel("train")
    assert not jobs.running("train")


def test_closing_cancels_every_job_and_waits_for_them(jobs: Jobs) -> None:
    ended: list[str] = []

    def work(_report: object, cancelled: threading.Event) -> None:
        assert cancelled.wait(WAIT_S)
        ended.append("one")

    for name in ("a", "b", "c"):
        jobs.start(name, work)
    jobs.close()
    assert len(ended) == 3


def test_nothing_begins_after_the_close(jobs: Jobs) -> None:
    jobs.close()
    assert not jobs.start("train", wait_for_cancel)


@pytest.fixture
def impatient(qapp: object) -> Iterator[Jobs]:
    made = Jobs(lambda *_: None, end_within_ms=1)
    yield made
    bury(made)


def test_a_job_that_does_not_hear_is_left_behind_and_logged(
    impatient: Jobs, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    let_go = threading.Event()
    with qtbot.waitSignal(impatient.ended):
        impatient.start("deaf", lambda *_: let_go.wait(WAIT_S))
        impatient.close()
        assert impatient.running("deaf")
        let_go.set()
    assert "'deaf' did not end in time" in caplog.text
