"""What comes back, as tables: the longest focus sessions, days in a row, and rows of actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.models.formatting import action, moment, short_day, span
from app.models.table import Column, RowsModel
from app.services.activity.habits import Habits, NamedStreak
from app.store.queries.patterns import Transition
from app.store.values.records import Dimension
from neural.language import formatting

LONGEST: Final = 8
"""Focus sessions that are listed."""
_KINDS: Final = {Dimension.APP: "application", Dimension.SITE: "site", Dimension.PROJECT: "project"}


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of a table, in words, and its part of the longest or most frequent one."""

    name: str
    number: str
    when: str
    fraction: float


def sessions_model() -> RowsModel[Listed]:
    """The table of the longest focus sessions."""
    return _listed_model("Longest focus sessions", "Length", "Began")


def longest_sessions(habits: Habits) -> tuple[Listed, ...]:
    """The longest focus sessions, longest first."""
    found = sorted(habits.attention.sessions, key=lambda each: (-each.length_us, each.start_us))[:LONGEST]
    return tuple(
        Listed(each.name, span(each.length_us), moment(each.start_us, 0), each.length_us / found[0].length_us)
        for each in found
    )


def streaks_model() -> RowsModel[Listed]:
    """The table of days in a row."""
    return _listed_model("Days in a row", "Days", "From and to")


def streaks_listed(habits: Habits) -> tuple[Listed, ...]:
    """Days in a row, longest first."""
    most = max((each.streak.days for each in habits.streaks), default=1)
    return tuple(
        Listed(_streak_name(each), str(each.streak.days), _streak_days(each, habits), each.streak.days / most)
        for each in habits.streaks
    )


def pairs_model() -> RowsModel[Listed]:
    """The table of what follows what."""
    return _listed_model("Two in a row", "Times", "")


def triples_model() -> RowsModel[Listed]:
    """The table of three in a row."""
    return _listed_model("Three in a row", "Times", "")


def rows_of_actions(found: Sequence[Transition]) -> tuple[Listed, ...]:
    """Rows of actions, most frequent first."""
    return tuple(
        Listed(
            ", then ".join(action(token) for token in (*each.before, each.after)),
            str(each.count),
            "",
            each.count / found[0].count,
        )
        for each in found
    )


def _listed_model(name: str, number: str, when: str) -> RowsModel[Listed]:
    columns: list[Column[Listed]] = [
        Column(name, lambda row: row.name, share=lambda row: row.fraction, tip=lambda row: row.name),
        Column(number, lambda row: row.number, number=True),
    ]
    if when:
        columns.append(Column(when, lambda row: row.when, quiet=True))
    return RowsModel(columns)


def _streak_name(found: NamedStreak) -> str:
    name = formatting.app_name(found.streak.name) if found.kind is Dimension.APP else found.streak.name
    return f"{name} ({_KINDS[found.kind]})"


def _streak_days(found: NamedStreak, habits: Habits) -> str:
    ends = "today" if found.streak.last == habits.last else short_day(found.streak.last)
    return f"{short_day(found.streak.first)} to {ends}"
