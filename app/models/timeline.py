"""A day: what was done, in order, and how long each application was used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from app.models.formatting import clock, span
from app.models.table import Column, RowsModel
from app.services.activity.attention import LATE, NOTHING, Attention
from app.store.values.records import ActionRow, Total
from collectors.events import US_PER_S, EventKind, PresenceDetail
from neural.language.facts import Chart
from neural.language.formatting import count
from neural.moments.bag_of_words import SLOT_US

_VERBS: Final = {
    EventKind.IDLE: "idle",
    EventKind.ACTIVE: "back",
    EventKind.WATCH: "watching",
    EventKind.LOCK: "screen locked",
    EventKind.UNLOCK: "screen unlocked",
    EventKind.SUSPEND: "suspended",
    EventKind.RESUME: "resumed",
    EventKind.RHYTHM: "typing rhythm",
    EventKind.LOAD: "load of the machine",
    EventKind.SPIKE: "high load",
    EventKind.POWER: "power",
    EventKind.CONNECT: "connected",
    EventKind.DISCONNECT: "connection ended",
    EventKind.PATTERN: "screen pattern",
}


@dataclass(frozen=True, slots=True)
class DayView:
    """One local day as the Today page shows it.

    Attributes:
        rows: the latest of what was done, oldest first (the table shows the latest first).
        actions: how much was done in all; the rows before these are asked for when they are scrolled to.
        totals: by application, longest first.
        chart: the day drawn; None if there is nothing to draw.
        attention: how the day was worked through.
        watched_us: time without input, while a film played or something else kept the screen on.
        called_us: the same in calls.
    """

    day: date
    rows: tuple[ActionRow, ...] = ()
    actions: int = 0
    totals: tuple[Total, ...] = ()
    chart: Chart | None = None
    attention: Attention = NOTHING
    watched_us: int = 0
    called_us: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """A total and its part of the longest one."""

    total: Total
    fraction: float


def timeline_model() -> RowsModel[ActionRow]:
    """The table of what was done."""
    return RowsModel(
        (
            Column("Time", lambda row: clock(row.event.ts_us), quiet=True),
            Column("For", _length, number=True, quiet=True),
            Column(
                "Application", lambda row: row.event.app or row.event.source.value, tip=lambda row: row.event.app or ""
            ),
            Column("What", what, tip=what),
        )
    )


def totals_model() -> RowsModel[Share]:
    """The table of applications and how long each was used."""
    return RowsModel(
        (
            Column("Application", lambda row: row.total.key, share=lambda row: row.fraction),
            Column("Active", lambda row: span(row.total.active_us), number=True),
            Column("Actions", lambda row: str(row.total.actions), number=True, quiet=True),
        )
    )


def shares(totals: tuple[Total, ...]) -> tuple[Share, ...]:
    """Each total with its part of the longest."""
    longest = max((total.active_us for total in totals), default=0)
    return tuple(Share(total, total.active_us / longest if longest else 0.0) for total in totals)


def summary(view: DayView) -> str:
    """The day in one line."""
    if not view.rows:
        return "Nothing was recorded on this day."
    active = sum(total.active_us for total in view.totals)
    applications = count(len(view.totals), "application")
    return f"{span(active)} active in {applications}, {count(view.actions, 'action')}"


def attention_line(view: DayView) -> str:
    """Focus, changes, rests and what was watched in one line; empty if neither window nor film was recorded."""
    found = view.attention
    parts = []
    if found.longest_session is not None:
        longest = found.longest_session
        sessions = count(len(found.sessions), "focus session")
        parts.append(f"{sessions}, {span(found.focus_us)}, the longest {span(longest.length_us)} in {longest.name}")
    if found.active_us:
        parts.append(f"{count(round(found.switches_per_hour), 'change')} of application an hour")
    if found.longest_bout is not None:
        parts.append(f"at most {span(found.longest_bout.length_us)} without a rest")
    if found.late_us:
        parts.append(f"{span(found.late_us)} {LATE}")
    if view.watched_us:
        parts.append(f"{span(view.watched_us)} watched")
    if view.called_us:
        parts.append(f"{span(view.called_us)} in calls without input")
    return " \u00b7 ".join(parts)


def question_alike(row: ActionRow) -> str:
    """The question for moments like the one that a row belongs to."""
    start_us = row.event.ts_us // SLOT_US * SLOT_US
    begins, ends = clock(start_us), clock(start_us + SLOT_US)
    day = datetime.fromtimestamp(start_us / US_PER_S).date()  # noqa: DTZ006  # the machine's own clock, as the chat reads it
    return f"Find moments like {day.isoformat()} from {begins} to {'24:00' if ends == '00:00' else ends}"


def _length(row: ActionRow) -> str:
    return span(row.event.duration_us) if row.event.duration_us else ""


def what(row: ActionRow) -> str:
    """What was done, in one line."""
    event = row.event
    text = event.title or event.target or _VERBS.get(event.kind) or event.kind.value
    if isinstance(event.detail, PresenceDetail) and event.detail.sign == "call":
        text = "in a call"
    return " ".join(text.split())
