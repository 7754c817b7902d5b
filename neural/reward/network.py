"""The reward net: shared layers over x(s, a), a head for the reward and one for the soft value of where an action leads."""

from __future__ import annotations

from typing import Final

from torch import Tensor, nn
from torch.nn import functional

from neural.reward.features import ACTION_FEATURES, BUCKETS, STATE_FEATURES

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
