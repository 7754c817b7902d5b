"""A process that forgets until it is killed: `python crash_forgetter.py PATH KEY APP [begun | left | copies]`.

It goes on with what an earlier one had begun. "begun" on standard output says that the forgetting is written down, and
"done" that it has come to its end. Given one of two moments it dies there by its own hand: when the forgetting is
written down, or when it has left the file and only the copies still hold it. With "copies" it renews those as well, and
waits to be killed anywhere.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from app.store.store import Store
from app.store.values.forget_request import Forget

NOW_US = 1_800_000_000_000_000


def die() -> None:
    """As by `kill -9`: nothing is closed, nothing is said."""
    os.kill(os.getpid(), signal.SIGKILL)


def main(path: Path, key: bytes, app: str, dies: str) -> None:
    store = Store.open(path, key)
    with store.reader() as reader:
        begun = reader.unfinished_forgetting()
    if begun is None:
        begun = store.write_down_forgetting(Forget(app=app), NOW_US).result()
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    if dies == "begun":
        die()
    if begun.request is not None:
        with store.reader() as reader:
            plan = reader.plan_to_forget(begun.request, begun.up_to_id)
        store.forget(plan, begun.asked_us).result()
    if dies == "left":
        die()
    if dies == "copies":
        store.backup(fresh=True)
    store.end_forgetting().result()
    sys.stdout.write("done\n")
    sys.stdout.flush()
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]), sys.argv[3], "".join(sys.argv[4:]))
