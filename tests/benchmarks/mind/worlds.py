"""Inverse reinforcement learning on worlds whose reward is known: exact, from samples, and by another package.

    python -m tests.benchmarks.mind.worlds [--large] [--without-peer]

Three ways to the reward from the same walks of an expert:
  exact     neural.reward.training.tabular, which knows the world's moves;
  samples   the objective of neural.reward.training.irl, which knows the walks alone, with a free r(s, a) and w(s, a);
  peer      `mce_irl` of the `imitation` package, in an environment of its own that is made here (one reward a state).
Printed: correlation with the true reward; correlation without the part that no behaviour can tell (potential shaping);
the worth of the recovered agent against the expert's; its policy's divergence; processor seconds. From samples the
reward is known up to shaping only, so its plain correlation says nothing and is printed as such.
"""

# ruff: noqa: T201  # what a benchmark has to say it prints

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
import torch

from neural.reward.training import irl
from neural.reward.training.irl import Objective
from neural.reward.training.tabular import F64, I64, recover, solve
from tests.neural.reward.worlds import (
    GAMMA,
    WALK,
    Known,
    chain,
    correlation,
    divergence,
    essence,
    gridworld,
    objectworld,
    share_of_worth,
    walks,
)

STEPS: Final = 30_000
LARGE_STEPS: Final = 300_000
PEER: Final = ("imitation==1.0.1", "torch==2.13.0")
PEER_LIMIT_S: Final = 30
LARGE_PEER_LIMIT_S: Final = 60
RIDGE: Final = 1e-7
GOOD: Final = 0.98
SAMPLED: Final = Objective(gamma=GAMMA, bellman=1.0, ridge=1e-5)


def from_samples(known: Known, states: I64, actions: I64, rounds: int = 6_000, batch: int = 2_048) -> F64:
    """The reward that the objective finds in the walks alone."""
    last = np.arange(len(states)) % WALK == WALK - 1
    here, done = torch.from_numpy(states[~last]), torch.from_numpy(actions[~last])
    following = torch.from_numpy(states[np.flatnonzero(~last) + 1])
    reward, value = (torch.zeros(known.reward.shape, requires_grad=True) for _ in range(2))
    optimizer = torch.optim.Adam([reward, value], lr=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, rounds)
    mask = torch.ones((batch, known.reward.shape[1]), dtype=torch.bool)
    random = torch.Generator().manual_seed(0)
    for _ in range(rounds):
        drawn = torch.randint(len(here), (batch,), generator=random)
        after = following[drawn]
        with torch.no_grad():
            next_value = irl.soft_value(irl.soft_q(reward[after], value[after], mask, GAMMA))
        loss = irl.loss(
            reward[here[drawn]],
            value[here[drawn]],
            mask=mask,
            chosen=done[drawn],
            next_value=next_value,
            objective=SAMPLED,
        )
        optimizer.zero_grad()
        loss.total.backward()
        optimizer.step()
        schedule.step()
    return reward.detach().numpy().astype(np.float64)


def make_peer(folder: Path) -> Path | None:
    """A Python with the other package; None, with a line that says so, if it cannot be had."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    done = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", *PEER], capture_output=True, text=True, check=False, timeout=900
    )
    if done.returncode:
        print(f"skipped: imitation could not be installed here ({(done.stderr.strip().splitlines() or [''])[-1]})")
        return None
    return python


def by_peer(python: Path, known: Known, states: I64, limit_s: float) -> tuple[F64, F64]:
    """What the package finds: rewards [R, S, A] after each round, and the seconds [R] spent until then."""
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder, "world.npz"), Path(folder, "found.npz")
        world = known.world
        np.savez(given, after=world.after, chance=world.chance, gamma=GAMMA, walks=states.reshape(-1, WALK))
        script = Path(__file__).with_name("peers") / "imitation_mce.py"
        subprocess.run([python, script, given, found, str(limit_s)], check=True, timeout=20 * limit_s)
        with np.load(found) as result:
            rewards: F64 = np.repeat(result["rewards"][:, :, None], known.reward.shape[1], 2).astype(np.float64)
            return rewards, result["seconds"]


def show(way: str, known: Known, reward: F64, seconds: float) -> None:
    """One line of the table."""
    plain = correlation(reward, known.reward)
    reported = correlation(essence(known.world, reward), essence(known.world, known.reward))
    worth, gap = share_of_worth(known, reward), divergence(known, reward)
    print(f"  {way:8} {plain:7.4f} {reported:10.4f} {worth:8.4f} {gap:9.5f} {seconds:8.2f} s")


def timed(work: Callable[[], F64]) -> tuple[F64, float]:
    """A result and the processor seconds it took."""
    began = time.process_time()
    result = work()
    return result, time.process_time() - began


def compare(known: Known, python: Path | None, steps: int, limit_s: float, *, sampled: bool) -> None:
    """All ways on one world, and how soon the exact one and the peer make an agent that is nearly the expert's worth."""
    states, actions = walks(known, solve(known.world, known.reward).policy, steps)
    print(f"\n{known.name}, {steps:,} steps\n  way       reward  unshaped    worth    KL")
    exact, seconds = timed(lambda: recover(known.world, states, actions, known.features, ridge=RIDGE).reward)
    show("exact", known, exact, seconds)
    if sampled:
        show("samples", known, *timed(lambda: from_samples(known, states, actions)))
    if python is None:
        return
    rewards, spent = by_peer(python, known, states, limit_s)
    show("peer", known, rewards[-1], float(spent[-1]))
    ours = next((spent for spent, worth in _on_the_way(known, states, actions) if worth >= GOOD), None)
    theirs = next((spent[at] for at, each in enumerate(rewards) if share_of_worth(known, each) >= GOOD), None)
    reported = [
        f"{name} {'never' if took is None else f'{took:.2f} s'}" for name, took in (("exact", ours), ("peer", theirs))
    ]
    ratio = f": {theirs / ours:.1f} x as fast" if ours and theirs else ""
    print(f"  {GOOD:.0%} of the expert's worth after: {', '.join(reported)}{ratio}")


def _on_the_way(known: Known, states: I64, actions: I64) -> Iterator[tuple[float, float]]:
    """Ever longer runs of the exact way, each from the beginning: processor seconds, and the worth they come to."""
    for iterations in (2, 4, 8, 12, 16, 24, 32, 64, 128, 256):
        began = time.process_time()
        found = recover(known.world, states, actions, known.features, ridge=RIDGE, iterations=iterations)
        yield time.process_time() - began, share_of_worth(known, found.reward)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", action="store_true", help="also a 50x50 world; takes minutes and 2 GB")
    parser.add_argument("--without-peer", action="store_true", help="install nothing; the two ways of our own alone")
    options = parser.parse_args()
    torch.set_num_threads(1)
    small = gridworld(4, 0.0)
    recover(small.world, np.zeros(1, np.int64), np.zeros(1, np.int64), small.features)  # loads what is loaded late
    with tempfile.TemporaryDirectory() as folder:
        python = None if options.without_peer else make_peer(Path(folder))
        for slip in (0.0, 0.2):
            for known in (gridworld(8, slip), gridworld(8, slip, costs=True), objectworld(8, slip), chain(20, slip)):
                compare(known, python, STEPS, PEER_LIMIT_S, sampled=True)
        if options.large:
            compare(gridworld(50, 0.2), python, LARGE_STEPS, LARGE_PEER_LIMIT_S, sampled=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
