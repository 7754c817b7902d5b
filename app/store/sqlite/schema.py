"""The steps by which the file got its shape: frozen SQL. A step that was released never changes; see `migrations`.

Shape and size. Whatever repeats is stored once: names (apps, sites, projects, tokens) in `names`, pairs of target and
title in `texts`. The index of words lies over `texts`, so a page that was visited a hundred times is indexed once.
`actions.code` is source and kind in one number (see `codec`), `detail` the compact form of the detail's fields.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from app.store.sqlite.connection import Connection

Migration = Callable[[Connection], None]


def first(connection: Connection) -> None:
    """The tables of the first release."""
    for statement in _FIRST:
        connection.execute(statement)


def summed_by_day(connection: Connection) -> None:
    """Coarser sums, so that a year is answered as quickly as a day; made from the sums by hour that are there."""
    for statement in _SUMMED_BY_DAY:
        connection.execute(statement)


def forgetting(connection: Connection) -> None:
    """What is being forgotten, and an index of words that keeps nothing of what is deleted."""
    for statement in _FORGETTING:
        connection.execute(statement)


def found_newest_first(connection: Connection) -> None:
    """A text's latest use, found without a walk over all that there is."""
    for statement in _FOUND_NEWEST_FIRST:
        connection.execute(statement)


def journalled(connection: Connection) -> None:
    """How far the journal is taken in."""
    for statement in _JOURNALLED:
        connection.execute(statement)


def moments(connection: Connection) -> None:
    """Moments, each placed among all others, for finding those that are alike."""
    for statement in _MOMENTS:
        connection.execute(statement)


_FIRST: Final = (
    "CREATE TABLE migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_us INTEGER NOT NULL) STRICT",
    "CREATE TABLE names (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT",
    # `digest` is 32 bits of the texts' hash: a short index that finds a pair without holding the texts a second time.
    """CREATE TABLE texts (
        id INTEGER PRIMARY KEY, digest INTEGER NOT NULL, target TEXT, title TEXT) STRICT""",
    "CREATE INDEX texts_by_digest ON texts (digest)",
    """CREATE VIRTUAL TABLE texts_words USING fts5 (
        target, title, content='texts', content_rowid='id', columnsize=0,
        tokenize="unicode61 remove_diacritics 2")""",
    # No REFERENCES here: five look-ups an action would halve the speed, and the one writer numbers both sides itself.
    """CREATE TABLE actions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        ts_us INTEGER NOT NULL,
        code INTEGER NOT NULL,
        utc_offset_s INTEGER NOT NULL,
        app INTEGER,
        token INTEGER,
        site INTEGER,
        project INTEGER,
        text INTEGER,
        duration_us INTEGER,
        detail TEXT,
        origin_key INTEGER) STRICT""",
    "CREATE INDEX actions_by_time ON actions (ts_us)",
    "CREATE INDEX actions_by_text ON actions (text) WHERE text IS NOT NULL",
    "CREATE UNIQUE INDEX actions_by_origin ON actions (origin_key) WHERE origin_key IS NOT NULL",
    # Actions longer than an hour, so that what reaches into a range from before it is found without a scan.
    "CREATE INDEX actions_long ON actions (ts_us) WHERE duration_us > 3600000000",
    # How many actions of each code are stored, so that counting never walks them.
    "CREATE TABLE stored_counts (code INTEGER PRIMARY KEY, actions INTEGER NOT NULL) STRICT",
    # Names are 0 if there is none: NULL would not be unique in a key.
    """CREATE TABLE data_aggregates (
        local_hour INTEGER NOT NULL, utc_offset_s INTEGER NOT NULL, code INTEGER NOT NULL,
        app INTEGER NOT NULL, site INTEGER NOT NULL, project INTEGER NOT NULL,
        actions INTEGER NOT NULL, active_us INTEGER NOT NULL,
        keys INTEGER NOT NULL, clicks INTEGER NOT NULL, scrolls INTEGER NOT NULL,
        PRIMARY KEY (local_hour, utc_offset_s, code, app, site, project)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE sessions (
        start_us INTEGER PRIMARY KEY, end_us INTEGER NOT NULL, ended_by TEXT NOT NULL,
        actions INTEGER NOT NULL) STRICT""",
    """CREATE TABLE training_runs (
        id INTEGER PRIMARY KEY AUTOINCREMENT, started_us INTEGER NOT NULL, report_json TEXT NOT NULL,
        active INTEGER NOT NULL, weights BLOB NOT NULL) STRICT""",
    """CREATE TABLE predictions (
        id INTEGER PRIMARY KEY AUTOINCREMENT, made_us INTEGER NOT NULL,
        after_action INTEGER NOT NULL REFERENCES names, ranked BLOB NOT NULL,
        weights_run INTEGER REFERENCES training_runs,
        truth INTEGER REFERENCES names, truth_us INTEGER, rank INTEGER, probability REAL,
        baseline_ranks TEXT) STRICT""",
    "CREATE INDEX predictions_by_time ON predictions (made_us)",
    """CREATE TABLE insights (
        id INTEGER PRIMARY KEY AUTOINCREMENT, made_us INTEGER NOT NULL, kind TEXT NOT NULL,
        body_json TEXT NOT NULL) STRICT""",
    "CREATE TABLE chat_sessions (id INTEGER PRIMARY KEY AUTOINCREMENT, started_us INTEGER NOT NULL) STRICT",
    """CREATE TABLE chat_messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT, chat_id INTEGER NOT NULL REFERENCES chat_sessions,
        ts_us INTEGER NOT NULL, author TEXT NOT NULL, text TEXT NOT NULL, answer_json TEXT) STRICT""",
    "CREATE INDEX chat_messages_by_chat ON chat_messages (chat_id)",
    """CREATE VIRTUAL TABLE chat_words USING fts5 (
        text, content='chat_messages', content_rowid='id', columnsize=0,
        tokenize="unicode61 remove_diacritics 2")""",
    """CREATE TABLE memories (
        id INTEGER PRIMARY KEY AUTOINCREMENT, made_us INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL,
        chat_id INTEGER REFERENCES chat_sessions) STRICT""",
    """CREATE TABLE adapters (
        id INTEGER PRIMARY KEY AUTOINCREMENT, made_us INTEGER NOT NULL, report_json TEXT NOT NULL,
        active INTEGER NOT NULL, weights BLOB NOT NULL) STRICT""",
    "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT, ts_us INTEGER NOT NULL, what TEXT NOT NULL) STRICT",
    # One row a thinned local day. `seen` actions were judged so far, `kept` of them stay; the rest with an id up to
    # `doomed_id`, older than `doomed_us`, is still to be deleted (NULL: all gone). `sampled` lists those that stay.
    """CREATE TABLE thinned_days (
        day INTEGER PRIMARY KEY, seed INTEGER NOT NULL, seen INTEGER NOT NULL, kept INTEGER NOT NULL,
        doomed_id INTEGER, doomed_us INTEGER) STRICT""",
    "CREATE TABLE sampled (id INTEGER PRIMARY KEY) STRICT",
)

_SUMMED_BY_DAY: Final = (
    """CREATE TABLE day_aggregates (
        local_day INTEGER NOT NULL, utc_offset_s INTEGER NOT NULL, code INTEGER NOT NULL,
        app INTEGER NOT NULL, site INTEGER NOT NULL, project INTEGER NOT NULL,
        actions INTEGER NOT NULL, active_us INTEGER NOT NULL,
        keys INTEGER NOT NULL, clicks INTEGER NOT NULL, scrolls INTEGER NOT NULL,
        PRIMARY KEY (local_day, utc_offset_s, code, app, site, project)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE hour_aggregates (
        local_hour INTEGER NOT NULL, utc_offset_s INTEGER NOT NULL, code INTEGER NOT NULL,
        actions INTEGER NOT NULL, active_us INTEGER NOT NULL,
        keys INTEGER NOT NULL, clicks INTEGER NOT NULL, scrolls INTEGER NOT NULL,
        PRIMARY KEY (local_hour, utc_offset_s, code)) STRICT, WITHOUT ROWID""",
    # Days are counted from two days before the epoch, so that division rounds the same way for every offset.
    """INSERT INTO day_aggregates SELECT (local_hour + 48) / 24 - 2, utc_offset_s, code, app, site, project,
        sum(actions), sum(active_us), sum(keys), sum(clicks), sum(scrolls)
        FROM data_aggregates GROUP BY 1, 2, 3, 4, 5, 6""",
    """INSERT INTO hour_aggregates SELECT local_hour, utc_offset_s, code,
        sum(actions), sum(active_us), sum(keys), sum(clicks), sum(scrolls)
        FROM data_aggregates GROUP BY 1, 2, 3""",
)

_FORGETTING: Final = (
    # At most one row: what is being forgotten, so that it is gone on with after a crash. `request_json` is NULL once
    # all of it left this file; the row itself goes when the copies of the file are renewed as well.
    """CREATE TABLE forgetting (
        id INTEGER PRIMARY KEY, asked_us INTEGER NOT NULL, up_to_id INTEGER NOT NULL, request_json TEXT,
        receipt_json TEXT) STRICT""",
    # Names that forgotten actions bore; they are looked at last, when the actions are gone.
    "CREATE TABLE forgotten_names (id INTEGER PRIMARY KEY) STRICT",
    # A word that is deleted leaves the index at once, instead of staying in it next to the mark that it is deleted.
    "INSERT INTO texts_words (texts_words, rank) VALUES ('secure-delete', 1)",
    "INSERT INTO chat_words (chat_words, rank) VALUES ('secure-delete', 1)",
    "INSERT INTO texts_words (texts_words) VALUES ('optimize')",
    "INSERT INTO chat_words (chat_words) VALUES ('optimize')",
)

_FOUND_NEWEST_FIRST: Final = (
    "DROP INDEX actions_by_text",
    "CREATE INDEX actions_by_text ON actions (text, ts_us) WHERE text IS NOT NULL",
)

_JOURNALLED: Final = (
    # Up to which number of the journal everything is in this file; one row, changed in each batch's own transaction.
    "CREATE TABLE journal_position (applied INTEGER NOT NULL) STRICT",
    "INSERT INTO journal_position VALUES (0)",
)

_MOMENTS: Final = (
    # The encoder's number tells which one placed it; vectors of different encoders cannot be compared.
    "CREATE TABLE moments (start_us INTEGER PRIMARY KEY, encoder INTEGER NOT NULL, vector BLOB NOT NULL) STRICT",
    """CREATE TABLE moment_encoders (
        id INTEGER PRIMARY KEY AUTOINCREMENT, made_us INTEGER NOT NULL, report_json TEXT NOT NULL,
        weights BLOB NOT NULL) STRICT""",
    # Slots of the clock that lost an action and still have some: their moments are to be made again.
    "CREATE TABLE moments_due (slot INTEGER PRIMARY KEY) STRICT",
    # One row: up to which action all are placed, and how often actions were taken away.
    "CREATE TABLE moments_state (up_to_id INTEGER NOT NULL, changes INTEGER NOT NULL) STRICT",
    "INSERT INTO moments_state VALUES (0, 0)",
)

MIGRATIONS: Final[tuple[Migration, ...]] = (
    first,
    summed_by_day,
    forgetting,
    found_newest_first,
    journalled,
    moments,
)
"""All of them, in order; a new shape is a new step at the end."""
