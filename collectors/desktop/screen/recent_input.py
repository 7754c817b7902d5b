"""Whether somebody touched keyboard or mouse within the last seconds, on Wayland; on a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from collectors.collector import Stop, Unavailable
from collectors.desktop.backends import BackendSelector
from collectors.desktop.presence.collector import ways
from collectors.events import Event, EventKind, Source

_LOG: Final = logging.getLogger(__name__)
_MS_PER_S: Final = 1_000
_END_WITHIN_S: Final = 0.5


def check(environ: Mapping[str, str], within_s: float) -> Unavailable | None:
    """Whether this desktop tells when there is no input; arguments as for `touching`."""
    return _presence(environ, within_s).check()


@contextmanager
def touching(environ: Mapping[str, str], within_s: float) -> Iterator[Touch]:
    """Know for the length of a block whether there is input.

    Args:
        environ: names the compositor and the session's bus.
        within_s: input counts for so long, seconds.
    """
    touch = Touch(_presence(environ, within_s), within_s)
    thread = threading.Thread(target=touch.run, name="screen-touch", daemon=True)
    thread.start()
    try:
        yield touch
    finally:
        touch.leave()


class Touch:
    """Whether there is input, as far as a collector of presence has reported.

    Args:
        presence: tells of it by IDLE and ACTIVE.
        within_s: after how long without input it tells IDLE, seconds.
    """

    def __init__(self, presence: BackendSelector, within_s: float) -> None:
        self._presence = presence
        self._unknown_until_s = time.monotonic() + 2 * within_s  # somebody who is there shows by silence
        self._stop = Stop()
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._is_left = False
        self._is_idle = False
        self._error: Exception | None = None

    def is_touched(self) -> bool:
        """Whether there was input within the time.

        Raises:
            CollectorError: if that cannot be known any more.
        """
        if self._error is not None:
            raise self._error
        return not self._is_idle and time.monotonic() >= self._unknown_until_s

    def run(self) -> None:
        """The thread's own work."""
        try:
            self._presence.run(self._take, self._stop)
        except Exception as error:  # noqa: BLE001 - it is raised again when it is asked
            self._error = error
        finally:
            self._ended.set()
            self._part()

    def leave(self) -> None:
        """Have the thread end. One that waits for a bus that hangs ends later."""
        self._stop.set()
        if not self._ended.wait(_END_WITHIN_S):
            _LOG.warning("what tells of input has not ended yet")
        self._part()

    def _part(self) -> None:
        """The first of the two threads parts; the last one gives the descriptor back, which nobody waits on then."""
        with self._lock:
            is_last, self._is_left = self._is_left, True
        if is_last:
            self._stop.close()

    def _take(self, event: Event) -> None:
        if event.kind in (EventKind.IDLE, EventKind.ACTIVE):
            self._is_idle = event.kind is EventKind.IDLE
            self._unknown_until_s = 0.0


def _presence(environ: Mapping[str, str], within_s: float) -> BackendSelector:
    # Under Wayland an X server hears only of input to the programs that know nothing else.
    backends = [way for way in ways(round(_MS_PER_S * within_s), despite_films=True) if way.name != "X11"]
    return BackendSelector(Source.PRESENCE, backends, environ)
