"""Repositories that git itself works in while the sense watches."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors.events import Event, EventKind, GitDetail, Source
from collectors.history.git.log import GitHistory
from collectors.inotify import Change
from collectors.work import reflogs
from collectors.work.git import GitCollector
from tests.collectors.run_collector import Running, running
from tests.desktop.programs import PATIENCE_S

pytestmark = pytest.mark.desktop


@pytest.fixture(autouse=True)
def patient_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow machine makes git slow, and a commit whose lines git was too slow to count is reported without them."""
    monkeypatch.setattr("collectors.work.git._GIT_PATIENCE_S", float(PATIENCE_S))


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """Processes of nobody but the test: the machine may run others, in repositories of their own."""
    folder = tmp_path / "proc"
    folder.mkdir()
    return folder


def stand_in(proc: Path, folder: Path) -> None:
    """Have a process stand in a folder."""
    (proc / "77").mkdir()
    (proc / "77/cwd").symlink_to(folder)


def git(folder: Path, *arguments: str) -> None:
    own = ("-c", "user.name=Me", "-c", "user.email=me@example.org", "-c", "commit.gpgsign=false", "-c", "gc.auto=0")
    subprocess.run(["git", "-C", str(folder), *own, *arguments], check=True, capture_output=True)


def made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    commit(folder, "Begin")
    return folder


def commit(folder: Path, title: str, text: str = "a line\n", name: str = "file") -> None:
    with (folder / name).open("a") as file:
        file.write(text)
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", title)


@pytest.fixture
def repository(own_home: Path) -> Path:
    return made(own_home / "src/kite")


@pytest.fixture
def work(repository: Path, own_home: Path, proc: Path) -> Iterator[Running]:
    with running(GitCollector(own_home, every_s=0.1, proc=proc)) as at_work:
        watched(at_work, repository)
        yield at_work


def watched(work: Running, repository: Path) -> None:
    """Wait until a repository is watched: a checkout that goes nowhere is seen."""

    def seen() -> bool:
        git(repository, "checkout", "-q", "-B", "main")
        return any(event.target == str(repository) for event in work.events)

    work.until_true(seen)
    git(repository, "checkout", "-q", "-b", "seen")
    git(repository, "checkout", "-q", "main")
    work.until(kind(EventKind.CHECKOUT, "from seen to main"))
    work.events.clear()


def detail(event: Event) -> GitDetail:
    assert isinstance(event.detail, GitDetail)
    return event.detail


def kind(wanted: EventKind, title: str = ""):
    return lambda event: event.kind is wanted and title in (event.title or "")


def test_a_commit_is_reported_with_its_lines_branch_and_intent(repository: Path, work: Running):
    git(repository, "checkout", "-q", "-b", "topic")
    (repository / "file").write_text("one\ntwo\n")
    git(repository, "commit", "-q", "-am", "Fix the kite's tail")
    event = work.until(kind(EventKind.COMMIT))
    assert (event.source, event.app, event.target, event.title) == (
        Source.GIT,
        "git",
        str(repository),
        "Fix the kite's tail",
    )
    head = subprocess.run(
        ["git", "-C", str(repository), "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    )
    assert event.detail == GitDetail("kite", "topic", head.stdout.strip(), 2, 1, "fix")


def test_everything_that_moves_the_head_is_reported_as_what_it_is(repository: Path, work: Running):
    git(repository, "checkout", "-q", "-b", "topic")
    commit(repository, "Add a tail", name="tail")
    git(repository, "checkout", "-q", "main")
    git(repository, "merge", "-q", "--no-ff", "-m", "Merge the topic", "topic")
    work.until(kind(EventKind.MERGE))
    git(repository, "reset", "-q", "--hard", "HEAD~1")
    work.until(kind(EventKind.RESET))
    commit(repository, "Add a string", name="string")
    git(repository, "rebase", "-q", "topic")
    work.until(kind(EventKind.REBASE))
    git(repository, "commit", "-q", "--amend", "-m", "Add a strong string")
    work.until(kind(EventKind.COMMIT, "strong"))
    kinds = [event.kind for event in work.events]
    assert kinds == [
        EventKind.CHECKOUT,
        EventKind.COMMIT,
        EventKind.CHECKOUT,
        EventKind.MERGE,
        EventKind.RESET,
        EventKind.COMMIT,
        EventKind.REBASE,
        EventKind.COMMIT,
    ]


def test_pushes_are_reported_and_pulls_and_not_what_is_only_fetched(
    repository: Path, work: Running, own_home: Path, tmp_path: Path
):
    server = tmp_path / "server.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(server)], check=True)
    git(repository, "remote", "add", "origin", str(server))
    git(repository, "push", "-q", "-u", "origin", "main")
    first = work.until(kind(EventKind.PUSH))
    assert (first.title, detail(first).branch, first.target) == ("to origin/main", "main", str(repository))
    git(repository, "checkout", "-q", "-b", "deep/topic")
    commit(repository, "Add wind")
    git(repository, "push", "-q", "origin", "deep/topic")
    assert detail(work.until(kind(EventKind.PUSH, "deep"))).branch == "deep/topic"
    other = tmp_path / "elsewhere"
    subprocess.run(["git", "clone", "-q", str(server), str(other)], check=True)
    commit(other, "Add rain")
    git(other, "push", "-q")
    git(repository, "checkout", "-q", "main")
    git(repository, "fetch", "-q")
    git(repository, "pull", "-q", "--ff-only", "origin", "main")
    work.until(kind(EventKind.PULL))
    git(repository, "checkout", "-q", "-b", "last")
    work.until(kind(EventKind.CHECKOUT, "to last"))
    assert [event.title for event in work.events if event.kind is EventKind.PUSH] == [
        "to origin/main",
        "to origin/deep/topic",
    ]


def test_what_lies_in_the_past_is_not_reported(repository: Path, work: Running):
    commit(repository, "Add the first thing that is seen")
    work.until(kind(EventKind.COMMIT))
    assert [event.title for event in work.events] == ["Add the first thing that is seen"]


def test_a_repository_that_a_program_comes_to_stand_in_is_watched_from_its_first_commit(
    work: Running, tmp_path: Path, proc: Path
):
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    git(fresh, "init", "-q", "-b", "main")
    commit(fresh, "Begin here")
    stand_in(proc, fresh)
    event = work.until(kind(EventKind.COMMIT, "Begin here"))
    commit(fresh, "Go on")
    work.until(kind(EventKind.COMMIT, "Go on"))
    assert event.target == str(fresh)


def test_an_empty_repository_is_watched_for_its_first_commit(own_home: Path, repository: Path, proc: Path):
    empty = own_home / "empty"
    empty.mkdir()
    git(empty, "init", "-q", "-b", "main")
    with running(GitCollector(own_home, proc=proc)) as work:
        watched(work, repository)
        commit(empty, "Begin")
        commit(empty, "Go on")
        work.until(kind(EventKind.COMMIT, "Go on"))
        assert [event.title for event in work.events] == ["Begin", "Go on"]


def test_a_linked_work_tree_tells_of_itself(repository: Path, work: Running, own_home: Path, proc: Path):
    git(repository, "worktree", "add", "-q", "-b", "other", str(own_home / "linked"))
    stand_in(proc, own_home / "linked")
    commit(own_home / "linked", "Add a link")
    event = work.until(kind(EventKind.COMMIT, "Add a link"))
    assert (event.target, detail(event).repository, detail(event).branch) == (
        str(own_home / "linked"),
        "linked",
        "other",
    )


def test_a_journal_that_git_writes_again_tells_nothing_twice(repository: Path, work: Running):
    for number in range(3):
        commit(repository, f"Add {number}")
    work.until(kind(EventKind.COMMIT, "Add 2"))
    git(repository, "reflog", "delete", "HEAD@{1}")
    commit(repository, "Add more")
    work.until(kind(EventKind.COMMIT, "more"))
    git(repository, "reflog", "expire", "--expire=now", "--all")
    commit(repository, "Add the last")
    work.until(kind(EventKind.COMMIT, "the last"))
    assert [event.title for event in work.events] == ["Add 0", "Add 1", "Add 2", "Add more", "Add the last"]


def test_what_was_seen_live_is_the_same_action_when_the_history_is_imported(repository: Path, work: Running):
    git(repository, "config", "user.email", "me@example.org")
    commit(repository, "Add wings")
    live = work.until(kind(EventKind.COMMIT))
    history = [
        event for event in GitHistory().read(repository) if isinstance(event, Event) and event.title == "Add wings"
    ]
    assert [(event.origin_key, event.detail) for event in history] == [(live.origin_key, live.detail)]


def test_a_repository_that_goes_away_is_no_trouble(repository: Path, work: Running, own_home: Path, proc: Path):
    second = made(own_home / "second")
    shutil.rmtree(repository)
    stand_in(proc, second)
    work.until_true(lambda: any(event.target == str(second) for event in work.events))
    commit(second, "Still here")
    work.until(kind(EventKind.COMMIT, "Still here"))


def test_ten_thousand_broken_lines_do_no_harm(repository: Path, work: Running, caplog: pytest.LogCaptureFixture):
    draw = random.Random(6)
    journal = repository / ".git/logs/HEAD"
    good = journal.read_bytes().splitlines()[-1]
    with journal.open("ab") as file:
        for _ in range(10_000):
            line = bytearray(good)
            for _ in range(draw.randint(1, 5)):
                line[draw.randrange(len(line))] = draw.randrange(256)
            file.write(draw.choice((bytes(line), draw.randbytes(60))) + b"\n")
    commit(repository, "Still here")
    work.until(kind(EventKind.COMMIT, "Still here"))
    assert 1 <= len(caplog.records) <= 11


def test_there_is_an_end_to_what_is_watched(
    own_home: Path, proc: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    for number in range(4):
        made(own_home / f"r{number}")
        os.utime(own_home / f"r{number}/.git/logs/HEAD", (0, 1_700_000_000 + number))
    monkeypatch.setattr(reflogs, "MAX_REPOSITORIES", 2)
    with running(GitCollector(own_home, proc=proc)) as work:
        watched(work, own_home / "r3")
        for number in range(4):
            commit(own_home / f"r{number}", f"In {number}")
        work.until(kind(EventKind.COMMIT, "In 3"))
        assert {event.title for event in work.events} == {"In 2", "In 3"}
    assert len(caplog.records) == 1


def test_notices_that_were_lost_are_made_up_for(repository: Path, own_home: Path):
    with reflogs.Inotify() as inotify:
        watching = reflogs.Journals(inotify)
        watching.add([reflogs.Repository(repository, repository / ".git")], fresh=False)
        commit(repository, "Unseen")
        inotify.read()
        added = watching.take_in([reflogs.Notice(-1, Change.OVERFLOW, "")])
    assert [line.partition(b"\t")[2] for each in added for line in each.lines] == [b"commit: Unseen"]


def test_git_itself_is_needed(monkeypatch: pytest.MonkeyPatch, own_home: Path):
    assert GitCollector(own_home).check() is None
    monkeypatch.setenv("PATH", str(own_home))
    missing = GitCollector(own_home).check()
    assert missing is not None
    assert "git" in missing.remedy
