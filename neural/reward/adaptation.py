"""Learning on the spot: one small step of the net after every action that was predicted."""

from __future__ import annotations

from typing import Final

import numpy as np

from neural.reward.features.hash_tables import F32
from neural.reward.inference import Activations, NumpyNet

RATE: Final = 2e-4
MEMORY: Final = 0.999
DAMPING: Final = 1e-3


class Adapter:
    """Steps of RMSProp (Tieleman and Hinton, 2012) on the likelihood of what was just done.

    The running squares are corrected for their beginning at nothing (Kingma and Ba, 2015), or a person's first actions
    would be taken for the rule: a first step moves no weight by more than RATE.

    Args:
        net: is changed in place.
        rate: step size; 0 leaves the net as it is.
    """

    def __init__(self, net: NumpyNet, rate: float = RATE) -> None:
        self._net = net
        self._rate = np.float32(rate)
        self._squares: dict[str, F32] = {name: np.zeros_like(w) for name, w in net.weights.items()}
        self._left = 1.0
        """How much of the squares is still what they began with."""

    def learn(self, made: Activations, chosen: int) -> None:
        """Make what was chosen a little likelier in such a moment.

        Args:
            made: the forward pass of the prediction.
            chosen: row of the truth, see `Decision.row_of`.
        """
        if not self._rate:
            return
        self._left *= MEMORY
        grown = np.float32(1 / (1 - self._left))
        for name, gradient in self._net.gradients(made, chosen).items():
            squares = self._squares[name]
            squares *= np.float32(MEMORY)
            squares += np.float32(1 - MEMORY) * gradient * gradient
            self._net.weights[name] -= self._rate * gradient / (np.sqrt(squares * grown) + np.float32(DAMPING))
