"""Rebuilds the shipped prior from other people's logs and from synthetic people.

    python -m neural.prior --data DIR --out resources/prior.npz

The prior reads adaptive statistics and holds no names: its hashed indicators are off, so nothing of a vocabulary can
get in. How it was made is written into the checkpoint.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Final

from collectors.events import US_PER_DAY, US_PER_S
from neural.reward import checkpoint
from neural.reward.actions import Step, label, step_of
from neural.reward.checkpoint import Checkpoint
from neural.reward.sessions import Sessions
from neural.reward.training.build_dataset import dataset
from neural.reward.training.dataset import Dataset
from neural.reward.training.fitting import Fitter, describe
from neural.reward.training.irl import Objective
from neural.synthetic_habits import wander
from neural.synthetic_person import simulate

EPOCHS: Final = 2
RATE: Final = 2e-3
SYNTHETIC: Final = 6
SYNTHETIC_DAYS: Final = 14
WANDERERS: Final = 12
WANDERED: Final = 2_000
_SYNTHETIC_START_US: Final = 20_000 * US_PER_DAY


def read_people(folder: Path) -> dict[str, list[Step]]:
    """Every person's steps, by name, oldest first.

    Args:
        folder: with `desktop/*.tsv` (session, time, program, hashed title words; a header line) and `shell/*.txt` (one
            command name a line).
    """
    people = {path.stem: list(_desktop(path)) for path in sorted((folder / "desktop").glob("*.tsv"))}
    for path in sorted((folder / "shell").glob("*.txt")):
        names = path.read_text(encoding="utf-8", errors="replace").splitlines()
        people[path.stem] = [Step(ts_us=None, action=f"cmd:{name}", session=0) for name in names if name]
    return people


def synthetic_decisions(seed: int) -> list[Step]:
    """The steps of a simulated person (see `neural.synthetic_person`)."""
    sessions = Sessions()
    steps = []
    for event in simulate(seed, _SYNTHETIC_START_US, SYNTHETIC_DAYS):
        session = sessions.session_of(event)
        step = step_of(event, label(event), session)
        if step is not None:
            steps.append(step)
    return steps


def made_up() -> dict[str, Dataset]:
    """The decisions of all synthetic people that the prior is trained on, by name."""
    people = {f"synthetic {seed}": decisions_of(synthetic_decisions(seed)) for seed in range(SYNTHETIC)}
    wanderers = {f"wanderer {seed}": decisions_of(list(wander(seed, WANDERED))) for seed in range(WANDERERS)}
    return people | wanderers


def decisions_of(steps: Sequence[Step]) -> Dataset:
    """A person's decisions as training arrays."""
    return dataset(steps)


def fit(
    people: Mapping[str, Dataset], seed: int = 0, epochs: int = EPOCHS, objective: Objective | None = None
) -> Iterator[Checkpoint | float]:
    """Train a prior; yields each batch's surprise in nats, and last the checkpoint.

    Args:
        people: their decisions by name.
        seed: of every random choice.
        epochs: passes over all of them.
        objective: the IRL objective's constants; None for those that the shipped prior is made with.
    """
    objective = objective or Objective()
    fitter = Fitter(None, objective=objective, rate=RATE, device="cpu", seed=seed, indicators=False)
    for epoch in range(epochs):
        yield from fitter.epoch(list(people.values()), epoch / epochs, (epoch + 1) / epochs)
    made = {
        "by": "neural.prior",
        "people": {name: len(data) for name, data in people.items()},
        "seed": seed,
        "epochs": epochs,
        "rate": RATE,
        "objective": asdict(objective),
        "device": describe("cpu"),
    }
    yield fitter.checkpoint(1.0, made)


def finish(course: Iterable[Checkpoint | float]) -> Checkpoint:
    """Run `fit` to its end and take the checkpoint."""
    return next(made for made in course if isinstance(made, Checkpoint))


def _desktop(path: Path) -> Iterator[Step]:
    with path.open(encoding="utf-8", errors="replace") as lines:
        next(lines, None)
        for line in lines:
            session, stamp, program, *rest = line.rstrip("\n").split("\t")
            yield Step(
                ts_us=round(datetime.fromisoformat(stamp).timestamp() * US_PER_S),
                action=f"app:{program}",
                session=int(session),
                title_tokens=tuple(rest[0].split()) if rest else (),
            )


def _digest(folder: Path) -> str:
    whole = hashlib.blake2b(digest_size=16)
    for path in sorted((*(folder / "desktop").glob("*.tsv"), *(folder / "shell").glob("*.txt"))):
        whole.update(path.name.encode() + path.read_bytes())
    return whole.hexdigest()


def main() -> int:
    """Build the prior and write it; 1 if there is nothing to build it from."""
    parser = argparse.ArgumentParser(prog="python -m neural.prior", description="Rebuild the shipped prior.")
    parser.add_argument("--data", type=Path, required=True, help="folder with desktop/ and shell/ logs")
    parser.add_argument("--out", type=Path, required=True, help="the file to write")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    options = parser.parse_args()
    people = {name: decisions_of(steps) for name, steps in read_people(options.data).items()}
    if not people:
        sys.stderr.write(f"There are no logs in {options.data}.\n")
        return 1
    people |= made_up()
    sys.stderr.write(f"{sum(map(len, people.values()))} decisions of {len(people)} people\n")
    built = finish(fit(people, options.seed, options.epochs))
    made = {**built.made, "data": _digest(options.data), "made_up_days": SYNTHETIC_DAYS, "wandered": WANDERED}
    data = checkpoint.dump(
        Checkpoint(built.weights, built.indicators, gamma=built.gamma, temperature=built.temperature, made=made)
    )
    options.out.write_bytes(data)
    sys.stderr.write(f"wrote {options.out}: {len(data)} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
