"""What is reported of a person's reward, as plain values; the window imports them without the numbers behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ARROW: Final = " > "
"""Between the actions of a sequence; no token has it, for a shell's redirection is no part of a command's name."""


@dataclass(frozen=True, slots=True)
class Worth:
    """How worth doing something was found.

    Attributes:
        name: an action token, a project, an hour ("09", "weekend 09"), or tokens joined by `ARROW`.
        worth: nats above what would be done in its place; of a project or an hour, the mean of what was done there.
        error: its standard error over days; what the net itself may have wrong is not in it.
        moments: that the mean is of.
        done: how often it was done.
    """

    name: str
    worth: float
    error: float
    moments: int
    done: int


@dataclass(frozen=True, slots=True)
class Spike:
    """A moment that stood out: what was chosen gave far more, or far less, than what could have been expected.

    Attributes:
        ts_us, utc_offset_s: when.
        action: what was chosen; `before`: the actions before it, the latest last; `project`: "" for none.
        gain: nats above the mean of what could be done.
        sigmas: robust standard deviations from the month's median, of the moments on its side of it.
    """

    ts_us: int
    utc_offset_s: int
    action: str
    before: tuple[str, ...]
    project: str
    gain: float
    sigmas: float


@dataclass(frozen=True, slots=True)
class Shift:
    """An action whose reward surely changed against the month before.

    Attributes:
        action: its token.
        reward: by how much, nats; e to its power is how many times as often it is now chosen in the same situations.
        error: standard error of it.
        then, now: how often it was done in each of the two months.
    """

    action: str
    reward: float
    error: float
    then: int
    now: int


@dataclass(frozen=True, slots=True)
class RewardReport:
    """The reward of a month, explained; each list the most worth first.

    Attributes:
        since_us, until_us: the month, up to the last action.
        decisions, days: that it rests on.
        actions, projects, hours, sequences: what is worth how much; whatever has too few moments is left out.
        spikes: the moments that stood out most.
        shifts: what surely changed against the month before; None if the two have too little in common.
    """

    since_us: int
    until_us: int
    decisions: int
    days: int
    actions: tuple[Worth, ...] = ()
    projects: tuple[Worth, ...] = ()
    hours: tuple[Worth, ...] = ()
    sequences: tuple[Worth, ...] = ()
    spikes: tuple[Spike, ...] = ()
    shifts: tuple[Shift, ...] | None = None

    @property
    def tells(self) -> bool:
        """Whether there was enough to tell anything."""
        return bool(self.actions)


@dataclass(frozen=True, slots=True)
class Chosen:
    """That an action was chosen after another; what stays of a past whose actions were thinned out."""

    ts_us: int
    after: str
    action: str
