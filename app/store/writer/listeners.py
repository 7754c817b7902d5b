"""Who is notified of commits and of writing that stops working, on the writer's thread and without danger to it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final, TypeVar

from app.errors import StoreError
from app.store.values.records import ActionRow

OnCommitted = Callable[[tuple[ActionRow, ...]], None]
OnTrouble = Callable[[StoreError | None], None]

_log: Final = logging.getLogger(__name__)
_Value = TypeVar("_Value")


class Listeners:
    """Callbacks and why nothing can be written now, under the writer's lock.

    Args:
        changed: notified when the trouble comes or goes.
    """

    def __init__(self, changed: threading.Condition) -> None:
        self._changed = changed
        self._on_committed: list[OnCommitted] = []
        self._on_trouble: list[OnTrouble] = []
        self._trouble: StoreError | None = None

    @property
    def trouble(self) -> StoreError | None:
        """Why nothing can be written now; None while all is well."""
        return self._trouble

    @property
    def hear_commits(self) -> bool:
        """Whether anybody is notified of commits."""
        return bool(self._on_committed)

    def on_committed(self, callback: OnCommitted) -> None:
        """Call back with the stored actions of each commit."""
        with self._changed:
            self._on_committed.append(callback)

    def on_trouble(self, callback: OnTrouble) -> None:
        """Call back when writing stops working and (with None) when it works again."""
        with self._changed:
            self._on_trouble.append(callback)

    def tell_committed(self, rows: tuple[ActionRow, ...]) -> None:
        """Tell of what was stored."""
        for callback in tuple(self._on_committed):
            _call(callback, rows)

    def tell_trouble(self, trouble: StoreError | None) -> None:
        """Remember how writing does; tell of it if that is news."""
        with self._changed:
            is_news = (self._trouble is None) != (trouble is None)
            self._trouble = trouble
            callbacks = tuple(self._on_trouble) if is_news else ()
            self._changed.notify_all()
        for callback in callbacks:
            _call(callback, trouble)


def _call(callback: Callable[[_Value], None], value: _Value) -> None:
    """Tell a listener; its faults go to the log, for they must not end the thread that keeps everything."""
    try:
        callback(value)
    except Exception:  # noqa: BLE001  # logged whole, and the writer goes on
        _log.exception("A listener of the store failed.")
