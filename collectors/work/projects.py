"""The folders in which the user works: those of running programs, and the repositories around them."""

from __future__ import annotations

import os
from pathlib import Path

from collectors.git_repository import Repository, repository_of


def folders_in_use(proc: Path = Path("/proc")) -> frozenset[Path]:
    """The working folders of this user's processes, as far as they may be read: shells, editors, what they started."""
    found = set()
    uid = os.getuid()
    with os.scandir(proc) as entries:
        for entry in entries:
            if not entry.name.isdigit():
                continue
            try:
                if entry.stat().st_uid == uid:
                    found.add((proc / entry.name / "cwd").readlink())
            except OSError:
                continue  # it has ended meanwhile, or guards itself
    return frozenset(folder for folder in found if folder.is_absolute() and not folder.name.endswith(" (deleted)"))


def repositories_in_use(proc: Path = Path("/proc")) -> frozenset[Repository]:
    """The work trees around those folders."""
    return frozenset(found for folder in folders_in_use(proc) if (found := repository_of(folder)) is not None)


def last_used_s(repository: Repository) -> float:
    """When something was last done in a repository, seconds since the epoch; 0 if unknown."""
    for name in ("logs/HEAD", "index", "HEAD"):
        try:
            return (repository.git / name).stat().st_mtime
        except OSError:
            continue  # this one is not there: the next may be
    return 0.0
