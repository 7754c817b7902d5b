"""Waiting for the store, but not for a disk that takes nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Final, TypeVar

from app.store.store import Store

_LOOK_EVERY_S: Final = 1.0
_T = TypeVar("_T")


def wait_for_commit(store: Store, future: Future[_T], meanwhile: Callable[[], None] | None = None) -> _T:
    """The answer to a command, once it is committed.

    Args:
        store: asked whether it can write at all.
        future: what it gave for the command.
        meanwhile: called every second until then; what it raises ends the waiting.

    Raises:
        StoreError: if the command failed, or nothing can be written for now (a full disk). In that case the store
            goes on trying with what it was handed, for as long as the program runs.
    """
    while True:
        try:
            return future.result(_LOOK_EVERY_S)
        except TimeoutError:
            trouble = store.trouble
            if trouble is not None and not future.done():
                raise trouble from None
            if meanwhile is not None:
                meanwhile()
