"""What a store leaves in the memory of its process once it is closed for good."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from app.store.keys.envelope import Cost
from app.store.keys.key_ring import KeyRing
from app.store.sqlite.memory_wipe import key_statement, zero_memory
from app.store.store import Store
from tests.app.memory import in_memory
from tests.app.store import closed_store
from tests.app.store.checks import visits
from tests.checkout import ROOT

PASSPHRASE = "salt lantern quiet river"
WAIT_S = 180


def test_a_secret_is_overwritten_where_it_lies() -> None:
    secrets = (bytes(range(1, 33)), bytearray(range(1, 33)), bytes(range(97, 103)).decode())
    for secret in secrets:
        zero_memory(secret)
    assert secrets[0] == bytes(32)
    assert secrets[1] == bytes(32)
    assert secrets[2].encode() == bytes(6)
    zero_memory(b"")


def test_the_statement_gives_the_key_raw() -> None:
    assert key_statement(bytes([0xAB] * 32)) == f"PRAGMA key = \"x'{'ab' * 32}'\""


def test_a_store_that_is_closed_for_good_leaves_no_key_and_no_text(tmp_path: Path) -> None:
    path, ring = tmp_path / "store.db", KeyRing(tmp_path / "keys.json", Cost(passes=1, memory_kib=64, lanes=1))
    created = ring.create(None, PASSPHRASE)
    store = Store.create(path, created.key)
    store.append(visits(2_000, text="walrus page")).result(WAIT_S)
    store.close()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    child = subprocess.Popen(
        [sys.executable, closed_store.__file__, str(path), str(ring.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert child.stdin is not None
    assert child.stdout is not None

    def go_on(line: str) -> str:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(line + "\n")
        child.stdin.flush()
        return child.stdout.readline()

    key = created.key
    looked_for = (key, key.hex().encode(), key.hex().upper().encode(), b"walrus page")
    with child:
        assert go_on(PASSPHRASE).startswith("open ")
        assert in_memory(child.pid, *looked_for) >= {0, 3}
        assert go_on("close") == "closed\n"
        # The stack keeps a block of the last page that was decrypted; a locked program restarts without it.
        assert in_memory(child.pid, *looked_for, but="[stack]") == set()
        child.stdin.write("\n")
        child.stdin.close()
