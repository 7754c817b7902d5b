"""The reward net: shared layers over x(s, a), a head for the reward and one for the soft value of what follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from neural.reward.checkpoint import Checkpoint
from neural.reward.features.features import ACTION_FEATURES, BUCKETS, STATE_FEATURES
from neural.reward.features.hash_tables import F32

WIDTHS: Final = (256, 128, 64)
DROPOUT: Final = 0.1


class RewardNet(nn.Module):
    """256 GELU, 128 GELU with dropout, 64 SiLU, two linear heads; hashed indicators enter the first layer as a sum.

    The first layer is a sum over its inputs, so the state's part is computed once and shared by all candidates, and the
    indicators' part is an EmbeddingBag: a dense layer over 4,096 more inputs at the cost of the few that are on.

    Args:
        state_features, action_features: sizes of x(s) and of x(s, a).
        buckets: of the hashed indicators.
        dropout: after the second layer.
    """

    def __init__(
        self,
        state_features: int = len(STATE_FEATURES),
        action_features: int = len(ACTION_FEATURES),
        buckets: int = BUCKETS,
        dropout: float = DROPOUT,
    ) -> None:
        super().__init__()
        first, second, third = WIDTHS
        self.of_state = nn.Linear(state_features, first)
        self.of_action = nn.Linear(action_features, first, bias=False)
        self.of_indicators = nn.EmbeddingBag(buckets + 1, first, mode="sum", padding_idx=buckets)
        nn.init.zeros_(self.of_indicators.weight)
        self.second = nn.Linear(first, second)
        self.third = nn.Linear(second, third)
        self.dropout = nn.Dropout(dropout)
        self.reward = nn.Linear(third, 1)
        self.value = nn.Linear(third, 1)
        for head in (self.reward, self.value):
            nn.init.zeros_(head.weight)
            nn.init.zeros_(head.bias)

    def forward(self, state: Tensor, action: Tensor, indicators: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Reward r(s, a) and soft value w(s, a) of every candidate.

        Args:
            state: [B, S] float32.
            action: [B, C, A] float32.
            indicators: [B, C, H] int64, or None for a net without them (the shipped prior).

        Returns:
            [B, C] and [B, C] float32.
        """
        hidden = self.of_action(action) + self.of_state(state)[:, None, :]
        if indicators is not None:
            batch, candidates, width = indicators.shape
            hashed = self.of_indicators(indicators.reshape(-1, width))
            hidden = hidden + hashed.view(batch, candidates, -1)
        hidden = functional.gelu(hidden, approximate="tanh")
        hidden = self.dropout(functional.gelu(self.second(hidden), approximate="tanh"))
        hidden = functional.silu(self.third(hidden))
        return self.reward(hidden).squeeze(-1).float(), self.value(hidden).squeeze(-1).float()


def to_checkpoint(
    net: RewardNet, gamma: float, *, temperature: float, made: Mapping[str, Any], indicators: bool
) -> Checkpoint:
    """The net as a checkpoint, laid out as `neural.reward.checkpoint.SHAPES` says; without indicators for a prior.

    Args:
        net: trained.
        gamma: the discount it was trained with.
        temperature: of the softmax, fitted afterwards.
        made: what the checkpoint says of its making.
        indicators: whether the hashed indicators are kept; not for a prior.
    """

    def plain(values: Tensor) -> F32:
        return np.ascontiguousarray(values.detach().float().cpu().numpy())

    weights = {
        "state": plain(net.of_state.weight.T),
        "action": plain(net.of_action.weight.T),
        "bias_1": plain(net.of_state.bias),
        "layer_2": plain(net.second.weight.T),
        "bias_2": plain(net.second.bias),
        "layer_3": plain(net.third.weight.T),
        "bias_3": plain(net.third.bias),
        "heads": plain(torch.stack((net.reward.weight[0], net.value.weight[0]), dim=1)),
        "bias_heads": plain(torch.cat((net.reward.bias, net.value.bias))),
    }
    hashed = plain(net.of_indicators.weight[:-1]) if indicators else None
    return Checkpoint(weights=weights, indicators=hashed, gamma=gamma, temperature=temperature, made=made)


@torch.no_grad()
def load_weights(net: RewardNet, checkpoint: Checkpoint) -> None:
    """Set a net's parameters from a checkpoint; indicators it does not have stay zero."""

    def put(parameter: Tensor, values: F32) -> None:
        parameter.copy_(torch.from_numpy(np.ascontiguousarray(values)))

    w = checkpoint.weights
    for layer, name, bias in (
        (net.of_state, "state", "bias_1"),
        (net.second, "layer_2", "bias_2"),
        (net.third, "layer_3", "bias_3"),
    ):
        put(layer.weight, w[name].T)
        put(layer.bias, w[bias])
    put(net.of_action.weight, w["action"].T)
    for column, head in enumerate((net.reward, net.value)):
        put(head.weight, w["heads"][:, column][None])
        put(head.bias, w["bias_heads"][column : column + 1])
    if checkpoint.indicators is not None:
        put(net.of_indicators.weight[:-1], checkpoint.indicators)
