"""Small histories to learn from, made by rule."""

from __future__ import annotations

import numpy as np

from neural.reward.actions import Step

HOUR_US = 3_600_000_000


def commands(names: str, session: int = 0) -> list[Step]:
    """One step a word, without times."""
    return [Step(ts_us=None, action=f"cmd:{name}", session=session) for name in names.split()]


def apps(names: str, gap_us: int = 60_000_000, start_us: int = 1_700_000_000_000_000) -> list[Step]:
    """One step a word, a minute apart, each with a title of its own name."""
    return [
        Step(start_us + place * gap_us, f"app:{name}", session=place // 20, title_tokens=(name, "window"))
        for place, name in enumerate(names.split())
    ]


def life(count: int, seed: int = 0) -> list[Step]:
    """Edit, test and commit in bouts, with whims between: regular enough to be learned, not to be known."""
    random = np.random.default_rng(seed)
    steps: list[Step] = []
    now_us = 1_700_000_000_000_000
    while len(steps) < count:
        bout = [["vim", "make", "git"], ["vim", "make", "vim", "make", "git"], ["ls", "cd"], ["mail", "web"]]
        for name in bout[random.choice(4, p=(0.4, 0.3, 0.2, 0.1))]:
            now_us += int(random.integers(5, 120)) * 1_000_000
            steps.append(Step(now_us, f"cmd:{name}", session=len(steps) // 40, project="kite"))
    return steps[:count]
