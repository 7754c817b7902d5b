"""How fast a person's net is trained on each device that is here, how much of the device that takes, and in what memory.

    python -m tests.benchmarks.mind.training [--decisions N] [--steps N,N]

The speed is that of one epoch as the program trains (with hashed indicators, 40 candidates and "something new"), by the
clock on the wall: two cores of the processor, and the GPU if there is one. The peak is the fastest matrix product
that the device does in the same run, in the same precision (bfloat16). The memory is the most that a training took
of the machine, each in a process of its own, on histories of growing length.
"""

# ruff: noqa: T201  # what a benchmark has to say it prints

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

from neural.reward.features.features import ACTION_FEATURES, SLOTS, STATE_FEATURES
from neural.reward.training.build_dataset import dataset
from neural.reward.training.dataset import Dataset
from neural.reward.training.fitting import Fitter, describe
from neural.reward.training.irl import Objective
from neural.reward.training.network import WIDTHS
from neural.reward.training.train import Options, train
from tests.benchmarks.mind.speed import people

EPOCH = 100_000
BARS_S = {"cpu": 40.0, "cuda": 2.0}
CORES = 2
PRODUCT = {"cpu": 2_048, "cuda": 8_192}
OF_PRODUCTS = ("mm", "gemm", "cutlass", "xmma")
BUSY = 0.5
HISTORIES = "25000,50000,100000"


def work_flop(decisions: int) -> float:
    """Multiplications and additions of an epoch: once forward, twice backward."""
    first, second, third = WIDTHS
    of_candidate = len(ACTION_FEATURES) * first + first * second + second * third + 2 * third
    return 3 * 2 * decisions * (SLOTS * of_candidate + len(STATE_FEATURES) * first)


def wait_for(device: str) -> None:
    """Return once the device has done all that it was asked."""
    if device == "cuda":
        torch.cuda.synchronize()


def peak_flop_per_s(device: str) -> float:
    """The fastest of five products of two large matrices of bfloat16."""
    size = PRODUCT[device]
    left = torch.randn(size, size, device=device, dtype=torch.bfloat16)
    times_s = []
    for _ in range(6):
        wait_for(device)
        began = time.perf_counter()
        left @ left
        wait_for(device)
        times_s.append(time.perf_counter() - began)
    return 2 * size**3 / min(times_s[1:])


def epoch_s(fitter: Fitter, data: Dataset, device: str) -> tuple[float, float]:
    """One epoch by the clock on the wall, and the processor's time in it."""
    wait_for(device)
    began, spent = time.perf_counter(), time.process_time()
    for _ in fitter.epoch([data], 0, 1):
        pass
    wait_for(device)
    return time.perf_counter() - began, time.process_time() - spent


def where_time_goes(fitter: Fitter, data: Dataset, device: str) -> tuple[float, float]:
    """Over an epoch: the share of the wall's time in which the device was at work, and of that, in matrix products."""
    activity = ProfilerActivity.CUDA if device == "cuda" else ProfilerActivity.CPU
    with profile(activities=[activity]) as seen:
        wall_s, _ = epoch_s(fitter, data, device)
    times_us = {row.key: own_us(row, device) for row in seen.key_averages()}
    work_us = sum(times_us.values())
    products_us = sum(us for key, us in times_us.items() if any(name in key.lower() for name in OF_PRODUCTS))
    return work_us / 1e6 / wall_s, products_us / max(work_us, 1e-9)


def own_us(row: Any, device: str) -> float:
    """Time that an operation took on the device itself."""
    return float(row.self_device_time_total if device == "cuda" else row.self_cpu_time_total)


def speed(device: str, data: Dataset) -> bool:
    """Print what one device does; whether its bar is met."""
    fitter = Fitter(None, objective=Objective(), rate=1e-3, device=device, seed=0, indicators=True)
    epoch_s(fitter, data.slice(0, min(len(data), 2_000)), device)  # what is loaded or chosen once is not the epoch's
    fitter = Fitter(None, objective=Objective(), rate=1e-3, device=device, seed=0, indicators=True)
    grown = EPOCH / len(data)
    took_s, spent_s = (grown * each for each in epoch_s(fitter, data, device))
    again_s = grown * epoch_s(fitter, data, device)[0]
    achieved, peak = work_flop(EPOCH) / again_s, peak_flop_per_s(device)
    at_work, products = where_time_goes(fitter, data.slice(0, min(len(data), 20_000)), device)
    print(f"{describe(device)}: an epoch of {EPOCH:,} decisions x 40: {took_s:.2f} s, bar {BARS_S[device]:.0f} s")
    print(f"  of the processor, all cores together: {spent_s:.2f} s")
    print(f"  once more, the arrays are there by then: {again_s:.2f} s, {achieved / 1e12:.3f} TFLOP/s")
    print(f"  of a peak of {peak / 1e12:.3f} TFLOP/s in one product of bfloat16: {achieved / peak:.1%}")
    bound = (
        "what Python asks for, which the device waits for"
        if at_work < BUSY
        else "passes over memory between the products"
        if products < BUSY
        else "the products"
    )
    print(f"  at work {at_work:.0%} of the time, {products:.0%} of that in products: bound by {bound}")
    return took_s < BARS_S[device]


def trained_mb(steps: int) -> tuple[int, float]:
    """Decisions that a training of one epoch on so many steps learned from, and the most memory of this process."""
    course = train(people(steps), None, Options(device="cpu", max_epochs=1))
    [result] = [step.result for step in course if step.result is not None]
    return result.report.decisions, peak_mb()


def peak_mb() -> float:
    """The most memory that this process has had; getrusage would count what started it in."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    [peak_kib] = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")]
    return peak_kib * 1_024 / 1e6


def memory(histories: list[int]) -> None:
    """Print the most memory that training took, by the length of the history."""
    for steps in histories:
        reported = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.mind.training", "--alone", str(steps)],
            check=True, capture_output=True, text=True, timeout=3_600,
        ).stdout.split()  # fmt: skip
        print(
            f"trained on {steps:,} steps, {int(reported[0]):,} decisions learned from: {float(reported[1]):.0f} MB at most"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decisions", type=int, default=EPOCH)
    parser.add_argument("--steps", default=HISTORIES, help="lengths of the histories whose training is weighed")
    parser.add_argument("--alone", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(CORES)
    if options.alone:
        print(*trained_mb(options.alone))
        return 0
    data = dataset(people(options.decisions + 1))
    met = [speed(device, data) for device in ("cpu", "cuda") if device == "cpu" or torch.cuda.is_available()]
    if not torch.cuda.is_available():
        print("There is no CUDA device here: nothing was measured on one.")
    memory([int(steps) for steps in options.steps.split(",")])
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
