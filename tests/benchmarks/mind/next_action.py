"""The next-action benchmark, each person predicted by a prior that has never seen them.

    python -m tests.benchmarks.mind.next_action --data ../shared/data [--limit N] [--epochs N] [--gamma G]

People are held out in folds, so that a few trainings serve all. Each fold's prior is trained on the others' logs and on
synthetic people, exactly as the shipped one, then runs `python -m neural.stream` under the benchmark script that lies next to
the data (bench/next_action.py). Rows are pooled over the folds. Last comes the shipped prior, which has seen everybody.
"""

# ruff: noqa: T201  # what a benchmark has to say it prints

from __future__ import annotations

import argparse
import importlib.util
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from neural.prior import EPOCHS, decisions_of, finish, fit, made_up, read_people
from neural.reward import checkpoint
from neural.reward.training.dataset import Dataset
from neural.reward.training.irl import Objective

FOLDS = 4
METHODS = ("MRU", "MFU", "IPAM", "Markov3", "predictor")
Rows = dict[tuple[str, str], list[Any]]


def load_script(data: Path) -> ModuleType | None:
    """The benchmark script next to the data, as a module; None if it is not there."""
    path = data.resolve().parent / "bench" / "next_action.py"
    spec = importlib.util.spec_from_file_location("next_action", path)
    if not path.is_file() or spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def folds_of(names: Sequence[str]) -> list[list[str]]:
    """People dealt out in turn, group by group, so that no fold loses a whole group if it can be helped."""
    dealt: list[list[str]] = [[] for _ in range(FOLDS)]
    groups: dict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[name.rsplit("_", 1)[0]].append(name)
    for group in groups.values():
        for place, name in enumerate(group):
            dealt[place % FOLDS].append(name)
    return [fold for fold in dealt if fold]


def run(script: ModuleType, users: Mapping[str, list[Any]], prior: Path, pool: Rows, seconds: list[float]) -> None:
    """Predict some users with a prior and add their tails to the pool."""
    stream = script.Stream(f"{sys.executable} -m neural.stream --prior {prior}")
    for name, events in users.items():
        group = "desktop" if events[0]["domain"] == "desktop" else name.rsplit("_", 1)[0]
        for method, rows in script.run(events, stream).items():
            pool[group, method] += rows[int(len(rows) * 0.8) :]
    seconds += stream.seconds
    stream.close()


def table(script: ModuleType, title: str, pool: Rows, seconds: Sequence[float]) -> None:
    """Print hit rates, nats and calibration of the pooled tails."""
    print(f"\n{title}\n{'set':10} {'method':10} {'n':>6} {'@1':>7} {'@5':>7} {'nats':>7} {'ECE':>6}")
    for group in sorted({group for group, _ in pool}):
        for method in METHODS:
            s = script.summary(pool[group, method])
            print(
                f"{group:10} {method:10} {s['n']:6d} {s['@1']:7.4f} {s['@5']:7.4f} {s['nats']:7.3f} {s['ECE']:6.3f}",
                flush=True,
            )
    took = sorted(seconds)
    p50, p95 = (1e3 * took[int(len(took) * share)] for share in (0.5, 0.95))
    print(f"{len(took)} answers, ms p50 {p50:.2f}, p95 {p95:.2f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--limit", type=int, help="only the first N events of each person, to train and to predict")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--gamma", type=float, default=Objective().gamma, help="discount; 0 lets the reward carry everything"
    )
    parser.add_argument("--unseen-only", action="store_true", help="leave the shipped prior out")
    options = parser.parse_args()
    script = load_script(options.data) if options.data.is_dir() else None
    if script is None:
        print(f"No benchmark data in {options.data}: nothing was measured.")
        return 0
    began = time.monotonic()
    users = {name: events[: options.limit] for name, events in script.load(options.data).items()}
    people: dict[str, Dataset] = {
        name: decisions_of(steps[: options.limit]) for name, steps in read_people(options.data).items()
    }
    people |= made_up()
    print(f"read {sum(map(len, people.values()))} decisions in {time.monotonic() - began:.0f} s", flush=True)

    objective = Objective(gamma=options.gamma)
    pool: Rows = defaultdict(list)
    seconds: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for number, held_out in enumerate(folds_of(list(users))):
            others = {name: data for name, data in people.items() if name not in held_out}
            prior = Path(folder) / f"fold_{number}.npz"
            prior.write_bytes(checkpoint.dump(finish(fit(others, options.seed, options.epochs, objective))))
            print(f"fold {number} without {', '.join(held_out)}: {time.monotonic() - began:.0f} s", flush=True)
            run(script, {name: users[name] for name in held_out}, prior, pool, seconds)
        table(script, "tails, each person unseen by the prior", pool, seconds)
        if not options.unseen_only:
            shipped = Path(folder) / "shipped.npz"
            shipped.write_bytes(checkpoint.prior_bytes())
            pool, seconds = defaultdict(list), []
            run(script, users, shipped, pool, seconds)
            table(script, "tails, the shipped prior (it has SEEN these people)", pool, seconds)
    print(f"{time.monotonic() - began:.0f} s in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
