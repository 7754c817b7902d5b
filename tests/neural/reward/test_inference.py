from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from neural.reward.adaptation import Adapter
from neural.reward.checkpoint import Checkpoint
from neural.reward.features.features import Decision, decision
from neural.reward.features.statistics import Statistics
from neural.reward.inference import NumpyNet
from neural.reward.training import irl
from neural.reward.training.network import RewardNet, load_weights, to_checkpoint
from tests.neural.reward.histories import life

GAMMA, TEMPERATURE = 0.5, 1.2


@pytest.fixture
def net() -> RewardNet:
    torch.manual_seed(0)
    made = RewardNet()
    for head in (made.reward, made.value):
        torch.nn.init.normal_(head.weight)
    torch.nn.init.normal_(made.of_indicators.weight, std=0.1)
    with torch.no_grad():
        made.of_indicators.weight[-1] = 0
    return made.eval()


@pytest.fixture
def moment() -> Decision:
    statistics = Statistics(contexts_log2=10, pairs_log2=10)
    for step in life(300):
        statistics.observe(step)
    return decision(statistics)


def checkpoint_of(net: RewardNet, *, indicators: bool = True) -> Checkpoint:
    return to_checkpoint(net, GAMMA, temperature=TEMPERATURE, made={}, indicators=indicators)


def by_torch(net: RewardNet, moment: Decision, *, indicators: bool) -> tuple[torch.Tensor, torch.Tensor]:
    hashed = torch.from_numpy(moment.indicators)[None] if indicators else None
    reward, value = net(torch.from_numpy(moment.state)[None], torch.from_numpy(moment.action)[None], hashed)
    return reward[0], (reward + GAMMA * value)[0] / TEMPERATURE


@pytest.mark.parametrize("indicators", [True, False])
def test_numpy_and_torch_agree(net: RewardNet, moment: Decision, indicators: bool) -> None:
    made = NumpyNet(checkpoint_of(net, indicators=indicators)).forward(moment)
    reward, q = by_torch(net, moment, indicators=indicators)
    np.testing.assert_allclose(made.reward, reward.detach().numpy(), atol=1e-4)
    np.testing.assert_allclose(made.q, q.detach().numpy(), atol=1e-4)


def test_the_policy_sums_to_one(net: RewardNet, moment: Decision) -> None:
    assert NumpyNet(checkpoint_of(net)).forward(moment).policy.sum() == pytest.approx(1, abs=1e-5)


def test_gradients_are_those_of_torch(net: RewardNet, moment: Decision) -> None:
    made = NumpyNet(checkpoint_of(net, indicators=False))
    ours = made.gradients(made.forward(moment), chosen=2)
    _, q = by_torch(net, moment, indicators=False)
    (irl.soft_value(q[None]) - q[2]).sum().backward()
    theirs = {
        "state": net.of_state.weight.grad.T,
        "action": net.of_action.weight.grad.T,
        "bias_1": net.of_state.bias.grad,
        "layer_2": net.second.weight.grad.T,
        "layer_3": net.third.weight.grad.T,
        "heads": torch.stack((net.reward.weight.grad[0], net.value.weight.grad[0]), 1),
    }
    for name, gradient in theirs.items():
        np.testing.assert_allclose(ours[name], gradient.numpy(), atol=1e-4, err_msg=name)


def test_the_slope_of_q_is_that_of_a_small_change(net: RewardNet, moment: Decision) -> None:
    made = NumpyNet(checkpoint_of(net, indicators=False))
    slope = made.slope(made.forward(moment), row=1)
    feature = int(np.abs(slope).argmax())
    changed = moment.action.copy()
    changed[1, feature] += 1e-2
    moved = made.forward(replace(moment, action=changed)).q[1] - made.forward(moment).q[1]
    assert moved / 1e-2 == pytest.approx(slope[feature], rel=0.05)


def test_weights_survive_the_way_to_a_checkpoint_and_back(net: RewardNet) -> None:
    other = RewardNet()
    load_weights(other, checkpoint_of(net))
    for name, values in net.state_dict().items():
        torch.testing.assert_close(other.state_dict()[name], values)


def test_learning_on_the_spot_makes_what_was_done_likelier(net: RewardNet, moment: Decision) -> None:
    live = NumpyNet(checkpoint_of(net, indicators=False))
    before = live.forward(moment)
    Adapter(live).learn(before, chosen=3)
    assert live.forward(moment).policy[3] > before.policy[3]


def test_learning_on_the_spot_leaves_the_checkpoint_alone(net: RewardNet, moment: Decision) -> None:
    kept = checkpoint_of(net, indicators=False)
    before = kept.weights["layer_2"].copy()
    live = NumpyNet(kept)
    Adapter(live).learn(live.forward(moment), chosen=0)
    np.testing.assert_array_equal(kept.weights["layer_2"], before)
