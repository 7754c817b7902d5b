"""The status, read when something changed and no more often than is worth looking at."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from app.errors import StoreError
from app.services.status import Status
from app.workers.jobs import Jobs
from app.workers.status_feed import UNWATCHED_MS, WATCHED_MS, StatusFeed
from tools import sample_values as sample

WAIT_S = 180


class Reading:
    """Counts the readings; the test says when one is done."""

    def __init__(self) -> None:
        self.begun = 0
        self.let_go = threading.Event()
        self.let_go.set()

    def __call__(self) -> Status:
        self.begun += 1
        assert self.let_go.wait(WAIT_S)
        return sample.STATUS


@pytest.fixture
def reading() -> Reading:
    return Reading()


@pytest.fixture
def feed(jobs: Jobs, reading: Reading) -> Iterator[StatusFeed]:
    made = StatusFeed(reading, jobs)
    yield made
    timer(made).stop()


def timer(feed: StatusFeed) -> QTimer:
    return feed.findChildren(QTimer)[0]


def test_a_refresh_tells_the_status(feed: StatusFeed, qtbot: QtBot) -> None:
    with qtbot.waitSignal(feed.status) as reported:
        feed.refresh()
    assert reported.args == [sample.STATUS]


def test_many_changes_are_one_reading(feed: StatusFeed, qtbot: QtBot, reading: Reading) -> None:
    feed.watched = True
    with qtbot.waitSignal(feed.status):
        for _ in range(100):
            feed.stale()
        assert reading.begun == 0
    assert reading.begun == 1


@pytest.mark.parametrize(("watched", "within_ms"), [(True, WATCHED_MS), (False, UNWATCHED_MS)])
def test_a_change_is_shown_sooner_while_somebody_looks(feed: StatusFeed, watched: bool, within_ms: int) -> None:
    feed.watched = watched
    feed.stale()
    assert timer(feed).interval() == within_ms
    assert timer(feed).isActive()


def test_reading_the_status_is_no_change_of_it(feed: StatusFeed, qtbot: QtBot, jobs: Jobs) -> None:
    with qtbot.waitSignal(jobs.ended):
        feed.refresh()
    assert not timer(feed).isActive()


def test_a_change_while_one_is_read_waits_for_the_next(
    feed: StatusFeed, qtbot: QtBot, reading: Reading, jobs: Jobs
) -> None:
    reading.let_go.clear()
    feed.refresh()
    feed.refresh()
    assert timer(feed).isActive()
    with qtbot.waitSignal(jobs.ended):
        reading.let_go.set()
    assert reading.begun == 1


def test_a_status_that_cannot_be_read_is_reported(jobs: Jobs, qtbot: QtBot, failures: list[tuple[str, str]]) -> None:
    def read() -> Status:
        raise StoreError("The store cannot be read.", "Look at the disk.")

    with qtbot.waitSignal(jobs.ended):
        StatusFeed(read, jobs).refresh()
    assert failures == [("The store cannot be read.", "Look at the disk.")]
