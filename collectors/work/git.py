"""What is done in git repositories, as git itself writes it down in its journals (gitreflog), seen as it is written."""

from __future__ import annotations

import logging
import select
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from collectors.collector import CollectorError, Emit, Stop, Unavailable
from collectors.events import US_PER_S, EventKind, Source
from collectors.git_repository import Repository, branch_of, repository_of
from collectors.history.git.log import changed_lines, event_of
from collectors.history.git.reflog import Move, NoMove, move_of, push_of
from collectors.history.git.repositories import repositories_under
from collectors.history.reader import possible_time
from collectors.inotify import Inotify
from collectors.timestamp import Timestamp, now
from collectors.work.projects import repositories_in_use
from collectors.work.reflogs import Added, Journals

LOOK_EVERY_S: Final = 30.0
WALK_EVERY_S: Final = 3_600.0
_MOST_COUNTED: Final = 20
_GIT_PATIENCE_S: Final = 0.8  # who stops a sense waits for a second
_SAID_EVERY: Final = 1_000
_LOG: Final = logging.getLogger(__name__)
_NO_GIT: Final = Unavailable("git is not installed.", "Install the package git.")
_NO_NOTICES: Final = Unavailable(
    "The system tells no more programs of changed files (inotify).",
    "Raise fs.inotify.max_user_instances, or end programs that watch many files.",
)


class GitCollector:
    """Emits commits, checkouts, merges, pulls, rebases, resets and pushes in the repositories of this user.

    Watched are the repositories under home, and every one in which a program of the user's stands. A commit has the
    lines it changed, and what its subject says it was made for.

    Args:
        home: the folder searched for repositories; the user's home by default.
        every_s: seconds between two looks for repositories that have come into use.
        proc: the folder in which the kernel shows the processes.
        now: the two clocks.
    """

    source = Source.GIT

    def __init__(
        self,
        home: Path | None = None,
        every_s: float = LOOK_EVERY_S,
        proc: Path = Path("/proc"),
        now: Callable[[], Timestamp] = now,
    ) -> None:
        self._home = Path.home() if home is None else home
        self._every_s = every_s
        self._proc = proc
        self._now = now
        self._branches: dict[Path, str | None] = {}
        self._broken = 0

    def check(self) -> Unavailable | None:
        """Whether there is a git whose journals could be read."""
        return None if shutil.which("git") else _NO_GIT

    def run(self, emit: Emit, stop: Stop) -> None:
        """Tell what is done until `stop` is set.

        Raises:
            CollectorError: when the system cannot tell of changes.
        """
        began_us = self._now().ts_us // US_PER_S * US_PER_S  # journals know whole seconds
        try:
            inotify = Inotify()
        except OSError as error:
            raise CollectorError(_NO_NOTICES) from error
        with inotify:
            journals = Journals(inotify)
            journals.add(self._repositories(stop), fresh=False)
            looked_s = walked_s = self._now().mono_s
            while True:
                wait_s = max(0.0, looked_s + self._every_s - self._now().mono_s)
                ready = select.select([inotify.fileno(), stop.fileno()], [], [], wait_s)[0]
                if stop.is_set():
                    return
                added = journals.take_in(inotify.read()) if ready else []
                looked_s, due = self._due(looked_s, self._every_s)
                if due:
                    walked_s, walk = self._due(walked_s, WALK_EVERY_S)
                    added += journals.add(
                        self._repositories(stop) if walk else repositories_in_use(self._proc), fresh=True
                    )
                self._tell(added, began_us, emit, stop)

    def _due(self, last_s: float, every_s: float) -> tuple[float, bool]:
        mono_s = self._now().mono_s
        return (mono_s, True) if mono_s - last_s >= every_s else (last_s, False)

    def _repositories(self, stop: Stop) -> set[Repository]:
        paths = repositories_under(self._home, lambda: not stop.is_set())
        return {found for path in paths if (found := repository_of(path)) is not None} | repositories_in_use(self._proc)

    def _tell(self, added: Iterable[Added], began_us: int, emit: Emit, stop: Stop) -> None:
        counted = 0
        moves = [(each.repository, move) for each in added for move in self._moves(each)]
        for repository, move in sorted(moves, key=lambda pair: pair[1].ts_us):
            if stop.is_set():
                return
            if move.ts_us < began_us or not possible_time(move.ts_us):
                continue
            lines = None
            if move.kind is EventKind.COMMIT and counted < _MOST_COUNTED:
                counted += 1
                lines = changed_lines(repository.top, move.commit, _GIT_PATIENCE_S)
            emit(event_of(repository.top, repository.top.name, move, *(lines or (None, None))))

    def _moves(self, added: Added) -> Iterator[Move]:
        head = added.repository.git
        if head not in self._branches:
            self._branches[head] = None
        for line in added.lines:
            if added.remote_branch is not None:
                push = push_of(line, added.remote_branch)
                if push is not None:
                    yield push
                continue
            move = move_of(line, self._branches[head])
            if move is None:
                self._complain()
                continue
            self._branches[head] = move.branch
            if not isinstance(move, NoMove):
                yield move if move.branch else replace(move, branch=branch_of(added.repository))

    def _complain(self) -> None:
        self._broken += 1
        if self._broken == 1 or self._broken % _SAID_EVERY == 0:
            _LOG.warning("%d lines of git journals could not be read", self._broken)
