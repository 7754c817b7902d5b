#!/bin/sh
# openbox 3.6.1: if the only window is withdrawn by its owner (unmapped, with the synthetic UnmapNotify that ICCCM 4.1.4 asks
# for), the root window's _NET_ACTIVE_WINDOW goes on naming it, and still does once the window is destroyed. EWMH wants None if
# no window has the focus. A program that trusts the property records time in a window that nobody sees.
# Needs Xvfb and openbox (Debian: xvfb openbox).
set -eu
folder=$(mktemp -d)
trap 'kill "$manager" "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check python-xlib==0.33
openbox --version | grep -q "Openbox 3.6.1" || { echo "seen with openbox 3.6.1, not with: $(openbox --version | head -n 1)"; exit 1; }
Xvfb -displayfd 3 -screen 0 640x480x24 -nolisten tcp 3>"$folder/display" 2>/dev/null &
server=$!
manager=$server
until [ -s "$folder/display" ]; do kill -0 "$server"; sleep 0.1; done
DISPLAY=":$(cat "$folder/display")"
export DISPLAY
XAUTHORITY=/dev/null HOME="$folder" openbox >/dev/null 2>&1 &
manager=$!
cat >"$folder/check.py" <<'PYTHON'
import time

from Xlib import X, display
from Xlib.protocol import event

screen = display.Display()
root = screen.screen().root
ACTIVE = screen.intern_atom("_NET_ACTIVE_WINDOW")
SUPPORTED = screen.intern_atom("_NET_SUPPORTED")
TO_MANAGER = X.SubstructureRedirectMask | X.SubstructureNotifyMask


def property_of_root(atom):
    found = root.get_full_property(atom, X.AnyPropertyType)
    return None if found is None else found.value[0]


def settles(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


assert settles(lambda: property_of_root(SUPPORTED)), "openbox did not start"
window = root.create_window(50, 50, 200, 100, 0, screen.screen().root_depth)
window.set_wm_class("example", "Example")
window.map()
screen.sync()
assert settles(lambda: property_of_root(ACTIVE) == window.id), "the window was never active"
window.unmap()
root.send_event(event.UnmapNotify(event=root, window=window, from_configure=False), event_mask=TO_MANAGER)
screen.sync()
still = not settles(lambda: property_of_root(ACTIVE) != window.id, 3.0)
window.destroy()
screen.sync()
named = not settles(lambda: property_of_root(ACTIVE) in (0, None), 3.0)
print("openbox 3.6.1: named as active after it was withdrawn:", still, " after it was destroyed:", named)
assert still and named, "the behaviour has changed"
PYTHON
XAUTHORITY=/dev/null "$folder/venv/bin/python" "$folder/check.py"
