"""How much of the next action these logs hold at all: what the net gets when it may learn from the future, too.

    python -m tests.benchmarks.mind.hindsight --data ../shared/data [--users user_a,purdue_1] [--limit N]

Two answers over the tail of each person, which is what the next-action benchmark is scored on:

    unseen      a prior of other people, learning on the spot: what a user has on the first day
    hindsight   the same prior trained further on all of the person's own record, what came after included, but for the
                half of the tail that is asked about; the hashed names, hours and title words are on

No program can know what "hindsight" knows. What lies between the two tells how much a larger prior or longer training on
the person could bring to this net with these features; what lies beyond both, nothing that it learns from is likely to.
"""

# ruff: noqa: T201  # what a benchmark has to say it prints

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from pathlib import Path

from neural.prior import decisions_of, finish, fit, made_up, read_people
from neural.reward.adaptation import Adapter
from neural.reward.checkpoint import Checkpoint
from neural.reward.inference import NumpyNet
from neural.reward.scoring import Score
from neural.reward.training.dataset import Dataset
from neural.reward.training.fitting import Fitter
from neural.reward.training.irl import Objective
from tests.benchmarks.mind.next_action import folds_of

TAIL = 0.2
PASSES = 3
RATE = 5e-4
ANSWERS = ("unseen", "hindsight")


def follow(weights: Checkpoint, data: Dataset, first: int, asked: range, score: Score) -> None:
    """Go through decisions from `first` on, learning on the spot, and score those that are asked about."""
    net = NumpyNet(weights)
    adapter = Adapter(net)
    for number in range(first, asked.stop):
        given, chosen = data.decision(number)
        made = net.forward(given)
        if number in asked:
            score.add_policy(made.policy[: given.named], chosen)
        adapter.learn(made, chosen)


def with_hindsight(prior: Checkpoint, data: Dataset, asked: range) -> Checkpoint:
    """Weights that have learned from all decisions but those that are asked about, before and after them."""
    fitter = Fitter(prior, objective=Objective(), rate=RATE, device="cpu", seed=0, indicators=True)
    seen = [part for part in (data.slice(0, asked.start), data.slice(asked.stop, len(data))) if len(part)]
    for turn in range(PASSES):
        for _ in fitter.epoch(seen, turn / PASSES, (turn + 1) / PASSES):
            pass
    return fitter.checkpoint(1.0, {})


def answer(prior: Checkpoint, data: Dataset, scores: dict[str, Score]) -> None:
    """Add one person's tail to the scores of ANSWERS."""
    tail = range(int(len(data) * (1 - TAIL)), len(data))
    follow(prior, data, 0, tail, scores["unseen"])
    middle = (tail.start + tail.stop) // 2
    for asked in (range(tail.start, middle), range(middle, tail.stop)):
        follow(with_hindsight(prior, data, asked), data, asked.start, asked, scores["hindsight"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--users", default="", help="comma separated; all of them if left out")
    parser.add_argument("--limit", type=int, help="only the first N events of each person")
    options = parser.parse_args()
    if not (options.data / "desktop").is_dir():
        print(f"No benchmark data in {options.data}: nothing was measured.")
        return
    began = time.monotonic()
    people = {name: decisions_of(steps[: options.limit]) for name, steps in read_people(options.data).items()}
    others = made_up()
    pools: dict[str, dict[str, Score]] = defaultdict(lambda: {name: Score() for name in ANSWERS})
    for held_out in folds_of(list(people)):
        asked = [name for name in held_out if not options.users or name in options.users.split(",")]
        if not asked:
            continue
        seen = {name: data for name, data in people.items() if name not in held_out} | others
        prior = finish(fit(seen))
        for name in asked:
            answer(prior, people[name], pools["desktop" if name.startswith("user") else name.rpartition("_")[0]])
            print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
    print(f"{'set':10} {'answer':10} {'n':>6} {'@1':>7} {'@5':>7} {'nats':>7} {'ECE':>6}")
    for group, scores in sorted(pools.items()):
        for name, score in scores.items():
            figures = f"{score.top(1):7.4f} {score.top(5):7.4f} {score.nats:7.3f} {score.calibration_error:6.3f}"
            print(f"{group:10} {name:10} {len(score.rows):6d} {figures}")


if __name__ == "__main__":
    main()
