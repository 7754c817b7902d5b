"""Changes in folders, as the kernel reports them (inotify(7)), on one descriptor that a collector can wait on.

The watchers of the standard kind run a thread or two for every folder and wait for every kind of notice, reads too;
a sense that watches a thousand folders wants one descriptor and the few kinds it can use.
"""

from __future__ import annotations

import ctypes
import os
import struct
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path
from types import TracebackType
from typing import Final, Self

_HEAD: Final = struct.Struct("iIII")  # struct inotify_event: wd, mask, cookie, len
_READ_BYTES: Final = 1 << 16


class Change(IntFlag):
    """Kinds of notices, and ways to watch (linux/inotify.h)."""

    MODIFY = 0x2
    ATTRIB = 0x4
    CLOSE_WRITE = 0x8
    MOVED_FROM = 0x40
    MOVED_TO = 0x80
    CREATE = 0x100
    DELETE = 0x200
    DELETE_SELF = 0x400
    MOVE_SELF = 0x800
    UNMOUNT = 0x2000
    OVERFLOW = 0x4000
    IGNORED = 0x8000
    ONLY_FOLDER = 0x0100_0000
    DONT_FOLLOW = 0x0200_0000
    IS_FOLDER = 0x4000_0000


@dataclass(frozen=True, slots=True)
class Notice:
    """One change.

    Attributes:
        watch: the number that `Inotify.watch` gave; -1 if notices were lost (`Change.OVERFLOW`).
        change: what happened.
        name: of the entry of the folder; "" if the folder itself is meant.
    """

    watch: int
    change: Change
    name: str


def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(None, use_errno=True)
    library.inotify_init1.argtypes = (ctypes.c_int,)
    library.inotify_add_watch.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_uint32)
    library.inotify_rm_watch.argtypes = (ctypes.c_int, ctypes.c_int)
    return library


class Inotify:
    """One queue of notices; used by one thread.

    Raises:
        OSError: this user has as many queues as the system allows (fs.inotify.max_user_instances).
    """

    def __init__(self) -> None:
        self._library = _library()
        self._descriptor = self._done(self._library.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def fileno(self) -> int:
        """The descriptor that becomes readable when there are notices."""
        return self._descriptor

    def watch(self, path: Path, changes: Change) -> int:
        """Watch a file, or a folder and its entries; a path that is watched already keeps its number.

        Raises:
            OSError: it is gone, may not be read, or there are as many watches as the system allows (ENOSPC).
        """
        return self._done(self._library.inotify_add_watch(self._descriptor, os.fsencode(path), int(changes)))

    def unwatch(self, watch: int) -> None:
        """Watch it no longer; nothing happens if that has ended by itself, as it does with a folder that goes."""
        self._library.inotify_rm_watch(self._descriptor, watch)

    def read(self) -> list[Notice]:
        """The notices that are there; never blocks."""
        try:
            data = os.read(self._descriptor, _READ_BYTES)
        except BlockingIOError:
            return []
        notices = []
        start = 0
        while start < len(data):
            watch, mask, _, length = _HEAD.unpack_from(data, start)
            start += _HEAD.size
            name = os.fsdecode(data[start : start + length].rstrip(b"\0"))
            notices.append(Notice(watch, Change(mask), name))
            start += length
        return notices

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._descriptor)

    def _done(self, result: int) -> int:
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return result
