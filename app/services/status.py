"""What the program is doing now, as one value: the tray, the window, the API and the command line all show this."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Recording(StrEnum):
    """Whether events are taken in."""

    ON = "recording"
    PAUSED = "paused"
    QUIET = "in hours never recorded"
    NO_CONSENT = "no consent yet"


class SourceState(StrEnum):
    """How a sense is doing."""

    OFF = "off"
    RUNNING = "running"
    RESTARTING = "restarting"
    UNAVAILABLE = "unavailable"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One sense: its consent, its state, and how much came from it since the start of the program.

    Attributes:
        per_minute: events in the last minute.
        restarts: how often it broke or hung and was started again since the start of the program.
    """

    name: str
    title: str
    consented: bool
    state: SourceState
    reason: str = ""
    remedy: str = ""
    events: int = 0
    last_event_us: int | None = None
    per_minute: int = 0
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class ActionForecast:
    """One predicted action: probability over all candidates, reward from the reward head, and why in words."""

    action: str
    probability: float
    reward: float
    because: str


@dataclass(frozen=True, slots=True)
class LearningStatus:
    """A training in progress: `stage` in words, `fraction` 0 to 1."""

    stage: str
    fraction: float


@dataclass(frozen=True, slots=True)
class Status:
    """Everything at a glance.

    Attributes:
        dropped: events the gate let not pass since the start, by reason.
        redacted: secrets taken out of events since the start.
        model: "prior", or "personal, run N".
    """

    recording: Recording
    paused_until_us: int
    sources: tuple[SourceStatus, ...]
    actions: int
    store_bytes: int
    dropped: tuple[tuple[str, int], ...]
    redacted: int
    model: str
    learning: LearningStatus | None
    forecasts: tuple[ActionForecast, ...]
    message: str = ""
