"""What the writer can be asked to do, as frozen values; each is answered through a Future after its commit."""

from __future__ import annotations

from dataclasses import dataclass

from app.store.values.forget_request import Forget
from app.store.values.records import (
    ChatMessage,
    KeptSum,
    NewAction,
    NewPrediction,
    NewTrainingRun,
    PredictionScore,
    SessionRecord,
    ThinnedDay,
)


@dataclass(frozen=True, slots=True)
class Append:
    """Store actions; answered with `Appended`."""

    actions: tuple[NewAction, ...]


@dataclass(frozen=True, slots=True)
class Extend:
    """Set how long an action has lasted in all."""

    action_id: int
    duration_us: int


@dataclass(frozen=True, slots=True)
class SavePrediction:
    """Store a prediction; answered with its id."""

    prediction: NewPrediction


@dataclass(frozen=True, slots=True)
class ScorePrediction:
    """Store what happened after a prediction."""

    score: PredictionScore


@dataclass(frozen=True, slots=True)
class SaveTrainingRun:
    """Store a training run and make its weights the active ones; answered with its id."""

    run: NewTrainingRun


@dataclass(frozen=True, slots=True)
class UseTrainingRun:
    """Go back to the weights of an earlier training run, or (None) to the shipped ones; those in use are dropped."""

    run_id: int | None


@dataclass(frozen=True, slots=True)
class PutSetting:
    """Store a setting under its name, in place of what was there."""

    name: str
    json_text: str


@dataclass(frozen=True, slots=True)
class NewChat:
    """Begin a conversation; answered with its id."""

    ts_us: int


@dataclass(frozen=True, slots=True)
class AddChatMessage:
    """Store one turn of a conversation; answered with its id."""

    message: ChatMessage


@dataclass(frozen=True, slots=True)
class ReplaceSessions:
    """Store the sessions that begin in [lo_us, hi_us) in place of those that are there."""

    lo_us: int
    hi_us: int
    sessions: tuple[SessionRecord, ...]


@dataclass(frozen=True, slots=True)
class BringBack:
    """Take in what an export tells of thinned days; see `app.store.retention.import_aggregates`."""

    days: tuple[ThinnedDay, ...]
    sums: tuple[KeptSum, ...]


@dataclass(frozen=True, slots=True)
class BeginForgetting:
    """Write down what is to be forgotten, before anything of it goes; answered with `Unfinished`.

    Through the journal, like everything else: so a store that is rebuilt from an older backup knows of it again.
    """

    request: Forget
    asked_us: int


@dataclass(frozen=True, slots=True)
class Audit:
    """Note that something was done with the store."""

    ts_us: int
    what: str


Command = (
    Append
    | Extend
    | SavePrediction
    | ScorePrediction
    | SaveTrainingRun
    | UseTrainingRun
    | PutSetting
    | NewChat
    | AddChatMessage
    | ReplaceSessions
    | BringBack
    | BeginForgetting
    | Audit
)
"""Done in one transaction, possibly together with its neighbours; `app.store.writer.task` is for longer work."""


def weight(command: Command) -> int:
    """How much a command counts against the queue's bound and a batch's size."""
    return max(1, len(command.actions)) if isinstance(command, Append) else 1
