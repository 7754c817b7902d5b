"""Passes of a reward net over recorded decisions, in runs of consecutive ones: V of what came next is at hand."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neural.reward.checkpoint import Checkpoint
from neural.reward.training import irl
from neural.reward.training.dataset import Dataset
from neural.reward.training.irl import Objective
from neural.reward.training.network import RewardNet, load_weights, to_checkpoint

RUN: Final = 16
RUNS_PER_BATCH: Final = 16
_WARM_UP: Final = 0.1
_CLIP: Final = 1.0
_EVALUATION_BATCH: Final = 512
_TEMPERATURES: Final = tuple(float(t) for t in np.geomspace(0.7, 1.6, 25))


@dataclass(frozen=True, slots=True)
class Batch:
    """Decisions on the device: a whole history, or B = runs of RUN + 1, the last of each only for its soft value."""

    state: Tensor
    action: Tensor
    indicators: Tensor | None
    mask: Tensor
    chosen: Tensor
    ended: Tensor

    def rows(self, start: int, stop: int) -> Batch:
        """Decisions from `start` up to `stop`, as views; beyond the end the last one again."""
        at: slice | Tensor = slice(start, stop)
        if stop > len(self.chosen):
            at = torch.arange(start, stop, device=self.chosen.device).clamp(max=len(self.chosen) - 1)
        return Batch(
            state=self.state[at],
            action=self.action[at],
            indicators=None if self.indicators is None else self.indicators[at],
            mask=self.mask[at],
            chosen=self.chosen[at],
            ended=self.ended[at],
        )


class Fitter:
    """A net with its optimiser on a device.

    Args:
        start: weights to go on from; None for fresh ones.
        objective: the IRL objective's constants.
        rate: peak step size.
        device: "cpu" or "cuda".
        seed: of the order of runs, of fresh weights and of the dropout.
        indicators: whether the net has the hashed indicators, which know one person's names; off for the shipped prior.
    """

    def __init__(
        self,
        start: Checkpoint | None,
        *,
        objective: Objective,
        rate: float,
        device: str,
        seed: int,
        indicators: bool,
    ) -> None:
        torch.manual_seed(seed)
        self._random = np.random.default_rng(seed)
        self._device = torch.device(device)
        self._indicators = indicators
        self._rate = rate
        self.objective = objective
        self.net = RewardNet()
        if start is not None:
            load_weights(self.net, start)
        self.net.to(self._device)
        on_gpu = self._device.type == "cuda"
        self._optimizer = torch.optim.AdamW(self.net.parameters(), lr=rate, weight_decay=1e-2, fused=on_gpu)
        self._there: list[tuple[Dataset, Batch]] = []

    def epoch(self, histories: Sequence[Dataset], first: float, last: float) -> Iterator[float]:
        """One pass over histories in random order of runs; yields each batch's surprise in nats.

        Args:
            histories: of one person or more, each in time order.
            first: the share of the whole training before this pass, 0 to 1; the step size follows one cycle over the
                whole (Smith and Topin, 2019).
            last: the share at its end.
        """
        self.net.train()
        shift = int(self._random.integers(0, RUN))
        runs = [
            (data, min(start + shift, max(len(data) - RUN - 1, 0)))
            for data in histories
            for start in range(0, max(len(data) - 1, 1), RUN)
        ]
        order = self._random.permutation(len(runs))
        asked: Tensor | None = None
        for at in range(0, len(runs), RUNS_PER_BATCH):
            self._set_rate(first + (last - first) * at / len(runs))
            nats = self._step(self._batch([runs[run] for run in order[at : at + RUNS_PER_BATCH]]))
            if asked is not None:
                yield float(asked)
            asked = (
                nats  # read once the next batch is under way: a GPU that is asked at once has nothing to do meanwhile
            )
        if asked is not None:
            yield float(asked)

    def nats(self, data: Dataset, temperature: float = 1.0) -> float:
        """Mean surprise over the data, without learning."""
        return self._surprise(self._scores(data), data, temperature)

    def temperature(self, data: Dataset) -> float:
        """The temperature that makes the probabilities fit the data best (Guo and others, 2017)."""
        scores = self._scores(data)
        return min(_TEMPERATURES, key=lambda t: self._surprise(scores, data, t))

    def _surprise(self, scores: Tensor, data: Dataset, temperature: float) -> float:
        logs = torch.log_softmax(scores / temperature, -1)
        picked = logs.gather(1, torch.from_numpy(data.chosen)[:, None])
        return -float(picked.mean())

    @torch.no_grad()
    def _scores(self, data: Dataset) -> Tensor:
        self.net.eval()
        there = self._on_device(data)
        parts = []
        for start in range(0, len(data), _EVALUATION_BATCH):
            batch = _joined([there.rows(start, min(start + _EVALUATION_BATCH, len(data)))])
            reward, value = self.net(batch.state, batch.action, batch.indicators)
            parts.append(irl.soft_q(reward, value, batch.mask, self.objective.gamma).cpu())
        return torch.cat(parts)

    def _batch(self, runs: Sequence[tuple[Dataset, int]]) -> Batch:
        return _joined([self._on_device(data).rows(start, start + RUN + 1) for data, start in runs])

    def _on_device(self, data: Dataset) -> Batch:
        """All of a history as tensors on the device, taken there once: half a gigabyte at most."""
        for known, there in self._there:
            if known is data:
                return there

        def tensor(values: NDArray[Any]) -> Tensor:
            return torch.from_numpy(values).to(self._device)

        there = Batch(
            state=tensor(data.state),
            action=tensor(data.action),
            indicators=tensor(data.indicators) if self._indicators else None,
            mask=tensor(data.mask),
            chosen=tensor(data.chosen),
            ended=tensor(data.ended),
        )
        self._there.append((data, there))
        return there

    def _step(self, batch: Batch) -> Tensor:
        with torch.autocast(self._device.type, torch.bfloat16):
            reward, value = self.net(batch.state, batch.action, batch.indicators)
        soft = irl.soft_value(irl.soft_q(reward, value, batch.mask, self.objective.gamma)).view(-1, RUN + 1)
        runs = len(soft)
        next_value = soft[:, 1:] * ~batch.ended.view(runs, RUN + 1)[:, :-1]

        def but_last(values: Tensor) -> Tensor:
            return values.view(runs, RUN + 1, *values.shape[1:])[:, :-1].flatten(0, 1)

        loss = irl.loss(
            but_last(reward),
            but_last(value),
            mask=but_last(batch.mask),
            chosen=but_last(batch.chosen),
            next_value=next_value.flatten(),
            objective=self.objective,
        )
        self._optimizer.zero_grad(set_to_none=True)
        loss.total.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), _CLIP)
        self._optimizer.step()
        return loss.nats.detach()

    def _set_rate(self, progress: float) -> None:
        rise = min(progress / _WARM_UP, 1.0)
        fall = 0.5 * (1 + math.cos(math.pi * max(progress - _WARM_UP, 0.0) / (1 - _WARM_UP)))
        for group in self._optimizer.param_groups:
            group["lr"] = self._rate * max(rise * fall, 0.01)

    def checkpoint(self, temperature: float, made: dict[str, object]) -> Checkpoint:
        """The net as it stands, as a checkpoint."""
        return to_checkpoint(
            self.net, self.objective.gamma, temperature=temperature, made=made, indicators=self._indicators
        )


def _joined(parts: Sequence[Batch]) -> Batch:
    """Parts behind each other, in the types that the net takes."""

    def tensor(field: str, kind: torch.dtype) -> Tensor:
        return torch.cat([getattr(part, field) for part in parts]).to(kind)

    return Batch(
        state=tensor("state", torch.float32),
        action=tensor("action", torch.float32),
        indicators=None if parts[0].indicators is None else tensor("indicators", torch.int64),
        mask=tensor("mask", torch.bool),
        chosen=tensor("chosen", torch.int64),
        ended=tensor("ended", torch.bool),
    )


def describe(device: str) -> str:
    """A device in words, as it is named in reports."""
    if device == "cuda":
        return f"cuda ({torch.cuda.get_device_name()})"
    return f"cpu ({torch.get_num_threads()} threads)"
