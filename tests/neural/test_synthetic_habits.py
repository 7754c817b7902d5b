from __future__ import annotations

from neural.reward.features.action_kinds import KINDS
from neural.reward.features.statistics import Statistics
from neural.synthetic_habits import wander


def new_share(seed: int) -> float:
    """How many of a person's latest 500 actions were never seen."""
    names = [step.action for step in wander(seed, 1_500)]
    seen = set(names[:1_000])
    return sum(name not in seen and not seen.add(name) for name in names[1_000:]) / 500


def test_the_same_person_does_the_same() -> None:
    assert list(wander(3, 200)) == list(wander(3, 200))
    assert list(wander(3, 200)) != list(wander(4, 200))


def test_every_step_is_a_new_action_later_than_the_last() -> None:
    for seed in range(8):
        statistics, last_us = Statistics(), 0
        for step in wander(seed, 400):
            assert statistics.observe(step)
            assert (step.ts_us or 0) >= last_us
            last_us = step.ts_us or 0


def test_kinds_are_those_of_the_program() -> None:
    assert {step.action.partition(":")[0] for seed in range(8) for step in wander(seed, 50)} <= set(KINDS)


def test_how_much_is_new_differs_from_person_to_person() -> None:
    shares = [new_share(seed) for seed in range(12)]
    assert min(shares) < 0.05
    assert max(shares) > 0.15
