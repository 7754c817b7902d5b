"""Threads for calls that block, so that the API's event loop never does."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, Final, TypeVar

from app.api.http.responses import ApiError, LoggedError
from app.errors import KnownError
from app.services.backend import Cancelled

logger = logging.getLogger(__name__)
_T = TypeVar("_T")
_RETRY_S: Final = "1"


class Pool:
    """A fixed number of threads and a bounded number of waiting calls.

    Args:
        name: prefix of the threads' names.
        threads: calls under way at once.
        waiting: calls that may wait beyond them.
    """

    def __init__(self, name: str, threads: int, waiting: int) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._most = threads + waiting
        self._under_way: set[Future[Any]] = set()
        self._changing = threading.Lock()

    def start(self, function: Callable[[], _T]) -> asyncio.Future[_T]:
        """Run a blocking call in a thread; to be awaited on the loop that this is called on.

        Raises:
            ApiError: 503, if too many calls wait already.
            KnownError, Cancelled: from the call, when awaited.
            LoggedError: if the call ended in a bug, when awaited; the log has it even if nobody waits any more.
        """
        with self._changing:
            if len(self._under_way) >= self._most:
                raise ApiError(
                    503, "Too much is under way already.", "Try again in a second.", headers={"Retry-After": _RETRY_S}
                )
            future = self._executor.submit(_logged, function)
            self._under_way.add(future)
        future.add_done_callback(self._done)
        return asyncio.wrap_future(future)

    def stop(self, within_s: float) -> bool:
        """Take no more calls, drop those that wait, and end the threads; False if one was still busy at the end."""
        with self._changing:
            under_way = set(self._under_way)
        self._executor.shutdown(wait=False, cancel_futures=True)
        busy = wait(under_way, timeout=within_s).not_done
        if not busy:
            self._executor.shutdown(wait=True)
        return not busy

    def _done(self, future: Future[Any]) -> None:
        with self._changing:
            self._under_way.discard(future)


def _logged(function: Callable[[], _T]) -> _T:
    try:
        return function()
    except (KnownError, Cancelled):
        raise
    except Exception as error:
        logger.exception("A call from the local API failed")
        raise LoggedError from error
