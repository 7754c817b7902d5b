"""The report on a month: what it holds, what it leaves out, and that it comes back as it went."""

from __future__ import annotations

import functools
import itertools
from dataclasses import replace

from collectors.events import MAX_TS_US, US_PER_DAY
from neural.prior import synthetic_decisions
from neural.reward import checkpoint
from neural.reward.actions import Step
from neural.reward.explaining import report
from neural.reward.explaining.advantage import FEWEST, FEWEST_DONE, PERIOD_US
from neural.reward.explaining.report_values import ARROW, Chosen, RewardReport
from neural.reward.features.statistics import Statistics
from tests.neural.reward.histories import commands, life
from tests.neural.reward.people import ACTIONS, PROJECTS, live, taste, turned


def reported(steps: tuple[Step, ...]) -> RewardReport:
    found = list(report.explain_reward(steps, checkpoint.prior(), MAX_TS_US))[-1]
    assert isinstance(found, RewardReport)
    return found


@functools.cache
def lived() -> tuple[Step, ...]:
    return live(taste(0), 62, a_day=48, seed=0).steps


@functools.cache
def whole() -> RewardReport:
    return reported(lived())


def test_it_is_of_the_last_month() -> None:
    last_us = lived()[-1].ts_us or 0
    month = [step for step in lived() if (step.ts_us or 0) >= last_us + 1 - PERIOD_US]
    assert whole().until_us - whole().since_us == PERIOD_US
    assert whole().until_us == last_us + 1
    assert whole().decisions == len(month)
    assert {row.name: row.done for row in whole().actions} == {
        name: count for name in ACTIONS if (count := sum(step.action == name for step in month)) >= FEWEST_DONE
    }


def test_the_most_worth_comes_first_and_is_reported_from_enough() -> None:
    for rows in (whole().actions, whole().projects, whole().hours, whole().sequences):
        assert rows
        assert [row.worth for row in rows] == sorted((row.worth for row in rows), reverse=True)
        assert all(row.moments >= FEWEST for row in rows)
        assert all(row.error > 0 for row in rows)


def test_projects_and_hours_are_worth_what_was_done_in_them() -> None:
    assert {row.name for row in whole().projects} == set(PROJECTS)
    assert sum(row.done for row in whole().projects) == sum(row.done for row in whole().actions)
    bounds = whole().actions[-1].worth, whole().actions[0].worth
    assert all(bounds[0] <= row.worth <= bounds[1] for row in (*whole().projects, *whole().hours))
    assert {row.name.removeprefix("weekend ") for row in whole().hours} <= {f"{hour:02d}" for hour in range(8, 20)}


def test_sequences_are_rows_that_were_done() -> None:
    month = lived()[-whole().decisions :]
    for row in whole().sequences:
        parts = row.name.split(ARROW)
        places = range(len(lived()) - len(month), len(lived()))
        done = sum([lived()[at - back].action for back in range(len(parts))][::-1] == parts for at in places)
        assert row.done == done >= FEWEST_DONE


def test_what_stood_out_is_a_moment_with_what_was_before() -> None:
    lived = synthetic_decisions(3)
    steps = [step for step, is_new in zip(lived, new_ones(lived), strict=True) if is_new]
    found = reported(tuple(steps)).spikes
    assert found
    at = {step.ts_us: place for place, step in enumerate(steps)}
    for spike in found:
        place = at[spike.ts_us]
        assert steps[place].action == spike.action
        assert tuple(step.action for step in steps[place - 2 : place]) == spike.before
        assert abs(spike.sigmas) >= 3.5


def new_ones(steps: list[Step]) -> list[bool]:
    """Which steps are actions, and no mere new titles."""
    tracker = Statistics(contexts_log2=1, pairs_log2=1)
    return [tracker.follow(step) for step in steps]


def test_it_comes_back_as_it_went() -> None:
    assert report.from_json(report.to_json(whole())) == whole()
    nothing = RewardReport(0, 1, 0, 0)
    assert report.from_json(report.to_json(nothing)) == nothing


def test_what_a_wrong_clock_dated_ahead_does_not_move_the_month() -> None:
    last_us = lived()[-1].ts_us or 0
    ahead = replace(lived()[-1], ts_us=last_us + 4_000 * US_PER_DAY)
    found = list(report.explain_reward((*lived(), ahead), checkpoint.prior(), last_us + 5))[-1]
    assert isinstance(found, RewardReport)
    assert (found.until_us, found.decisions) == (whole().until_us, whole().decisions)


def test_choices_that_are_known_by_themselves_tell_what_changed() -> None:
    """As if a month's actions were thinned out, and the predictions scored by them are all that is left."""
    steps = (*live(taste(0), 30, seed=0).steps, *live(turned(taste(0), 3, 1.5), 30, seed=9, first_day=30).steps)
    chosen = tuple(Chosen(before.ts_us or 0, before.action, step.action) for before, step in itertools.pairwise(steps))
    found = list(report.explain_reward(steps[-1_500:], checkpoint.prior(), MAX_TS_US, chosen))[-1]
    assert isinstance(found, RewardReport)
    assert found.shifts
    assert found.shifts[0].action == ACTIONS[3]
    assert found.shifts[0].reward > 0.4
    assert reported(steps[-1_500:]).shifts is None


def test_a_month_alone_says_that_nothing_can_be_compared() -> None:
    assert reported(lived()[: len(lived()) // 3]).shifts is None


def test_too_little_tells_nothing() -> None:
    for steps in ((), tuple(commands("a b c")), tuple(commands("ls " * 400)), tuple(life(350))):
        assert not reported(steps).tells
