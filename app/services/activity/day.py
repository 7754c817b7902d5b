"""One local day from the store: what was done, the time by application, and the day drawn.

What was done is read a page at a time, latest first; a day of 20,000 actions is otherwise read as a bare outline.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Final

from app.services.activity import attention, charts, intervals, passive_time
from app.services.activity.attention import Attention
from app.store.reader import Reader
from app.store.values.records import ActionRow, Total
from neural.language import formatting
from neural.language.facts import Chart
from neural.language.reading import time_ranges

PAGE: Final = 200
"""Rows at a time: a few screens full."""
UNNAMED: Final = "an unnamed window"


@dataclass(frozen=True, slots=True)
class Day:
    """One day.

    Attributes:
        rows: the latest of what the user did, oldest first.
        actions: how much there was in all; more than `rows` if there are earlier pages.
        totals: time and visits by application, longest first.
        chart: the day drawn, if there is anything to draw.
        attention: how the day was worked through.
        watched_us: time without input, while a film played or something else kept the screen on.
        called_us: the same in calls.
    """

    rows: tuple[ActionRow, ...]
    actions: int
    totals: tuple[Total, ...]
    chart: Chart | None
    attention: Attention
    watched_us: int = 0
    called_us: int = 0


def day_of(reader: Reader, day: date, zone: tzinfo | None = None, page: int = PAGE) -> Day:
    """Read one day.

    Args:
        reader: an open reader of the store.
        day: the local day.
        zone: local time; None for the machine's own.
        page: how many rows at most.
    """
    period = time_ranges.days(day, 1, "today", zone)
    outline = reader.outline(period.start_us, period.end_us)
    said = {app: formatting.app_name(app) for app in {app for _, _, app in outline.windows}}
    counts = Counter(said[app] for start_us, _, app in outline.windows if app and start_us >= period.start_us)
    stays = intervals.stays(
        (
            (max(start_us, period.start_us), min(end_us, period.end_us), said[app] or UNNAMED)
            for start_us, end_us, app in outline.windows
        ),
        intervals.PAUSE_IN_STRETCH_US,
    )
    totals = tuple(Total(name, counts[name], active_us) for name, active_us in intervals.by_stay(stays))
    rows = reader.labelled_page(period.start_us, period.end_us, page)
    chart = charts.drawn_stays(day.isoformat(), stays, zone)
    looked = passive_time.spans(reader, period)
    return Day(
        rows[::-1],
        outline.actions,
        totals,
        chart,
        attention.read(reader, period, zone),
        watched_us=passive_time.length_us(looked, passive_time.FILM, passive_time.SCREEN),
        called_us=passive_time.length_us(looked, passive_time.CALL),
    )


def earlier_rows(
    reader: Reader, day: date, before: ActionRow, zone: tzinfo | None = None, page: int = PAGE
) -> tuple[ActionRow, ...]:
    """The page of a day before a row, oldest first; empty if there is none.

    Args:
        reader: of the store.
        day: local.
        before: the first row that is shown already.
        zone: of the local day; None for the system's.
        page: how many rows at the most.
    """
    period = time_ranges.days(day, 1, "today", zone)
    return reader.labelled_page(period.start_us, period.end_us, page, before.mark)[::-1]
