"""Finds the git repositories under home, without walking into folders in which no person keeps work."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

MAX_DEPTH: Final = 6
MAX_FOLDERS: Final = 30_000
MAX_REPOSITORIES: Final = 500

_SKIPPED: Final = frozenset(
    {
        "node_modules",
        "site-packages",
        "__pycache__",
        "venv",
        "target",
        "vendor",
        "bower_components",
        "snap",
        "lost+found",
    }
)
# Of the hidden folders only those in which people keep work of their own; the rest are caches and tools.
_HIDDEN_WITH_WORK: Final = frozenset({".config", ".dotfiles", ".emacs.d", ".vim"})


def repositories_under(home: Path, go_on: Callable[[], bool] = lambda: True) -> tuple[Path, ...]:
    """The repositories under a folder: work trees and bare ones, nearest first, at most MAX_REPOSITORIES.

    Links are not followed. Folders that may not be entered are passed over.

    Args:
        home: the folder.
        go_on: asked at each folder; if it says no, what was found until then is all.
    """
    found: list[Path] = []
    waiting = deque([(home, 0)])
    looked_at = 0
    while waiting and looked_at < MAX_FOLDERS and len(found) < MAX_REPOSITORIES and go_on():
        folder, depth = waiting.popleft()
        looked_at += 1
        try:
            with os.scandir(folder) as entries:
                names = {entry.name: entry.is_dir(follow_symlinks=False) for entry in entries}
        except OSError:
            continue  # it may not be entered, or went away meanwhile
        if ".git" in names or _is_bare(names):
            found.append(folder)
        if depth < MAX_DEPTH and not _is_bare(names):
            waiting.extend(
                (folder / name, depth + 1) for name in sorted(names) if names[name] and _worth_entering(name)
            )
    return tuple(found)


def _is_bare(names: dict[str, bool]) -> bool:
    return names.get("objects", False) and names.get("refs", False) and "HEAD" in names


def _worth_entering(name: str) -> bool:
    return name in _HIDDEN_WITH_WORK if name.startswith(".") else name not in _SKIPPED
