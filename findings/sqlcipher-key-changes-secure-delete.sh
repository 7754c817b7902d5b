#!/bin/sh
# sqlcipher3 0.6.4 (SQLCipher 4.19): `PRAGMA key` sets `secure_delete` to ON (1) without a word, also if it was set to FAST (2)
# before. Deletes then write every freed page, which FAST avoids. Set after the key, FAST stays.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check sqlcipher3==0.6.4
cat >"$folder/check.py" <<'PYTHON'
import sys

import sqlcipher3.dbapi2 as sqlite

connection = sqlite.connect(f"{sys.argv[1]}/test.db")


def secure_delete():
    return connection.execute("PRAGMA secure_delete").fetchone()[0]


connection.execute("PRAGMA secure_delete = FAST")
before = secure_delete()
connection.execute("PRAGMA key = 'an example'")
after = secure_delete()
connection.execute("PRAGMA secure_delete = FAST")
again = secure_delete()
print("SQLCipher", connection.execute("PRAGMA cipher_version").fetchone()[0])
print("FAST set before the key:", before, " once the key is given:", after, " set again:", again)
assert (before, after, again) == (2, 1, 2), "the behaviour has changed"
PYTHON
"$folder/venv/bin/python" "$folder/check.py" "$folder"
