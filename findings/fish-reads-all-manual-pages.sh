#!/bin/sh
# fish 3.6.0: the first prompt of an interactive shell in a new home starts create_manpage_completions.py in the background. It
# reads every manual page of the system and writes a completion file for each: over a thousand files, up to a minute of processor
# time, once for each home. Nothing is printed about it. Tests that give each shell a fresh home pay it each time.
# Needs fish (Debian: fish) and some manual pages.
set -eu
fish --version | grep -q "version 3.6.0" || { echo "seen with fish 3.6.0, not with: $(fish --version)"; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/check.py" <<'PYTHON'
import os
import pty
import signal
import sys
import time
from pathlib import Path

home = Path(sys.argv[1]) / "home"
home.mkdir()


def readers():
    """The processes that read manual pages for this home."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (process / "cmdline").read_bytes()
            if b"create_manpage_completions.py" in arguments and str(home).encode() in (process / "environ").read_bytes():
                found.append(int(process.name))
        except OSError:
            continue
    return found


shell, terminal = pty.fork()
if shell == 0:
    folders = {name: str(home / name) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
    os.execvpe("fish", ["fish", "-i"], {**os.environ, **folders, "HOME": str(home), "TERM": "xterm"})
os.set_blocking(terminal, False)
end = time.monotonic() + 20
seen = []
while time.monotonic() < end and not seen:
    try:
        os.read(terminal, 65536)
    except BlockingIOError:
        pass
    seen = readers()
    time.sleep(0.02)
time.sleep(2)
written = sum(1 for path in home.rglob("*.fish") if "generated_completions" in path.parts)
for process in readers():
    os.kill(process, signal.SIGTERM)
os.kill(shell, signal.SIGKILL)
os.waitpid(shell, 0)
print("fish 3.6.0: reads manual pages at the first prompt:", bool(seen), " completion files after two seconds:", written)
assert seen, "the behaviour has changed"
PYTHON
python3 "$folder/check.py" "$folder"
