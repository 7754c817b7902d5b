"""The journals of git repositories (gitrepository-layout(5), `logs`): watched, and read as lines are added to them.

A repository has one for the moves of its head, and one for each branch of a remote, which shows pushes.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collectors.git_repository import Repository, common_folder
from collectors.inotify import Change, Inotify, Notice
from collectors.work.projects import last_used_s
from collectors.work.tail import Tail

MAX_REPOSITORIES: Final = 256
MAX_WATCHES: Final = 2_048
_CHANGES: Final = Change.MODIFY | Change.CREATE | Change.MOVED_TO | Change.ONLY_FOLDER
_HEAD: Final = "HEAD"
_LOCK: Final = ".lock"
_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Added:
    """Lines that were added to a journal.

    Attributes:
        repository: whose it is.
        remote_branch: "origin/main", in the journal of a remote's branch; None in that of the head.
        lines: without their ends.
    """

    repository: Repository
    remote_branch: str | None
    lines: list[bytes]


@dataclass(slots=True)
class _Journal:
    repository: Repository
    remote_branch: str | None
    tail: Tail


class Journals:
    """Watches the journals of some repositories; used by one thread.

    Args:
        inotify: reports the changes.
    """

    def __init__(self, inotify: Inotify) -> None:
        self._inotify = inotify
        self._known: set[Path] = set()
        self._folders: dict[int, tuple[Repository, Path]] = {}
        self._journals: dict[Path, _Journal] = {}
        self._full = False

    def add(self, repositories: Iterable[Repository], *, fresh: bool) -> list[Added]:
        """Watch some more repositories, the one used last first, as many as there is room for.

        Args:
            repositories: those that are watched already are passed over.
            fresh: whether what their journals hold now is new too.

        Returns:
            What is new.
        """
        unknown = [each for each in repositories if _identity(each) not in self._known]
        for repository in sorted(unknown, key=last_used_s, reverse=True):
            if len(self._known) >= MAX_REPOSITORIES:
                self._say_full()
                break
            self._known.add(_identity(repository))
            self._watch_folders(repository, fresh=fresh)
        return list(self._read(self._journals)) if unknown and fresh else []

    def take_in(self, notices: Iterable[Notice]) -> list[Added]:
        """What was added, as some notices tell."""
        changed: dict[Path, None] = {}
        for notice in notices:
            if notice.change & Change.OVERFLOW:
                for repository, _ in set(self._folders.values()):
                    self._watch_folders(repository, fresh=True)
                return list(self._read(self._journals))
            found = self._folders.get(notice.watch)
            if found is None:
                continue
            repository, folder = found
            if notice.change & Change.IGNORED:  # the folder is gone; its number may be given to another
                del self._folders[notice.watch]
            elif folder == repository.git and notice.name != "logs":
                continue
            elif notice.change & Change.IS_FOLDER:
                if folder == repository.git:
                    self._inotify.unwatch(notice.watch)
                before = set(self._journals)
                self._watch_folders(repository, fresh=True)
                changed |= dict.fromkeys(self._journals.keys() - before)
            elif not notice.name.endswith(_LOCK):
                self._journal(repository, folder, notice.name, fresh=True)
                changed[folder / notice.name] = None
        return list(self._read(changed))

    def _read(self, paths: Iterable[Path]) -> Iterator[Added]:
        for path in tuple(paths):
            journal = self._journals.get(path)
            lines = [] if journal is None else journal.tail.read()
            if journal is not None and lines:
                yield Added(journal.repository, journal.remote_branch, lines)

    def _watch_folders(self, repository: Repository, *, fresh: bool) -> None:
        """Watch the folders of a repository's journals, and know the journals that are in them."""
        logs = repository.git / "logs"
        # Without a journal yet (a new repository), its beginning is waited for one folder higher.
        folders = [logs if logs.is_dir() else repository.git, *_remote_folders(repository)]
        for folder in folders:
            if self._watch(repository, folder):
                for name in _files_in(folder):
                    self._journal(repository, folder, name, fresh=fresh)

    def _watch(self, repository: Repository, folder: Path) -> bool:
        if len(self._folders) >= MAX_WATCHES:
            self._say_full()
            return False
        try:
            self._folders.setdefault(self._inotify.watch(folder, _CHANGES), (repository, folder))
        except OSError:
            if folder.is_dir():  # else it has gone meanwhile
                self._say_full()
            return False
        return True

    def _journal(self, repository: Repository, folder: Path, name: str, *, fresh: bool) -> None:
        path = folder / name
        remotes = common_folder(repository) / "logs" / "refs" / "remotes"
        if path == repository.git / "logs" / _HEAD:
            remote_branch = None
        elif name != _HEAD and path.is_relative_to(remotes) and folder != remotes:
            remote_branch = path.relative_to(remotes).as_posix()
        else:
            return
        if path not in self._journals:
            self._journals[path] = _Journal(repository, remote_branch, Tail(path, from_start=fresh))

    def _say_full(self) -> None:
        if not self._full:
            self._full = True
            _LOG.warning("Only %d git repositories are watched; there is no room for more", len(self._known))


def _identity(repository: Repository) -> Path:
    return Path(os.path.realpath(repository.git))


def _remote_folders(repository: Repository) -> Iterator[Path]:
    """The folders in which journals of remote branches are or may come to be; a bounded number of them."""
    logs = common_folder(repository) / "logs"
    for folder in (logs, logs / "refs", logs / "refs" / "remotes"):
        if not folder.is_dir():
            return
        yield folder
    for number, (above, names, _) in enumerate(os.walk(logs / "refs" / "remotes")):
        if number >= MAX_WATCHES:
            return
        yield from (Path(above, name) for name in names)


def _files_in(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
    except OSError:
        return []  # gone meanwhile
