#!/bin/sh
# sqlcipher3 0.6.4 (SQLCipher 4.19, SQLite 3.53): while a reader holds an older snapshot, a checkpoint copies only the pages
# into the database whose newest frame that reader may see. `PRAGMA cipher_integrity_check` reads the database file alone
# and reports the others as failed HMACs. Nothing is wrong: every row is readable, and once the reader has gone and the
# log is copied, the same check finds nothing. A backup tool that trusts the check calls a sound database damaged.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check sqlcipher3==0.6.4
cat >"$folder/check.py" <<'PYTHON'
import sys

import sqlcipher3.dbapi2 as sqlite

path = f"{sys.argv[1]}/test.db"


def opened():
    connection = sqlite.connect(path, isolation_level=None)
    connection.execute("PRAGMA key = 'an example'")
    return connection


writer = opened()
writer.execute("PRAGMA journal_mode = WAL")
writer.execute("PRAGMA wal_autocheckpoint = 0")
writer.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)")
writer.executemany("INSERT INTO t (text) VALUES (?)", [(f"row {n} " * 20,) for n in range(2_000)])
reader = opened()
reader.execute("BEGIN")
reader.execute("SELECT count(*) FROM t").fetchone()
writer.executemany("INSERT INTO t (text) VALUES (?)", [(f"row {n} " * 20,) for n in range(500)])
copied = writer.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
broken = [text for (text,) in opened().execute("PRAGMA cipher_integrity_check")]
rows = opened().execute("SELECT count(*) FROM t").fetchone()[0]
sound = opened().execute("PRAGMA quick_check").fetchone()[0]
reader.execute("COMMIT")
writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
later = opened().execute("PRAGMA cipher_integrity_check").fetchall()
print("SQLite", sqlite.sqlite_version, "SQLCipher", writer.execute("PRAGMA cipher_version").fetchone()[0])
print("frames in the log, copied:", copied[1:], " reported as broken:", len(broken), " for example:", broken[:1])
print("rows readable meanwhile:", rows, " quick_check:", sound, " reported after the log was copied:", len(later))
assert broken and rows == 2_500 and sound == "ok" and not later, "the behaviour has changed"
PYTHON
"$folder/venv/bin/python" "$folder/check.py" "$folder"
