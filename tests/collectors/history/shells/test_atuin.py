"""Databases as atuin's client makes them, with and without the column for what was deleted."""

from __future__ import annotations

import pwd
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from collectors.events import CommandDetail, EventKind, Source
from collectors.history.reader import HistoryError
from collectors.history.shells.atuin import Atuin
from collectors.history.shells.shells import ZSH
from tests.collectors.history.reading import events, keys, rejected

T_NS = 1_700_000_000_123_456_789
ATUIN = Atuin()
_TABLE = """CREATE TABLE history (id TEXT PRIMARY KEY, timestamp INTEGER NOT NULL, duration INTEGER NOT NULL,
    exit INTEGER NOT NULL, command TEXT NOT NULL, cwd TEXT NOT NULL, session TEXT NOT NULL, hostname TEXT NOT NULL"""


@pytest.fixture(autouse=True)
def login_shell(monkeypatch):
    """Whoever runs the tests logs in with zsh."""
    monkeypatch.setattr(pwd, "getpwuid", lambda _: SimpleNamespace(pw_shell="/usr/bin/zsh"))


def make(path: Path, *rows: tuple[object, ...], deletes: bool = True) -> Path:
    """A history; a row is (nanoseconds, length, exit status, command, folder) and, if it was, when it was deleted."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"{_TABLE}{', deleted_at INTEGER' if deletes else ''})")
        for number, row in enumerate(rows):
            values = (
                f"id{number}",
                *row[:5],
                "session",
                "host:ann",
                *([row[5] if len(row) > 5 else None] if deletes else []),
            )
            connection.execute(f"INSERT INTO history VALUES ({', '.join('?' * len(values))})", values)
        connection.commit()
    return path


@pytest.mark.parametrize("deletes", [True, False])
def test_a_command_with_all_that_atuin_knows_of_it(tmp_path, deletes):
    path = make(tmp_path / "history.db", (T_NS, 2_500_000_000, 3, "make test", "/home/ann/src"), deletes=deletes)
    (event,) = events(ATUIN, path)
    assert (event.source, event.kind, event.app) == (Source.TERMINAL, EventKind.COMMAND, "zsh")
    assert (event.target, event.ts_us, event.duration_us) == ("make test", T_NS // 1_000, 2_500_000)
    assert event.detail == CommandDetail(cwd="/home/ann/src", exit_status=3)


def test_what_atuin_does_not_know_is_none(tmp_path):
    (event,) = events(ATUIN, make(tmp_path / "history.db", (T_NS, -1, -1, "ls", "unknown")))
    assert (event.duration_us, event.detail) == (None, CommandDetail())


def test_commands_come_in_the_order_of_their_time(tmp_path):
    path = make(tmp_path / "history.db", (T_NS + 10**9, 0, 0, "second", "/"), (T_NS, 0, 0, "first", "/"))
    assert [event.target for event in events(ATUIN, path)] == ["first", "second"]


def test_what_was_deleted_or_begins_with_a_blank_is_not_read(tmp_path):
    path = make(tmp_path / "history.db", (T_NS, 0, 0, "gone", "/", T_NS), (T_NS, 0, 0, " hidden", "/"))
    assert events(ATUIN, path) == []
    assert rejected(ATUIN, path) == []


def test_a_command_that_stands_in_the_shells_own_history_too_is_one(tmp_path):
    atuin = make(tmp_path / "history.db", (T_NS, 0, 0, "make test", "/"), (T_NS + 1, 0, 0, "make test", "/"))
    zsh = tmp_path / ".zsh_history"
    zsh.write_text(f": {T_NS // 10**9}:0;make test\n" * 2)
    assert keys(ATUIN, atuin) == keys(ZSH, zsh)
    assert len(set(keys(ATUIN, atuin))) == 2


def test_with_another_login_shell_it_is_atuins(tmp_path, monkeypatch):
    monkeypatch.setattr(pwd, "getpwuid", lambda _: SimpleNamespace(pw_shell="/usr/bin/nu"))
    (event,) = events(ATUIN, make(tmp_path / "history.db", (T_NS, 0, 0, "ls", "/")))
    assert event.app == "atuin"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ((T_NS, 0, 0, "  \x00", "/"), "no text"),
        ((-5, 0, 0, "ls", "/"), "no readable time"),
        ((2**62, 0, 0, "ls", "/"), "no readable time"),
        (("soon", 0, 0, "ls", "/"), "no readable time"),
        ((T_NS, 0, 0, b"", "/"), "no text"),
    ],
)
def test_a_row_that_makes_no_sense_is_reported_and_the_rest_is_read(tmp_path, row, reason):
    path = make(tmp_path / "history.db", row, (T_NS, "long", "bad", "ls", 7))
    assert [each.reason for each in rejected(ATUIN, path)] == [reason]
    assert [(event.target, event.duration_us) for event in events(ATUIN, path)] == [("ls", None)]


def test_another_database_is_refused_with_a_way_out(tmp_path):
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE history (url TEXT)")
    with pytest.raises(HistoryError, match="not an atuin history"):
        events(ATUIN, tmp_path / "other.db")


def test_it_is_found_where_it_usually_lies_and_where_it_is_named(tmp_path, own_home):
    usual = make(own_home / ".local/share/atuin/history.db")
    elsewhere, named = make(tmp_path / "data/atuin/history.db"), make(own_home / "work/own.db")
    assert ATUIN.discover(own_home, {}) == (usual,)
    assert ATUIN.discover(own_home, {"XDG_DATA_HOME": str(tmp_path / "data")}) == (elsewhere, usual)
    configuration = own_home / ".config/atuin/config.toml"
    configuration.parent.mkdir(parents=True)
    configuration.write_text('db_path = "~/work/own.db"\n')
    assert ATUIN.discover(own_home, {}) == (named, usual)
    configuration.write_text("db_path = [\n")
    assert ATUIN.discover(own_home, {"ATUIN_DB_PATH": str(elsewhere)}) == (elsewhere, usual)
