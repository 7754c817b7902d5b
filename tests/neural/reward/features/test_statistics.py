from __future__ import annotations

import sys
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from neural.reward.actions import Step
from neural.reward.features.action_kinds import KINDS
from neural.reward.features.features import ACTION_FEATURES, STATE_FEATURES, decision
from neural.reward.features.hash_tables import DECAYS
from neural.reward.features.statistics import CANDIDATES, CONTEXTS, Statistics
from tests.neural.reward.histories import apps, commands, life

ORDER_1 = CONTEXTS.index("order 1")


def after(steps: list[Step]) -> Statistics:
    statistics = Statistics(contexts_log2=10, pairs_log2=10)
    for step in steps:
        statistics.observe(step)
    return statistics


def frequencies(statistics: Statistics, context: int, action: str) -> np.ndarray:
    moment = statistics.moment()
    row = list(moment.known).index(context)
    column = list(moment.candidates).index(statistics.ids[action])
    return moment.weight[row, column] * DECAYS ** moment.age[row, column]


def test_the_future_changes_nothing_that_is_read_now() -> None:
    steps = life(300)
    cut = 150
    shuffled = steps[:cut] + [steps[cut + place] for place in np.random.default_rng(1).permutation(150)]

    def read(history: list[Step]) -> list[np.ndarray]:
        statistics = Statistics(contexts_log2=10, pairs_log2=10)
        made = []
        for step in history[:cut]:
            statistics.observe(step)
            made.append(decision(statistics).action)
        for step in history[cut:]:
            statistics.observe(step)
        return made

    for one, other in zip(read(steps), read(shuffled), strict=True):
        np.testing.assert_array_equal(one, other)


def test_frequencies_are_the_decayed_sums_of_their_definition() -> None:
    names = ["a", "b", "a", "c", "a", "b", "a", "a", "b", "c", "a", "b", "a", "c", "a"]
    statistics = after(commands(" ".join(names)))
    followers = [names[place + 1] for place in range(len(names) - 1) if names[place] == "a"]
    for action in "bc":
        expected = sum(
            (follower == action) * (1 - DECAYS) * DECAYS ** (len(followers) - 1 - place)
            for place, follower in enumerate(followers)
        )
        np.testing.assert_allclose(frequencies(statistics, ORDER_1, f"cmd:{action}"), expected, rtol=1e-5)


def test_what_followed_last_comes_first_among_successors() -> None:
    statistics = after(commands("a b a c a"))
    slot = statistics.moment().slots[ORDER_1]
    assert [statistics.names[i] for i in statistics.contexts.successors[slot, :2]] == ["cmd:c", "cmd:b"]


def test_an_application_that_lasts_is_no_new_action() -> None:
    first, second = apps("firefox firefox")
    statistics = after([first])
    assert not statistics.is_action(second)
    assert not statistics.observe(replace(second, title_tokens=("else",)))
    assert statistics.time == 1


def test_what_lasts_is_no_candidate() -> None:
    statistics = after(apps("a b a b a"))
    assert "app:a" not in [statistics.names[i] for i in statistics.moment().candidates]


def test_a_command_that_is_repeated_is_a_new_action() -> None:
    statistics = after(commands("ls ls"))
    assert statistics.time == 2
    assert "cmd:ls" in [statistics.names[i] for i in statistics.moment().candidates]


def test_a_site_may_be_visited_again_after_another_application() -> None:
    visit, leave, back = (Step(None, action, 0) for action in ("web:a.example", "app:x", "web:a.example"))
    assert after([visit, leave]).is_action(back)


@pytest.mark.parametrize("steps", [life(3), commands("a"), apps("a b"), life(200)])
def test_features_are_finite_and_of_the_schema(steps: list[Step]) -> None:
    made = decision(after(steps))
    assert made.state.shape == (len(STATE_FEATURES),)
    assert made.action.shape == (made.candidates.size + len(KINDS), len(ACTION_FEATURES))
    assert np.isfinite(made.state).all()
    assert np.isfinite(made.action).all()


def test_features_stay_within_a_few_units() -> None:
    made = decision(after(life(2_000)))
    assert max(np.abs(made.state).max(), np.abs(made.action).max()) < 4


def test_a_clock_that_goes_backwards_does_no_harm() -> None:
    steps = [replace(step, ts_us=(step.ts_us or 0) * (-1) ** place) for place, step in enumerate(life(60))]
    made = decision(after(steps))
    assert np.isfinite(made.state).all()
    assert np.isfinite(made.action).all()


def test_there_are_never_more_candidates_than_the_schema_has() -> None:
    statistics = after(commands(" ".join(f"c{n}" for n in range(500))))
    assert statistics.moment().candidates.size == CANDIDATES


def test_candidates_are_each_there_once() -> None:
    candidates = after(life(500)).moment().candidates
    assert len(set(candidates.tolist())) == candidates.size


def test_memory_does_not_grow_with_the_history() -> None:
    statistics = after(life(500))
    tracemalloc.start()
    for step in life(2_000, seed=1):
        statistics.observe(step)
    grown_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown_bytes < 200_000


def test_the_full_tables_fit_the_desktop_process() -> None:
    statistics = Statistics()
    arrays = [
        value
        for part in (statistics, statistics.contexts, statistics.pairs, statistics.matcher)
        for value in vars(part).values()
        if isinstance(value, np.ndarray)
    ]
    assert sum(array.nbytes for array in arrays) < 40e6
    assert sys.getsizeof(statistics.names) < 1e6
