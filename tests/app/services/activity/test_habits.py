"""What comes back in the last days, from a real store."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.services.activity import attention, habits
from app.services.activity.habits import DayWork, Habits, HourActivity, NamedStreak
from app.services.ingest.pipeline import new_action
from app.store.queries.patterns import Commands, Keys, Streak, Transition
from app.store.store import Store
from app.store.values.records import Dimension
from collectors.events import US_PER_HOUR, US_PER_MIN, CommandDetail, Event, EventKind, RhythmDetail, Source
from neural.language.reading import time_ranges

ZONE = ZoneInfo("Europe/Berlin")
TODAY = date(2026, 11, 20)


def at(hour: int, minute: float = 0, day: int = 20) -> int:
    """A local moment in November 2026."""
    return round(datetime(2026, 11, day, hour, tzinfo=ZONE).timestamp()) * 1_000_000 + round(minute * US_PER_MIN)


def window(ts_us: int, app: str, minutes: float) -> Event:
    return Event(ts_us, Source.WINDOW, EventKind.FOCUS, app, None, "a title", round(minutes * US_PER_MIN), 3600)


def command(ts_us: int, line: str, status: int = 0, folder: str | None = None) -> Event:
    return Event(
        ts_us, Source.TERMINAL, EventKind.COMMAND, "bash", line, utc_offset_s=3600, detail=CommandDetail(folder, status)
    )


def rhythm(ts_us: int, keys: int, corrections: int) -> Event:
    detail = RhythmDetail(10_000_000, keys, corrections=corrections)
    return Event(ts_us, Source.INPUT, EventKind.RHYTHM, utc_offset_s=3600, detail=detail)


def read(store: Store, *events: Event, days: int = 7) -> Habits:
    store.append([new_action(event) for event in events]).result()
    with store.reader() as reader:
        return habits.read(reader, TODAY, days, ZONE)


def test_a_time_without_anything_is_empty(opened: Store) -> None:
    found = read(opened)
    assert found.empty
    assert (found.first, found.last) == (date(2026, 11, 14), TODAY)


def test_the_whole_time_is_reported_as_it_is_in_the_chat(opened: Store) -> None:
    events = [
        window(at(23, 30, day=13), "code", 60),
        window(at(23, 50, day=17), "firefox", 25),
        window(at(0, 15, day=18), "code", 3),
        window(at(9, day=19), "code", 50),
        window(at(9, 50, day=19), "firefox", 4),
        window(at(9, 54, day=19), "code", 20),
    ]
    found = read(opened, *events)
    with opened.reader() as reader:
        whole = attention.read(reader, time_ranges.days(found.first, 7, "", ZONE), ZONE)
    assert found.attention == whole
    assert found.windows == len(events)


def test_windows_before_the_time_are_not_counted(opened: Store) -> None:
    assert read(opened, window(at(23, day=13), "code", 30), window(at(9, day=14), "code", 30)).windows == 1


def test_a_session_over_midnight_is_one_and_its_time_lies_on_both_days(opened: Store) -> None:
    found = read(opened, window(at(23, 57, day=18), "code", 7))
    assert [session.length_us for session in found.attention.sessions] == [7 * US_PER_MIN]
    assert [(each.day.day, each.active_us // US_PER_MIN, each.focus_us // US_PER_MIN) for each in found.days] == [
        (18, 3, 3),
        (19, 4, 4),
    ]


def test_each_day_has_its_work_its_longest_without_a_rest_and_its_late_hours(opened: Store) -> None:
    found = read(
        opened,
        window(at(22, day=18), "code", 90),
        window(at(9, day=20), "code", 60),
        window(at(10, 30, day=20), "code", 20),
    )
    assert found.days == (
        DayWork(date(2026, 11, 18), 90 * US_PER_MIN, 90 * US_PER_MIN, 90 * US_PER_MIN, 30 * US_PER_MIN),
        DayWork(date(2026, 11, 19), 0, 0, 0, 0),
        DayWork(date(2026, 11, 20), 80 * US_PER_MIN, 80 * US_PER_MIN, 60 * US_PER_MIN, 0),
    )


def test_changes_are_reported_by_the_hour_in_which_they_happened(opened: Store) -> None:
    found = read(
        opened,
        window(at(9, 50, day=19), "code", 20),
        window(at(10, 10, day=19), "firefox", 20),
        window(at(10, 30, day=19), "code", 30),
        window(at(10, day=20), "code", 10),
        window(at(10, 10, day=20), "firefox", 10),
    )
    assert found.hours == (HourActivity(9, 10 * US_PER_MIN, 0), HourActivity(10, 80 * US_PER_MIN, 3))
    assert found.hours[1].switches_per_hour == pytest.approx(3 * 60 / 80)


def test_what_went_wrong_is_reported_by_the_hours_since_the_last_rest(opened: Store) -> None:
    work = [window(at(9), "code", 5 * 60)]
    early = [command(at(9, number), "make", status=number % 2) for number in range(30)]
    late = [command(at(13, number), "make", status=1) for number in range(20)]
    typed = [rhythm(at(10, number), 100, 5) for number in range(10)]
    found = read(opened, *work, *early, *late, *typed).tired
    assert [(each.commands, each.keys) for each in found] == [
        (Commands(30, 15), Keys(0, 0)),
        (Commands(0, 0), Keys(1_000, 50)),
        (Commands(0, 0), Keys(0, 0)),
        (Commands(20, 20), Keys(0, 0)),
    ]
    assert [each.failed for each in found] == [0.5, None, None, 1.0]
    assert [each.taken_back for each in found] == [None, 0.05, None, None]


def test_work_that_began_before_the_time_goes_on_in_its_hours(opened: Store) -> None:
    found = read(opened, window(at(22, day=13), "code", 4 * 60), command(at(1, 30, day=14), "make", 1))
    assert [each.commands.run for each in found.tired] == [0, 0, 0, 1]
    assert found.days[0].bout_us == 4 * US_PER_HOUR


def test_days_in_a_row_are_those_of_windows_pages_and_projects(opened: Store) -> None:
    events = [window(at(9, day=day), "code", 10) for day in (16, 17, 18, 19)]
    events += [command(at(11, day=day), "make", folder="/home/ada/src/atlas") for day in (18, 19, 20)]
    events += [Event(at(12, day=day), Source.NETWORK, EventKind.CONNECT, "ntpd", "host") for day in range(14, 21)]
    events += [window(at(9, 30, day=day), "gimp", 1) for day in (16, 17)]
    assert read(opened, *events).streaks == (
        NamedStreak(Dimension.APP, Streak("code", date(2026, 11, 16), date(2026, 11, 19))),
        NamedStreak(Dimension.PROJECT, Streak("atlas", date(2026, 11, 18), TODAY)),
    )


def test_what_follows_what_is_counted_in_twos_and_threes(opened: Store) -> None:
    round_of = ("git add .", "git commit", "git push")
    lines = [command(at(9, 6 * n + 0.1 * place), line) for n in range(3) for place, line in enumerate(round_of)]
    found = read(opened, *lines)
    assert found.triples == (Transition(("cmd:git add", "cmd:git commit"), "cmd:git push", 3),)
    assert found.pairs == (
        Transition(("cmd:git add",), "cmd:git commit", 3),
        Transition(("cmd:git commit",), "cmd:git push", 3),
    )


def test_days_that_were_thinned_out_count_for_days_in_a_row_alone(opened: Store) -> None:
    for day in range(14, 21):
        read(opened, *(window(at(9, number, day=day), "code", 1) for number in range(30)))
    opened.cleanup(3, at(12), dry_run=False).result()
    found = read(opened)
    assert found.whole_since > found.first
    assert [each.day for each in found.days] == [
        found.whole_since + timedelta(days=number) for number in range((TODAY - found.whole_since).days + 1)
    ]
    assert [each.streak.days for each in found.streaks] == [7]


def test_it_can_be_left_off(opened: Store) -> None:
    class Unwanted(Exception):  # noqa: N818 - it stops, and is no error
        pass

    calls = 0

    def wanted() -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise Unwanted

    with opened.reader() as reader, pytest.raises(Unwanted):
        habits.read(reader, TODAY, 28, ZONE, wanted)
