"""Git itself is asked what it leaves out."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from collectors.git_repository import Repository
from collectors.work.gitignore import Ignores

RULES = """
# a remark
build/
*.o
!keep.o
/top
deep/**/file
spaces\\ in\\ it
[
trailing
**/anywhere
a/*/c
!a/kept/c
\\#odd
"""
FILES = [
    *("build/x", "sub/build/x", "build", "a.o", "keep.o", "sub/keep.o", "top", "sub/top", "deep/x/y/file", "deep/file"),
    *("spaces in it", "[", "trailing", "x/anywhere", "a/b/c", "a/kept/c", "#odd", "plain", "sub/plain.txt", "sub/own"),
    *("sub/back.o", "outside", "users.own", "sub/below/own"),
]


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False)
    return done.stdout


@pytest.fixture
def top(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    (folder / "sub").mkdir(parents=True)
    git(folder, "init", "-q")
    (folder / ".gitignore").write_text(RULES)
    (folder / "sub/.gitignore").write_text("own\n!back.o\n")
    (folder / ".git/info/exclude").write_text("outside\n")
    config = Path(os.environ["XDG_CONFIG_HOME"]) / "git"
    config.mkdir(parents=True)
    (config / "ignore").write_text("users.own\n")
    return folder


def left_out(top: Path, path: str) -> bool:
    """As the sense asks: from the top down, for a folder that is left out is not entered."""
    ignores = Ignores(Repository(top, top / ".git"))
    parts = path.split("/")
    folders = ["/".join(parts[: depth + 1]) for depth in range(len(parts) - 1)]
    return any(ignores.leave_out(top / each, is_folder=True) for each in folders) or ignores.leave_out(
        top / path, is_folder=False
    )


@pytest.mark.parametrize("path", FILES)
def test_it_leaves_out_what_git_leaves_out(top: Path, path: str):
    assert left_out(top, path) == bool(git(top, "check-ignore", path))


def test_rules_are_read_again_when_they_changed(top: Path):
    ignores = Ignores(Repository(top, top / ".git"))
    assert not ignores.leave_out(top / "plain", is_folder=False)
    (top / ".gitignore").write_text("plain\n")
    assert not ignores.leave_out(top / "plain", is_folder=False)
    ignores.forget(top)
    assert ignores.leave_out(top / "plain", is_folder=False)
