"""How right the explained reward is, on people whose reward is known.

    python -m tests.benchmarks.mind.reward [--people N] [--drifts N]

Soft-optimal people (exact maximum causal entropy policies, `neural.reward.training.tabular`) live in a small world of actions,
hours and projects; the program trains on what they did as it trains on anybody, and explains the last month. Printed, for
each person and on average:
  worth     Spearman's rank correlation of the worth of actions with the same measure of the true reward
  reward    the same with the true reward itself, its mean over the moments
  hours     of how worth doing it was by part of the day, with the true mean reward of it
  how often what counting how often each action was done would have got, for `worth` and for `reward`
Then whether a change of one action's reward by 1 nat in the second month is found, whether anything else is reported next to
it, and how often something is notified of people who stay the same (false alarms).
"""

# ruff: noqa: T201  # what a benchmark has to say it prints

from __future__ import annotations

import argparse
import time

import numpy as np
import torch

from collectors.events import MAX_TS_US
from neural.reward import checkpoint
from neural.reward.checkpoint import Checkpoint
from neural.reward.explaining import advantage, report
from neural.reward.explaining.advantage import Moments
from neural.reward.explaining.report_values import RewardReport
from neural.reward.training.train import Options, train
from tests.neural.reward.people import (
    ACTIONS,
    PARTS,
    Life,
    Taste,
    live,
    rank_correlation,
    state_parts,
    taste,
    true_worth,
    turned,
)

DAYS = 60
MONTH = 30
BY = 1.0
LEAST = {"worth": 0.9, "reward": 0.8, "hours": 0.6, "found": 0.8, "false alarms": 0.05}


def trained(life: Life) -> Checkpoint:
    """The weights that the program's own training makes of a life."""
    last = list(train(life.steps, checkpoint.prior(), Options(device="cpu")))[-1]
    assert last.result is not None
    return checkpoint.load(last.result.weights)


def orders(who: Taste, seed: int) -> tuple[float, ...]:
    """Worth, reward, hours and how often: rank correlations with the truth."""
    life = live(who, DAYS, seed=seed)
    until_us = (life.steps[-1].ts_us or 0) + 1
    moments = list(advantage.compute_advantages(life.steps, trained(life), 0))[-1]
    assert isinstance(moments, Moments)
    made = report.report(moments, until_us)
    since = next(at for at, step in enumerate(life.steps) if (step.ts_us or 0) >= made.since_us)
    states = life.states[since:]
    policy, true = life.solution.policy[states], who.reward[states]
    found = {row.name: row for row in made.actions}
    known = [at for at, name in enumerate(ACTIONS) if name in found]
    by_program = np.array([found[ACTIONS[at]].worth for at in known])
    done = np.array([float(found[ACTIONS[at]].done) for at in known])
    mean = true.mean(0)[known]
    parts = state_parts(states)
    earned = (policy * true).sum(1)
    of_hours = np.array(
        [np.mean([row.worth for row in made.hours if _part(row.name) == part]) for part in range(len(PARTS))]
    )
    true_hours = np.array([earned[parts == part].mean() for part in range(len(PARTS))])
    return (
        rank_correlation(by_program, true_worth(life, who, since)[known]),
        rank_correlation(by_program, mean),
        rank_correlation(of_hours, true_hours),
        rank_correlation(done, true_worth(life, who, since)[known]),
        rank_correlation(done, mean),
    )


def _part(hour: str) -> int:
    return (int(hour.removeprefix("weekend ")) - PARTS[0]) // (PARTS[1] - PARTS[0])


def reported_changes(who: Taste, later: Taste, seed: int) -> tuple[str, ...]:
    """The actions that the report says have surely changed from the first month to the second."""
    first = live(who, DAYS - MONTH, seed=seed)
    second = live(later, MONTH, seed=seed + 1_000, first_day=DAYS - MONTH)
    made = list(report.explain_reward((*first.steps, *second.steps), checkpoint.prior(), MAX_TS_US))[-1]
    assert isinstance(made, RewardReport)
    return tuple(shift.action for shift in made.shifts or ())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=6)
    parser.add_argument("--drifts", type=int, default=40)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print("person   worth  reward   hours  how often (2)   rank correlations with the truth")
    rows = []
    for seed in range(options.people):
        rows.append(orders(taste(seed), seed))
        print(f"{seed:6}  {'  '.join(f'{each:6.2f}' for each in rows[-1])}", flush=True)
    mean = np.mean(rows, 0)
    print(f"{'mean':>6}  {'  '.join(f'{each:6.2f}' for each in mean)}")

    began = time.process_time()
    found = next_to = alarms = 0
    for seed in range(options.drifts):
        who = taste(seed)
        action = int(np.argsort(who.own)[2 + seed % 4])
        reported = reported_changes(who, turned(who, action, BY if seed % 2 else -BY), seed)
        found += ACTIONS[action] in reported
        next_to += any(each != ACTIONS[action] for each in reported)
        alarms += bool(reported_changes(who, who, seed))
    share = (time.process_time() - began) / (2 * options.drifts)
    count = options.drifts
    print(f"a change of {BY:g} nat found: {found} of {count}; with something else next_to it: {next_to} of {count}")
    print(f"false alarms in people who stay the same: {alarms} of {count}")
    print(f"explaining a life of {DAYS} days, 60 actions a day: {share:.1f} s of processor time")
    reached = {"worth": mean[0], "reward": mean[1], "hours": mean[2], "found": found / count}
    fine = all(reached[name] >= LEAST[name] for name in reached) and alarms / count <= LEAST["false alarms"]
    print(
        "limits:", ", ".join(f"{name} {limit:g}" for name, limit in LEAST.items()), "reached" if fine else "NOT reached"
    )
    return int(not fine)


if __name__ == "__main__":
    raise SystemExit(main())
