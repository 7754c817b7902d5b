"""What a repository tells of its user, read from repositories that git itself has made."""

from __future__ import annotations

import os
import subprocess

import pytest

from collectors.events import US_PER_S, EventKind
from collectors.history.git.log import GitHistory
from collectors.history.reader import HistoryError
from tests.collectors.history.made_repository import Repository
from tests.collectors.history.reading import events, keys, rejected, unprivileged

GIT = GitHistory()


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "work" / "garden")


def reported(repository, kind=None):
    return [event.title for event in events(GIT, repository.path) if kind is None or event.kind is kind]


def test_a_commit_tells_when_where_and_how_much(repository):
    repository.commit("Plant trees", "a\nb\nc\n")
    (event,) = events(GIT, repository.path)
    assert (event.title, event.ts_us, event.utc_offset_s, event.app) == (
        "Plant trees",
        repository.now_s * US_PER_S,
        7_200,
        "git",
    )
    assert (event.detail.repository, event.detail.branch) == ("garden", "main")
    assert (event.detail.insertions, event.detail.deletions) == (3, 0)


def test_commits_of_every_branch_are_reported_in_order(repository):
    repository.commit("one")
    repository.git("checkout", "-q", "-b", "topic")
    repository.commit("two")
    repository.git("checkout", "-q", "main")
    repository.commit("three")
    assert sorted(reported(repository, EventKind.COMMIT)) == ["one", "three", "two"]


def test_a_commit_in_the_log_and_in_the_reflog_is_one(repository):
    repository.commit("one")
    repository.commit("two")
    assert reported(repository) == ["one", "two"]


def test_a_commit_that_was_rebased_is_still_one(repository):
    repository.commit("base")
    repository.git("checkout", "-q", "-b", "topic")
    repository.commit("work", name="other")
    repository.git("checkout", "-q", "main")
    repository.commit("ahead")
    repository.git("checkout", "-q", "topic")
    repository.git("rebase", "-q", "main")
    assert reported(repository, EventKind.COMMIT).count("work") == 1
    assert len(reported(repository, EventKind.REBASE)) == 1


def test_commits_of_others_are_not_the_users(repository):
    repository.commit("mine")
    repository.git("checkout", "-q", "--orphan", "theirs")
    repository.commit("theirs", GIT_AUTHOR_EMAIL="you@example.org", GIT_COMMITTER_EMAIL="you@example.org")
    clone = repository.path.parent / "clone"
    subprocess.run(["git", "clone", "-q", str(repository.path), str(clone)], check=True, capture_output=True)
    subprocess.run(["git", "-C", str(clone), "config", "user.email", "me@example.org"], check=True)
    assert [event.title for event in events(GIT, clone)] == ["mine"]


def test_an_address_that_only_looks_like_the_users_is_anothers(repository):
    repository.git("config", "user.email", "me@example.org")
    repository.git("config", "core.logAllRefUpdates", "false")
    repository.commit("theirs", GIT_AUTHOR_EMAIL="notme@example.org.evil")
    assert reported(repository) == []


def test_the_reflog_tells_what_commits_do_not(repository):
    repository.commit("one")
    repository.git("checkout", "-q", "-b", "topic")
    repository.commit("two")
    repository.git("checkout", "-q", "main")
    repository.git("merge", "-q", "topic")
    repository.git("reset", "-q", "--hard", "HEAD~1")
    repository.git("pull", "-q", ".", "topic")
    moves = [event.kind for event in events(GIT, repository.path) if event.kind is not EventKind.COMMIT]
    assert moves == [EventKind.CHECKOUT, EventKind.CHECKOUT, EventKind.MERGE, EventKind.RESET, EventKind.PULL]


def test_work_that_was_thrown_away_is_still_reported(repository):
    repository.commit("one")
    repository.commit("lost")
    repository.git("reset", "-q", "--hard", "HEAD~1")
    repository.git("reflog", "show")
    assert "lost" in reported(repository, EventKind.COMMIT)


def test_the_reflog_knows_the_branch(repository):
    repository.commit("one")
    repository.git("checkout", "-q", "-b", "topic")
    (checkout,) = [event for event in events(GIT, repository.path) if event.kind is EventKind.CHECKOUT]
    assert checkout.detail.branch == "topic"


def test_reading_twice_gives_the_same_identities(repository):
    repository.commit("one")
    repository.git("checkout", "-q", "-b", "topic")
    first = keys(GIT, repository.path)
    assert keys(GIT, repository.path) == first
    assert len(set(first)) == len(first) == 2


def test_a_grown_and_moved_repository_brings_only_what_is_new(repository, tmp_path):
    repository.commit("one")
    old = keys(GIT, repository.path)
    repository.commit("two")
    moved = tmp_path / "moved"
    repository.path.rename(moved)
    assert keys(GIT, moved)[:1] == old
    assert len(keys(GIT, moved)) == 2


def test_a_bare_repository_has_its_commits(repository, tmp_path):
    repository.commit("one")
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(repository.path), str(bare)], check=True, capture_output=True)
    subprocess.run(["git", "-C", str(bare), "config", "user.email", "me@example.org"], check=True)
    (event,) = events(GIT, bare)
    assert (event.title, event.detail.repository) == ("one", "bare")


def test_the_folder_inside_the_work_tree_is_the_same_repository(repository):
    repository.commit("one")
    (event,) = events(GIT, repository.path / ".git")
    assert event.detail.repository == "garden"
    assert [event.origin_key] == keys(GIT, repository.path)


def test_a_work_tree_has_its_own_reflog(repository, tmp_path):
    repository.commit("one")
    tree = tmp_path / "tree"
    repository.git("worktree", "add", "-q", "-b", "side", str(tree))
    subprocess.run(["git", "-C", str(tree), "checkout", "-q", "-b", "side2"], check=True, capture_output=True)
    assert EventKind.CHECKOUT in [event.kind for event in events(GIT, tree)]


def test_a_fresh_repository_tells_nothing(repository):
    assert list(GIT.read(repository.path)) == []


def test_without_an_address_the_reflog_is_read_and_the_reason_given(tmp_path):
    repository = Repository(tmp_path / "r", email="")
    address = {"GIT_AUTHOR_EMAIL": "me@example.org", "GIT_COMMITTER_EMAIL": "me@example.org"}
    repository.commit("one", **address)
    assert reported(repository) == ["one"]
    assert "user.email" in rejected(GIT, repository.path)[0].reason


def test_a_title_in_another_encoding_is_kept(repository):
    repository.commit("one")
    repository.git("-c", "i18n.commitEncoding=ISO-8859-1", "commit", "-q", "--allow-empty", "-m", b"caf\xe9")
    assert "café" in reported(repository)


def test_programs_that_a_repository_names_do_not_run(repository, tmp_path):
    trap = tmp_path / "trap"
    repository.commit("one")
    for key in ("core.fsmonitor", "diff.external", "core.pager", "core.sshCommand", "gpg.program"):
        repository.git("config", key, f"touch {trap}; true")
    repository.git("config", "log.showSignature", "true")
    assert reported(repository) == ["one"]
    assert not trap.exists()


def test_a_broken_reflog_line_is_rejected_and_the_others_kept(repository):
    repository.commit("one")
    repository.git("checkout", "-q", "-b", "topic")
    journal = repository.path / ".git/logs/HEAD"
    journal.write_bytes(b"rubbish\n" + journal.read_bytes() + b"\xff\xfe\n" + b"0" * 40)
    assert reported(repository) == ["one", "checkout: moving from main to topic"]
    assert len(rejected(GIT, repository.path)) == 3


def test_a_broken_object_leaves_the_reflog(repository):
    repository.commit("one")
    repository.commit("two")
    for path in (repository.path / ".git/objects").glob("??/*"):
        path.chmod(0o600)
        path.write_bytes(b"broken")
    assert reported(repository) == ["one", "two"]
    assert len(rejected(GIT, repository.path)) == 1


@pytest.mark.parametrize("name", ["nowhere", "file", "empty"])
def test_what_is_no_repository_is_an_error_with_a_way_out(tmp_path, name):
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    with pytest.raises(HistoryError) as error:
        list(GIT.read(tmp_path / name))
    assert error.value.remedy


def test_a_repository_that_may_not_be_read_is_an_error_with_a_way_out(repository):
    repository.commit("one")
    repository.path.chmod(0)
    try:
        with unprivileged(), pytest.raises(HistoryError) as error:
            list(GIT.read(repository.path))
    finally:
        repository.path.chmod(0o700)
    assert error.value.remedy


def test_without_git_there_is_a_way_out(repository, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HistoryError, match="Install the package git"):
        list(GIT.read(repository.path))


def test_a_reader_that_is_left_early_leaves_no_process(repository):
    for title in "abc":
        repository.commit(title)
    rows = GIT.read(repository.path)
    next(rows)
    rows.close()
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
