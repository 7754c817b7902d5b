"""Training the encoder: moments that follow one another are pulled together, others pushed apart.

The loss is InfoNCE (van den Oord and others 2018): of all moments of a batch, which one followed this one? Rows of the
table start as the random signs and are held near them, so that what was rarely seen stays as it was. The latest
fifth of the moments is never learned from. What was learned is kept only if it finds the moment that follows there
more often among the first ten than the untrained encoder does.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from neural.moments.encoder import FEWEST_TO_LEARN, LARGEST, ROWS, UNIT, WIDTH, Bag, Encoder, untrained
from neural.moments.evaluation import recall

HELD_OUT: Final = 0.2
BATCH: Final = 256
EPOCHS: Final = 10
RATE: Final = 0.02
TEMPERATURE: Final = 0.2
HOLD: Final = 1e-3
"""How strongly a row is held in its place."""
NEXT_TO: Final = 2
"""Moments no further apart are no negatives of each other: they may well belong together."""
CERTAIN: Final = 2.0
"""So many standard errors better it must be to be kept."""
I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Passage:
    """The moments of a person, oldest first; `follows[i]` is whether moment i + 1 followed i in the same session."""

    bags: Sequence[Bag]
    follows: Sequence[bool]


@dataclass(frozen=True, slots=True)
class Learned:
    """How far training is; the last one carries the encoder to be used.

    Attributes:
        done, total: batches.
        loss_nats: of the latest one.
        encoder: the better one, with both figures in what is said of how it was made.
    """

    done: int
    total: int
    loss_nats: float | None = None
    encoder: Encoder | None = None


def train(passage: Passage, seed: int = 0) -> Iterator[Learned]:
    """Train, and judge on the latest fifth.

    Args:
        passage: a person's moments.
        seed: of every random choice.

    Yields:
        How far it is; nothing is left behind if the caller stops asking.

    Raises:
        ValueError: if there are fewer than FEWEST_TO_LEARN.
    """
    count = len(passage.bags)
    if count < FEWEST_TO_LEARN:
        raise ValueError(f"{count} moments are too few to learn from")
    began_s = time.monotonic()
    cut = round(count * (1 - HELD_OUT))
    plain = untrained(passage.bags[:cut])
    firsts = [number for number in range(cut - 1) if passage.follows[number]]
    per_epoch = math.ceil(len(firsts) / BATCH)
    tuned = plain
    if firsts:
        table = torch.from_numpy(plain.table.astype(np.float32) / UNIT)
        model = torch.nn.EmbeddingBag.from_pretrained(table.clone(), freeze=False, mode="sum")
        optimiser = torch.optim.Adam(model.parameters(), lr=RATE)
        random = np.random.default_rng(seed)
        for epoch in range(EPOCHS):
            for number, chosen in enumerate(np.array_split(random.permutation(firsts), per_epoch)):
                loss = _loss(model, passage.bags, plain, chosen) + HOLD * ((model.weight - table) ** 2).sum() / BATCH
                optimiser.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
                optimiser.step()
                yield Learned(epoch * per_epoch + number + 1, EPOCHS * per_epoch, float(loss.detach()))
        tuned = _with(plain, passage.bags[:cut], model.weight.detach().numpy())
    yield Learned(1, 1, encoder=_better(plain, tuned, passage, cut, time.monotonic() - began_s))


def _loss(model: torch.nn.EmbeddingBag, bags: Sequence[Bag], plain: Encoder, chosen: I64) -> torch.Tensor:
    """InfoNCE over a batch, both ways."""
    ours = _placed(model, [bags[number] for number in chosen], plain)
    theirs = _placed(model, [bags[number + 1] for number in chosen], plain)
    scores = ours @ theirs.T / TEMPERATURE
    apart = np.abs(chosen[:, None] - chosen[None, :])
    near = torch.from_numpy((apart > 0) & (apart <= NEXT_TO))
    scores = scores.masked_fill(near, -math.inf)
    truth = torch.arange(len(chosen))
    return (torch.nn.functional.cross_entropy(scores, truth) + torch.nn.functional.cross_entropy(scores.T, truth)) / 2


def _placed(model: torch.nn.EmbeddingBag, bags: Sequence[Bag], plain: Encoder) -> torch.Tensor:
    """[n, WIDTH], each of length 1."""
    rows = torch.from_numpy(np.concatenate([bag.rows for bag in bags]).astype(np.int64))
    weights = torch.from_numpy(np.concatenate([bag.amounts * plain.rarity[bag.rows] for bag in bags]))
    starts = torch.from_numpy(np.cumsum([0, *(len(bag.rows) for bag in bags[:-1])]))
    placed: torch.Tensor = model(rows, starts, per_sample_weights=weights)
    return torch.nn.functional.normalize(placed, dim=1)


def _with(plain: Encoder, bags: Sequence[Bag], weight: npt.NDArray[np.float32]) -> Encoder:
    """The encoder with the rows that were learned, rounded as they are kept."""
    used = np.zeros(ROWS, bool)
    for bag in bags:
        used[bag.rows] = True
    table = plain.table.copy()
    table[used] = np.clip(np.round(weight[used] * UNIT), -LARGEST, LARGEST).astype(np.int8)
    assert table.shape == (ROWS, WIDTH)
    return Encoder(plain.rarity, table, np.flatnonzero(used).astype(np.uint16), plain.made)


def _better(plain: Encoder, tuned: Encoder, passage: Passage, cut: int, seconds: float) -> Encoder:
    """The trained encoder if it is better beyond doubt, else the untrained one."""
    bags, follows = passage.bags[cut:], passage.follows[cut:]
    before, after = recall(plain, bags, follows), recall(tuned, bags, follows)
    gain = after - before
    kept = bool(len(gain)) and bool(gain.mean() > CERTAIN * gain.std() / math.sqrt(len(gain))) and tuned is not plain
    made = {
        "moments": len(passage.bags),
        "judged": len(gain),
        "recall_untrained": round(float(before.mean()), 4) if len(gain) else None,
        "recall_trained": round(float(after.mean()), 4) if len(gain) else None,
        "seconds": round(seconds, 1),
        "trained": kept,
    }
    if kept:
        return Encoder(tuned.rarity, tuned.table, tuned.trained, made)
    whole = untrained(passage.bags)
    return Encoder(whole.rarity, whole.table, whole.trained, made)
