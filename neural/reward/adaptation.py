"""Learning on the spot: one small step of the net after every action that was predicted."""

from __future__ import annotations

from typing import Final

import numpy as np

from neural.reward.inference import Activations, NumpyNet
from neural.reward.tables import F32

RATE: Final = 3e-4
MEMORY: Final = 0.999
DAMPING: Final = 1e-3


class Adapter:
    """Steps of RMSProp (Tieleman and Hinton, 2012) on the likelihood of what was just done.

    The step's size is bounded by RATE / sqrt(1 - MEMORY) a weight, so that one odd action moves little.

    Args:
        net: is changed in place.
        rate: step size; 0 leaves the net as it is.
    """

    def __init__(self, net: NumpyNet, rate: float = RATE) -> None:
        self._net = net
        self._rate = np.float32(rate)
        self._squares: dict[str, F32] = {name: np.full_like(w, 1e-6) for name, w in net.weights.items()}

    def learn(self, made: Activations, chosen: int) -> None:
        """Make what was chosen a little likelier in such a moment.

        Args:
            made: the forward pass of the prediction.
            chosen: row of the truth, see `Decision.row_of`.
        """
        if not self._rate:
            return
        for name, gradient in self._net.gradients(made, chosen).items():
            squares = self._squares[name]
            squares *= np.float32(MEMORY)
            squares += np.float32(1 - MEMORY) * gradient * gradient
            self._net.weights[name] -= self._rate * gradient / (np.sqrt(squares) + np.float32(DAMPING))
