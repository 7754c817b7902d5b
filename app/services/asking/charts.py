"""The chart below an answer, made of the same values as its facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.services.activity.charts import bars
from app.services.asking.query import Facts, Query
from neural.language.facts import Chart, Fact

_DAYS: Final = 62
_MONTH_CHARS: Final = 7  # 2026-11
_SECONDS_PER_MINUTE: Final = 60


def minutes(fact: Fact) -> float:
    """A duration fact in minutes, in whichever unit it comes."""
    assert not isinstance(fact.value, str)
    return fact.value if fact.unit == "min" else fact.value / _SECONDS_PER_MINUTE


def days(query: Query, facts: Facts, lengths_us: Sequence[tuple[str, int]], what: str) -> Chart | None:
    """A fact and a bar for each day (ISO date); for each month, if there are many days.

    Args:
        query: that is answered.
        facts: takes a fact for each day.
        lengths_us: ISO date and active time of each day.
        what: the subject, for names and titles.
    """
    sums: dict[str, int] = {}
    for label, length_us in lengths_us:
        key = label if len(lengths_us) <= _DAYS else label[:_MONTH_CHARS]
        sums[key] = sums.get(key, 0) + length_us
    drawn = [(label, minutes(facts.time(f"{what.lower()}, {label}", length_us))) for label, length_us in sums.items()]
    return bars(f"{what} {query.period.label}", "day", "time", "min", drawn)


def hours(query: Query, facts: Facts, lengths_us: Sequence[int], what: str) -> Chart | None:
    """A fact and a bar for each hour of the day, 0 to 23, from the first with any time to the last.

    Args:
        query: that is answered.
        facts: takes a fact for each hour.
        lengths_us: active time of each hour of the day, [24].
        what: the subject, for names and titles.
    """
    used = [hour for hour, length_us in enumerate(lengths_us) if length_us]
    if not used:
        return None
    drawn = [
        (f"{hour:02}:00", minutes(facts.time(f"time from {hour:02}:00", lengths_us[hour])))
        for hour in range(used[0], used[-1] + 1)
    ]
    return bars(f"{what} {query.period.label}", "hour", "time", "min", drawn)
