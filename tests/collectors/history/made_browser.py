"""History databases with the browsers' own schemas."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from collectors.events import US_PER_S
from collectors.history.browsers import CHROMIUM, FIREFOX, WEBKIT_EPOCH_US

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
