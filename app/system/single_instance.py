"""One running program for each profile."""

from __future__ import annotations

import fcntl
import os
from collections.abc import MutableMapping
from pathlib import Path
from typing import Final

_FILE_MODE: Final = 0o600
_HANDED_OVER: Final = "KRYPTIC_INSTANCE_LOCK"


class InstanceLock:
    """An advisory lock (flock(2)) on a file: the kernel gives it up with the process, however that ends.

    The file stays behind on purpose: removing it would let a second process lock a new file of the same name while a
    third still holds the old one.

    Args:
        path: the lock's file, in a directory that exists.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Take the lock; False if another process (or another InstanceLock) holds it.

        Raises:
            OSError: if the file cannot be opened.
        """
        if self._descriptor is not None:
            return True
        while True:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, _FILE_MODE)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                return False
            except OSError:
                os.close(descriptor)
                raise
            if self._is_at_path(descriptor):
                self._descriptor = descriptor
                return True
            os.close(descriptor)  # somebody swept the file away in between: lock the one that is there now

    def handed_over(self) -> dict[str, str]:
        """Let the lock pass over an execve(2) of this very process: what the environment of the new program needs."""
        if self._descriptor is None:
            return {}
        os.set_inheritable(self._descriptor, True)  # noqa: FBT003 - takes no keyword
        return {_HANDED_OVER: str(self._descriptor)}

    def take_over(self, environ: MutableMapping[str, str]) -> None:
        """Hold the lock that this process held before it restarted; nothing happens if it did not."""
        handed_over = environ.pop(_HANDED_OVER, "")
        if not handed_over.isdecimal():
            return
        descriptor = int(handed_over)
        try:
            os.set_inheritable(descriptor, False)  # noqa: FBT003 - takes no keyword
            if self._is_at_path(descriptor):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._descriptor = descriptor
        except OSError:
            return  # it is no descriptor of ours: `acquire` asks for the lock like anybody

    def release(self) -> None:
        """Give the lock back; nothing happens if it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _is_at_path(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), self._path.stat())
        except FileNotFoundError:
            return False
