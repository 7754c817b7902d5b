from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.store import Store


@pytest.fixture
def key() -> bytes:
    return secrets.token_bytes(32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "profile"
    folder.mkdir(mode=0o700)
    return folder / "store.db"


@pytest.fixture
def store(path: Path, key: bytes) -> Iterator[Store]:
    made = Store.create(path, key)
    yield made
    made.close()
