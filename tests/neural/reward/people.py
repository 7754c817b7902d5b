"""Soft-optimal people in a small world of actions, hours and projects, whose reward is known.

A state is the action before, the part of the day and the project; what is done next is drawn from the exact policy
(`neural.reward.training.tabular`). Time passes and projects change by themselves, whatever is done.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from neural.reward.actions import Step
from neural.reward.training.tabular import F64, I64, Solution, World, solve

ACTIONS: Final = (
    "cmd:code", "cmd:firefox", "cmd:kitty", "cmd:mail", "cmd:make test", "cmd:git commit", "cmd:news", "cmd:docs",
)  # fmt: skip
PROJECTS: Final = ("lighthouse", "tidepool", "sparrow")
PARTS: Final = (8, 10, 12, 14, 16, 18)
"""The hours at which the parts of a day begin; a part has two hours."""
GAMMA: Final = 0.5
_PART_HOURS: Final = 2
_STAYS: Final = 0.97
"""How often the project stays what it is."""
_DAY_US: Final = 86_400_000_000
_HOUR_US: Final = 3_600_000_000
_MONDAY_US: Final = 1_699_833_600_000_000  # 2023-11-13 00:00 UTC


@dataclass(frozen=True, slots=True)
class Taste:
    """A person's reward, the sum of four tables.

    Attributes:
        own: [A], of each action.
        part: [P, A], more or less of it in a part of the day.
        project: [J, A], more or less of it in a project.
        after: [A, A], more or less of it after another.
    """

    own: F64
    part: F64
    project: F64
    after: F64

    @property
    def reward(self) -> F64:
        """[S, A]; states in the order of `state_of`."""
        whole = self.own + self.after[:, None, None, :] + self.part[None, :, None, :] + self.project[None, None, :, :]
        return whole.reshape(-1, len(ACTIONS))


def turned(who: Taste, action: int, by: float) -> Taste:
    """The same person after one action has become more (or less) worth to it."""
    own = who.own.copy()
    own[action] += by
    return replace(who, own=own)


def true_worth(life: Life, who: Taste, since: int = 0) -> F64:
    """The worth of every action [A] by the true reward and the exact policy, at the moments from one on."""
    states = life.states[since:]
    policy, reward = life.solution.policy[states], who.reward[states]
    gain = reward - (policy * reward).sum(1, keepdims=True)
    worth: F64 = (policy * gain).sum(0) / (policy * (1 - policy)).sum(0)
    return worth


def rank_correlation(one: F64, other: F64) -> float:
    """Spearman's, without ties."""
    first, second = (np.argsort(np.argsort(each)) for each in (one, other))
    return float(np.corrcoef(first, second)[0, 1])


def taste(seed: int) -> Taste:
    """Draw a person."""
    random = np.random.default_rng(seed)
    count = len(ACTIONS)
    after = np.zeros((count, count))
    for before, then in zip(random.permutation(count), random.permutation(count), strict=True):
        after[before, then] = 1.5
    return Taste(
        own=random.permutation(np.linspace(-1.2, 1.2, count)),
        part=_centred(random.normal(scale=0.6, size=(len(PARTS), count))),
        project=_centred(random.normal(scale=0.6, size=(len(PROJECTS), count))),
        after=after,
    )


def _centred(table: F64) -> F64:
    """No row is better as a whole: that would be a constant of the state, which no behaviour tells."""
    centred: F64 = table - table.mean(1, keepdims=True)
    return centred


def state_of(before: I64, part: I64, project: I64) -> I64:
    """The number of a state."""
    state: I64 = (before * len(PARTS) + part) * len(PROJECTS) + project
    return state


def state_parts(states: I64) -> I64:
    """The part of the day of each state."""
    parts: I64 = states // len(PROJECTS) % len(PARTS)
    return parts


def world(per_part: float) -> World:
    """The moves: the action done becomes the one before; a part of the day lasts `per_part` actions on average."""
    count = len(ACTIONS)
    _, part, project = np.unravel_index(
        np.arange(count * len(PARTS) * len(PROJECTS)), (count, len(PARTS), len(PROJECTS))
    )
    actions = np.arange(count)
    later = 1 / per_part
    after, chance = [], []
    for next_part, of_part in ((part, 1 - later), ((part + 1) % len(PARTS), later)):
        for back in range(len(PROJECTS)):
            next_project = (project + back) % len(PROJECTS)
            of_project = _STAYS if back == 0 else (1 - _STAYS) / (len(PROJECTS) - 1)
            after.append(state_of(actions[None, :], next_part[:, None], next_project[:, None]))
            chance.append(np.full((part.size, count), of_part * of_project))
    return World(np.stack(after, 2), np.stack(chance, 2), GAMMA)


@dataclass(frozen=True, slots=True)
class Life:
    """What a person did, and in what state.

    Attributes:
        steps: oldest first.
        states: [N], the state that each step was chosen in.
        solution: the person's exact policy, by state.
    """

    steps: tuple[Step, ...]
    states: I64
    solution: Solution


def live(who: Taste, days: int, *, a_day: int = 60, seed: int = 0, first_day: int = 0) -> Life:
    """So many days of a person, each from 8 to 20 o'clock, every part of it a session.

    Args:
        who: the person.
        days: how many.
        a_day: actions a day.
        seed: of what is drawn.
        first_day: where in the calendar it begins.
    """
    random = np.random.default_rng(seed)
    solution = solve(world(a_day / len(PARTS)), who.reward)
    steps: list[Step] = []
    states: list[int] = []
    before, project = 0, 0
    for day in range(first_day, first_day + days):
        for part, hour in enumerate(PARTS):
            count = a_day // len(PARTS)
            times = np.sort(random.integers(0, _PART_HOURS * _HOUR_US, count))
            for time_us in times:
                state = int(state_of(np.int64(before), np.int64(part), np.int64(project)))
                action = int(random.choice(len(ACTIONS), p=solution.policy[state]))
                at_us = _MONDAY_US + day * _DAY_US + hour * _HOUR_US + int(time_us)
                states.append(state)
                steps.append(Step(at_us, ACTIONS[action], day * len(PARTS) + part, project=PROJECTS[project]))
                before = action
                if random.random() > _STAYS:
                    project = int(random.integers(len(PROJECTS)))
    return Life(tuple(steps), np.array(states), solution)
