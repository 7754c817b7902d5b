"""The history of atuin, which keeps the commands of all shells in one database.

Source: atuin's table `history` (its client's migrations): moments and lengths in nanoseconds, a length or an exit
status of -1 if it is not known, `deleted_at` since the version that can delete.
"""

from __future__ import annotations

import os
import pwd
import sqlite3
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from collectors.events import (
    MAX_DURATION_US,
    US_PER_S,
    CommandDetail,
    Event,
    EventKind,
    Source,
    clean_text,
    local_offset_s,
)
from collectors.history.database_copy import SQLITE_ERRORS, copied, rows
from collectors.history.reader import HistoryError, Rejected, existing, possible_time
from collectors.history.shells.shells import Ordinals, command_key

_NS_PER_US: Final = 1_000
_QUERY: Final = "SELECT rowid AS number, timestamp, duration, exit, command, cwd FROM history"
_ORDER: Final = " ORDER BY timestamp, rowid"
_SHELLS: Final = frozenset({"bash", "zsh", "fish"})


class Atuin:
    """One event for each command.

    Atuin does not say which shell a command was typed into, so it is taken for the one the user logs in with. Its
    identity is that of the shell's own history, so that a command that stands in both is one.
    """

    name: Final = "atuin"
    title: Final = "Atuin history"

    def discover(self, home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
        """The database that the environment or the configuration names, else the one at the usual place."""
        data = Path(environ.get("XDG_DATA_HOME") or home / ".local/share")
        named = [environ.get("ATUIN_DB_PATH"), _configured(home, environ)]
        candidates = [
            Path(path.replace("~", str(home), 1) if path.startswith("~/") else path) for path in named if path
        ]
        return existing([*candidates, data / "atuin/history.db", home / ".local/share/atuin/history.db"])

    def read(self, path: Path) -> Iterator[Event | Rejected]:
        """Stream the commands, oldest first; see `HistoryReader.read`. What was deleted in atuin is not read."""
        shell = _login_shell()
        seen = Ordinals()
        with copied(path, "atuin") as connection:
            for row in rows(connection, _query(connection, path), str(path)):
                made = row if isinstance(row, Rejected) else _event(row, shell, seen, path)
                if made is not None:
                    yield made


def _configured(home: Path, environ: Mapping[str, str]) -> str | None:
    folder = Path(environ.get("XDG_CONFIG_HOME") or home / ".config", "atuin")
    try:
        path = tomllib.loads((folder / "config.toml").read_text(encoding="utf-8")).get("db_path")
    except (OSError, ValueError):
        return None  # no configuration says nothing about the history
    return path if isinstance(path, str) else None


def _login_shell() -> str:
    try:
        shell = Path(pwd.getpwuid(os.getuid()).pw_shell).name
    except KeyError:
        shell = ""
    return shell if shell in _SHELLS else Atuin.name


def _query(connection: sqlite3.Connection, path: Path) -> str:
    try:
        columns = {bytes(row[1]) for row in connection.execute("PRAGMA table_info(history)")}
        query = _QUERY + (" WHERE deleted_at IS NULL" if b"deleted_at" in columns else "") + _ORDER
        connection.execute(f"EXPLAIN {query}").fetchall()
    except SQLITE_ERRORS as error:
        raise HistoryError(f"{path} is not an atuin history: {error}.", "Choose atuin's history.db.") from error
    return query


def _event(row: sqlite3.Row, shell: str, seen: Ordinals, path: Path) -> Event | Rejected | None:
    where = f"{path}: row {row['number']}"
    command, time = row["command"], row["timestamp"]
    if not isinstance(command, bytes) or not command.strip(b"\x00 \t\r\n"):
        return Rejected(where, "no text")
    ts_us = time // _NS_PER_US if isinstance(time, int) else 0
    if not possible_time(ts_us):
        return Rejected(where, "no readable time")
    if command.startswith(b" "):
        return None  # whoever begins a command with a blank wants it in no history
    key = command_key(shell, ts_us // US_PER_S * US_PER_S, command, seen)
    duration_us = row["duration"] // _NS_PER_US if isinstance(row["duration"], int) else -1
    exit_status, cwd = row["exit"], row["cwd"]
    return Event(
        ts_us=ts_us,
        source=Source.TERMINAL,
        kind=EventKind.COMMAND,
        app=shell,
        target=clean_text(command.decode("utf-8", "replace").rstrip()),
        duration_us=duration_us if 0 <= duration_us <= MAX_DURATION_US else None,
        utc_offset_s=local_offset_s(ts_us),
        detail=CommandDetail(
            cwd=clean_text(cwd.decode("utf-8", "replace")) if isinstance(cwd, bytes) and cwd.startswith(b"/") else None,
            exit_status=exit_status if isinstance(exit_status, int) and exit_status >= 0 else None,
        ),
        origin_key=key,
    )
