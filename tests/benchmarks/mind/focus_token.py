"""Whether an action token for the beginning of a focus session helps to predict what is done. It did not: so there is none.

    python -m tests.benchmarks.mind.focus_token [--people N] [--days N]

For synthetic people, over the latest fifth of their actions: nats an action without the token, with it, and with it if
the guess that a session begins is taken out of the running. A session begins to be one after five minutes in one
application; that is when the token would come.
"""

# ruff: noqa: T201  # what a benchmark has to say it prints

from __future__ import annotations

import argparse
import math
import statistics
from collections.abc import Iterable, Iterator
from typing import Final

from app.store.queries.patterns import LEAST_FOCUS_US, PAUSE_US
from collectors.events import US_PER_DAY, Event, EventKind
from neural.reward import checkpoint
from neural.reward.actions import Step, label, step_of
from neural.reward.predictor import Predictor
from neural.reward.sessions import Sessions
from neural.synthetic_person import simulate

START_US = 19_700 * US_PER_DAY
TAIL = 0.8
TOKEN: Final = "focus:start"
LEAST = 1e-4
RANKED = 60


def begun(events: Iterable[Event]) -> Iterator[int]:
    """The moments at which five unbroken minutes in one application were over."""
    app, since_us, until_us, reported = "", 0, 0, False
    for event in events:
        if event.kind is not EventKind.FOCUS or event.app is None:
            continue
        if event.app != app or event.ts_us - until_us > PAUSE_US:
            app, since_us, reported = event.app, event.ts_us, False
        until_us = event.ts_us + (event.duration_us or 0)
        if not reported and until_us - since_us >= LEAST_FOCUS_US:
            reported = True
            yield since_us + LEAST_FOCUS_US


def steps_of(events: list[Event], *, tokens: bool) -> list[Step]:
    """The steps of a life, with the token among them or without."""
    sessions = Sessions()
    found = [step_of(event, label(event), sessions.session_of(event)) for event in events]
    steps = [step for step in found if step is not None]
    if not tokens:
        return steps
    moments = iter([*begun(events), math.inf])
    moment = next(moments)
    mixed: list[Step] = []
    for step in steps:
        assert step.ts_us is not None
        while moment <= step.ts_us:
            if mixed:
                mixed.append(Step(int(moment), TOKEN, mixed[-1].session, project=mixed[-1].project))
            moment = next(moments)
        mixed.append(step)
    return mixed


def nats(steps: list[Step]) -> tuple[float, float, int]:
    """Nats an action of the latest fifth but for the token, the same without its guess, and how often it came."""
    predictor = Predictor(checkpoint.prior())
    given: list[tuple[float, float]] = []
    for number, step in enumerate(steps):
        if number >= TAIL * len(steps) and predictor.is_action(step) and step.action != TOKEN:
            named = dict(predictor.ranking(RANKED))
            chance = max(named.get(step.action, 0.0), LEAST)
            given.append((chance, min(1.0, chance / max(LEAST, 1 - named.get(TOKEN, 0.0)))))
        predictor.observe(step)
    plain, alone = (-sum(map(math.log, column)) / len(given) for column in zip(*given, strict=True))
    return plain, alone, sum(step.action == TOKEN for step in steps)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=3)
    parser.add_argument("--days", type=int, default=20)
    options = parser.parse_args()
    print(f"{'person':>6} {'sessions':>8} {'without':>8} {'with':>6} {'guess left out':>14}")
    lost, context = [], []
    for seed in range(100, 100 + options.people):
        events = list(simulate(seed, START_US, options.days))
        without, _, _ = nats(steps_of(events, tokens=False))
        with_it, alone, sessions = nats(steps_of(events, tokens=True))
        lost.append(with_it - without)
        context.append(alone - without)
        print(f"{seed:6} {sessions:8,} {without:8.3f} {with_it:6.3f} {alone:14.3f}")
    print(
        f"lost by the token: {statistics.mean(lost):+.3f} nats an action; "
        f"by what it tells of the moment alone: {statistics.mean(context):+.3f}"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
