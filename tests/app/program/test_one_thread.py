"""The desktop process multiplies its small matrices on one thread."""

from __future__ import annotations

import os
import subprocess
import sys

COUNT = """
import app.cli.main, threading, pathlib
import numpy as np
np.ones((400, 400), np.float32) @ np.ones((400, 400), np.float32)
print(len(list(pathlib.Path("/proc/self/task").iterdir())), threading.active_count())
"""


def test_linear_algebra_starts_no_threads() -> None:
    environ = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    reported = subprocess.run([sys.executable, "-c", COUNT], env=environ, capture_output=True, text=True, check=True)
    in_all, ours = reported.stdout.split()
    assert in_all == ours == "1"
