"""Test the store with 500 kills and 1,000 flipped bytes: `python -m tests.benchmarks.store.faults`.

The test suite runs the same tests with fewer rounds; they print their counts.
"""

from __future__ import annotations

import os

import pytest

KILLS = "500"
FLIPS = "1000"


def main() -> int:
    """Run them; 0 if nothing was lost."""
    os.environ.setdefault("KRYPTIC_FAULTS", KILLS)
    os.environ.setdefault("KRYPTIC_FLIPS", FLIPS)
    arguments = ["tests/app/store/recovery/test_faults.py", "tests/app/services/maintenance/test_forget.py"]
    arguments += ["-k", "kill or flipped or may_die", "-q", "-p", "no:cacheprovider"]
    # The suite's own limit is for fewer rounds.
    return int(pytest.main([*arguments, "-o", "timeout=3600"]))


if __name__ == "__main__":
    raise SystemExit(main())
