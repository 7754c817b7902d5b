"""The rate limit, by a clock of the test's own."""

from __future__ import annotations

from app.api.http.limits import RateLimiter
from tests.app.clock import Clock


def test_a_burst_passes_and_the_next_waits(clock: Clock) -> None:
    limiter = RateLimiter(burst=3, per_s=2, now_s=clock)
    assert [limiter.wait_s("a") for _ in range(4)] == [0, 0, 0, 0.5]


def test_time_fills_the_bucket_again_and_no_further_than_full(clock: Clock) -> None:
    limiter = RateLimiter(burst=2, per_s=1, now_s=clock)
    for _ in range(2):
        limiter.wait_s("a")
    clock.now_s += 1_000
    assert [limiter.wait_s("a") > 0 for _ in range(3)] == [False, False, True]


def test_a_refused_request_costs_nothing(clock: Clock) -> None:
    limiter = RateLimiter(burst=1, per_s=1, now_s=clock)
    limiter.wait_s("a")
    for _ in range(50):
        limiter.wait_s("a")
    clock.now_s += 1
    assert limiter.wait_s("a") == 0


def test_each_client_has_a_bucket_of_its_own(clock: Clock) -> None:
    limiter = RateLimiter(burst=1, per_s=1, now_s=clock)
    assert (limiter.wait_s("a"), limiter.wait_s("b")) == (0, 0)


def test_the_number_of_buckets_is_bounded(clock: Clock) -> None:
    limiter = RateLimiter(burst=1, per_s=1, now_s=clock, clients=10)
    for number in range(1_000):
        limiter.wait_s(str(number))
    assert len(limiter._buckets) == 10
