from __future__ import annotations

import pytest

from app.store.keys import key_ring
from app.store.keys.envelope import Cost
from tests.app.keyrings import bus, keyring
from tests.app.small_disk import small_disk

__all__ = ["bus", "keyring", "small_disk"]


@pytest.fixture(autouse=True)
def cheap_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A passphrase costs 64 MiB and a good part of a second to guess; nobody guesses here."""
    monkeypatch.setattr(key_ring, "DEFAULT_COST", Cost(passes=1, memory_kib=64, lanes=1))
