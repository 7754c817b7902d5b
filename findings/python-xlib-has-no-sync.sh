#!/bin/sh
# python-xlib 0.33, the newest release, has no module for the SYNC extension, so that it can wait for no idle counter.
# `Display.has_extension("SYNC")` answers False on a server whose own list of extensions names SYNC.
# Needs Xvfb (Debian: xvfb).
set -eu
folder=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check python-xlib==0.33
Xvfb -displayfd 3 -screen 0 640x480x24 -nolisten tcp 3>"$folder/display" 2>/dev/null &
server=$!
until [ -s "$folder/display" ]; do kill -0 "$server"; sleep 0.1; done
cat >"$folder/check.py" <<'PYTHON'
import pkgutil

import Xlib
import Xlib.display
import Xlib.ext

display = Xlib.display.Display()
listed = "SYNC" in display.list_extensions()
answered = display.has_extension("SYNC")
modules = sorted(module.name for module in pkgutil.iter_modules(Xlib.ext.__path__))
print("python-xlib", Xlib.__version_string__, " the server lists SYNC:", listed, " has_extension:", bool(answered))
print("modules:", " ".join(modules))
assert listed and not answered and "sync" not in modules, "the behaviour has changed"
PYTHON
DISPLAY=":$(cat "$folder/display")" XAUTHORITY=/dev/null "$folder/venv/bin/python" "$folder/check.py"
