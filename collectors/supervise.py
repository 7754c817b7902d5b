"""Keeps one sense alive: runs it, starts it again with growing pauses, and says in words how it is doing."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from collectors.catalog import Sense
from collectors.collector import CollectorError, Emit, Stop, Unavailable

_LOG: Final = logging.getLogger(__name__)
_BUG: Final = Unavailable(
    "This sense broke through a fault of the program; what it had recorded is kept.",
    "Please report it with the log file, where the fault is written down.",
)


class RunState(StrEnum):
    """How a sense is doing."""

    RUNNING = "running"
    RESTARTING = "restarting"
    UNAVAILABLE = "unavailable"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class ThreadState:
    """How a sense is doing, why, and what the user can do.

    Attributes:
        name: the sense's name.
        restarts: how often it was started again since it last ran well.
    """

    name: str
    state: RunState
    reason: str = ""
    remedy: str = ""
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class Backoff:
    """How patiently a sense is started again.

    Attributes:
        first_s: pause before the first restart, seconds.
        factor: by how much each further pause is longer.
        longest_s: no pause is longer than this.
        restarts: after so many in a row it is given up.
        healthy_s: a run that lasted as long as this wipes the slate clean.
    """

    first_s: float = 1.0
    factor: float = 2.0
    longest_s: float = 60.0
    restarts: int = 8
    healthy_s: float = 300.0

    def pause_s(self, restarts: int) -> float:
        """The pause before a restart.

        Args:
            restarts: which one, counted from 1.
        """
        return min(self.longest_s, self.first_s * self.factor ** (restarts - 1))


def supervise(
    sense: Sense,
    emit: Emit,
    stop: Stop,
    report: Callable[[ThreadState], None],
    *,
    backoff: Backoff = Backoff(),
    monotonic_s: Callable[[], float] = time.monotonic,
) -> None:
    """Run a sense until `stop` is set, it turns out not to work here, or it failed too often.

    A sense that cannot work on this machine is reported once and left alone. One that ran and broke is started again:
    a `CollectorError` is told to the user, anything else is a bug and goes to the log whole.

    Args:
        sense: what to run; each run gets a fresh collector.
        emit: where its events go.
        stop: ends everything, pauses too.
        report: told of every change of state.
        backoff: how often and how patiently it is started again.
        monotonic_s: a clock that never jumps, seconds.
    """
    restarts = 0
    while True:
        began_s = monotonic_s()
        trouble, ran = _attempt(sense, emit, stop, report, restarts)
        if trouble is None:
            report(ThreadState(sense.name, RunState.STOPPED))
            return
        if not ran and not restarts:
            report(ThreadState(sense.name, RunState.UNAVAILABLE, trouble.reason, trouble.remedy))
            return
        if monotonic_s() - began_s >= backoff.healthy_s:
            restarts = 0
        if restarts == backoff.restarts:
            report(ThreadState(sense.name, RunState.FAILED, trouble.reason, trouble.remedy, restarts))
            return
        restarts += 1
        report(ThreadState(sense.name, RunState.RESTARTING, trouble.reason, trouble.remedy, restarts))
        if stop.wait(backoff.pause_s(restarts)):
            report(ThreadState(sense.name, RunState.STOPPED))
            return


def _attempt(
    sense: Sense, emit: Emit, stop: Stop, report: Callable[[ThreadState], None], restarts: int
) -> tuple[Unavailable | None, bool]:
    """One run: what went wrong (None when it was stopped), and whether it got as far as running."""
    ran = False
    try:
        collector = sense.make()
        unavailable = collector.check()
        if unavailable is not None:
            return unavailable, ran
        ran = True
        report(ThreadState(sense.name, RunState.RUNNING, restarts=restarts))
        collector.run(emit, stop)
        if not stop.is_set():
            _LOG.error("the sense %r ended without having been asked to", sense.name)
            return _BUG, ran
    except CollectorError as error:
        return error.unavailable, ran
    except Exception:  # noqa: BLE001 - the border of a sense: a bug in one is logged whole and ends no other
        _LOG.exception("the sense %r broke", sense.name)
        return _BUG, True
    return None, ran
