#!/bin/sh
# PySide6-Essentials 6.12.0: every emit of a Signal(object) that is connected to a plain function takes one reference from
# True. Before Python 3.12, in which True has no count, a program that runs for days ends with a fatal error of the
# interpreter. 6.11.3 does not do so. Seen with Python 3.11, which the script needs.
set -eu
command -v python3.11 >/dev/null || { echo "python3.11 is needed: later ones do not count references to True."; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
cat >"$folder/check.py" <<'PYTHON'
import sys

import PySide6
from PySide6.QtCore import QObject, Signal


class Bell(QObject):
    rung = Signal(object)


spare = [True] * 10_000  # references enough that none of this ends the process
bell = Bell()
bell.rung.connect(lambda _: None)
bell.rung.emit(1)
before = sys.getrefcount(True)
for _ in range(100):
    bell.rung.emit(1)
lost = before - sys.getrefcount(True)
print("PySide6", PySide6.__version__, "references to True that 100 emits took away:", lost)
assert (lost >= 90) == (sys.argv[1] == "loses"), "the behaviour has changed"
PYTHON
"$folder/venv/bin/pip" install -q --disable-pip-version-check PySide6-Essentials==6.12.0
"$folder/venv/bin/python" "$folder/check.py" loses
"$folder/venv/bin/pip" install -q --disable-pip-version-check PySide6-Essentials==6.11.3 shiboken6==6.11.3
"$folder/venv/bin/python" "$folder/check.py" keeps
