"""What the benchmark of the senses counts as a look by the clock, in the words of strace(1)."""

from __future__ import annotations

import pytest

from tests.benchmarks.looks import ended_by_clock


@pytest.mark.parametrize(
    ("line", "counted"),
    [
        ("7 select(5, [4], [], [], {tv_sec=0, tv_usec=10000}) = 0 (Timeout) <0.010071>", True),
        ("7 <... select resumed>)             = 0 (Timeout) <2.002112>", True),
        ("7 poll([{fd=3, events=POLLIN}], 1, 0) = 0 (Timeout) <0.000018>", False),
        ("7 poll([{fd=3, events=POLLIN}], 1, -1) = 1 ([{fd=3, revents=POLLIN}]) <3.100000>", False),
        ("7 epoll_wait(5, [], 4, 500)         = 0 <0.500512>", True),
        ("7 clock_nanosleep(CLOCK_MONOTONIC, 0, {tv_sec=0, tv_nsec=5000000}, NULL) = 0 <0.005077>", True),
        ("7 futex(0x5, FUTEX_WAIT_BITSET_PRIVATE, 0, {tv_sec=9, tv_nsec=0}, 0x) = -1 ETIMEDOUT (...) <0.100211>", True),
        (
            "7 futex(0x5, FUTEX_WAIT_BITSET_PRIVATE, 0, {tv_sec=9, tv_nsec=0}, 0x) = -1 ETIMEDOUT (...) <0.005102>",
            False,
        ),
        ("7 futex(0x5, FUTEX_WAIT_BITSET_PRIVATE, 0, NULL, 0x) = 0 <4.000000>", False),
        ("7 <... futex resumed>)              = 0 <1.000000>", False),
        ("7 select(5, [4], [], [], NULL <unfinished ...>", False),
        ("+++ exited with 0 +++", False),
    ],
)
def test_a_wait_that_its_time_ended_is_a_look(line: str, counted: bool):
    assert ended_by_clock([line]) == ({7: 1} if counted else {})
