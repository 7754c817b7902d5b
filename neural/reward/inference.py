"""The reward net in plain NumPy: forward for the live prediction, backward for learning on the spot.

Equal to `neural.reward.training.network` within rounding; the desktop process needs no torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from neural.reward.checkpoint import Checkpoint
from neural.reward.features.features import Decision
from neural.reward.features.hash_tables import F32

_ROOT: Final = np.float32(np.sqrt(2 / np.pi))
_CUBE: Final = np.float32(0.044715)


@dataclass(frozen=True, slots=True)
class Activations:
    """What a forward pass leaves for the backward pass; rows are candidates, then "something new" of each kind.

    Attributes:
        decision: the input.
        inputs: [C + 1, 256], [C + 1, 128], [C + 1, 64]: each layer's sum before its activation.
        outputs: the same after it.
        reward, q: [C + 1], r and Q divided by the temperature.
        policy: [C + 1], the soft-optimal policy, which sums to 1.
    """

    decision: Decision
    inputs: tuple[F32, F32, F32]
    outputs: tuple[F32, F32, F32]
    reward: F32
    q: F32
    policy: F32


class NumpyNet:
    """The net's weights as arrays of its own, so that learning on the spot leaves the checkpoint as it was."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.weights: dict[str, F32] = {name: np.ascontiguousarray(w).copy() for name, w in checkpoint.weights.items()}
        self.indicators: F32 | None = None
        if checkpoint.indicators is not None:
            blank = np.zeros((1, checkpoint.indicators.shape[1]), np.float32)
            self.indicators = np.concatenate((checkpoint.indicators, blank))
        self._mixing = np.array((1.0, checkpoint.gamma), np.float32) / np.float32(checkpoint.temperature)

    def forward(self, decision: Decision) -> Activations:
        """Reward, Q and policy over the candidates of a decision."""
        w = self.weights
        first = decision.action @ w["action"]
        first += decision.state @ w["state"] + w["bias_1"]
        if self.indicators is not None:
            first += self.indicators[decision.indicators].sum(1)
        inputs, outputs, heads = self._above(first)
        q = heads @ self._mixing
        policy: F32 = np.exp(q - q.max())
        policy /= policy.sum()
        return Activations(decision, inputs, outputs, heads[:, 0], q, policy)

    def q_of(self, first: F32) -> F32:
        """Q divided by the temperature, from any sums of the first layer [N, 256]: what explanations ask."""
        _, _, heads = self._above(first)
        q: F32 = heads @ self._mixing
        return q

    def _above(self, first: F32) -> tuple[tuple[F32, F32, F32], tuple[F32, F32, F32], F32]:
        w = self.weights
        one = _gelu(first)
        second = one @ w["layer_2"] + w["bias_2"]
        two = _gelu(second)
        third = two @ w["layer_3"] + w["bias_3"]
        three = third / (1 + np.exp(-third))
        return (first, second, third), (one, two, three), three @ w["heads"] + w["bias_heads"]

    def slope(self, made: Activations, row: int) -> F32:
        """How Q of one candidate changes with each of its action features: [A]."""
        w = self.weights
        third = (w["heads"] @ self._mixing) * _silu_slope(made.inputs[2][row])
        second = (w["layer_3"] @ third) * _gelu_slope(made.inputs[1][row])
        first = (w["layer_2"] @ second) * _gelu_slope(made.inputs[0][row])
        return (w["action"] @ first).astype(np.float32)

    def gradients(self, made: Activations, chosen: int) -> dict[str, F32]:
        """Gradient of -log pi(chosen) for every layer."""
        w = self.weights
        error = made.policy.copy()
        error[chosen] -= 1
        heads = error[:, None] * self._mixing
        third = (heads @ w["heads"].T) * _silu_slope(made.inputs[2])
        second = (third @ w["layer_3"].T) * _gelu_slope(made.inputs[1])
        first = (second @ w["layer_2"].T) * _gelu_slope(made.inputs[0])
        total = first.sum(0)
        return {
            "state": np.outer(made.decision.state, total),
            "action": made.decision.action.T @ first,
            "bias_1": total,
            "layer_2": made.outputs[0].T @ second,
            "bias_2": second.sum(0),
            "layer_3": made.outputs[1].T @ third,
            "bias_3": third.sum(0),
            "heads": made.outputs[2].T @ heads,
            "bias_heads": heads.sum(0),
        }


def _gelu(x: F32) -> F32:
    active: F32 = 0.5 * x * (1 + np.tanh(_ROOT * (x + _CUBE * x * x * x)))
    return active


def _gelu_slope(x: F32) -> F32:
    square = x * x
    bent = np.tanh(_ROOT * (x + _CUBE * x * square))
    slope: F32 = 0.5 * (1 + bent) + 0.5 * x * (1 - bent * bent) * _ROOT * (1 + 3 * _CUBE * square)
    return slope


def _silu_slope(x: F32) -> F32:
    gate = 1 / (1 + np.exp(-x))
    return (gate * (1 + x * (1 - gate))).astype(np.float32, copy=False)
