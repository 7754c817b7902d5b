"""One local day from the store: what was done, the time by application, and the day drawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, tzinfo

from app.services import ask_charts
from app.services.ask_query import windows
from app.services.ask_time import by_name
from app.store.queries import Reader
from app.store.records import ActionRow, Total
from neural.language import periods
from neural.language.facts import Chart


@dataclass(frozen=True, slots=True)
class Day:
    """What the user did, oldest first; time by application, longest first; the chart (None without windows)."""

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
    rows = list(reader.labelled(period.start_us, period.end_us))
    spans = windows(rows, period)
    counts: dict[str, int] = {}
    for row in rows:
        if row.token is not None and row.event.app:
            counts[row.event.app] = counts.get(row.event.app, 0) + 1
    totals = tuple(Total(name, counts.get(name, 0), active_us) for name, active_us in by_name(spans))
    return Day(tuple(rows), totals, ask_charts.timeline(day.isoformat(), spans, zone))
