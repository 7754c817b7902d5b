"""Histories in the databases of browsers, also while a browser holds them."""

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

from collectors.events import MAX_DURATION_US, MAX_TEXT_CHARS, US_PER_S, Event, EventKind, Source
from collectors.history.browsers import CHROMIUM, FIREFOX, WEBKIT_EPOCH_US
from collectors.history.reader import HistoryError
from tests.collectors.history.reading import events, keys, peak_bytes, rejected, rows_or_refusal

T_US = 1_700_000_000 * US_PER_S
LINK = 0x30000000  # one step that is both the start and the end of its chain

CHROMIUM_SCHEMA = """
CREATE TABLE urls(id INTEGER PRIMARY KEY AUTOINCREMENT, url LONGVARCHAR, title LONGVARCHAR,
  visit_count INTEGER DEFAULT 0 NOT NULL, typed_count INTEGER DEFAULT 0 NOT NULL, last_visit_time INTEGER NOT NULL,
  hidden INTEGER DEFAULT 0 NOT NULL);
CREATE TABLE visits(id INTEGER PRIMARY KEY AUTOINCREMENT, url INTEGER NOT NULL, visit_time INTEGER NOT NULL,
  from_visit INTEGER, transition INTEGER DEFAULT 0 NOT NULL, segment_id INTEGER,
  visit_duration INTEGER DEFAULT 0 NOT NULL);
CREATE INDEX visits_url_index ON visits (url);
"""
FIREFOX_SCHEMA = """
CREATE TABLE moz_places(id INTEGER PRIMARY KEY, url LONGVARCHAR, title LONGVARCHAR, rev_host LONGVARCHAR,
  visit_count INTEGER DEFAULT 0, hidden INTEGER DEFAULT 0 NOT NULL, last_visit_date INTEGER, guid TEXT,
  url_hash INTEGER DEFAULT 0 NOT NULL);
CREATE TABLE moz_historyvisits(id INTEGER PRIMARY KEY, from_visit INTEGER, place_id INTEGER, visit_date INTEGER,
  visit_type INTEGER, session INTEGER, source INTEGER DEFAULT 0 NOT NULL);
"""


def chromium(path, visits):
    """A database as Chromium makes it; a visit is (url, title, unix microseconds, duration, transition)."""
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(CHROMIUM_SCHEMA)
        for url, title, ts_us, duration_us, transition in visits:
            row = database.execute(
                "INSERT INTO urls(url, title, last_visit_time) VALUES (?, ?, 0)", (url, title)
            ).lastrowid
            time = ts_us + WEBKIT_EPOCH_US if isinstance(ts_us, int) else ts_us
            database.execute(
                "INSERT INTO visits(url, visit_time, transition, visit_duration) VALUES (?, ?, ?, ?)",
                (row, time, transition, duration_us),
            )
    return path


def firefox(path, visits):
    """A database as Firefox makes it; a visit is (url, title, unix microseconds, type)."""
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(FIREFOX_SCHEMA)
        for url, title, ts_us, kind in visits:
            row = database.execute("INSERT INTO moz_places(url, title) VALUES (?, ?)", (url, title)).lastrowid
            database.execute(
                "INSERT INTO moz_historyvisits(place_id, visit_date, visit_type) VALUES (?, ?, ?)", (row, ts_us, kind)
            )
    return path


def of_chromium(path, count):
    return chromium(path, [(f"https://example.org/{n}", f"Page {n}", T_US + n, 0, LINK) for n in range(count)])


def of_firefox(path, count):
    return firefox(path, [(f"https://example.org/{n}", f"Page {n}", T_US + n, 1) for n in range(count)])


BOTH = pytest.mark.parametrize(
    ("reader", "make"), [(CHROMIUM, of_chromium), (FIREFOX, of_firefox)], ids=["chromium", "firefox"]
)


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


def test_a_visit_to_a_page_in_chromium(path):
    chromium(path, [("https://example.org/a", "A page", T_US, 5 * US_PER_S, LINK)])
    (event,) = events(CHROMIUM, path)
    assert (event.ts_us, event.source, event.kind, event.app, event.target, event.title, event.duration_us) == (
        T_US,
        Source.BROWSER,
        EventKind.VISIT,
        "chromium",
        "https://example.org/a",
        "A page",
        5 * US_PER_S,
    )


def test_a_visit_to_a_page_in_firefox(path):
    firefox(path, [("https://example.org/a", "A page", T_US, 1)])
    (event,) = events(FIREFOX, path)
    assert (event.ts_us, event.kind, event.app, event.target, event.title, event.duration_us) == (
        T_US,
        EventKind.VISIT,
        "firefox",
        "https://example.org/a",
        "A page",
        None,
    )


@pytest.mark.parametrize("duration_us", [0, -1, MAX_DURATION_US + 1])
def test_an_unknown_or_absurd_duration_is_none(path, duration_us):
    chromium(path, [("https://example.org", "A", T_US, duration_us, LINK)])
    assert events(CHROMIUM, path)[0].duration_us is None


def test_a_download_in_firefox(path):
    firefox(path, [("https://example.org/f.zip", None, T_US, 7)])
    assert events(FIREFOX, path)[0].kind is EventKind.DOWNLOAD


def test_frames_and_addresses_that_sent_the_browser_on_are_no_visits(path):
    chromium(
        path,
        [
            ("https://a.example", "A", T_US, 0, LINK | 3),
            ("https://b.example", "B", T_US, 0, 0x10000000),
            ("https://c.example", "C", T_US, 0, 0x80000000 - 2**32),
            ("https://d.example", "D", T_US, 0, 0xA0000000 - 2**32),
            ("https://e.example", "E", T_US, 0, 0),
        ],
    )
    assert [event.target for event in events(CHROMIUM, path)] == ["https://d.example", "https://e.example"]


def test_frames_in_firefox_are_no_visits(path):
    firefox(path, [("https://a.example", "A", T_US, 4), ("https://b.example", "B", T_US, 8)])
    assert events(FIREFOX, path) == []


def test_a_browsers_own_pages_are_no_visits(path):
    chromium(path, [("chrome://settings", "S", T_US, 0, LINK), ("chrome-extension://x/y", "E", T_US, 0, LINK)])
    assert list(CHROMIUM.read(path)) == []


@BOTH
def test_visits_come_in_their_order(reader, make, path):
    times = [event.ts_us for event in events(reader, make(path, 20))]
    assert times == sorted(times)
    assert len(times) == 20


@BOTH
def test_reading_twice_gives_the_same_identities(reader, make, path):
    make(path, 5)
    first = keys(reader, path)
    assert keys(reader, path) == first
    assert len(set(first)) == 5


@BOTH
def test_a_grown_and_moved_history_brings_only_what_is_new(reader, make, path, tmp_path):
    make(path, 3)
    make(tmp_path / "other", 5)
    assert keys(reader, tmp_path / "other")[:3] == keys(reader, path)


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


class TestDiscovery:
    @pytest.mark.parametrize(
        ("place", "app"),
        [
            (".config/google-chrome/Default/History", "google-chrome"),
            (".config/chromium/Profile 2/History", "chromium"),
            (".config/BraveSoftware/Brave-Browser/Default/History", "brave-browser"),
            (".config/microsoft-edge/Default/History", "microsoft-edge"),
            (".config/vivaldi/Default/History", "vivaldi"),
            ("snap/chromium/common/chromium/Default/History", "chromium"),
            (".var/app/com.brave.Browser/config/BraveSoftware/Brave-Browser/Default/History", "brave-browser"),
        ],
    )
    def test_finds_the_chromium_family(self, own_home, place, app):
        path = own_home / place
        path.parent.mkdir(parents=True)
        of_chromium(path, 1)
        assert CHROMIUM.discover(own_home, {}) == (path,)
        assert events(CHROMIUM, path)[0].app == app

    @pytest.mark.parametrize(
        ("place", "app"),
        [
            (".mozilla/firefox/a1.default-release/places.sqlite", "firefox"),
            ("snap/firefox/common/.mozilla/firefox/a1.default/places.sqlite", "firefox"),
            (".var/app/org.mozilla.firefox/.mozilla/firefox/a1.default/places.sqlite", "firefox"),
            (".librewolf/a1.default/places.sqlite", "librewolf"),
        ],
    )
    def test_finds_firefox_and_its_relatives(self, own_home, place, app):
        path = own_home / place
        path.parent.mkdir(parents=True)
        of_firefox(path, 1)
        assert FIREFOX.discover(own_home, {}) == (path,)
        assert events(FIREFOX, path)[0].app == app
