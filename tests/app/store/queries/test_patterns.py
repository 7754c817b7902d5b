"""Patterns, compared with a naive computation of their definitions."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import StoreError
from app.store.queries import patterns
from app.store.queries.patterns import Commands, FocusSession, Keys, Streak, Transition
from app.store.store import Store
from app.store.values.records import ActionRow, Dimension, NewAction, Total
from collectors.events import US_PER_DAY, US_PER_S, CommandDetail, Event, EventKind, RhythmDetail, Source

MINUTE_US = 60 * US_PER_S
HOUR_US = 60 * MINUTE_US
MONDAY_US = 20_003 * US_PER_DAY
"""2024-10-07, a Monday."""
STEP_US = 40 * US_PER_DAY
WAIT_S = 180
MODERATE = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
windows_apart = itertools.count()


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all examples; item lives in forty days of its own."""
    store = Store.create(tmp_path_factory.mktemp("patterns") / "store.db", bytes(range(32)))
    yield store
    store.close()


def window(ts_us: int, app: str | None, length_us: int | None = None, offset_s: int = 0) -> NewAction:
    event = Event(ts_us, Source.WINDOW, EventKind.FOCUS, app, None, None, length_us, offset_s)
    return NewAction(event, None if app is None else f"app:{app}")


def command(ts_us: int, project: str | None, line: str = "make") -> NewAction:
    return NewAction(Event(ts_us, Source.TERMINAL, EventKind.COMMAND, "bash", line), f"cmd:{line}", None, project)


def presence(ts_us: int, kind: EventKind) -> NewAction:
    return NewAction(Event(ts_us, Source.PRESENCE, kind))


@st.composite
def days_of_actions(draw: st.DrawFn) -> list[NewAction]:
    """Windows, commands and presence over some days, some of them close to item other."""
    actions = []
    at_us = 0
    for _ in range(draw(st.integers(0, 25))):
        at_us += draw(st.sampled_from((0, US_PER_S, 50 * US_PER_S, 3 * MINUTE_US, 6 * MINUTE_US, 9 * HOUR_US)))
        choice = draw(st.integers(0, 9))
        if choice < 6:
            length_us = draw(st.sampled_from((None, 0, 30 * US_PER_S, 4 * MINUTE_US, 7 * MINUTE_US)))
            actions.append(window(at_us, draw(st.sampled_from(("a", "a", "b", None))), length_us))
            at_us += draw(st.sampled_from((0, length_us or 0)))
        elif choice < 9:
            actions.append(command(at_us, draw(st.sampled_from(("p", "p", "q", None)))))
        else:
            kind = draw(st.sampled_from((EventKind.IDLE, EventKind.LOCK, EventKind.ACTIVE)))
            actions.append(presence(at_us, kind))
    return actions


def stored(store: Store, actions: list[NewAction]) -> tuple[int, int, list[ActionRow]]:
    """Store actions in a range of their own; return the range, and the rows in order."""
    start_us = MONDAY_US + next(windows_apart) * STEP_US
    moved = []
    for action in actions:
        e = action.event
        event = Event(
            e.ts_us + start_us, e.source, e.kind, e.app, e.target, e.title, e.duration_us, e.utc_offset_s, e.detail
        )
        moved.append(NewAction(event, action.token, action.site, action.project))
    store.append(moved).result(WAIT_S)
    with store.reader() as reader:
        rows = list(reader.timeline(start_us, start_us + STEP_US))
    return start_us, start_us + STEP_US, rows


def naive_focus(rows: list[tuple[int, int, str | None]], pause_us: int) -> list[FocusSession]:
    """Try every pair of ends."""
    result = []
    for first in range(len(rows)):
        until_us = rows[first][1]
        last = first
        while last + 1 < len(rows) and rows[last + 1][2] == rows[first][2] and rows[last + 1][0] - until_us <= pause_us:
            last += 1
            until_us = max(until_us, rows[last][1])
        begins = first == 0 or rows[first - 1][2] != rows[first][2]
        if not begins:
            before_us = max(row[1] for row in run_before(rows, first))
            begins = rows[first][0] - before_us > pause_us
        name = rows[first][2]
        if begins and name is not None and until_us - rows[first][0] >= patterns.LEAST_FOCUS_US:
            result.append(FocusSession(name, rows[first][0], until_us))
    return result


def run_before(rows: list[tuple[int, int, str | None]], index: int) -> list[tuple[int, int, str | None]]:
    """The rows of the same name right before an index."""
    low = index
    while low and rows[low - 1][2] == rows[index][2]:
        low -= 1
    return rows[low:index]


@MODERATE
@given(days_of_actions())
def test_focus_is_unbroken_time_in_one_thing(lasting: Store, actions: list[NewAction]):
    start_us, end_us, rows = stored(lasting, actions)

    def intervals(rows: list[ActionRow], names: list[str | None]) -> list[tuple[int, int, str | None]]:
        return [
            (row.event.ts_us, row.event.ts_us + (row.event.duration_us or 0), name)
            for row, name in zip(rows, names, strict=True)
        ]

    windows = [row for row in rows if row.event.source is Source.WINDOW]
    projects = [row for row in rows if row.project]
    with lasting.reader() as reader:
        by_app = reader.patterns.focus_sessions(Dimension.APP, start_us, end_us)
        by_project = reader.patterns.focus_sessions(Dimension.PROJECT, start_us, end_us)
    assert list(by_app) == naive_focus(intervals(windows, [row.event.app for row in windows]), MINUTE_US)
    assert list(by_project) == naive_focus(intervals(projects, [row.project for row in projects]), 5 * MINUTE_US)


def naive_transitions(rows: list[ActionRow], before: int) -> Counter[tuple[str, ...]]:
    sittings: list[list[str]] = [[]]
    until_us = 0
    for row in rows:
        leaving = row.event.kind in (EventKind.IDLE, EventKind.LOCK, EventKind.SUSPEND)
        if leaving or (row.token and row.event.ts_us - until_us > 5 * MINUTE_US):
            sittings.append([])
        if row.token and not leaving:
            until_us = max(until_us, row.event.ts_us + (row.event.duration_us or 0))
            sittings[-1].append(row.token)
    counted: Counter[tuple[str, ...]] = Counter()
    for sitting in sittings:
        tokens = [token for token, _ in itertools.groupby(sitting)]
        counted.update(tuple(tokens[at : at + before + 1]) for at in range(len(tokens) - before))
    return counted


@MODERATE
@given(days_of_actions(), st.integers(1, 3))
def test_transitions_are_counted(lasting: Store, actions: list[NewAction], before: int):
    start_us, end_us, rows = stored(lasting, actions)
    with lasting.reader() as reader:
        result = reader.patterns.transitions(start_us, end_us, before, limit=1_000)
    assert {(*item.before, item.after): item.count for item in result} == naive_transitions(rows, before)
    assert [item.count for item in result] == sorted((item.count for item in result), reverse=True)


def test_more_sequences_than_are_counted_at_a_time_are_counted_in_parts(
    lasting: Store, monkeypatch: pytest.MonkeyPatch
):
    lines = [f"line {index % 23 * index % 17}" for index in range(400)]
    start_us, end_us, rows = stored(lasting, [command(n * US_PER_S, None, line) for n, line in enumerate(lines)])
    monkeypatch.setattr(patterns, "MOST_COUNTED", 12)
    with lasting.reader() as reader:
        result = reader.patterns.transitions(start_us, end_us, 1, limit=30)
    naive = naive_transitions(rows, 1)
    assert len(naive) > 30
    assert [item.count for item in result] == sorted(naive.values(), reverse=True)[:30]
    assert all(naive[*item.before, item.after] == item.count for item in result)


def test_only_the_most_frequent_are_reported(lasting: Store):
    lines = ["a", "b", "a", "b", "c"]
    start_us, end_us, _ = stored(lasting, [command(n * US_PER_S, None, line) for n, line in enumerate(lines)])
    with lasting.reader() as reader:
        assert reader.patterns.transitions(start_us, end_us, 1, limit=1) == (Transition(("cmd:a",), "cmd:b", 2),)


@pytest.mark.parametrize("before", [0, 4])
def test_only_one_to_three_actions_before_are_counted(lasting: Store, before: int):
    with lasting.reader() as reader, pytest.raises(StoreError, match="cannot be counted"):
        reader.patterns.transitions(0, 1, before)


@MODERATE
@given(st.dictionaries(st.sampled_from(("x", "y")), st.sets(st.integers(0, 12))))
def test_streaks_are_days_in_a_row(lasting: Store, used: dict[str, set[int]]):
    tag = next(windows_apart)
    base = 35_000 + tag * 20
    actions = [
        window((base + day) * US_PER_DAY + HOUR_US, f"{name}{tag}") for name, days in used.items() for day in days
    ]
    if actions:
        lasting.append(actions).result(WAIT_S)

    def date(day: int) -> dt.date:
        return dt.date(1970, 1, 1) + dt.timedelta(days=base + day)

    naive = [
        Streak(f"{name}{tag}", date(first), date(last))
        for name, days in used.items()
        for first in days
        for last in days
        if last > first and set(range(first, last + 1)) <= days and first - 1 not in days and last + 1 not in days
    ]
    with lasting.reader() as reader:
        result = reader.patterns.streaks(Dimension.APP, date(0), date(12))
        of_x = reader.patterns.streaks(Dimension.APP, date(0), date(12), name=f"x{tag}")
    assert sorted(result, key=str) == sorted(naive, key=str)
    assert [item.days for item in result] == sorted((item.days for item in result), reverse=True)
    assert set(of_x) == {item for item in naive if item.name == f"x{tag}"}


def test_streaks_of_one_source_ignore_the_others(lasting: Store):
    start_us = MONDAY_US + next(windows_apart) * STEP_US
    day = dt.date(1970, 1, 1) + dt.timedelta(days=start_us // US_PER_DAY)
    actions = [window(start_us + index * US_PER_DAY, "seen", MINUTE_US) for index in range(2)]
    actions += [
        NewAction(Event(start_us + index * US_PER_DAY, Source.NETWORK, EventKind.CONNECT, "seen", "host"))
        for index in range(4)
    ]
    lasting.append(actions).result()
    with lasting.reader() as reader:
        ask = reader.patterns.streaks
        last = day + dt.timedelta(days=9)
        assert [item.days for item in ask(Dimension.APP, day, last, source=Source.WINDOW)] == [2]
        assert [item.days for item in ask(Dimension.APP, day, last)] == [4]


def test_a_dimension_without_names_has_no_streaks(lasting: Store):
    with lasting.reader() as reader, pytest.raises(StoreError, match="cannot be asked by source"):
        reader.patterns.streaks(Dimension.SOURCE, dt.date(2026, 1, 1), dt.date(2026, 2, 1))


def test_a_week_is_summed_by_its_hours(store: Store):
    store.append(
        [
            window(MONDAY_US + 50 * MINUTE_US, "a", 20 * MINUTE_US),
            window(MONDAY_US + 7 * US_PER_DAY + 55 * MINUTE_US, "b", 5 * MINUTE_US),
            window(MONDAY_US - MINUTE_US, "a", 1),
            window(MONDAY_US + 6 * US_PER_DAY, "a", 3, offset_s=23 * 3_600),
        ]
    ).result(WAIT_S)
    with store.reader() as reader:
        result = reader.totals(Dimension.WEEK_HOUR, 0, 2**60)
        cut = reader.totals(Dimension.WEEK_HOUR, MONDAY_US + 52 * MINUTE_US, MONDAY_US + 8 * US_PER_DAY)
    assert result == (
        Total("1 00", 2, 15 * MINUTE_US),
        Total("1 01", 0, 10 * MINUTE_US),
        Total("7 23", 2, 4),
    )
    assert cut[0] == Total("1 00", 1, 13 * MINUTE_US)


def test_commands_and_keys_are_counted_with_failures_and_corrections(lasting: Store) -> None:
    begun_us = MONDAY_US + next(windows_apart) * STEP_US
    details = [CommandDetail(None, 0), CommandDetail(None, 1), CommandDetail("~", -9), CommandDetail("~"), None]
    actions = [
        NewAction(Event(begun_us + index, Source.TERMINAL, EventKind.COMMAND, "bash", "make", detail=detail))
        for index, detail in enumerate(details)
    ]
    for keys, corrections in ((50, 4), (7, 0), (0, 0)):
        detail = RhythmDetail(10 * US_PER_S, keys, corrections=corrections)
        actions.append(NewAction(Event(begun_us, Source.INPUT, EventKind.RHYTHM, detail=detail)))
    lasting.append(actions).result(WAIT_S)
    with lasting.reader() as reader:
        assert reader.patterns.commands(begun_us, begun_us + MINUTE_US) == Commands(3, 2)
        assert reader.patterns.keys(begun_us, begun_us + MINUTE_US) == Keys(57, 4)
        assert reader.patterns.commands(begun_us - MINUTE_US, begun_us) == Commands(0, 0)
        assert reader.patterns.keys(begun_us - MINUTE_US, begun_us) == Keys(0, 0)
