"""What a sense is: something that can be checked, then run until it is asked to stop."""

from __future__ import annotations

import os
import select
import selectors
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Final, Protocol

from collectors.events import Event, Source

_LINES_OF_A_CALL: Final = 3

Emit = Callable[[Event], None]
"""Hands one event to the privacy gate; safe to call from any thread."""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Why a sense cannot work on this machine, and what would make it work."""

    reason: str
    remedy: str


class CollectorError(Exception):
    """A sense that ran can no longer do so (its server died, say); it may be restarted.

    Args:
        unavailable: the reason and the remedy, as the Sources page shows them.
    """

    def __init__(self, unavailable: Unavailable) -> None:
        super().__init__(f"{unavailable.reason} {unavailable.remedy}")
        self.unavailable = unavailable


class DeclinedError(CollectorError):
    """The user does not want what a sense asked for; it is not started again by itself, which would ask again."""


class Stop:
    """A stop signal that a blocking `select` can wait on together with the sense's own descriptors."""

    def __init__(self) -> None:
        self._descriptor = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._asked_by: dict[CodeType, int] = {}  # a few places in the code, and the line of each
        self.looks = 0
        """How often it was looked at: a sense that does so is alive."""

    def set(self) -> None:
        """Ask the sense to end; safe from any thread, and more than once."""
        os.eventfd_write(self._descriptor, 1)

    def is_set(self) -> bool:
        """Whether `set` was called."""
        return self.wait(0.0)

    def wait(self, timeout_s: float | None) -> bool:
        """Block until `set` is called or the time is over; True when set."""
        self.looks += 1
        return bool(select.select([self._waitable], [], [], timeout_s)[0])

    def fileno(self) -> int:
        """The descriptor that becomes readable when `set` is called."""
        self._is_asked_by(sys._getframe(1))  # noqa: SLF001 - the public way to ask who calls
        return self._waitable

    @property
    def _waitable(self) -> int:
        return self._descriptor

    def _is_asked_by(self, caller: FrameType) -> None:
        self.looks += 1
        self._asked_by[caller.f_code] = caller.f_lineno

    def is_waited_on(self, frame: FrameType) -> bool:
        """Whether a thread that stands at `frame` waits, as far as can be known, and so does not hang.

        It does inside `wait`, in the `select` that has asked for the descriptor, and in the standard selectors.
        """
        code = frame.f_code
        if code is Stop.wait.__code__ or code.co_filename == selectors.__file__:
            return True
        line = self._asked_by.get(code)
        return line is not None and abs(frame.f_lineno - line) <= _LINES_OF_A_CALL

    def close(self) -> None:
        """Give the descriptor back, once nothing waits on it any more."""
        os.close(self._descriptor)


class Either(Stop):
    """A stop signal of one's own that also counts as set when another one is.

    Args:
        other: has to stay open for as long as this one. Who waits for this one waits for it, and does not hang.
    """

    def __init__(self, other: Stop) -> None:
        super().__init__()
        self._other = other
        self._either = select.epoll()
        self._either.register(self._descriptor, select.EPOLLIN)
        self._either.register(other.fileno(), select.EPOLLIN)

    @property
    def _waitable(self) -> int:
        return self._either.fileno()

    def _is_asked_by(self, caller: FrameType) -> None:
        super()._is_asked_by(caller)
        self._other._is_asked_by(caller)  # noqa: SLF001 - of the same family

    def close(self) -> None:
        """Give the descriptors back, once nothing waits on them any more."""
        self._either.close()
        super().close()


class Collector(Protocol):
    """One sense. Its instance belongs to one thread; it keeps nothing once `run` has returned."""

    @property
    def source(self) -> Source:
        """What the user consents to when this sense is switched on."""
        ...

    def check(self) -> Unavailable | None:
        """Whether it can work here and now; quick, and without a trace."""
        ...

    def run(self, emit: Emit, stop: Stop) -> None:
        """Sense until `stop` is set.

        Raises:
            CollectorError: when it can no longer work, with the reason and the remedy.
        """
        ...
