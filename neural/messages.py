"""What crosses between the desktop process and the brain process: typed requests and replies, one JSON line each.

The line form is `{"type": <class name>, ...fields}`. Binary values travel as base64, enums by value.
"""

from __future__ import annotations

import base64
import dataclasses
import json
from dataclasses import dataclass
from typing import Any, Final, get_args, get_type_hints

from neural.language.facts import Fact
from neural.reward.actions import Step
from neural.reward.explaining.report_values import Chosen
from neural.reward.training.train_report import TrainReport


@dataclass(frozen=True, slots=True)
class TrainRequest:
    """Train the reward net on one person's steps, in time order.

    Attributes:
        job_id: names the job in every reply.
        steps: the whole history to learn from, oldest first.
        start_weights: a checkpoint to start from (the prior, or the running one).
        device: "auto", "cpu" or "cuda".
        seed: of every random choice.
        max_epochs: an upper bound; training may end earlier on the latest days.
        quick: one pass of small steps over the latest decisions; `max_epochs` does not count then.
        running_weights: the checkpoint in use, which the new one has to beat; None if there is none.
        running_until_us: up to when that one has learned from this person; None for nothing.
    """

    job_id: int
    steps: tuple[Step, ...]
    start_weights: bytes | None
    device: str = "auto"
    seed: int = 0
    max_epochs: int = 4
    quick: bool = False
    running_weights: bytes | None = None
    running_until_us: int | None = None


@dataclass(frozen=True, slots=True)
class AppraiseRequest:
    """Explain the reward of one person's last month (see `neural.reward.explaining.report`).

    Attributes:
        job_id: names the job in every reply.
        steps: the whole history, oldest first.
        weights: the checkpoint in use.
        until_us: what came later (by a clock that was wrong) is left out.
        chosen: the choices of the two months that are compared, if `steps` do not hold them all; else empty.
    """

    job_id: int
    steps: tuple[Step, ...]
    weights: bytes
    until_us: int
    chosen: tuple[Chosen, ...] = ()


@dataclass(frozen=True, slots=True)
class NarrateRequest:
    """Put facts into words with the user's own model file."""

    job_id: int
    model_path: str
    question: str
    facts: tuple[Fact, ...]
    plain_text: str
    max_tokens: int = 256


@dataclass(frozen=True, slots=True)
class EncodeRequest:
    """Train the encoder of moments (see `neural.moments`) on one person's moments, oldest first.

    Attributes:
        job_id: names the job in every reply.
        rows, amounts: of all bags one behind the other, uint16 and float32, little endian.
        lengths: rows of each bag, uint16.
        follows: a byte each, 1 if the next moment followed in the same session.
        seed: of every random choice.
    """

    job_id: int
    rows: bytes
    amounts: bytes
    lengths: bytes
    follows: bytes
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop a job as soon as its current step allows; the brain answers with `Failed(cancelled=True)`."""

    job_id: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: `done` of `total` steps, with the latest loss in nats if there is one."""

    job_id: int
    stage: str
    done: int
    total: int
    loss_nats: float | None = None


@dataclass(frozen=True, slots=True)
class Trained:
    """A finished training: the new checkpoint (see `neural.reward.checkpoint`) and its report."""

    job_id: int
    weights: bytes
    report: TrainReport


@dataclass(frozen=True, slots=True)
class Encoded:
    """A finished training of the encoder: its bytes (see `neural.moments.encoder`), which say how it was made."""

    job_id: int
    encoder: bytes


@dataclass(frozen=True, slots=True)
class Appraised:
    """A finished explanation of the reward: a `neural.reward.explaining.report_values.RewardReport` as JSON."""

    job_id: int
    report_json: str


@dataclass(frozen=True, slots=True)
class TextChunk:
    """The next piece of a narration, as it is generated."""

    job_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Narrated:
    """A finished narration; `model` names the file that spoke."""

    job_id: int
    text: str
    model: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A job that ended without a result. What was running before it still runs."""

    job_id: int
    message: str
    remedy: str
    cancelled: bool = False


Job = TrainRequest | AppraiseRequest | NarrateRequest | EncodeRequest
Request = Job | Cancel
Result = Trained | Appraised | Narrated | Encoded
Reply = Progress | TextChunk | Result | Failed

_TYPES: Final[dict[str, type[Any]]] = {kind.__name__: kind for kind in (*get_args(Request), *get_args(Reply))}
_NESTED: Final[dict[tuple[str, str], type[Any]]] = {
    ("TrainRequest", "steps"): Step,
    ("AppraiseRequest", "steps"): Step,
    ("AppraiseRequest", "chosen"): Chosen,
    ("NarrateRequest", "facts"): Fact,
}


class MessageError(ValueError):
    """A line that is no message of this protocol."""


def encode(message: Request | Reply) -> str:
    """One message as one line of JSON, without the line end."""
    body = {field.name: _plain(getattr(message, field.name)) for field in dataclasses.fields(message)}
    return json.dumps({"type": type(message).__name__, **body}, separators=(",", ":"))


def decode(line: str) -> Request | Reply:
    """Read one line back.

    Raises:
        MessageError: if the line is not JSON, names no known type, or has other fields than its type.
    """
    try:
        raw = json.loads(line)
        kind = _TYPES[raw.pop("type")]
        return _build(kind, raw)  # type: ignore[no-any-return]  # the table holds Request and Reply types alone
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise MessageError(f"not a message: {error}") from error


def _plain(value: object) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return value


def _build(kind: type[Any], raw: dict[str, Any]) -> Any:
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for name, value in raw.items():
        hint = hints[name]
        nested = _NESTED.get((kind.__name__, name))
        if nested is not None:
            values[name] = tuple(_build(nested, item) for item in value)
        elif hint is TrainReport:
            values[name] = _build(TrainReport, value)
        elif value is not None and hint in (bytes, bytes | None):
            values[name] = base64.b64decode(value, validate=True)
        elif isinstance(value, list):
            values[name] = tuple(value)
        else:
            values[name] = value
    return kind(**values)
