"""One local day from the store: what was done, the time by application, and the day drawn."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, tzinfo

from app.services import ask_charts
from app.services.ask_query import LOOK_BACK_US, is_window, windows
from app.services.ask_time import by_name
from app.store.queries import Reader
from app.store.records import ActionRow, Total
from neural.language import periods, words
from neural.language.facts import Chart


@dataclass(frozen=True, slots=True)
class Day:
    """What the user did, oldest first; time and visits by application, longest first; the chart, if there is one."""

    rows: tuple[ActionRow, ...]
    totals: tuple[Total, ...]
    chart: Chart | None


def day_of(reader: Reader, day: date, zone: tzinfo | None = None) -> Day:
    """Read one day.

    Args:
        reader: an open reader of the store.
        day: the local day.
        zone: local time; None for the machine's own.
    """
    period = periods.days(day, 1, "today", zone)
    reaching = list(reader.labelled(period.start_us - LOOK_BACK_US, period.end_us))
    rows = [row for row in reaching if row.event.ts_us >= period.start_us]
    spans = windows(reaching, period)
    counts = Counter(words.app_name(row.event.app) for row in rows if is_window(row) and row.event.app)
    totals = tuple(Total(name, counts[name], active_us) for name, active_us in by_name(spans))
    return Day(tuple(rows), totals, ask_charts.timeline(day.isoformat(), spans, zone))
