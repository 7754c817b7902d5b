"""The databases of ActivityWatch's two servers: aw-server's (peewee, version 2) and aw-server-rust's.

Tables and columns as the servers make them: aw-core, aw_datastore/storages/peewee.py; aw-server-rust,
aw-datastore/src/datastore.rs, of which every version so far (1 to 6) has those that are read here.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collectors.events import Event
from collectors.history.activitywatch.watchers import SOURCES, duration_us, event_at, moment_us
from collectors.history.database_copy import SQLITE_ERRORS, copied, rows
from collectors.history.reader import MAX_LINE_BYTES, HistoryError, Rejected, possible_time

OWNER: Final = "ActivityWatch"
_NS_PER_US: Final = 1_000
_TYPES: Final = ", ".join(f"'{kind}'" for kind in SOURCES)
# The texts hold constants alone.
_PYTHON: Final = f"""
SELECT e.id AS id, b.id AS bucket, b.type AS kind, e.timestamp AS begun, e.duration AS lasted, e.datastr AS data
FROM eventmodel e JOIN bucketmodel b ON b.key = e.bucket_id WHERE b.type IN ({_TYPES}) ORDER BY e.id
"""  # noqa: S608
_RUST: Final = f"""
SELECT e.id AS id, b.name AS bucket, b.type AS kind, e.starttime AS begun, e.endtime AS lasted, e.data AS data
FROM events e JOIN buckets b ON b.id = e.bucketrow WHERE b.type IN ({_TYPES}) ORDER BY e.id
"""  # noqa: S608

Span = tuple[int | None, int | None]
"""When a row began, and how long it lasted, microseconds; None for what cannot be read."""


@dataclass(frozen=True, slots=True)
class _Server:
    """What tells a server's database from others, and how its rows are read."""

    table: bytes
    query: str
    span: Callable[[sqlite3.Row], Span]


def discover(home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The paths of the servers' databases, whether they exist or not."""
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local/share", "activitywatch")
    return data / "aw-server" / "peewee-sqlite.v2.db", data / "aw-server-rust" / "sqlite.db"


def read(path: Path) -> Iterator[Event | Rejected]:
    """Stream the rows of a database, from a copy: the server may be running.

    Raises:
        HistoryError: if it is the database of no server that is known.
    """
    with copied(path, OWNER) as connection:
        server = _server_of(connection, path)
        for row in rows(connection, server.query, str(path)):
            if isinstance(row, Rejected):
                yield row
                continue
            event = _event(row, server)
            yield event if isinstance(event, Event) else Rejected(f"{path}: event {row['id']}", event)


def _server_of(connection: sqlite3.Connection, path: Path) -> _Server:
    try:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        for server in _SERVERS:
            if server.table in tables:
                connection.execute(f"EXPLAIN {server.query}").fetchall()
                return server
    except SQLITE_ERRORS as error:
        raise _unknown(path, str(error)) from error
    raise _unknown(path, "it has none of the tables of its servers")


def _unknown(path: Path, reason: str) -> HistoryError:
    return HistoryError(
        f"{path} is not a database of ActivityWatch: {reason}.",
        'Import an export instead: in ActivityWatch choose "Raw Data", then "Export all buckets as JSON".',
    )


def _event(row: sqlite3.Row, server: _Server) -> Event | str:
    texts = [row[name] for name in ("bucket", "kind", "data")]
    if not all(isinstance(text, bytes) and len(text) <= MAX_LINE_BYTES for text in texts):
        return "no data"
    begun_us, lasted_us = server.span(row)
    if begun_us is None:
        return "no readable time"
    bucket, kind, text = (text.decode("utf-8", "replace") for text in texts)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return "its data are not JSON"
    return event_at(begun_us, lasted_us, data, kind, bucket)


def _python_span(row: sqlite3.Row) -> Span:
    begun = row["begun"]
    begun_us = moment_us(begun.decode("utf-8", "replace")) if isinstance(begun, bytes) else None
    known = begun_us is not None and possible_time(begun_us)
    return begun_us if known else None, duration_us(row["lasted"])


def _rust_span(row: sqlite3.Row) -> Span:
    begun_ns, ended_ns = row["begun"], row["lasted"]
    if not isinstance(begun_ns, int) or not possible_time(begun_ns // _NS_PER_US):
        return None, None
    lasted_us = duration_us((ended_ns - begun_ns) / 1e9) if isinstance(ended_ns, int) else None
    return begun_ns // _NS_PER_US, lasted_us


_SERVERS: Final[tuple[_Server, ...]] = (
    _Server(b"eventmodel", _PYTHON, _python_span),
    _Server(b"buckets", _RUST, _rust_span),
)
