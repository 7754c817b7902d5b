"""The services over one store: built whole, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.errors import KnownError
from app.paths import from_environment
from app.services.core import TOKENS, Core
from app.services.preferences import SETTING
from app.store.store import Store

KEY = bytes(range(32))


@pytest.mark.parametrize(("name", "value"), [(SETTING, '{"telepathy": true}'), (TOKENS, '[{"name": 1}]')])
def test_where_what_is_kept_cannot_be_used_the_store_is_closed_again(tmp_path: Path, name: str, value: str) -> None:
    path = tmp_path / "store.db"
    store = Store.create(path, KEY)
    store.put_setting(name, value).result()
    with pytest.raises(KnownError):
        Core(from_environment(os.environ), store)
    Store.open(path, KEY).close()


def test_closing_stores_what_was_taken_in(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    core = Core(from_environment(os.environ), Store.create(path, KEY))
    report = core.observer.log(
        [{"ts_us": 1_760_000_000_000_000, "source": "terminal", "kind": "command", "target": "ls"}]
    )
    core.close()
    assert report.stored == 1
    store = Store.open(path, KEY)
    with store.reader() as reader:
        assert reader.counts().actions == 1
    store.close()
