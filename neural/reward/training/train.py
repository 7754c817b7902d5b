"""Training the reward net on one person's history: a generator of steps, so that stopping is ceasing to ask.

The history is split by time: the net learns from the oldest seven tenths, the next tenth says when to stop and how
sure to be (temperature), and the latest fifth measures, each action predicted before it is learned from. A last pass
takes in everything. Weights that were started from and are not beaten come back as they were. Whether what was learned
takes the place of the weights in use is decided by `promotion`.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import torch

from neural.energy import EnergyMeter
from neural.reward import checkpoint
from neural.reward.actions import Step
from neural.reward.checkpoint import Checkpoint
from neural.reward.features.hash_tables import I64
from neural.reward.features.statistics import CANDIDATES, Statistics
from neural.reward.scoring import BASELINES, Baselines, Score
from neural.reward.training import build_dataset, fitting, promotion
from neural.reward.training.build_dataset import History
from neural.reward.training.dataset import Dataset
from neural.reward.training.fitting import Fitter
from neural.reward.training.irl import Objective
from neural.reward.training.promotion import Running, Verdict
from neural.reward.training.train_report import TrainReport

MIN_DECISIONS: Final = 100
MAX_DECISIONS: Final = 40_000
"""Only the latest ones are learned from; the statistics see the whole history. Bounds the arrays to half a gigabyte."""
QUICK_DECISIONS: Final = 8_000
QUICK_RATE: Final = 3e-4
_FIT, _VALIDATE = 0.7, 0.8
_REPORT_EVERY: Final = 200
_PATIENCE: Final = 1
_LAST_PASS: Final = 0.3
"""The part of the cycle of step sizes that the last pass takes: small steps, for nothing checks them."""


class TrainingError(ValueError):
    """Training that cannot be done. `remedy` says what to do about it."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Options:
    """How to train.

    Attributes:
        device: "auto", "cpu" or "cuda".
        seed: of every random choice.
        max_epochs: an upper bound; training ends earlier when the validation tenth gets no better.
        rate: peak step size of AdamW.
        objective: the IRL objective's constants.
        most: decisions at most, the latest ones.
    """

    device: str = "auto"
    seed: int = 0
    max_epochs: int = 4
    rate: float = 1e-3
    objective: Objective = field(default_factory=Objective)
    most: int = MAX_DECISIONS

    @classmethod
    def quick(cls, device: str = "auto", seed: int = 0) -> Options:
        """For every night: one pass of small steps over the latest decisions, to go on from the weights in use."""
        return cls(device, seed, max_epochs=1, rate=QUICK_RATE, most=QUICK_DECISIONS)


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """A finished training: the checkpoint as bytes, and its report."""

    weights: bytes
    report: TrainReport


@dataclass(frozen=True, slots=True)
class TrainingStep:
    """How far training is; the last one carries the result.

    Attributes:
        stage: "reading", "learning", "measuring" or "finished".
        done, total: of this stage.
        loss_nats: the latest mean surprise, if there is one.
        note: something the user should hear of, such as a GPU that ran out of memory.
        result: of the last step alone.
    """

    stage: str
    done: int
    total: int
    loss_nats: float | None = None
    note: str | None = None
    result: TrainingResult | None = None


Steps = Generator[TrainingStep, None, None]


@dataclass(frozen=True, slots=True)
class _Fitted:
    """The outcome of learning: what to keep, what to measure (it has not seen the latest fifth), and how it went."""

    kept: Checkpoint
    measured: Checkpoint
    epochs: int
    loss_nats: float


def train(
    steps: Sequence[Step], start: Checkpoint | None, options: Options, running: Running | None = None
) -> Iterator[TrainingStep]:
    """Train on a history and report.

    Args:
        steps: the person's whole history, oldest first.
        start: weights to go on from; None for fresh ones.
        options: see `Options`.
        running: the weights in use, which the new ones have to beat; None if there are none.

    Yields:
        Steps; the last has `result`. Nothing is left behind if the caller stops asking before it.

    Raises:
        TrainingError: if the history is too short to learn from, or the device is not there.
    """
    began = time.monotonic()
    meter = EnergyMeter()
    device = _device(options.device)
    data, times_us, baselines = yield from _read(steps, options.most)
    try:
        fitted = yield from _learn(data, start, options, device)
    except torch.OutOfMemoryError:
        device = "cpu"
        yield TrainingStep("learning", 0, 1, note="The GPU ran out of memory; training goes on with the processor.")
        fitted = yield from _learn(data, start, options, device)
    at = int(len(data) * _VALIDATE)
    tail = data.slice(at, len(data))
    score = yield from _measure(fitted.measured, tail)
    verdict = Verdict(promoted=True)
    if running is not None:
        verdict = promotion.judge(fitted.measured, running, tail, times_us[at:])
    report = TrainReport(
        device=fitting.describe(device),
        seconds=round(time.monotonic() - began, 3),
        decisions=len(data),
        candidates=CANDIDATES,
        epochs=fitted.epochs,
        first_ts_us=steps[0].ts_us,
        last_ts_us=steps[-1].ts_us,
        train_loss_nats=fitted.loss_nats,
        tail_top1=score.top(1),
        tail_top5=score.top(5),
        tail_nats=score.nats,
        baselines=baselines,
        ended_early=fitted.epochs < options.max_epochs,
        promoted=verdict.promoted,
        judged_decisions=verdict.judged,
        judged_nats=verdict.new_nats,
        running_nats=verdict.running_nats,
        energy_j=meter.joules(),
    )
    yield TrainingStep("finished", 1, 1, result=TrainingResult(checkpoint.dump(fitted.kept), report))


def _device(name: str) -> str:
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise TrainingError("there is no CUDA device here", "Choose the processor, or let the program choose.")
    return name


def _read(steps: Sequence[Step], most: int) -> Generator[TrainingStep, None, tuple[Dataset, I64, dict[str, float]]]:
    """The latest decisions, their times, and the baselines' hit rate at 1 on their latest fifth."""
    given = build_dataset.history(steps)
    if given.decisions < MIN_DECISIONS:
        raise TrainingError(
            f"there are {given.decisions} actions to learn from, and it takes {MIN_DECISIONS}",
            "Import a history, or let the program watch for a day.",
        )
    size = min(given.decisions, most)
    data = yield from _report(build_dataset.read(given, size), size)
    times_us = np.array([steps[step].ts_us or 0 for step in given.steps_of(size)], np.int64)
    hits = yield from _baselines(steps, given, size - int(size * _VALIDATE))
    return data, times_us, hits


def _report(read: Generator[int, None, Dataset], size: int) -> Generator[TrainingStep, None, Dataset]:
    while True:
        try:
            yield TrainingStep("reading", next(read), size)
        except StopIteration as end:
            data: Dataset = end.value
            return data


def _baselines(steps: Sequence[Step], given: History, tail: int) -> Generator[TrainingStep, None, dict[str, float]]:
    """The share of the latest decisions that each baseline's first guess hit; each learns from the whole history."""
    judged = set(given.steps_of(tail).tolist())
    tracker, baselines = Statistics(contexts_log2=1, pairs_log2=1), Baselines()
    hits = dict.fromkeys(BASELINES, 0)
    for number, step in enumerate(steps):
        if given.numbers.new[number]:
            if number in judged:
                for name, rank in baselines.ranks(step.action, tracker.banned(step.action)):
                    hits[name] += rank == 1
            baselines.update(step.action)
        tracker.follow(step)
        if number % _REPORT_EVERY == 0:
            yield TrainingStep("reading", number, len(steps))
    return {name: count / tail for name, count in hits.items()}


def _learn(
    data: Dataset, start: Checkpoint | None, options: Options, device: str
) -> Generator[TrainingStep, None, _Fitted]:
    fit = data.slice(0, int(len(data) * _FIT))
    validation = data.slice(int(len(data) * _FIT), int(len(data) * _VALIDATE))
    fitter = Fitter(
        start, objective=options.objective, rate=options.rate, device=device, seed=options.seed, indicators=True
    )
    best = start
    best_nats = _nats_of(start, validation, options, device)
    epochs, loss, waited = 0, best_nats, 0
    for epoch in range(options.max_epochs):
        span = (epoch / (options.max_epochs + 1), (epoch + 1) / (options.max_epochs + 1))
        for loss in fitter.epoch([fit], *span):
            yield TrainingStep("learning", epoch, options.max_epochs, loss_nats=loss)
        temperature = fitter.temperature(validation)
        nats = fitter.nats(validation, temperature)
        if nats < best_nats:
            best, best_nats, epochs, waited = (
                fitter.checkpoint(temperature, _made(options, epoch + 1)),
                nats,
                epoch + 1,
                0,
            )
        elif waited == _PATIENCE:
            break
        else:
            waited += 1
    if best is None or best is start:
        return _Fitted(best or fitter.checkpoint(1.0, _made(options, 0)), best or fitter.checkpoint(1.0, {}), 0, loss)
    last = Fitter(
        best, objective=options.objective, rate=options.rate, device=device, seed=options.seed, indicators=True
    )
    for loss in last.epoch([data], 1 - _LAST_PASS, 1.0):
        yield TrainingStep("learning", options.max_epochs, options.max_epochs, loss_nats=loss)
    return _Fitted(last.checkpoint(best.temperature, _made(options, epochs)), best, epochs, loss)


def _nats_of(start: Checkpoint | None, data: Dataset, options: Options, device: str) -> float:
    if start is None:
        return float("inf")
    objective = Objective(start.gamma, options.objective.bellman, options.objective.ridge)
    fitter = Fitter(start, objective=objective, rate=0.0, device=device, seed=0, indicators=True)
    return fitter.nats(data, start.temperature)


def _made(options: Options, epochs: int) -> dict[str, object]:
    return {"by": "personal training", "seed": options.seed, "epochs": epochs, "rate": options.rate}


def _measure(weights: Checkpoint, data: Dataset) -> Generator[TrainingStep, None, Score]:
    """The score of weights on the latest decisions, with steps on the way."""
    score = Score()
    for number, score in enumerate(promotion.prequential(weights, data)):
        if number % _REPORT_EVERY == 0:
            yield TrainingStep("measuring", number, len(data), loss_nats=score.nats)
    return score
