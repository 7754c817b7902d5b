"""A process that uses a store, closes it for good, and waits to be looked into: `python closed_store.py STORE KEYS`.

The passphrase comes in the first line of standard input. It says "open" and "closed", and goes on at each line.
"""

from __future__ import annotations

import sys
from pathlib import Path

from app.store.keys.envelope import Cost
from app.store.keys.key_ring import KeyRing
from app.store.store import Store


def main(path: Path, keys: Path) -> None:
    ring = KeyRing(keys, Cost(passes=1, memory_kib=64, lanes=1))
    store = Store.open(path, ring.unlock_with_passphrase(sys.stdin.readline().rstrip("\n")))
    with store.reader() as reader:
        # The texts are read into the page cache, and none into a string of the interpreter.
        (length,) = reader._connection.execute("SELECT sum(length(title)) FROM texts").fetchone()
        sys.stdout.write(f"open {length}\n")
    sys.stdout.flush()
    sys.stdin.readline()
    store.close(forget=True)
    sys.stdout.write("closed\n")
    sys.stdout.flush()
    sys.stdin.readline()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
