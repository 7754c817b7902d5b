"""How well an encoder finds what belongs together: the moment that followed, among all others of the same time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from neural.moments.encoder import WIDTH, Bag, Encoder, nearness, packed

AMONG: Final = 10
F64 = npt.NDArray[np.float64]


def recall(encoder: Encoder, bags: Sequence[Bag], follows: Sequence[bool], among: int = AMONG) -> F64:
    """Recall@10, asked of each moment that another one followed.

    Args:
        encoder: places the moments, as they are stored.
        bags: the moments, oldest first.
        follows: whether moment i + 1 followed i in the same session.
        among: the first so many count.

    Returns:
        [asked] 1.0 if the one that followed is among the nearest of all others, else 0.0.
    """
    stored = b"".join(packed(encoder.encode(bag)) for bag in bags)
    asked = [number for number in range(len(bags) - 1) if follows[number]]
    found = np.zeros(len(asked))
    for place, number in enumerate(asked):
        query = np.frombuffer(stored[number * WIDTH : (number + 1) * WIDTH], np.int8).astype(np.float32)
        near = nearness(stored, query)
        near[number] = -np.inf
        found[place] = (near > near[number + 1]).sum() < among
    return found
