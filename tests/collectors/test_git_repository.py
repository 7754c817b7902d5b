from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from collectors.git_repository import Repository, branch_of, repository_of


def git(folder: Path, *arguments: str) -> None:
    made = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *made, *arguments], check=True, capture_output=True)


@pytest.fixture
def top(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    git(folder, "init", "-b", "main")
    git(folder, "commit", "--allow-empty", "-m", "first")
    return folder


def branch_in(folder: Path) -> str | None:
    repository = repository_of(folder)
    assert repository is not None
    return branch_of(repository)


def test_a_folder_lies_in_the_innermost_work_tree_around_it(top: Path):
    (top / "a/b").mkdir(parents=True)
    assert repository_of(top / "a/b") == Repository(top, top / ".git")
    git(top / "a", "init", "-b", "inner")
    assert branch_in(top / "a/b") == "inner"


def test_the_branch_is_the_one_checked_out(top: Path):
    git(top, "checkout", "-b", "topic/deep")
    assert branch_in(top) == "topic/deep"
    git(top, "checkout", "--detach")
    assert branch_in(top) is None


def test_a_linked_work_tree_has_a_branch_of_its_own(top: Path, tmp_path: Path):
    git(top, "worktree", "add", "-b", "other", str(tmp_path / "linked"))
    assert branch_in(tmp_path / "linked") == "other"
    assert branch_in(top) == "main"


def test_elsewhere_there_is_none(tmp_path: Path):
    (tmp_path / "empty/.git").mkdir(parents=True)
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd/.git").write_text("nothing of git's")
    for folder in (tmp_path, tmp_path / "empty", tmp_path / "odd", tmp_path / "gone/below"):
        assert repository_of(folder) is None
