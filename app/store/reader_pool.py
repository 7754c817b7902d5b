"""A pool of read-only connections to one store, lent to any thread and closed when the file is replaced."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from app.errors import DamagedError, StoreError, WrongKeyError
from app.store.reader import Reader
from app.store.sqlite.connection import Connection, open_reader

IDLE_READERS: Final = 4


class ReaderPool:
    """Keeps some idle connections open for the next reader.

    Args:
        path: of the file.
        key: its data key.
        on_damage: called if a reader finds the file damaged; the key was right before.
    """

    def __init__(self, path: Path, key: bytes, on_damage: Callable[[StoreError], None]) -> None:
        self._path = path
        self._key = key
        self._on_damage = on_damage
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        self._generation = 0
        self._closed = False

    def reader(self) -> Reader:
        """Lend a reader; see `Store.reader`.

        Raises:
            StoreError: if the pool is closed.
            DamagedError: if the file is damaged.
            WrongKeyError: if the key does not fit any more.
        """
        with self._lock:
            if self._closed:
                raise StoreError(f"{self._path.name} is closed.", "Unlock it again.")
            lent = self._idle.pop() if self._idle else None
            generation, key = self._generation, self._key
        try:
            lent = lent or open_reader(self._path, key)
        except (DamagedError, WrongKeyError) as error:
            self._on_damage(error)
            raise
        return Reader(lent, self._path, lambda connection, error: self._take_back(connection, generation, error))

    def renew(self) -> None:
        """Stop lending connections to the old file: it was replaced."""
        with self._lock:
            self._generation += 1
            idle, self._idle = self._idle, []
        for lent in idle:
            lent.close()

    def close(self) -> None:
        """Close the idle connections, lend no more, and drop the key."""
        with self._lock:
            self._closed = True
            self._key = b""
        self.renew()

    def _take_back(self, lent: Connection, generation: int, error: BaseException | None) -> None:
        current = generation == self._generation
        if current and isinstance(error, DamagedError | WrongKeyError) and not self._closed:
            lent.close()
            self._on_damage(error)
            return
        with self._lock:
            if current and not self._closed and len(self._idle) < IDLE_READERS:
                if self._idle:
                    # One warm cache serves the next reader; more of them would only take memory.
                    lent.execute("PRAGMA shrink_memory")
                    self._idle.insert(0, lent)
                else:
                    self._idle.append(lent)
                return
        lent.close()
