"""Whether the explanation of a forecast finds the cause, if the cause is known; how long it takes.

    python -m tests.benchmarks.mind.explain [--seeds N]

People whose next action depends on one thing alone: the action before, the hour, a word of the title, or the project.
Printed: of the latest decisions, how many are explained by the right group first; the mean part of each group in nats of
log odds; processor time of an explanation.
"""

# ruff: noqa: T201  # what a benchmark has to say it prints

from __future__ import annotations

import argparse
import math
import statistics
import time

from neural.reward import checkpoint
from neural.reward.explaining.attribution import GROUPS
from neural.reward.predictor import Predictor
from tests.neural.reward.causes import CAUSES, Cause, caused

LENGTHS = (300, 1_000, 3_000)
PREDICTED, ASKED = 300, 100
LEAST = 0.9


def asked(cause: Cause, count: int, seed: int) -> tuple[float, list[float], list[float]]:
    """The share explained by the right group first, each group's mean part, and the milliseconds of each answer."""
    predictor = Predictor(checkpoint.prior())
    right, parts, spent_ms = 0, [0.0] * len(GROUPS), []
    for number, step in enumerate(caused(cause, count, seed)):
        if number >= count - PREDICTED:
            predictor.ranking()  # what was predicted is learned from, as in use
        if number >= count - ASKED:
            began = time.process_time()
            reported = predictor.explain()
            spent_ms.append(1e3 * (time.process_time() - began))
            assert reported is not None
            right += max(reported.reasons, key=lambda reason: reason.factor).group is CAUSES[cause]
            for reason in reported.reasons:
                parts[GROUPS.index(reason.group)] += math.log(reason.factor) / ASKED
        predictor.observe(step)
    return right / ASKED, parts, spent_ms


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=4)
    seeds = parser.parse_args().seeds
    print(f"{'cause':20} {'steps':>6} {'right first':>11}   nats: {'  '.join(GROUPS)}")
    times_ms: list[float] = []
    worst = 1.0
    for cause in Cause:
        for count in LENGTHS:
            found = [asked(cause, count, seed) for seed in range(seeds)]
            shares = [share for share, _, _ in found]
            worst = min(worst, *shares)
            times_ms += [each for _, _, spent_ms in found for each in spent_ms]
            mean = [statistics.mean(parts) for parts in zip(*(parts for _, parts, _ in found), strict=True)]
            reported = "  ".join(f"{part:{len(group)}.2f}" for group, part in zip(GROUPS, mean, strict=True))
            print(f"{cause.value:20} {count:6,} {statistics.mean(shares):10.1%}         {reported}")
    times_ms.sort()
    print(f"the least of all runs: {worst:.1%}; limit {LEAST:.0%}")
    print(
        f"an explanation: median {statistics.median(times_ms):.1f} ms, 95 % {times_ms[len(times_ms) * 95 // 100]:.1f} ms"
    )
    return int(worst < LEAST)


if __name__ == "__main__":
    raise SystemExit(main())
