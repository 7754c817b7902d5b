"""The `imitation` package's tabular `mce_irl` on a world from a file; runs in a Python environment of its own.

    python imitation_mce.py WORLD.npz FOUND.npz SECONDS

WORLD holds after [S, A, K], chance [S, A, K], gamma and walks [N, T] of states. FOUND gets the reward [R, S] after each
of R rounds of training and the seconds [R] they took; it ends when the visits agree as closely as the package asks for,
or after SECONDS. `mind.worlds` calls it; nothing of this project is imported here.
"""

# mypy: ignore-errors  # the package it measures is not installed if types are checked

from __future__ import annotations

import sys
import time

import numpy as np
import torch
from imitation.algorithms.mce_irl import MCEIRL
from imitation.rewards.reward_nets import RewardNet
from imitation.util import logger
from seals.base_envs import TabularModelPOMDP

ITERATIONS_A_ROUND = 25
MAX_ROUNDS = 400


class StateReward(RewardNet):
    """One reward a state, as `mce_irl` takes it."""

    def __init__(self, env):
        super().__init__(env.observation_space, env.action_space, normalize_images=False)
        self.weights = torch.nn.Linear(env.observation_matrix.shape[1], 1, bias=False)
        torch.nn.init.zeros_(self.weights.weight)

    def forward(self, state, action, next_state, done):
        return self.weights(state).squeeze(1)


def main(world_path: str, found_path: str, seconds: str) -> None:
    torch.set_num_threads(1)
    given = np.load(world_path)
    after, chance, walks = given["after"], given["chance"], given["walks"]
    states, actions, width = after.shape
    gamma = float(given["gamma"])
    # Its occupancies are those of the undiscounted agent whatever `discount` says (mce_occupancy_measures does not hand
    # it on), so the discount is put into the world instead: with probability 1 - gamma a walk comes to rest for good.
    moves = np.zeros((states + 1, actions, states + 1))
    row, column = np.indices((states, actions))
    for each in range(width):
        np.add.at(moves, (row, column, after[:, :, each]), gamma * chance[:, :, each])
    moves[:, :, -1] = 1 - moves[:, :, :-1].sum(2)
    horizon = walks.shape[1]
    env = TabularModelPOMDP(
        transition_matrix=moves,
        observation_matrix=np.eye(states + 1, states, dtype=np.float32),
        reward_matrix=np.zeros(states + 1),
        horizon=horizon,
        initial_state_dist=np.append(np.full(states, 1 / states), 0.0),
    )
    visits = np.zeros(states + 1)
    for at in range(horizon + 1):
        here = min(at, horizon - 1)
        visits[:states] += gamma**at * np.bincount(walks[:, here], minlength=states) / len(walks)
        visits[-1] += 1 - gamma**at
    net = StateReward(env)
    trainer = MCEIRL(
        visits,
        env,
        net,
        rng=np.random.default_rng(0),
        optimizer_kwargs={"lr": 0.05},
        discount=1.0,
        log_interval=None,
        custom_logger=logger.configure(None, []),
    )
    rewards, spent = [], []
    total = 0.0
    for _ in range(MAX_ROUNDS):
        began = time.process_time()
        found = trainer.train(max_iter=ITERATIONS_A_ROUND)
        total += time.process_time() - began
        rewards.append(net.weights.weight.detach().numpy().ravel().copy())
        spent.append(total)
        if np.abs(found - visits).max() <= trainer.linf_eps or total > float(seconds):
            break
    np.savez(found_path, rewards=np.array(rewards), seconds=np.array(spent))


if __name__ == "__main__":
    main(*sys.argv[1:])
