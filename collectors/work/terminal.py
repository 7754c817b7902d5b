"""Commands in terminals, reported by the shells themselves as each one ends (`extensions/shell`)."""

from __future__ import annotations

import logging
import os
import select
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from collectors.collector import CollectorError, Emit, Stop, Unavailable
from collectors.events import US_PER_S, CommandDetail, Event, EventKind, Source, clean_text, local_offset_s
from collectors.git_repository import branch_of, repository_of
from collectors.history.shells.shells import Ordinals, command_key
from collectors.inotify import Change, Inotify
from collectors.work.shell_messages import (
    ALIVE,
    MAX_LETTER_BYTES,
    OWN,
    SHELLS,
    LetterError,
    ShellMessage,
    parse,
    spool_folder,
)

_LOG: Final = logging.getLogger(__name__)
_FOLDER_MODE: Final = 0o700
_PROMPT_FIRST_S: Final = 0.05
_NOISY_EVERY: Final = 1_000


class TerminalCollector:
    """Emits COMMAND for each command that a shell reports: the line, the folder, its end, its length, the branch.

    Args:
        environ: names the folder; the process's own environment by default.
    """

    source = Source.TERMINAL

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._box = spool_folder(environ)
        self._unreadable = 0
        self._seen = {shell: Ordinals() for shell in SHELLS}

    def check(self) -> Unavailable | None:
        """Whether the folder can be made; whether any shell writes to it is seen when one does."""
        for folder in (self._box, *self._box.parents):
            if folder.exists():
                return None if os.access(folder, os.W_OK | os.X_OK) and folder.is_dir() else _no_box(self._box)
        return _no_box(self._box)

    def run(self, emit: Emit, stop: Stop) -> None:
        """Tell of commands until `stop` is set.

        Raises:
            CollectorError: when the folder cannot be made, or is taken away.
        """
        self._prepare()
        try:
            with Inotify() as inotify:
                inotify.watch(
                    self._box, Change.CLOSE_WRITE | Change.DELETE_SELF | Change.MOVE_SELF | Change.ONLY_FOLDER
                )
                self._follow(inotify, emit, stop)
        except OSError as error:
            raise CollectorError(_no_box(self._box, error)) from error
        finally:
            (self._box / ALIVE).unlink(missing_ok=True)

    def _prepare(self) -> None:
        try:
            for folder in (self._box.parent, self._box, self._box / OWN):
                folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
                found = folder.lstat()
                if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
                    raise CollectorError(_no_box(self._box))
                folder.chmod(_FOLDER_MODE)
        except OSError as error:
            raise CollectorError(_no_box(self._box, error)) from error

    def _follow(self, inotify: Inotify, emit: Emit, stop: Stop) -> None:
        # Messages that an earlier run left were typed in its last moment: they are emitted, with their own time.
        self._take_all(emit)
        self._clear_scratch()
        self._say_that_we_listen()
        while True:
            select.select([inotify.fileno(), stop.fileno()], [], [])
            # The shell that has just written draws its prompt now; to take the processor from it would be felt there.
            if stop.wait(_PROMPT_FIRST_S):
                (self._box / ALIVE).unlink(missing_ok=True)
                self._take_all(emit)
                self._clear_scratch()
                return
            names: list[str] = []
            for notice in inotify.read():
                if notice.change & (Change.IGNORED | Change.MOVE_SELF | Change.DELETE_SELF):
                    raise CollectorError(_no_box(self._box))
                names.append(notice.name)
                if notice.change & Change.OVERFLOW:
                    names = self._names()
            for name in names:
                self._take(name, emit)

    def _say_that_we_listen(self) -> None:
        link = self._box / ALIVE
        link.unlink(missing_ok=True)
        link.symlink_to(f"/proc/{os.getpid()}")

    def _clear_scratch(self) -> None:
        """Remove the empty files through which bash reads its own history; bash makes new ones."""
        for path in (self._box / OWN).iterdir():
            path.unlink(missing_ok=True)

    def _take_all(self, emit: Emit) -> None:
        for name in self._names():
            self._take(name, emit)

    def _names(self) -> list[str]:
        """What lies in the box, oldest first."""
        with os.scandir(self._box) as entries:
            letters = [
                (entry.stat(follow_symlinks=False).st_mtime_ns, entry.name)
                for entry in entries
                if _is_letter(entry.name) and entry.is_file(follow_symlinks=False)
            ]
        return [name for _, name in sorted(letters)]

    def _take(self, name: str, emit: Emit) -> None:
        """Read a letter, take it out of the box, and tell of it."""
        if not _is_letter(name):
            return
        try:
            found = _read(self._box / name)
        except FileNotFoundError:
            return  # taken already: one notice came for it while it lay there, another with all that lay there
        except OSError:
            found = None
        (self._box / name).unlink(missing_ok=True)
        if found is None:
            self._complain("it is no file that can be read")
            return
        data, ended_us = found
        try:
            letter = parse(data)
        except LetterError as error:
            self._complain(str(error))
            return
        if letter.line[:1] not in ("", " ", "\t", "#"):
            emit(_event(letter, ended_us, self._seen[letter.shell]))

    def _complain(self, why: str) -> None:
        self._unreadable += 1
        if self._unreadable == 1 or self._unreadable % _NOISY_EVERY == 0:
            _LOG.warning("%d letters of shells could not be read; the last: %s", self._unreadable, why)


def _is_letter(name: str) -> bool:
    return name not in ("", ALIVE, OWN)


def _read(path: Path) -> tuple[bytes, int] | None:
    """A letter, and when it was written, microseconds since the epoch; None for what is too long to be one."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_LETTER_BYTES:
            return None
        return file.read(MAX_LETTER_BYTES), status.st_mtime_ns // 1_000


def _event(letter: ShellMessage, ended_us: int, seen: Ordinals) -> Event:
    began_us = max(0, ended_us - letter.duration_us)
    repository = repository_of(Path(letter.folder)) if letter.folder.startswith("/") else None
    return Event(
        ts_us=began_us,
        source=Source.TERMINAL,
        kind=EventKind.COMMAND,
        app=letter.shell,
        target=clean_text(letter.line.rstrip()),
        duration_us=letter.duration_us,
        utc_offset_s=local_offset_s(began_us),
        # Histories know whole seconds. So a command that is imported later is not stored a second time.
        origin_key=command_key(
            letter.shell, began_us // US_PER_S * US_PER_S, letter.line.encode("utf-8", "replace"), seen
        ),
        detail=CommandDetail(
            cwd=clean_text(letter.folder),
            exit_status=letter.exit_status,
            branch=None if repository is None else branch_of(repository),
        ),
    )


def _no_box(box: Path, error: OSError | None = None) -> Unavailable:
    why = f": {error.strerror}" if error is not None and error.strerror else ""
    return Unavailable(
        f"The folder in which shells tell their commands ({box}) cannot be used{why}.",
        "Set XDG_RUNTIME_DIR to a folder of your own, and check that it has room.",
    )
