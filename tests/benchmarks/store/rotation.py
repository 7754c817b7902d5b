"""Measure a key rotation, and test it with kills at random times: `python -m tests.benchmarks.store.rotation`.

The limit is a plain copy of the same file, flushed to the disk. The cost of wiping freed memory is printed as well.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from app.store import key_rotation
from app.store.keys.envelope import Cost
from app.store.keys.key_ring import KeyRing
from app.store.sqlite.connection import wipe_what_is_freed
from app.store.store import Store
from tests.app.store.checks import visits

ACTIONS = 200_000
BATCH = 2_000
KILLS = "100"
PASSPHRASE = "salt lantern quiet river"


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(line + "\n")


def measure(folder: Path) -> None:
    """Print the time of a key rotation, compared with that of a copy."""
    path, ring = folder / "store.db", KeyRing(folder / "keys.json", Cost(passes=1, memory_kib=64, lanes=1))
    created = ring.create(None, PASSPHRASE)
    store = Store.create(path, created.key)
    began_s = time.process_time()
    for first in range(0, ACTIONS, BATCH):
        store.append(visits(BATCH, first)).result()
    plain_s = time.process_time() - began_s
    store.close()
    began_s = time.perf_counter()
    shutil.copyfile(path, folder / "copy")
    with (folder / "copy").open("rb") as copy_file:
        os.fsync(copy_file.fileno())
    copy_s = time.perf_counter() - began_s
    began_s = time.perf_counter()
    rotated = key_rotation.rotate(path, ring, created.key, passphrase=PASSPHRASE, secret_service=None)
    new_key_s = time.perf_counter() - began_s
    size_mb = path.stat().st_size / 1e6
    say(f"{ACTIONS:,} actions, {size_mb:.0f} MB: a new key in {new_key_s:.1f} s, {size_mb / new_key_s:.0f} MB/s,")
    say(f"  {new_key_s / copy_s:.0f} times a flushed copy of the file ({copy_s:.2f} s)")
    store = Store.open(path, rotated.created.key)
    wipe_what_is_freed()
    began_s = time.process_time()
    for first in range(ACTIONS, 2 * ACTIONS, BATCH):
        store.append(visits(BATCH, first)).result()
    say(f"wiping what is freed: {(time.process_time() - began_s) / plain_s:.1f} times the CPU of a bulk append")
    began_s = time.perf_counter()
    store.close(forget=True)
    say(f"a store closed for good, its key and pages overwritten: {(time.perf_counter() - began_s) * 1e3:.0f} ms")


def main() -> int:
    """Measure, then test with kills; 0 if nothing was lost."""
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder))
    sys.stdout.flush()
    arguments = [
        "tests/app/store/test_key_rotation.py",
        "-k",
        "die",
        "-q",
        "-p",
        "no:cacheprovider",
        "-o",
        "timeout=3600",
    ]
    environ = {"KRYPTIC_FAULTS": KILLS, **os.environ}
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], env=environ, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
