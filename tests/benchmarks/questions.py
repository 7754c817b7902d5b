# ruff: noqa: T201  # a benchmark prints what it measured
"""What questions cost of a large store, each next to its bar. Wall time, and the processor's alone: they differ if others
use the machine as well.
"""

from __future__ import annotations

import datetime as dt
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.services.activity.day import day_of
from app.store.reader import Reader
from app.store.values.records import Dimension
from collectors.events import US_PER_DAY, US_PER_S, Source
from tests.benchmarks.life import ACTIONS_PER_DAY, COMMON_WORDS, START_US, WINTER_OFFSET_S, WORDS, project_name

TIMES: Final = 60
BAR_DAY_MS: Final = 50.0
BAR_YEAR_MS: Final = 30.0
BAR_SEARCH_MS: Final = 150.0
PAGE: Final = 200
_YEAR_US: Final = 365 * US_PER_DAY
_ZONE: Final = dt.timezone(dt.timedelta(seconds=WINTER_OFFSET_S))
_FIRST_DAY: Final = dt.date(1970, 1, 1) + dt.timedelta(days=START_US // US_PER_DAY)


@dataclass(frozen=True, slots=True)
class Asked:
    """How long one kind of question took, in milliseconds."""

    median: float
    p95: float
    p95_processor: float


def percentile(values: list[float], share: float) -> float:
    """The value that `share` of all lie below."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def timed(question: Callable[[int], object], times: int = TIMES) -> Asked:
    """Ask a question many times, each with another number."""
    wall: list[float] = []
    processor: list[float] = []
    for number in range(times):
        start, start_processor = time.perf_counter(), time.thread_time()
        question(number)
        processor.append((time.thread_time() - start_processor) * 1_000)
        wall.append((time.perf_counter() - start) * 1_000)
    return Asked(statistics.median(wall), percentile(wall, 0.95), percentile(processor, 0.95))


def ask_all(reader: Reader, actions: int) -> None:
    """Print what each question costs; a year is asked for at whatever length the store has of one."""
    days = max(1, actions // ACTIONS_PER_DAY)
    draw = random.Random(3)
    chosen = [draw.randrange(days) for _ in range(TIMES)]
    noon = [START_US + day * US_PER_DAY for day in chosen]
    midnight = [at_us - WINTER_OFFSET_S * US_PER_S for at_us in noon]
    patterns = reader.patterns
    print(f"  {'':44} {'median':>9} {'p95':>9} {'p95, processor':>15}")
    for title, bar_ms, questions in (
        (
            f"one of {days} days of {min(actions, ACTIONS_PER_DAY):,} actions",
            BAR_DAY_MS,
            {
                "Today: outline, totals, chart, first 200 rows": lambda n: day_of(
                    reader, _FIRST_DAY + dt.timedelta(days=chosen[n]), _ZONE
                ),
                "its next page of 200 rows": lambda n: reader.labelled_page(
                    midnight[n], midnight[n] + US_PER_DAY, PAGE, (noon[n] + US_PER_DAY // 2, 0)
                ),
                "timeline, a page of 200 actions": lambda n: list(
                    reader.timeline(midnight[n], midnight[n] + US_PER_DAY, PAGE, (noon[n] + US_PER_DAY // 2, 0))
                ),
            },
        ),
        (
            "the same, every action with its text and detail",
            None,
            {
                "timeline, the whole day": lambda n: sum(1 for _ in reader.timeline(noon[n], noon[n] + US_PER_DAY)),
            },
        ),
        (
            "a year",
            BAR_YEAR_MS,
            {
                "heat map, active time by day": lambda n: reader.totals(
                    Dimension.DAY, midnight[n], midnight[n] + _YEAR_US, Source.WINDOW
                ),
                **{
                    f"totals by {dimension}": lambda n, dimension=dimension: reader.totals(
                        dimension, midnight[n], midnight[n] + _YEAR_US
                    )
                    for dimension in Dimension
                },
                "totals by app, cut at odd moments": lambda n: reader.totals(
                    Dimension.APP, noon[n] + 7, noon[n] + _YEAR_US + 7
                ),
            },
        ),
        (
            "search, 50 hits with snippets",
            BAR_SEARCH_MS,
            {
                "a common word": lambda n: reader.search(COMMON_WORDS[n % len(COMMON_WORDS)]),
                "a word in between": lambda n: reader.search(WORDS[60 + n * 50]),
                "a rare word": lambda n: reader.search(str(4 * (n * 997 % (actions // 4)))),
                "a beginning of two letters": lambda n: reader.search(
                    ("re", "dr", "ma", "st", "ti", "fo", "we")[n % 7]
                ),
                "a phrase": lambda n: reader.search(f'"{COMMON_WORDS[n % 7]} {COMMON_WORDS[n % 11]}"'),
                "two common words": lambda n: reader.search(f"{COMMON_WORDS[n % 9]} {COMMON_WORDS[n % 13]}"),
                "a project given up long ago": lambda n: reader.search(project_name(n % max(1, days // 60))),
                "nothing": lambda n: reader.search(f"absent{n}"),
            },
        ),
        (
            "questions without a bar",
            None,
            {
                "streaks by project, a year": lambda n: patterns.streaks(
                    Dimension.PROJECT, _FIRST_DAY, _FIRST_DAY + dt.timedelta(days=365)
                ),
                "focus sessions by app, a week": lambda n: patterns.focus_sessions(
                    Dimension.APP, noon[n], noon[n] + 7 * US_PER_DAY
                ),
                "what follows three actions, a week": lambda n: patterns.transitions(
                    noon[n], noon[n] + 7 * US_PER_DAY, 3
                ),
                "counts": lambda _: reader.counts(),
            },
        ),
    ):
        print(f"  {title}" + ("" if bar_ms is None else f" (bar: p95 below {bar_ms:.0f} ms)"))
        for name, question in questions.items():
            asked = timed(question, TIMES if bar_ms is not None else 5)
            over = "   over" if bar_ms is not None and asked.p95 > bar_ms else ""
            print(f"    {name:42} {asked.median:9.2f} {asked.p95:9.2f} {asked.p95_processor:15.2f}{over}", flush=True)
