"""One local day from a real store: its rows, the time by application, and the day drawn."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.services.activity.attention import NOTHING
from app.services.activity.day import Day, day_of, earlier_rows
from app.services.ingest.pipeline import new_action
from app.store.store import Store
from app.store.values.records import Total
from collectors.events import Event, EventKind, PresenceDetail, Source

ZONE = ZoneInfo("Europe/Berlin")
DAY = date(2026, 11, 20)
MINUTE_US = 60_000_000


def at(hour: int, minute: int = 0, day: int = 20) -> int:
    """A local moment in November 2026."""
    return round(datetime(2026, 11, day, hour, minute, tzinfo=ZONE).timestamp()) * 1_000_000


def window(ts_us: int, app: str, minutes: int) -> Event:
    return Event(ts_us, Source.WINDOW, EventKind.FOCUS, app, None, "a title", minutes * MINUTE_US, 3600)


def command(ts_us: int, line: str) -> Event:
    return Event(ts_us, Source.TERMINAL, EventKind.COMMAND, "bash", line, utc_offset_s=3600)


def read(store: Store, *events: Event, day: date = DAY) -> Day:
    store.append([new_action(event) for event in events]).result()
    with store.reader() as reader:
        return day_of(reader, day, ZONE)


def test_what_was_done_stands_in_the_order_it_was_done(opened: Store) -> None:
    day = read(opened, command(at(12), "make"), command(at(9), "git status"), window(at(10), "firefox", 5))
    assert [row.event.ts_us for row in day.rows] == [at(9), at(10), at(12)]


def test_a_day_goes_from_local_midnight_to_local_midnight(opened: Store) -> None:
    last_us = at(0, day=21) - 1
    day = read(
        opened,
        command(at(0) - 1, "the day before"),
        command(at(0), "first"),
        command(last_us, "last"),
        command(last_us + 1, "the day after"),
    )
    assert [row.event.target for row in day.rows] == ["first", "last"]


def test_the_day_on_which_the_clocks_go_back_has_twenty_five_hours(opened: Store) -> None:
    last = round(datetime(2026, 10, 25, 23, 59, tzinfo=ZONE).timestamp()) * 1_000_000
    day = read(opened, command(last, "late"), day=date(2026, 10, 25))
    assert [row.event.target for row in day.rows] == ["late"]


def test_time_by_application_is_summed_longest_first_with_its_visits(opened: Store) -> None:
    day = read(
        opened,
        window(at(9), "xterm", 10),
        window(at(9, 10), "firefox", 30),
        window(at(9, 40), "xterm", 5),
    )
    assert day.totals == (Total("Firefox", 1, 30 * MINUTE_US), Total("xterm", 2, 15 * MINUTE_US))


def test_what_lasts_no_time_is_in_the_rows_alone(opened: Store) -> None:
    day = read(opened, command(at(9), "make"))
    assert len(day.rows) == 1
    assert day.totals == ()


def test_time_after_midnight_belongs_to_the_next_day(opened: Store) -> None:
    day = read(opened, window(at(23, 50), "firefox", 30))
    assert day.totals == (Total("Firefox", 1, 10 * MINUTE_US),)


def test_a_window_from_before_midnight_counts_from_midnight_on(opened: Store) -> None:
    day = read(opened, window(at(0) - 10 * MINUTE_US, "firefox", 30))
    assert day.rows == ()
    assert day.totals == (Total("Firefox", 0, 20 * MINUTE_US),)


def test_going_and_coming_back_stand_among_the_rows(opened: Store) -> None:
    idle = Event(at(10), Source.PRESENCE, EventKind.IDLE, detail=PresenceDetail(180_000_000))
    assert [row.event.kind for row in read(opened, idle).rows] == [EventKind.IDLE]


def watch(begun_us: int, minutes: int, sign: str) -> Event:
    detail = PresenceDetail(sign=sign)
    return Event(begun_us, Source.PRESENCE, EventKind.WATCH, duration_us=minutes * MINUTE_US, detail=detail)


def test_what_was_watched_is_summed_apart_from_calls_and_cut_at_midnight(opened: Store) -> None:
    day = read(
        opened,
        watch(at(0) - 30 * MINUTE_US, 40, "film"),
        watch(at(13), 20, "call"),
        watch(at(20), 90, "film"),
        watch(at(23, 40), 60, "screen"),
    )
    assert (day.watched_us, day.called_us) == (120 * MINUTE_US, 20 * MINUTE_US)


def test_the_chart_has_a_row_an_application_from_start_to_end(opened: Store) -> None:
    chart = read(opened, window(at(9), "xterm", 10), window(at(9, 10), "firefox", 30)).chart
    assert chart is not None
    assert chart.x_is_time
    assert {series.name: (series.x, series.y) for series in chart.series} == {
        "xterm": ((at(9) / 1e6,), (at(9, 10) / 1e6,)),
        "Firefox": ((at(9, 10) / 1e6,), (at(9, 40) / 1e6,)),
    }


def test_without_windows_there_is_nothing_to_draw(opened: Store) -> None:
    assert read(opened, command(at(9), "make")).chart is None


def test_a_day_tells_how_it_was_worked_through(opened: Store) -> None:
    day = read(opened, window(at(10), "firefox", 6), window(at(10, 6), "code", 4))
    assert [session.name for session in day.attention.sessions] == ["Firefox"]
    assert day.attention.switches == 1


def test_a_day_without_anything_is_empty(opened: Store) -> None:
    assert read(opened) == Day((), 0, (), None, NOTHING)


def test_a_long_day_is_read_a_page_at_a_time_and_counted_whole(opened: Store) -> None:
    day = read(opened, *(command(at(9, minute), f"line {minute}") for minute in range(50)))
    with opened.reader() as reader:
        latest = day_of(reader, DAY, ZONE, page=20)
        pages = [latest.rows]
        while earlier := earlier_rows(reader, DAY, pages[0][0], ZONE, page=20):
            pages.insert(0, earlier)
    assert latest.actions == day.actions == 50
    assert [len(page) for page in pages] == [10, 20, 20]
    assert tuple(row for page in pages for row in page) == day.rows


def test_actions_of_one_moment_are_neither_lost_nor_reported_twice_between_pages(opened: Store) -> None:
    day = read(opened, *(command(at(9), f"line {number}") for number in range(7)))
    with opened.reader() as reader:
        last = day_of(reader, DAY, ZONE, page=3).rows
        first = earlier_rows(reader, DAY, last[0], ZONE, page=9)
    assert (*first, *last) == day.rows


def test_a_window_of_many_hours_reaches_into_the_day(opened: Store) -> None:
    day = read(opened, window(at(0) - 30 * 60 * MINUTE_US, "firefox", 31 * 60))
    assert day.totals == (Total("Firefox", 0, 60 * MINUTE_US),)


def test_one_moment_in_two_windows_of_one_application_counts_once(opened: Store) -> None:
    day = read(opened, window(at(9), "firefox", 10), window(at(9, 5), "firefox", 10))
    assert day.totals == (Total("Firefox", 2, 15 * MINUTE_US),)
