"""Keeps one sense alive: runs it, starts it again with growing pauses, and says in words how it is doing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from collectors.catalog import CollectorSpec
from collectors.collector import Emit, Stop, Unavailable
from collectors.running.attempt import Attempt


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
        patience_s: a run that gives no sign of life for so long hangs; see `collectors.running.attempt`.
    """

    first_s: float = 1.0
    factor: float = 2.0
    longest_s: float = 60.0
    restarts: int = 8
    healthy_s: float = 300.0
    patience_s: float = 20.0

    def pause_s(self, restarts: int) -> float:
        """The pause before a restart.

        Args:
            restarts: which one, counted from 1.
        """
        return min(self.longest_s, self.first_s * self.factor ** (restarts - 1))


def supervise(
    sense: CollectorSpec,
    emit: Emit,
    stop: Stop,
    report: Callable[[ThreadState], None],
    *,
    backoff: Backoff = Backoff(),
    monotonic_s: Callable[[], float] = time.monotonic,
) -> None:
    """Run a sense until `stop` is set, it turns out not to work here, or it failed too often.

    A sense that cannot work on this machine, or that the user does not want, is reported once and left alone. One
    that ran and broke is started again: a `CollectorError` is reported to the user, anything else is a bug and goes
    to the log whole. One that hangs is left behind and started again too, as long as not too many hang there.

    Args:
        sense: what to run; each run gets a fresh collector.
        emit: takes the events.
        stop: ends everything, pauses too.
        report: notified of every change of state.
        backoff: how often and how patiently it is started again.
        monotonic_s: a clock that never jumps, seconds.
    """
    restarts = 0
    hanging: list[Attempt] = []
    while True:
        began_s = monotonic_s()
        attempt = Attempt(sense, emit, partial(report, _state(sense, RunState.RUNNING, restarts=restarts)))
        outcome = attempt.run(stop, backoff.patience_s)
        hanging = [each for each in (*hanging, attempt) if each.is_alive]
        trouble = outcome.trouble
        if trouble is None:
            report(_state(sense, RunState.STOPPED))
            return
        if outcome.declined or (not outcome.ran and not restarts):
            report(_state(sense, RunState.UNAVAILABLE, trouble))
            return
        if monotonic_s() - began_s >= backoff.healthy_s:
            restarts = 0
        if restarts == backoff.restarts or len(hanging) > backoff.restarts:
            report(_state(sense, RunState.FAILED, trouble, restarts))
            return
        restarts += 1
        report(_state(sense, RunState.RESTARTING, trouble, restarts))
        if stop.wait(backoff.pause_s(restarts)):
            report(_state(sense, RunState.STOPPED))
            return


def _state(sense: CollectorSpec, state: RunState, trouble: Unavailable | None = None, restarts: int = 0) -> ThreadState:
    reason, remedy = ("", "") if trouble is None else (trouble.reason, trouble.remedy)
    return ThreadState(sense.name, state, reason, remedy, restarts)
