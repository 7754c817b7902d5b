from __future__ import annotations

import math

import numpy as np
import pytest

from neural.reward.scoring import BASELINES, Baselines, Score


def ranks_after(names: str, truth: str, banned: str | None = None) -> dict[str, int]:
    baselines = Baselines()
    for name in names.split():
        baselines.update(name)
    return dict(baselines.ranks(truth, banned))


def test_nothing_is_ranked_before_anything_was_seen() -> None:
    assert ranks_after("", "a") == dict.fromkeys(BASELINES, 0)


def test_most_recent_ranks_by_the_last_use() -> None:
    assert ranks_after("a b c a", "c")["most recent"] == 2


def test_most_frequent_ranks_by_the_count() -> None:
    assert ranks_after("a b b c a b", "b")["most frequent"] == 1


def test_markov_ranks_by_the_longest_context() -> None:
    assert ranks_after("x a b c y a b d x a b", "c")["markov-3"] == 1


def test_ipam_ranks_by_what_followed_lately() -> None:
    assert ranks_after("a b a b a c a c a", "c")["ipam"] == 1


def test_what_cannot_come_next_takes_no_place() -> None:
    assert ranks_after("c b a", "b", banned="a")["most recent"] == 1


def test_a_truth_beyond_ten_places_has_no_rank() -> None:
    assert ranks_after(" ".join(f"a{n}" for n in range(20)), "a0")["most recent"] == 0


def test_scores_are_shares_and_nats() -> None:
    score = Score()
    score.add(1, 0.5, 0.5)
    score.add(3, 0.25, 0.5)
    score.add(0, 0.0, 0.5)
    assert score.top(1) == pytest.approx(1 / 3)
    assert score.top(5) == pytest.approx(2 / 3)
    assert score.nats == pytest.approx(-(math.log(0.5) + math.log(0.25) + math.log(1e-6)) / 3)


def test_calibration_error_is_what_was_said_against_what_came() -> None:
    score = Score()
    for rank in (1, 0, 0, 0):
        score.add(rank, 0.5, 0.75)
    assert score.calibration_error == pytest.approx(0.5)


def test_the_tail_is_the_latest_fifth() -> None:
    score = Score()
    for place in range(10):
        score.add(int(place >= 8), 0.5, 0.5)
    assert (len(score.tail().rows), score.tail().top(1)) == (2, 1.0)


def test_a_policy_is_scored_by_its_named_candidates() -> None:
    score = Score()
    policy = np.array([0.2, 0.5], np.float32)
    score.add_policy(policy, chosen=0)
    score.add_policy(policy, chosen=2)
    assert [row[0] for row in score.rows] == [2, 0]
