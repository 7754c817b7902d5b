"""The rows that cross between the store and the rest of the program, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from collectors.events import Event, EventKind, Source


class Dimension(StrEnum):
    """What totals can be grouped by."""

    APP = "app"
    SITE = "site"
    PROJECT = "project"
    SOURCE = "source"
    HOUR = "hour"
    WEEK_HOUR = "hour of the week"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class NewAction:
    """An event that passed the gate, with what it is filed under (see `neural.reward.actions.Labels`)."""

    event: Event
    token: str | None = None
    site: str | None = None
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Appended:
    """Answer to an append, after commit: one id an action, in order; None for one that was already there."""

    ids: tuple[int | None, ...]

    @property
    def stored(self) -> int:
        """How many were new."""
        return sum(identity is not None for identity in self.ids)


@dataclass(frozen=True, slots=True)
class ActionRow:
    """A stored action."""

    id: int
    event: Event
    token: str | None
    site: str | None
    project: str | None

    @property
    def mark(self) -> Mark:
        """Its place in the order of time."""
        return self.event.ts_us, self.id


Mark = tuple[int, int]
"""A place in the order of time: ts_us and id of an action. What comes before or after it is the next page."""


@dataclass(frozen=True, slots=True)
class Outline:
    """What a stretch of time is drawn from, without text.

    Attributes:
        actions: how many of the actions that have a token, and of presence, began in it.
        windows: (from, until, application or "") of every focused window that touches it, in time order; not cut.
    """

    actions: int
    windows: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True, slots=True)
class Total:
    """Sum over a group.

    `key` is its name; all local: hours "00" to "23", days "2026-11-20", hours of the week from "1 00" on Monday on.
    """

    key: str
    actions: int
    active_us: int


@dataclass(frozen=True, slots=True)
class Hit:
    """One search result; `snippet` marks the matched words with [ and ]."""

    action_id: int
    ts_us: int
    source: Source
    app: str | None
    title: str | None
    target: str | None
    snippet: str


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A stretch of work: ended by "idle", "lock", "suspend" or "stop"."""

    start_us: int
    end_us: int
    ended_by: str
    actions: int


@dataclass(frozen=True, slots=True)
class NewPrediction:
    """A prediction, saved before the truth is known.

    Attributes:
        made_us: when.
        after_action: the token it was made after.
        ranked: the candidates, most likely first, with probability and reward.
        weights_run: the training run whose weights made it (None for the shipped prior).
    """

    made_us: int
    after_action: str
    ranked: tuple[tuple[str, float, float], ...]
    weights_run: int | None


@dataclass(frozen=True, slots=True)
class PredictionScore:
    """What happened after a prediction.

    Attributes:
        prediction_id: which one.
        truth: the action that came.
        truth_us: when.
        rank: its place in the ranking, from 1; 0 if it was not there.
        probability: what it was given.
        baseline_ranks: the rank each baseline gave it, by name, 0 if not in its list.
    """

    prediction_id: int
    truth: str
    truth_us: int
    rank: int
    probability: float
    baseline_ranks: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class PredictionRow:
    """A stored prediction, with its score once it has one."""

    id: int
    made_us: int
    after_action: str
    ranked: tuple[tuple[str, float, float], ...]
    truth: str | None
    rank: int | None
    probability: float | None


@dataclass(frozen=True, slots=True)
class HitRates:
    """How often the truth was among the first: over `scored` predictions; names include "model" and the baselines."""

    scored: int
    top1: tuple[tuple[str, float], ...]
    top5: tuple[tuple[str, float], ...]
    model_nats: float | None


@dataclass(frozen=True, slots=True)
class NewTrainingRun:
    """A training run that ended well; `report_json` is a `neural.messages.TrainReport`, `weights` its checkpoint.

    `active`: whether its weights are used from now on, in place of those before.
    """

    started_us: int
    report_json: str
    weights: bytes
    active: bool = True


@dataclass(frozen=True, slots=True)
class TrainingRunRow:
    """A stored training run (without its weights)."""

    id: int
    started_us: int
    report_json: str
    active: bool


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One turn of a conversation; `answer_json` holds an answer's plan, facts and chart."""

    chat_id: int
    ts_us: int
    author: str
    text: str
    answer_json: str | None = None


@dataclass(frozen=True, slots=True)
class ChatHit:
    """One turn of a conversation that was searched for; `snippet` marks the matched words with [ and ]."""

    message: ChatMessage
    snippet: str


@dataclass(frozen=True, slots=True)
class CleanupReport:
    """What a clean-up removed, or, in a dry run, exactly what it would remove; or what it had removed when stopped."""

    dry_run: bool
    keep_days: int
    cutoff_us: int
    actions_before: int
    actions_removed: int
    actions_sampled: int
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class StoreCounts:
    """The store at a glance."""

    actions: int
    by_source: tuple[tuple[str, int], ...]
    first_us: int | None
    last_us: int | None
    sessions: int
    predictions: int
    training_runs: int
    file_bytes: int


@dataclass(frozen=True, slots=True)
class ThinnedDay:
    """A local day, counted from the epoch, that a clean-up has thinned; see `app.store.retention.thinning`."""

    day: int
    seed: int
    seen: int
    kept: int


@dataclass(frozen=True, slots=True)
class KeptSum:
    """A sum of one local hour (counted from the epoch), under the names it is kept by; see `app.store.rows.aggregates`.

    Attributes:
        sums: actions, active_us, keys, clicks, scrolls.
    """

    local_hour: int
    utc_offset_s: int
    source: Source
    kind: EventKind
    app: str | None
    site: str | None
    project: str | None
    sums: tuple[int, ...]
