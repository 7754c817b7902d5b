"""A process that changes the data key and dies: `python crash_rotation.py STORE KEYS PASSPHRASE [STEP]`.

With a step it kills itself at that touch of a file, counted from 0; without one it waits to be killed.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from app.store import key_rotation
from app.store.keys.envelope import Cost
from app.store.keys.key_ring import KeyRing

OWN = ("keys.json", ".keys.json", ".store.db", "store-", "store.db.")
TOUCHES = frozenset({"open", "os.rename", "os.remove", "os.link", "sqlite3.connect"})


def main(store: Path, keys: Path, passphrase: str, step: int | None) -> None:
    ring = KeyRing(keys, Cost(passes=1, memory_kib=64, lanes=1))
    key = ring.unlock_with_passphrase(passphrase)
    seen = 0

    def touch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        # What opening a store and backing it up does by itself is held to by tests of its own.
        if event in TOUCHES and Path(str(arguments[0])).name.startswith(OWN):
            if seen == step:
                os.kill(os.getpid(), signal.SIGKILL)
            seen += 1

    if step is not None:
        sys.addaudithook(touch)
    sys.stdout.write("go\n")
    sys.stdout.flush()
    key_rotation.rotate(store, ring, key, passphrase=passphrase, secret_service=None)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]) if len(sys.argv) > 4 else None)
