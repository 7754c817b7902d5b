"""Check a sound store 1,000 times under load, and 500 flipped bits: `python -m tests.benchmarks.store.checks`.

Readers with old snapshots, a writer and checkpoints keep pages out of the file meanwhile. Bars: no sound store is
called damaged, and every flip of a page that the file alone holds is found. The test suite runs the same tests with
fewer rounds.
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
    arguments = [
        "tests/app/store/integrity/test_quick_check_with_readers.py",
        "-q",
        "-p",
        "no:cacheprovider",
        "-o",
        "timeout=3600",
    ]
    return int(pytest.main(arguments))


if __name__ == "__main__":
    raise SystemExit(main())
