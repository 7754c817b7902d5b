"""Whether what followed the nearest past moments helps to predict what comes next. It did not: so it is not used.

    python -m tests.benchmarks.mind.moment_features [--people N] [--days N]

For synthetic people, over the latest fifth of their actions: nats an action of the predictor alone, of the nearest thirty
past moments' next actions alone, and of both mixed. The share of the mixture is chosen on the first half of the fifth;
the second half is what is printed.
"""

# ruff: noqa: T201  # what a benchmark has to say it prints

from __future__ import annotations

import argparse
import statistics
from collections import Counter, deque

import numpy as np

from collectors.events import US_PER_DAY
from neural.moments.bag_of_words import SLOT_US
from neural.moments.encoder import WIDTH, Hasher, untrained
from neural.reward import checkpoint
from neural.reward.actions import Step, label, step_of
from neural.reward.predictor import Predictor
from neural.reward.sessions import Sessions
from neural.synthetic_person import simulate

START_US = 19_700 * US_PER_DAY
TAIL = 0.8
NEAREST = 30
SHARPNESS = 10.0
LEAST = 1e-4
RANKED = 40


def steps_of(seed: int, days: int) -> list[Step]:
    sessions = Sessions()
    found = (step_of(event, label(event), sessions.session_of(event)) for event in simulate(seed, START_US, days))
    return [step for step in found if step is not None]


def words_of(steps: deque[Step]) -> Counter[str]:
    words: Counter[str] = Counter()
    for step in steps:
        words.update({step.action, *step.title_tokens, *((f"project:{step.project}",) if step.project else ())})
    return words


def probabilities(steps: list[Step]) -> tuple[np.ndarray, np.ndarray]:
    """What the predictor and the nearest moments gave to each action of the latest fifth, before it came."""
    predictor, hasher = Predictor(checkpoint.prior()), Hasher()
    encoder = untrained(hasher.bag(words_of(deque([step]))) for step in steps[: round(TAIL * len(steps))])
    past = np.zeros((len(steps), WIDTH), np.float32)
    followed: list[str] = []
    window: deque[Step] = deque()
    found = []
    for number, step in enumerate(steps):
        assert step.ts_us is not None
        while window and (window[0].session != step.session or step.ts_us - (window[0].ts_us or 0) > SLOT_US):
            window.popleft()
        if predictor.is_action(step) and window:
            now = encoder.encode(hasher.bag(words_of(window)))
            if number >= TAIL * len(steps):
                near = past[: len(followed)] @ now
                first = np.argsort(-near)[:NEAREST]
                weights = np.exp(SHARPNESS * near[first])
                reported = sum(
                    float(weight) for weight, at in zip(weights, first, strict=True) if followed[at] == step.action
                )
                named = dict(predictor.ranking(RANKED)).get(step.action, 0.0)
                found.append((max(named, LEAST), max(reported / float(weights.sum()), LEAST)))
            past[len(followed)] = now
            followed.append(step.action)
        predictor.observe(step)
        window.append(step)
    ours, theirs = np.array(found).T
    return ours, theirs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=3)
    parser.add_argument("--days", type=int, default=30)
    options = parser.parse_args()
    print(f"{'person':>6} {'actions':>7} {'predictor':>9} {'moments':>8} {'mixed':>6} {'share of moments':>16}")
    gains = []
    for seed in range(100, 100 + options.people):
        ours, theirs = probabilities(steps_of(seed, options.days))
        half = len(ours) // 2
        shares = np.linspace(0, 0.5, 26)
        share = min(shares, key=lambda each: -np.log((1 - each) * ours[:half] + each * theirs[:half]).mean())
        alone, moments, mixed = (
            float(-np.log(given[half:]).mean()) for given in (ours, theirs, (1 - share) * ours + share * theirs)
        )
        gains.append(alone - mixed)
        print(f"{seed:6} {len(ours) - half:7,} {alone:9.3f} {moments:8.3f} {mixed:6.3f} {share:16.0%}")
    print(f"gained by moments: {statistics.mean(gains):.3f} nats an action")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
