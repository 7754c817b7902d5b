"""The sums by day and by hour follow from the cells, and the cells from the actions."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.integrity import recount
from app.store.rows import aggregates
from app.store.sqlite import connection as opening
from app.store.sqlite import migrations, schema
from app.store.sqlite.connection import Connection
from app.store.store import Store
from app.store.values.records import NewAction
from collectors.events import US_PER_HOUR, Event, EventKind, RhythmDetail, Source
from tests.app.store.checks import NOON_US, differing_cells

TABLES = ("data_aggregates", "day_aggregates", "hour_aggregates")


def days_of_work(seed: int, actions: int = 400) -> list[NewAction]:
    """Return ten days of actions with durations across hours and days, under three offsets."""
    draw = random.Random(seed)
    result = []
    for _ in range(actions):
        ts_us = NOON_US + draw.randrange(240 * US_PER_HOUR)
        offset_s = draw.choice((3_600, 7_200, -12_600))
        if draw.random() < 0.3:
            detail = RhythmDetail(10_000_000, *(draw.randrange(90) for _ in range(draw.randint(0, 3))))
            result.append(NewAction(Event(ts_us, Source.INPUT, EventKind.RHYTHM, utc_offset_s=offset_s, detail=detail)))
            continue
        length_us = draw.choice((None, 0, 1, US_PER_HOUR, draw.randrange(40 * US_PER_HOUR)))
        event = Event(ts_us, Source.WINDOW, EventKind.FOCUS, draw.choice("abc"), None, None, length_us, offset_s)
        result.append(NewAction(event, None, draw.choice((None, "s")), draw.choice((None, "p", "q"))))
    return result


@pytest.fixture
def worked(store: Store, path: Path, key: bytes) -> Iterator[Connection]:
    store.append(days_of_work(1)).result()
    for extended in [store.extend(identity, identity * US_PER_HOUR // 7) for identity in range(1, 40)]:
        extended.result()
    store.close()
    connection = opening.open_writer(path, key)
    yield connection
    connection.close()


def rows(connection: Connection) -> dict[str, set[tuple[int, ...]]]:
    return {table: {row for row in connection.execute(f"SELECT * FROM {table}") if any(row[-5:])} for table in TABLES}


def test_stored_sums_agree_with_the_actions(worked: Connection):
    assert list(differing_cells(worked)) == []
    assert list(recount.uneven(worked)) == []


def test_recounted_days_hold_the_same_sums(worked: Connection):
    before = rows(worked)
    worked.execute("BEGIN")
    for table in TABLES:
        worked.execute(f"DELETE FROM {table}")

    for day in sorted({row[0] // aggregates.HOURS_PER_DAY for row in before["data_aggregates"]}):
        recount.recount_day(worked, day)
    aggregates.roll_up(worked)
    worked.execute("COMMIT")

    assert rows(worked) == before


def test_a_changed_cell_is_reported_with_its_sums(worked: Connection):
    cell = worked.execute("SELECT * FROM data_aggregates WHERE actions > 0 LIMIT 1").fetchone()
    worked.execute(
        "UPDATE data_aggregates SET actions = actions + 1 WHERE (local_hour, code, app) = (?, ?, ?)"
        " AND (utc_offset_s, site, project) = (?, ?, ?)",
        (cell[0], cell[2], cell[3], cell[1], *cell[4:6]),
    )

    ((differing, kept, counted),) = differing_cells(worked)

    assert (differing, kept[0], counted[0]) == (cell[:6], cell[6] + 1, cell[6])
    assert len(list(recount.uneven(worked))) == 2


def test_days_rolled_up_after_a_change_are_even_again(worked: Connection):
    worked.execute("DELETE FROM data_aggregates WHERE app = (SELECT min(app) FROM data_aggregates WHERE app > 0)")
    assert list(recount.uneven(worked)) != []

    day = NOON_US // (24 * US_PER_HOUR)
    worked.execute("BEGIN")
    aggregates.roll_up(worked, day - 1, day + 20)
    worked.execute("COMMIT")

    assert list(recount.uneven(worked)) == []


def test_a_store_of_the_first_release_gets_its_sums_by_day(path: Path, key: bytes, worked: Connection, tmp_path: Path):
    old = opening.create_file(tmp_path / "old.db", key)
    migrations.migrate(old, path, 0, schema.MIGRATIONS[:1])
    kept = worked.execute("SELECT * FROM data_aggregates").fetchall()
    old.execute("BEGIN")
    old.executemany("INSERT INTO data_aggregates VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", kept)
    old.execute("COMMIT")

    migrations.migrate(old, path, 0, schema.MIGRATIONS[:2])

    assert rows(old) == rows(worked)
    old.close()
