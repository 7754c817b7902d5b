#!/bin/sh
# aw-core 0.5.18 (ActivityWatch) asks for peewee without an upper bound that excludes version 4, so that a plain install brings
# 4.5.3. Creating the first bucket then raises iso8601.ParseError: peewee 4 returns a datetime for the column that aw-core
# parses as text. With peewee 3.19.0 the same lines work.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
cat >"$folder/check.py" <<'PYTHON'
import sys
from datetime import datetime, timedelta, timezone

import peewee
from aw_core.models import Event
from aw_datastore import Datastore
from aw_datastore.storages import PeeweeStorage

name = f"example-{peewee.__version__}"
start = datetime(2026, 1, 1, tzinfo=timezone.utc)
try:
    store = Datastore(PeeweeStorage, testing=True)
    store.create_bucket(name, "currentwindow", "example", "host")
    store[name].insert(Event(timestamp=start, duration=timedelta(seconds=5), data={"app": "example"}))
    outcome = f"read back {len(store[name].get(-1))} event"
except Exception as error:
    outcome = type(error).__name__
print("peewee", peewee.__version__, "->", outcome)
assert outcome == sys.argv[1], "the behaviour has changed"
PYTHON
"$folder/venv/bin/pip" install -q --disable-pip-version-check aw-core==0.5.18 peewee==4.5.3
HOME="$folder" XDG_DATA_HOME="$folder/data" "$folder/venv/bin/python" "$folder/check.py" ParseError
"$folder/venv/bin/pip" install -q --disable-pip-version-check peewee==3.19.0
HOME="$folder" XDG_DATA_HOME="$folder/again" "$folder/venv/bin/python" "$folder/check.py" "read back 1 event"
