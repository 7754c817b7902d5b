"""The jobs of the brain process: putting facts into words, training, and explaining the reward.

torch and llama.cpp are imported by the first job that needs them, so that a brain that talks does not hold torch and a
brain that trains does not hold llama.cpp.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from neural.language.narration import prompt
from neural.language.narration.faithfulness import repair
from neural.language.narration.stream_filter import StreamGate
from neural.messages import (
    Appraised,
    AppraiseRequest,
    Encoded,
    EncodeRequest,
    Narrated,
    NarrateRequest,
    Progress,
    Reply,
    TextChunk,
    Trained,
    TrainRequest,
)
from neural.reward.explaining.report_values import RewardReport

if TYPE_CHECKING:
    from neural.language.llama import Narrator

Send = Callable[[Reply], None]
Stop = Callable[[], bool]


class CancelledError(Exception):
    """The running job was asked to stop."""


class JobError(Exception):
    """A job that cannot be done, for a known reason.

    Args:
        message: one sentence: what happened.
        remedy: one sentence: what the user can do.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class Voice:
    """Narrates, and keeps the model that it spoke with last."""

    def __init__(self) -> None:
        self._loaded: tuple[tuple[str, int, int], Narrator] | None = None

    def narrate(self, request: NarrateRequest, send: Send, stop: Stop) -> None:
        """Put facts into words; faithful words are sent as they come, and at the end the whole text, repaired.

        Args:
            request: the facts and the model file.
            send: takes each reply.
            stop: says whether the job was cancelled.

        Raises:
            CancelledError: as soon as `stop` says so.
            JobError: if the model file cannot speak.
        """
        _go_on(stop)
        try:
            from neural.language.llama import Stopped  # noqa: PLC0415  # see the head of this file
            from neural.language.model_file import ModelError  # noqa: PLC0415  # next to it
        except (ImportError, OSError, RuntimeError) as error:  # what its loader raises for a missing library
            raise _library_missing("llama.cpp", error) from error
        gate = StreamGate(request.facts)
        try:
            narrator = self._narrator(request, send)
            text = prompt.narration(request.question, request.facts, request.plain_text)
            for piece in narrator.stream(text, request.max_tokens, stop):
                _show(gate.feed(piece), request, send)
        except Stopped as stopped:
            raise CancelledError from stopped
        except ModelError as error:
            raise JobError(error.reason, error.remedy) from error
        _show(gate.finish(), request, send)
        spoken = repair(gate.text, request.plain_text, request.facts)
        send(Narrated(request.job_id, spoken, narrator.file.path.name))

    def silence(self) -> None:
        """Give the model's memory back."""
        if self._loaded is not None:
            self._loaded[1].close()
            self._loaded = None

    def _narrator(self, request: NarrateRequest, send: Send) -> Narrator:
        """The loaded model, loaded again if another file or a changed one is asked for."""
        from neural.language.llama import Narrator  # noqa: PLC0415  # see the head of this file

        path = Path(request.model_path)
        if self._loaded is not None and self._loaded[0] == _identity(path):
            return self._loaded[1]
        self.silence()
        send(Progress(request.job_id, "loading the model", 0, 1))
        narrator = Narrator(path)
        self._loaded = (_identity(path), narrator)
        return narrator


def train(request: TrainRequest, send: Send, stop: Stop) -> None:
    """Train the reward net; progress is sent at every step, and at the end the weights and the report.

    Args:
        request: the history and the options.
        send: takes each reply.
        stop: says whether the job was cancelled.

    Raises:
        CancelledError: as soon as `stop` says so; nothing is kept.
        JobError: if the history or the device does not allow it.
    """
    _go_on(stop)
    try:
        from neural.reward import checkpoint  # noqa: PLC0415  # see the head of this file
        from neural.reward.training import train as training  # noqa: PLC0415
        from neural.reward.training.promotion import Running  # noqa: PLC0415
    except (ImportError, OSError) as error:
        raise _library_missing("torch", error) from error
    try:
        start = None if request.start_weights is None else checkpoint.load(request.start_weights)
        running = None
        if request.running_weights is not None:
            running = Running(checkpoint.load(request.running_weights), request.running_until_us)
    except checkpoint.CheckpointError as error:
        remedy = "Train again from the beginning; the history is untouched."
        raise JobError(f"The weights to go on from cannot be used: {error}.", remedy) from error
    options = training.Options(request.device, request.seed, request.max_epochs)
    if request.quick:
        options = training.Options.quick(request.device, request.seed)
    try:
        for step in training.train(request.steps, start, options, running):
            _go_on(stop)
            send(Progress(request.job_id, step.note or step.stage, step.done, step.total, step.loss_nats))
            if step.result is not None:
                report = replace(step.result.report, quick=request.quick)
                send(Trained(request.job_id, step.result.weights, report))
    except training.TrainingError as error:
        raise JobError(f"Training was not possible: {error}.", error.remedy) from error


def encode(request: EncodeRequest, send: Send, stop: Stop) -> None:
    """Train the encoder of moments; progress is sent at every batch, and at the end the encoder to be used.

    Args:
        request: the moments.
        send: takes each reply.
        stop: says whether the job was cancelled.

    Raises:
        CancelledError: as soon as `stop` says so; nothing is kept.
        JobError: if there are too few moments.
    """
    _go_on(stop)
    try:
        from neural.moments import training  # noqa: PLC0415  # see the head of this file
        from neural.moments.encoder import dump, unjoined  # noqa: PLC0415
    except (ImportError, OSError) as error:
        raise _library_missing("torch", error) from error
    bags = unjoined(request.rows, request.amounts, request.lengths)
    passage = training.Passage(bags, [bool(each) for each in request.follows])
    try:
        for step in training.train(passage, request.seed):
            _go_on(stop)
            send(Progress(request.job_id, "learning what belongs together", step.done, step.total, step.loss_nats))
            if step.encoder is not None:
                send(Encoded(request.job_id, dump(step.encoder)))
    except ValueError as error:
        raise JobError(f"Moments could not be learned from: {error}.", "Let it record for longer.") from error


def appraise(request: AppraiseRequest, send: Send, stop: Stop) -> None:
    """Explain the reward of the last month; progress is sent now and then, and at the end the report.

    Args:
        request: the history and the weights.
        send: takes each reply.
        stop: says whether the job was cancelled.

    Raises:
        CancelledError: as soon as `stop` says so.
        JobError: if the weights cannot be used.
    """
    _go_on(stop)
    from neural.reward import checkpoint  # noqa: PLC0415  # see the head of this file
    from neural.reward.explaining import report  # noqa: PLC0415

    try:
        weights = checkpoint.load(request.weights)
    except checkpoint.CheckpointError as error:
        raise JobError(f"The weights in use cannot be read: {error}.", error.remedy) from error
    for found in report.explain_reward(request.steps, weights, request.until_us, request.chosen):
        _go_on(stop)
        if isinstance(found, RewardReport):
            send(Appraised(request.job_id, report.to_json(found)))
        else:
            send(Progress(request.job_id, "appraising", *found))


def _go_on(stop: Stop) -> None:
    if stop():
        raise CancelledError


def _show(text: str, request: NarrateRequest, send: Send) -> None:
    if text:
        send(TextChunk(request.job_id, text))


def _library_missing(name: str, error: Exception) -> JobError:
    return JobError(
        f"{name} cannot be loaded here ({type(error).__name__}).", "Set the program up again with: make run"
    )


def _identity(path: Path) -> tuple[str, int, int]:
    try:
        found = path.stat()
    except OSError:
        return str(path), -1, -1  # looked at again, and refused with its reason, when it is loaded
    return str(path), found.st_size, found.st_mtime_ns
