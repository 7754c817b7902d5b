"""A process that writes to a store until it is killed: `python crash_writer.py PATH KEY FIRST_KEY`.

It says on standard output, one line each, what the store has acknowledged: the origin keys of an append, after its
commit or, every other time, as soon as the journal has it. Between appends it extends actions, cleans up old ones and makes backups, so that death may come in the middle of any of that.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from app.store.store import Store
from app.store.values.records import NewAction
from collectors.events import US_PER_DAY, US_PER_S, Event, EventKind, Source

NOW_US = 1_760_000_000 * US_PER_S


def main(path: Path, key: bytes, first_key: int) -> None:
    draw = random.Random(first_key)
    store = Store.open(path, key)
    origin = first_key
    while True:
        fresh = []
        for _ in range(draw.randint(1, 30)):
            event = Event(NOW_US, Source.WINDOW, EventKind.FOCUS, "xterm", None, f"window {origin}", origin_key=origin)
            fresh.append(NewAction(event, "app:xterm"))
            origin += 1
        if draw.random() < 0.5:
            store.keep(fresh)
            say(fresh)
            continue
        waiting = store.append(fresh)
        if draw.random() < 0.3:
            old_us = NOW_US - draw.randint(40, 60) * US_PER_DAY
            old = [
                Event(old_us + n, Source.TERMINAL, EventKind.COMMAND, "bash", f"make {old_us + n}") for n in range(300)
            ]
            store.append([NewAction(event) for event in old])
            store.cleanup(30, NOW_US, dry_run=False)
        identity = waiting.result().ids[-1]
        say(fresh)
        if draw.random() < 0.1:
            store.backup(fresh=draw.random() < 0.3)
        if identity is not None:
            store.extend(identity, draw.randint(0, 7_200) * US_PER_S)


def say(acknowledged: list[NewAction]) -> None:
    sys.stdout.write(" ".join(str(action.event.origin_key) for action in acknowledged) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]), int(sys.argv[3]))
