"""Check a sound store 1,000 times under load, and 500 flipped bits: `python -m tests.benchmarks.store.checks`.

Readers that hold old snapshots, a writer and checkpoints keep pages out of the file meanwhile. Bars: no sound store is
called damaged, every flip of a page that the file alone holds is found. The same tests as every run of the suite takes
with fewer.
"""

from __future__ import annotations

import os

import pytest

CHECKS = "1000"
FLIPS = "500"


def main() -> int:
    """Run them; 0 if both bars are met."""
    os.environ.setdefault("KRYPTIC_CHECKS", CHECKS)
    os.environ.setdefault("KRYPTIC_FLIPS", FLIPS)
    chosen = [
        "tests/app/store/integrity/test_quick_check_with_readers.py",
        "-q",
        "-p",
        "no:cacheprovider",
        "-o",
        "timeout=3600",
    ]
    return int(pytest.main(chosen))


if __name__ == "__main__":
    raise SystemExit(main())
