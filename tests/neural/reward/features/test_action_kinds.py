from __future__ import annotations

import numpy as np
import pytest

from neural.reward import checkpoint
from neural.reward.actions import Step
from neural.reward.features.action_kinds import KIND_FEATURES, KINDS, KindShares, number_of
from neural.reward.features.hash_tables import DECAYS
from neural.reward.predictor import Forecast, Predictor
from tests.neural.reward.histories import apps, commands, life

APP, WEB, CMD = (KINDS.index(kind) for kind in ("app", "web", "cmd"))


def forecast_after(steps: list[Step]) -> Forecast:
    """What comes after the steps, for someone who looked at every forecast: each is learned from."""
    predictor = Predictor(checkpoint.prior())
    for step in steps:
        predictor.ranking()
        predictor.observe(step)
    return predictor.forecast(limit=100)


def shares_after(kinds: list[int], new: set[int] = frozenset()) -> np.ndarray:
    shares = KindShares()
    for number, kind in enumerate(kinds):
        shares.add(kind, new=number in new)
    return shares.shares()


def surfing(count: int) -> list[Step]:
    """After each application a site; one in three never seen, at random, and never an application never seen."""
    random = np.random.default_rng(0)
    steps = []
    for number in range(count):
        kind, name = ("app", ["browser", "mail"][number // 2 % 2]) if number % 2 == 0 else ("web", f"s{number % 7}")
        if kind == "web" and random.random() < 1 / 3:
            name = f"new{number}"
        steps.append(Step(1_700_000_000_000_000 + number * 60_000_000, f"{kind}:{name}", session=number // 30))
    return steps


@pytest.mark.parametrize(
    "steps", [life(400), surfing(301), apps("a b c " * 40), commands("ls"), surfing(40) + life(40)]
)
def test_kinds_and_actions_are_one_distribution(steps: list[Step]) -> None:
    forecast = forecast_after(steps)
    assert [chance.kind for chance in sorted(forecast.kinds, key=lambda chance: -chance.probability)] == [
        chance.kind for chance in forecast.kinds
    ]
    assert {chance.kind for chance in forecast.kinds} == set(KINDS)
    assert sum(chance.probability for chance in forecast.kinds) == pytest.approx(1, abs=1e-5)
    assert sum(chance.something_new for chance in forecast.kinds) == pytest.approx(forecast.something_new, abs=1e-5)
    for chance in forecast.kinds:
        named = sum(
            each.probability
            for each in forecast.candidates
            if number_of(each.action.partition(":")[0]) == number_of(chance.kind)
        )
        assert named + chance.something_new == pytest.approx(chance.probability, abs=1e-5)


def test_the_kind_that_always_follows_is_expected_and_so_is_something_new_of_it() -> None:
    forecast = forecast_after(surfing(301))  # the last step was an application
    assert forecast.kinds[0].kind == "web"
    assert forecast.kinds[0].probability > 0.8
    new = {chance.kind: chance.something_new for chance in forecast.kinds}
    assert new["web"] > 0.1
    assert new["web"] > 10 * new["app"]


def test_someone_who_types_commands_alone_is_predicted_commands_alone() -> None:
    forecast = forecast_after(life(400))
    assert forecast.kinds[0].kind == "cmd"
    assert forecast.kinds[0].probability > 0.95


def test_shares_are_what_their_names_say() -> None:
    kinds = [APP, WEB, APP, WEB, APP, CMD, APP]
    made = shares_after(kinds, new={0, 1, 5})
    column = {name: place for place, name in enumerate(KIND_FEATURES)}
    assert made[:, column["after one"]].tolist()[:3] == pytest.approx([0, 2 / 3, 1 / 3])
    assert made[APP, column["after two"]] == 0
    assert made[:, column["uses"]].tolist()[:3] == [4, 2, 1]
    ages = [len(kinds) - 1 - number for number, kind in enumerate(kinds) if kind == WEB]
    assert made[WEB, :3] == pytest.approx([sum((1 - decay) * decay**age for age in ages) for decay in DECAYS], rel=1e-5)
    rate = 0.5
    for new in (1, 0):
        rate += 0.1 * (new - rate)
    assert made[WEB, column["new fast"]] == pytest.approx(rate)


def test_a_kind_that_has_no_place_of_its_own_is_other() -> None:
    assert KINDS[number_of("telepathy")] == "other"
