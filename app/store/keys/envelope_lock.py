"""One change of a key file at a time: the window and the command line may both be at it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.errors import StoreError


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Wait until nobody else changes a key file, in this process or another, and have them wait for the block.

    Args:
        path: of the key file; the lock lies next to it (flock(2)).

    Raises:
        StoreError: if the lock cannot be made.
    """
    name = path.with_name(f"{path.name}.lock")
    try:
        lock = os.open(name, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(
            f"{name} cannot be made ({error.strerror}); nothing was changed.",
            "Make room, or make the folder writable, and try again.",
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
