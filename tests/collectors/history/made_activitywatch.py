"""Databases of ActivityWatch's servers: one by its own code, the other by the tables that aw-server-rust makes."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path

# aw-core keeps one database for the whole process, so its own code runs in one of its own.
_BY_ITSELF = """
import json, sys
from datetime import datetime
from aw_core.models import Event
from aw_datastore import Datastore
from aw_datastore.storages import PeeweeStorage

store = Datastore(lambda testing: PeeweeStorage(testing, filepath=sys.argv[1]), testing=True)
for bucket, (kind, rows) in json.load(sys.stdin).items():
    store.create_bucket(bucket, kind, "client", "host", datetime.now().astimezone())
    for row in rows:
        store[bucket].insert(Event(**row))
"""

_RUST_TABLES = """
CREATE TABLE buckets (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE NOT NULL, type TEXT NOT NULL,
    client TEXT NOT NULL, hostname TEXT NOT NULL, created TEXT NOT NULL, data_deprecated TEXT DEFAULT '{}',
    data TEXT NOT NULL DEFAULT '{}');
CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, bucketrow INTEGER NOT NULL, starttime INTEGER NOT NULL,
    endtime INTEGER NOT NULL, data TEXT NOT NULL, FOREIGN KEY (bucketrow) REFERENCES buckets(id));
CREATE TABLE key_value (key TEXT PRIMARY KEY, value TEXT, last_modified NUMBER NOT NULL);
PRAGMA user_version = 6;
"""


def python_database(path: Path, buckets: dict) -> None:
    """What aw-server keeps; `buckets` as in an export."""
    given = {name: (bucket["type"], [_plain(row) for row in bucket["events"]]) for name, bucket in buckets.items()}
    subprocess.run(
        [sys.executable, "-c", _BY_ITSELF, str(path)], input=json.dumps(given), text=True, check=True, timeout=120
    )


def rust_database(path: Path, buckets: dict) -> None:
    """What aw-server-rust keeps."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(_RUST_TABLES)
        for number, (name, bucket) in enumerate(buckets.items(), start=1):
            row = (number, name, bucket["type"], "client", "host", "2024-03-01T00:00:00Z")
            connection.execute(
                "INSERT INTO buckets (id, name, type, client, hostname, created) VALUES (?,?,?,?,?,?)", row
            )
            for event in bucket["events"]:
                begun_ns = round(_seconds(event["timestamp"]) * 1_000_000) * 1_000
                ended_ns = begun_ns + round(event["duration"] * 1e9)
                connection.execute(
                    "INSERT INTO events (bucketrow, starttime, endtime, data) VALUES (?,?,?,?)",
                    (number, begun_ns, ended_ns, json.dumps(event["data"])),
                )


def _plain(row: dict) -> dict:
    return {name: row[name] for name in ("timestamp", "duration", "data")}


def _seconds(when: str) -> float:
    return datetime.fromisoformat(when).timestamp()
