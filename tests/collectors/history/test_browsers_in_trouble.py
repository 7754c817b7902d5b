"""Histories that a browser holds, that are damaged, or that were made to do harm."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from collectors.events import MAX_TEXT_CHARS, Event
from collectors.history.browsers import CHROMIUM, FIREFOX
from collectors.history.reader import HistoryError
from tests.collectors.history.made_browser import BOTH, LINK, T_US, chromium, firefox, of_chromium
from tests.collectors.history.reading import events, peak_bytes, rejected, rows_or_refusal


@pytest.fixture
def path(tmp_path):
    return tmp_path / "database"


@pytest.fixture
def copies(tmp_path, monkeypatch):
    """The folder that temporary copies are made in."""
    folder = tmp_path / "copies"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


HOLDER = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("PRAGMA locking_mode = EXCLUSIVE")
database.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


@BOTH
def test_a_database_that_the_browser_locks_is_read(reader, make, path):
    make(path, 3)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as browser:
        assert browser.stdout.readline() == b"held\n"
        with closing(sqlite3.connect(path, timeout=0)) as other, pytest.raises(sqlite3.OperationalError):
            other.execute("SELECT count(*) FROM sqlite_master").fetchone()
        assert len(events(reader, path)) == 3
        browser.stdin.close()


def test_what_is_only_in_the_write_ahead_log_is_read(path):
    firefox(path, [("https://example.org/old", "Old", T_US, 1)])
    with closing(sqlite3.connect(path, isolation_level=None)) as browser:
        browser.execute("PRAGMA journal_mode = WAL")
        browser.execute("INSERT INTO moz_places(id, url, title) VALUES (9, 'https://example.org/new', 'New')")
        browser.execute("INSERT INTO moz_historyvisits(place_id, visit_date, visit_type) VALUES (9, ?, 1)", (T_US + 1,))
        assert Path(f"{path}-wal").stat().st_size > 0
        assert [event.title for event in events(FIREFOX, path)] == ["Old", "New"]


@BOTH
def test_the_original_is_left_as_it_was(reader, make, path):
    make(path, 3)
    before = path.read_bytes(), sorted(path.parent.iterdir())
    list(reader.read(path))
    assert (path.read_bytes(), sorted(path.parent.iterdir())) == before


@BOTH
def test_the_copy_is_the_users_alone_and_goes_with_the_reading(reader, make, path, copies):
    rows = reader.read(make(path, 3))
    next(rows)
    (folder,) = copies.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    rows.close()
    assert list(copies.iterdir()) == []


@BOTH
def test_a_damaged_database_gives_what_is_whole(reader, make, path, copies):
    make(path, 4_000)
    raw = bytearray(path.read_bytes())
    third = len(raw) // 3 * 2
    raw[third:] = os.urandom(len(raw) - third)
    path.write_bytes(raw)
    assert 0 < len(events(reader, path)) < 4_000
    assert "damaged from here on" in rejected(reader, path)[-1].reason
    assert list(copies.iterdir()) == []


@BOTH
def test_a_cut_off_database_ends_in_a_known_way(reader, make, path):
    make(path, 4_000)
    os.truncate(path, path.stat().st_size // 2)
    assert not isinstance(rows_or_refusal(reader, path)[-1], Event)


@BOTH
@pytest.mark.parametrize("content", [b"", b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5_000])
def test_what_is_no_database_is_an_error_with_a_way_out(reader, make, path, content):
    path.write_bytes(content)
    with pytest.raises(HistoryError) as error:
        list(reader.read(path))
    assert error.value.remedy


@BOTH
def test_another_programs_database_is_an_error_with_a_way_out(reader, make, path):
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE notes(text)")
    with pytest.raises(HistoryError, match="history"):
        list(reader.read(path))


def test_odd_rows_are_rejected_and_the_others_kept(path):
    chromium(
        path,
        [
            (None, "A", T_US, 0, LINK),
            ("https://b.example", "B", "noon", 0, LINK),
            ("https://c.example", "C", -1, 0, LINK),
            ("https://d.example", b"\xff\xfe", T_US, 0, LINK),
            ("https://e.example", 7, T_US, 0, LINK),
        ],
    )
    assert [event.target for event in events(CHROMIUM, path)] == ["https://d.example", "https://e.example"]
    assert len(rejected(CHROMIUM, path)) == 2 + 1


def test_a_title_that_is_no_utf_8_is_kept_as_far_as_it_is(path):
    chromium(path, [("https://example.org", "x", T_US, 0, LINK)])
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE urls SET title = CAST(x'636166e9' AS TEXT)")
    assert events(CHROMIUM, path)[0].title == "caf\ufffd"


def test_a_huge_title_is_cut_and_the_others_kept(path):
    chromium(path, [("https://a.example", "x" * (4 << 20), T_US, 0, LINK), ("https://b.example", "B", T_US, 0, LINK)])
    assert [len(event.title) for event in events(CHROMIUM, path)] == [MAX_TEXT_CHARS, 1]


def test_a_database_made_to_run_for_ever_is_given_up(path, monkeypatch):
    monkeypatch.setattr("collectors.history.database_copy._MAX_CHECKS", 5)
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript("""
            CREATE VIEW urls AS SELECT 1 AS id, 'https://example.org' AS url, 'x' AS title;
            CREATE VIEW visits AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n)
              SELECT id, -id AS url, 0 AS visit_time, 0 AS transition, 0 AS visit_duration FROM n;
        """)
    assert "interrupted" in rejected(CHROMIUM, path)[0].reason


def test_a_full_disk_is_an_error_with_a_way_out(path, copies, monkeypatch):
    of_chromium(path, 3)
    script = (
        "import resource, signal, sys; from pathlib import Path; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "from collectors.history.browsers import CHROMIUM\n"
        "from collectors.history.reader import HistoryError\n"
        "try:\n    list(CHROMIUM.read(Path(sys.argv[1])))\n"
        "except HistoryError as error:\n    print(error.remedy)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Make room in ")


@BOTH
def test_memory_stays_flat_over_a_large_history(reader, make, path):
    assert peak_bytes(reader, make(path, 20_000)) < 4 << 20
