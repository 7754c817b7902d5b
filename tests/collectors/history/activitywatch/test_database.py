"""The databases of ActivityWatch's servers."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from collectors.events import EventKind, RhythmDetail, Source
from collectors.history.activitywatch.history import ActivityWatch
from collectors.history.reader import HistoryError
from tests.collectors.history.activitywatch.test_history import WHEN, bucket, export, row
from tests.collectors.history.made_activitywatch import python_database, rust_database
from tests.collectors.history.reading import events, keys, peak_bytes, rejected, rows_or_refusal

AW = ActivityWatch()
MAKERS = [python_database, rust_database]
TYPING = {"presses": 12, "clicks": 3, "deltaX": 40, "deltaY": 2, "scrollX": 0, "scrollY": 5}
LIFE = {
    "aw-watcher-window_host": bucket("currentwindow", row({"app": "editor", "title": "notes ü"})),
    "aw-watcher-afk_host": bucket("afkstatus", row({"status": "not-afk"}), row({"status": "afk"}, duration=600)),
    "aw-watcher-web-firefox": bucket(
        "web.tab.current", row({"url": "https://example.org", "title": "A", "incognito": False, "audible": False})
    ),
    "aw-watcher-vscode_host": bucket(
        "app.editor.activity", row({"file": "/w/a.py", "project": "w", "language": "python"})
    ),
    "aw-watcher-input_host": bucket("os.hid.input", row(TYPING, duration=10)),
    "aw-stopwatch": bucket("general.stopwatch", row({"label": "x"})),
}


@pytest.fixture(scope="module")
def python_path(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("aw") / "peewee-sqlite.v2.db"
    python_database(path, LIFE)
    return path


@pytest.fixture(params=["python", "rust"])
def database(request, tmp_path) -> Path:
    if request.param == "python":
        return request.getfixturevalue("python_path")
    rust_database(tmp_path / "sqlite.db", LIFE)
    return tmp_path / "sqlite.db"


def test_a_database_holds_what_the_export_of_it_holds(database, tmp_path):
    path = tmp_path / "aw-buckets-export.json"
    export(path, **LIFE)
    assert events(AW, database) == events(AW, path)
    assert rejected(AW, database) == []


def test_counts_of_input_become_a_rhythm(database):
    (typing,) = (event for event in events(AW, database) if event.source is Source.INPUT)
    assert (typing.kind, typing.detail) == (EventKind.RHYTHM, RhythmDetail(10_000_000, keys=12, clicks=3, scrolls=5))


def test_both_databases_are_found_where_the_servers_keep_them(tmp_path):
    folder = tmp_path / ".local/share/activitywatch"
    for name in ("aw-server/peewee-sqlite.v2.db", "aw-server-rust/sqlite.db"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).touch()
    assert len(AW.discover(tmp_path, {})) == 2
    assert AW.discover(tmp_path, {"XDG_DATA_HOME": str(tmp_path / "elsewhere")}) == ()


def test_reading_leaves_no_trace_next_to_the_database(database):
    def written():
        return {path: path.stat().st_mtime_ns for path in database.parent.iterdir()}

    before = written()
    events(AW, database)
    assert written() == before


def test_a_row_that_cannot_be_read_is_reported_and_the_others_are_read(tmp_path):
    path = tmp_path / "sqlite.db"
    rust_database(path, LIFE)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE events SET data = '{' WHERE id = 1")
        connection.execute("UPDATE events SET starttime = 'soon' WHERE id = 2")
        connection.execute("UPDATE events SET data = x'ff00' WHERE id = 3")
        connection.execute("UPDATE events SET starttime = 9223372036854775807 WHERE id = 4")
    assert {each.reason for each in rejected(AW, path)} == {"its data are not JSON", "no readable time"}
    assert len(rejected(AW, path)) == 4
    assert len(events(AW, path)) == 2


def test_another_program_s_database_is_refused_with_a_way_out(tmp_path):
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE buckets (name TEXT)")
    with pytest.raises(HistoryError, match=r"not a database of ActivityWatch.*export"):
        list(AW.read(path))


def test_a_database_of_many_events_takes_little_memory(tmp_path):
    path = tmp_path / "sqlite.db"
    many = [row({"app": "editor", "title": str(number)}, when=WHEN) for number in range(20_000)]
    rust_database(path, {"w": bucket("currentwindow", *many)})
    assert peak_bytes(AW, path) < 4_000_000


def test_reading_twice_gives_the_same_identities(database):
    assert keys(AW, database) == keys(AW, database)


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_database_ends_in_rows_or_a_sentence(seed, tmp_path):
    path = tmp_path / "sqlite.db"
    rust_database(path, LIFE)
    chance = random.Random(seed)
    data = bytearray(path.read_bytes())
    for _ in range(chance.randrange(1, 60)):
        data[chance.randrange(16, len(data))] = chance.randrange(256)
    path.write_bytes(data[: chance.randrange(1_000, len(data)) if seed % 3 == 0 else len(data)])
    rows_or_refusal(AW, path)
