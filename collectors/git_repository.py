"""Which repository a folder lies in, and which branch it is on, read from git's own files without starting git.

Sources: gitrepository-layout(5), gitglossary(7) on "gitfile".
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

_MAX_DEPTH: Final = 64
_MAX_BYTES: Final = 4_096
_GITFILE: Final = "gitdir: "
_HEAD: Final = "ref: refs/heads/"


@dataclass(frozen=True, slots=True)
class Repository:
    """A work tree.

    Attributes:
        top: its folder. git: the folder in which git keeps what belongs to this work tree: `.git`, or a folder
        it names (worktrees, submodules).
    """

    top: Path
    git: Path


def repository_of(folder: Path) -> Repository | None:
    """The innermost work tree that a folder lies in; None if it lies in none, or that is unknown."""
    for top in (folder, *folder.parents)[:_MAX_DEPTH]:
        git = _git_folder(top)
        if git is not None:
            return Repository(top, git)
    return None


def branch_of(repository: Repository) -> str | None:
    """The branch that is checked out; None with a detached head."""
    text = _first_line(repository.git / "HEAD")
    return text.removeprefix(_HEAD) if text is not None and text.startswith(_HEAD) else None


def common_folder(repository: Repository) -> Path:
    """The folder in which git keeps what all work trees of a repository share, the branches of its remotes among it."""
    named = _first_line(repository.git / "commondir")
    return repository.git if named is None else repository.git / named


def _git_folder(top: Path) -> Path | None:
    marked = top / ".git"
    try:
        if marked.is_dir():
            return marked if (marked / "HEAD").exists() else None
    except OSError:
        return None  # it may not be entered
    text = _first_line(marked)
    return top / text.removeprefix(_GITFILE) if text is not None and text.startswith(_GITFILE) else None


def _first_line(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_BYTES).decode("utf-8", "replace").partition("\n")[0]
    except OSError:
        return None  # gone, or not to be read: then nothing is known
