"""How fast the mind is on this machine, on synthetic people: features, answers, replay, training, memory.

    python -m tests.benchmarks.mind.speed [--decisions N]

Figures are of processor time on one thread, which a busy machine changes less than the clock on the wall.
"""

# ruff: noqa: T201  # what a benchmark has to say it prints

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from itertools import chain, count
from pathlib import Path

import torch

from neural.prior import synthetic_decisions
from neural.reward import checkpoint
from neural.reward.actions import Step
from neural.reward.predictor import Predictor
from neural.reward.training.build_dataset import dataset
from neural.reward.training.fitting import Fitter, describe
from neural.reward.training.irl import Objective
from tests.neural.reward.plain_reading import plain_dataset


def people(steps: int) -> list[Step]:
    """So many steps, of one synthetic person after the other."""
    endless = chain.from_iterable(synthetic_decisions(seed) for seed in count())
    return [step for step, _ in zip(endless, range(steps), strict=False)]


def resident_mb() -> float:
    """Resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6


def processor_s(work: Callable[[], object]) -> float:
    """Processor time that some work takes."""
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decisions", type=int, default=10_000)
    wanted = parser.parse_args().decisions
    torch.set_num_threads(1)
    steps = people(wanted)

    before_mb = resident_mb()
    predictor = Predictor(checkpoint.prior())
    replay_s = processor_s(lambda: [predictor.observe(step) for step in steps])
    print(f"replay without forecasts: {len(steps) / replay_s:,.0f} steps/s; state {resident_mb() - before_mb:.0f} MB")

    some = steps[:1_000]
    answers_s = processor_s(lambda: [(predictor.ranking(), predictor.observe(step)) for step in some])
    print(f"an answer with learning: {1e3 * answers_s / len(some):.2f} ms")
    answers_s = processor_s(lambda: [(predictor.forecast(), predictor.observe(step)) for step in some])
    print(f"an answer with rewards and reasons: {1e3 * answers_s / len(some):.2f} ms")

    compile_s = processor_s(lambda: dataset(steps[:200]))
    features_s = min(processor_s(lambda: dataset(steps)) for _ in range(3))
    data = dataset(steps)
    print(f"features into training arrays: {len(data) / features_s:,.0f} decisions/s (to begin: {compile_s:.1f} s)")
    plain_s = processor_s(lambda: plain_dataset(steps[:2_000])) / 2_000
    print(f"as the live predictor makes them, one by one: {1 / plain_s:,.0f} decisions/s")

    fitter = Fitter(None, objective=Objective(), rate=1e-3, device="cpu", seed=0, indicators=False)
    epoch_s = processor_s(lambda: list(fitter.epoch([data], 0, 1)))
    per_100k_s = epoch_s / len(data) * 100_000
    print(f"an epoch of 100,000 decisions: {per_100k_s:.0f} s on {describe('cpu')}")


if __name__ == "__main__":
    main()
