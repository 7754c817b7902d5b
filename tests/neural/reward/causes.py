"""People whose next action has one cause alone, which is known: to ask an explanation whether it finds it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import numpy as np

from neural.reward.actions import Step
from neural.reward.explaining.explanation import Group

ACTIONS: Final = ("make", "git", "ls", "vim", "cargo", "ssh", "top", "man")
WORDS: Final = ("parser", "store", "window", "queue", "worker", "layout", "schema", "report")
PROJECTS: Final = ("lighthouse", "tidepool", "sparrow", "granary", "orchard", "paperboat")
_WHIM: Final = 0.08
_HOUR_US: Final = 3_600_000_000
_START_US: Final = 1_700_000_000_000_000


class Cause(StrEnum):
    """What the next action depends on; all else is drawn again at every step."""

    BEFORE = "the action before"
    TIME = "the hour"
    TITLE = "a word of the title"
    PROJECT = "the project"


CAUSES: Final = {
    Cause.BEFORE: Group.SEQUENCE,
    Cause.TIME: Group.TIME,
    Cause.TITLE: Group.TITLE,
    Cause.PROJECT: Group.PROJECT,
}
"""The group of inputs that each cause lies in."""


def caused(cause: Cause, count: int, seed: int = 0) -> list[Step]:
    """So many steps: what is done follows from one thing of the moment before, but for a whim now and then.

    Hours pass between steps, so that neither hour nor project nor title says anything of the others.
    """
    random = np.random.default_rng(seed)
    steps: list[Step] = []
    day_us, hour, word, project, before = _START_US // (24 * _HOUR_US) * 24 * _HOUR_US, 8, 0, 0, 0
    follows = {
        Cause.BEFORE: random.permutation(len(ACTIONS)),
        Cause.TIME: random.integers(0, len(ACTIONS), 24),
        Cause.TITLE: random.permutation(len(ACTIONS)),
        Cause.PROJECT: random.permutation(len(ACTIONS)),
    }[cause]
    for number in range(count):
        reported = {Cause.BEFORE: before, Cause.TIME: hour, Cause.TITLE: word, Cause.PROJECT: project}[cause]
        action = int(random.integers(len(ACTIONS))) if random.random() < _WHIM else int(follows[reported])
        before = action
        later = int(random.integers(24))
        day_us += 24 * _HOUR_US * (later <= hour)
        hour = later
        word, project = int(random.integers(len(WORDS))), int(random.integers(len(PROJECTS)))
        steps.append(
            Step(
                day_us + hour * _HOUR_US + int(random.integers(_HOUR_US)),
                f"cmd:{ACTIONS[action]}",
                session=number,
                project=PROJECTS[project],
                title_tokens=("notes", WORDS[word]),
            )
        )
    return steps
