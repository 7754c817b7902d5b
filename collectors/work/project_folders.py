"""The folders of some projects, watched: a bounded number of them, without what the projects leave out."""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from collectors.git_repository import Repository
from collectors.inotify import Change, Inotify, Notice
from collectors.work.file_names import is_entered, sign_of
from collectors.work.gitignore import RULES, Ignores

MAX_PROJECTS: Final = 32
MAX_FOLDERS: Final = 4_096
MAX_FOLDERS_OF_ONE: Final = 1_024
_CHANGES: Final = Change.CLOSE_WRITE | Change.MOVED_TO | Change.MOVED_FROM | Change.CREATE | Change.ONLY_FOLDER
_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Touched:
    """A file that was made, moved here, or closed after it had been written to.

    Attributes:
        project: the repository it lies in.
        path: the file.
        written: whether it holds something new; it was only made if not.
    """

    project: Repository
    path: Path
    written: bool


@dataclass(slots=True)
class _Project:
    repository: Repository
    ignores: Ignores
    folders: dict[Path, int] = field(default_factory=dict)


class ProjectFolders:
    """Watches the folders of projects; used by one thread.

    Args:
        inotify: reports the changes.
    """

    def __init__(self, inotify: Inotify) -> None:
        self._inotify = inotify
        self._projects: dict[Path, _Project] = {}
        self._folders: dict[int, tuple[_Project, Path]] = {}
        self._full = False

    def follow(self, projects: Sequence[Repository]) -> None:
        """Watch these projects, those named first before the others, and no longer those that are not named."""
        wanted = {each.top: each for each in projects[:MAX_PROJECTS]}
        for top in self._projects.keys() - wanted.keys():
            self._leave(self._projects.pop(top), top)
        for top, repository in wanted.items():
            if top not in self._projects:
                project = self._projects[top] = _Project(repository, Ignores(repository))
                self._enter(project, top)

    def take_in(self, notices: Iterable[Notice]) -> Iterator[Touched]:
        """The files that some notices are about."""
        for notice in notices:
            if notice.change & Change.OVERFLOW:
                _LOG.warning("More files changed at once than the kernel could report; some were missed")
                continue
            found = self._folders.get(notice.watch)
            if found is None:
                continue
            project, folder = found
            path = folder / notice.name
            if notice.change & Change.IGNORED:
                self._forget(notice.watch)
            elif notice.change & Change.IS_FOLDER:
                self._leave(project, path)  # one that is moved keeps its number, and gets another name
                if notice.change & (Change.CREATE | Change.MOVED_TO) and self._is_entered(project, path):
                    self._enter(project, path)
            elif not notice.change & Change.MOVED_FROM:
                if notice.name == RULES:
                    project.ignores.forget(folder)
                sign = sign_of(notice.name)  # many leave an editor's signs out, but mean no file by it
                meant = path if sign is None else folder / sign.name
                if not project.ignores.leave_out(meant, is_folder=False):
                    yield Touched(project.repository, path, written=not notice.change & Change.CREATE)

    def _is_entered(self, project: _Project, path: Path) -> bool:
        return is_entered(path.name) and not project.ignores.leave_out(path, is_folder=True)

    def _enter(self, project: _Project, top: Path) -> None:
        """Watch a folder and those below it, the upper ones first, as far as there is room."""
        waiting = deque([top])
        while waiting:
            folder = waiting.popleft()
            if len(project.folders) >= MAX_FOLDERS_OF_ONE or not self._watch(project, folder):
                continue
            try:
                with os.scandir(folder) as entries:
                    names = sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
            except OSError:
                continue  # it has gone meanwhile
            waiting.extend(folder / name for name in names if self._is_entered(project, folder / name))

    def _watch(self, project: _Project, folder: Path) -> bool:
        if len(self._folders) < MAX_FOLDERS:
            try:
                watch = self._inotify.watch(folder, _CHANGES)
            except OSError:
                if not folder.is_dir():
                    return False  # it has gone meanwhile
            else:
                self._folders[watch] = (project, folder)
                project.folders[folder] = watch
                return True
        if not self._full:
            self._full = True
            _LOG.warning("Only %d folders of projects are watched; there is no room for more", len(self._folders))
        return False

    def _leave(self, project: _Project, top: Path) -> None:
        for folder in [each for each in project.folders if each == top or top in each.parents]:
            watch = project.folders[folder]
            self._forget(watch)
            self._inotify.unwatch(watch)

    def _forget(self, watch: int) -> None:
        project, folder = self._folders.pop(watch, (None, None))
        if project is not None and folder is not None:
            project.folders.pop(folder, None)
