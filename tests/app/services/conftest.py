"""A real store with a clock that stands if the test puts it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.services.ingest.pipeline import IngestPipeline
from app.services.learning.forecast import Forecaster
from app.services.preferences import Preferences
from app.store.store import Store
from collectors.events import Source

NOW_US = 1_760_011_200_000_000
KEY = bytes(range(32))


@dataclass
class Clock:
    now_us: int = NOW_US

    def __call__(self) -> int:
        return self.now_us


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Store]:
    store = Store.create(tmp_path / "store.db", KEY)
    yield store
    store.close()


@pytest.fixture
def preferences(opened: Store, clock: Clock) -> Preferences:
    preferences = Preferences(opened, now_us=clock)
    preferences.change(consent=frozenset(Source))
    return preferences


@pytest.fixture
def forecaster(opened: Store, clock: Clock) -> Forecaster:
    return Forecaster(opened, clock)


@pytest.fixture
def observer(opened: Store, preferences: Preferences, forecaster: Forecaster, clock: Clock) -> Iterator[IngestPipeline]:
    observer = IngestPipeline(opened, preferences, forecaster, clock)
    yield observer
    observer.close()
