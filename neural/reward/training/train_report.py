"""The result of one training, as plain values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What a training run did; stored in `training_runs` as it is.

    Attributes:
        tail_top1, tail_top5: hit rates on the latest fifth, each predicted before it was learned from.
        tail_nats: nats an action there.
        baselines: hit rate at 1 of the baselines on the same tail, by name.
        ended_early: whether it stopped before `max_epochs` because the latest days got no better.
        promoted: whether the new weights beat those in use, on the latest actions (`neural.reward.training.promotion`).
        judged_decisions: how many decisions that was judged by.
        judged_nats, running_nats: nats an action there, of the new weights and of those in use.
        energy_j: what the processor packages took meanwhile, joules; None if that cannot be read.
        quick: a nightly pass from the weights in use rather than a training from the shipped ones.
    """

    device: str
    seconds: float
    decisions: int
    candidates: int
    epochs: int
    first_ts_us: int | None
    last_ts_us: int | None
    train_loss_nats: float
    tail_top1: float
    tail_top5: float
    tail_nats: float
    baselines: dict[str, float]
    ended_early: bool
    promoted: bool = True
    judged_decisions: int = 0
    judged_nats: float | None = None
    running_nats: float | None = None
    energy_j: float | None = None
    quick: bool = False
