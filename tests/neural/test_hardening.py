"""What the process gives up at its start, seen from a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys

CHECK = """
import ctypes, json, os, resource
from pathlib import Path
from neural.hardening import harden
harden()
dumpable = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)  # PR_GET_DUMPABLE
Path("made").touch()
print(json.dumps([dumpable, resource.getrlimit(resource.RLIMIT_CORE), Path("made").stat().st_mode & 0o777]))
"""


def test_a_hardened_process_leaves_no_memory_behind(tmp_path) -> None:
    done = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, check=True, cwd=tmp_path)
    dumpable, core_limits, mode = json.loads(done.stdout)
    assert (dumpable, core_limits, mode) == (0, [0, 0], 0o600)
