"""Vim's swap files, watched while they lie there: vim writes to one when something is changed (`:help swap-file`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collectors.git_repository import Repository
from collectors.inotify import Change, Inotify, Notice

MAX_FILES: Final = 64
BEGINNING_S: Final = 0.5
"""What is written so soon after a swap file was made is its own beginning, not a change of anything."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A file that was opened in vim.

    Attributes:
        project: the repository it lies in.
        path: the file.
        opened_s: when, on the monotonic clock, seconds.
    """

    project: Repository
    path: Path
    opened_s: float


class SwapFiles:
    """Watches the swap files of files that are open; used by one thread.

    Args:
        inotify: reports the changes.
    """

    def __init__(self, inotify: Inotify) -> None:
        self._inotify = inotify
        self._open: dict[int, Edited] = {}

    def add(self, swap: Path, opened: Edited) -> None:
        """Watch the swap file of a file that was opened, as long as it lies there."""
        if len(self._open) >= MAX_FILES:
            return
        try:
            self._open[self._inotify.watch(swap, Change.MODIFY)] = opened
        except OSError:
            return  # it is gone: vim makes one to try, and removes it

    def take_in(self, notices: Iterable[Notice], now_s: float) -> Iterator[Edited]:
        """The files that are being changed, as some notices tell.

        Args:
            notices: what inotify reported.
            now_s: on the monotonic clock, seconds.
        """
        for notice in notices:
            opened = self._open.get(notice.watch)
            if opened is None:
                continue
            if notice.change & Change.IGNORED:
                del self._open[notice.watch]
            elif notice.change & Change.MODIFY and now_s - opened.opened_s >= BEGINNING_S:
                yield opened
