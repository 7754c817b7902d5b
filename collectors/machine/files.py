"""Files that are opened, changed and saved in the projects this user is at work in."""

from __future__ import annotations

import os
import select
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collectors.collector import CollectorError, Emit, Stop, Unavailable
from collectors.events import US_PER_S, Event, EventKind, FileDetail, Source, clean_text, local_offset_s
from collectors.git_repository import Repository, repository_of
from collectors.history.git.reflog import Move, move_of
from collectors.history.git.repositories import repositories_under
from collectors.inotify import Inotify
from collectors.timestamp import Timestamp, now
from collectors.work.file_names import is_worked_on, sign_of
from collectors.work.project_folders import ProjectFolders, Touched
from collectors.work.projects import last_used_s, repositories_in_use
from collectors.work.recent_list import RecentList
from collectors.work.swap_files import Edited, SwapFiles
from collectors.work.tail import last_line

LOOK_EVERY_S: Final = 30.0
SETTLE_S: Final = 1.0
MERGE_S: Final = 60.0
MOST_AT_ONCE: Final = 8
"""More files of a project than these, written within SETTLE_S, are a program's doing: a formatter, a build, git."""
RECENTLY_USED_S: Final = 14 * 86_400.0
_MOST_REMEMBERED: Final = 4_096
_GIT_TAKES_NS: Final = 10 * 10**9
_MOST_WAITING: Final = 10_000
_NO_NOTICES: Final = Unavailable(
    "The system tells no more programs of changed files (inotify).",
    "Raise fs.inotify.max_user_instances, or end programs that watch many files.",
)


@dataclass(frozen=True, slots=True)
class _Act:
    """Something seen of a file, before it is known whether a person did it."""

    kind: EventKind
    path: Path
    app: str | None
    project: Repository
    at: Timestamp


class FilesCollector:
    """Emits OPEN, EDIT and SAVE of files, by their paths alone.

    SAVE is a file written to, in the repositories that programs of the user's stand in and in those used lately;
    what git leaves out is not watched. OPEN and EDIT come from the files that editors keep next to the one they edit,
    and OPEN also from the desktop's list of recently used files. The same again within a minute is
    the same act; a project in which many files are written at once is at work by itself, and so is git.

    Args:
        home: the folder searched for repositories; the user's home by default.
        every_s: seconds between two looks for projects that have come into use.
        proc: the folder in which the kernel shows the processes.
        environ: names the folder of the list of recently used files.
        now: the two clocks.
    """

    source = Source.FILES

    def __init__(
        self,
        home: Path | None = None,
        every_s: float = LOOK_EVERY_S,
        proc: Path = Path("/proc"),
        environ: Mapping[str, str] = os.environ,
        now: Callable[[], Timestamp] = now,
    ) -> None:
        self._home = Path.home() if home is None else home
        self._every_s = every_s
        self._proc = proc
        self._environ = environ
        self._now = now
        self._waiting: list[_Act] = []
        self._reported: OrderedDict[tuple[Path, EventKind], float] = OrderedDict()

    def check(self) -> Unavailable | None:
        """Whether the system tells of changed files."""
        try:
            Inotify().close()
        except OSError:
            return _NO_NOTICES
        return None

    def run(self, emit: Emit, stop: Stop) -> None:
        """Tell of files until `stop` is set.

        Raises:
            CollectorError: when the system cannot tell of changes.
        """
        try:
            inotify = Inotify()
        except OSError as error:
            raise CollectorError(_NO_NOTICES) from error
        with inotify:
            folders = ProjectFolders(inotify)
            recent = RecentList(inotify, self._home, self._environ)
            swaps = SwapFiles(inotify)
            paths = repositories_under(self._home, lambda: not stop.is_set())
            known = {found for path in paths if (found := repository_of(path)) is not None}
            folders.follow(self._projects(known))
            looked_s = self._now().mono_s
            while True:
                wait_s = looked_s + self._every_s - self._now().mono_s
                if self._waiting:
                    wait_s = min(wait_s, self._waiting[0].at.mono_s + SETTLE_S - self._now().mono_s)
                ready = select.select([inotify.fileno(), stop.fileno()], [], [], max(0.0, wait_s))[0]
                if stop.is_set():
                    while self._waiting:
                        self._settle(emit, float("inf"))
                    return
                if ready:
                    notices = inotify.read()
                    self._see_edits(swaps.take_in(notices, self._now().mono_s))
                    self._see(folders.take_in(notices), swaps)
                    for event in recent.take_in(notices):
                        emit(event)
                self._settle(emit, self._now().mono_s - SETTLE_S)
                if self._now().mono_s - looked_s >= self._every_s:
                    looked_s = self._now().mono_s
                    folders.follow(self._projects(known))

    def _projects(self, known: set[Repository]) -> list[Repository]:
        """What is in use now, then what was used lately, last first."""
        in_use = repositories_in_use(self._proc)
        known |= in_use
        since_s = self._now().ts_us / US_PER_S - RECENTLY_USED_S
        lately = {each: used_s for each in known - in_use if (used_s := last_used_s(each)) >= since_s}
        return [*sorted(in_use, key=last_used_s, reverse=True), *sorted(lately, key=lately.__getitem__, reverse=True)]

    def _see_edits(self, edited: Iterable[Edited]) -> None:
        at = self._now()
        for each in edited:
            self._waiting.append(_Act(EventKind.EDIT, each.path, "vim", each.project, at))

    def _see(self, touched: Iterable[Touched], swaps: SwapFiles) -> None:
        at = self._now()
        for each in touched:
            if len(self._waiting) >= _MOST_WAITING:
                continue  # so many at once are a program's doing, as those before them are already
            sign = sign_of(each.path.name)
            if sign is not None:
                kind = EventKind.EDIT if sign.changed else EventKind.OPEN
                # The sign is made when the work begins, and may be written to and closed when it ends.
                if not each.written and is_worked_on(sign.name):
                    act = _Act(kind, each.path.with_name(sign.name), sign.app, each.project, at)
                    self._waiting.append(act)
                    if sign.app == "vim":
                        swaps.add(each.path, Edited(each.project, act.path, at.mono_s))
            elif each.written and is_worked_on(each.path.name):
                self._waiting.append(_Act(EventKind.SAVE, each.path, None, each.project, at))

    def _settle(self, emit: Emit, until_s: float) -> None:
        """Tell what has waited long enough to know whether a person did it."""
        if not self._waiting or self._waiting[0].at.mono_s > until_s:
            return
        first_s = self._waiting[0].at.mono_s
        due = [act for act in self._waiting if act.at.mono_s <= first_s + SETTLE_S]
        self._waiting = self._waiting[len(due) :]
        for project in dict.fromkeys(act.project for act in due):
            acts = [act for act in due if act.project == project]
            written = {act.path for act in acts if act.kind is EventKind.SAVE}
            for act in acts:
                if act.kind is EventKind.SAVE and (len(written) > MOST_AT_ONCE or _put_there_by_git(act)):
                    continue
                if self._is_new(act):
                    emit(_event(act))

    def _is_new(self, act: _Act) -> bool:
        """Return whether the act is no repetition: an act that continues is reported once a minute."""
        key = (act.path, act.kind)
        before_s = self._reported.get(key)
        if before_s is not None and act.at.mono_s - before_s < MERGE_S:
            return False
        self._reported[key] = act.at.mono_s
        self._reported.move_to_end(key)
        if len(self._reported) > _MOST_REMEMBERED:
            self._reported.popitem(last=False)
        return True


def _put_there_by_git(act: _Act) -> bool:
    """Whether git itself put a file in its place: a checkout, a merge, a pull; a commit changes no file.

    Git writes the files first and then its journal, holding its index meanwhile.
    """
    git = act.project.git
    try:
        if (git / "index.lock").exists():
            return True
        journal_ns = (git / "logs" / "HEAD").stat().st_mtime_ns
        written_ns = act.path.stat().st_mtime_ns
    except OSError:
        return False  # without a journal, or without the file by now, nothing speaks for git
    if not 0 <= journal_ns - written_ns < _GIT_TAKES_NS:
        return False
    line = last_line(git / "logs" / "HEAD")
    move = None if line is None else move_of(line, None)
    return not (isinstance(move, Move) and move.kind is EventKind.COMMIT)


def _event(act: _Act) -> Event:
    return Event(
        ts_us=act.at.ts_us,
        source=Source.FILES,
        kind=act.kind,
        app=act.app,
        target=clean_text(str(act.path)),
        utc_offset_s=local_offset_s(act.at.ts_us),
        detail=FileDetail(project=clean_text(act.project.top.name)),
    )
