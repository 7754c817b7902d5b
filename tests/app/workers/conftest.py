"""Jobs that leave no thread behind, and senses worked by hand over a real store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QThread

from app.workers.jobs import Jobs
from tests.app.qt import bury
from tests.app.services.conftest import clock, forecaster, observer, opened, preferences

__all__ = ["clock", "forecaster", "observer", "opened", "preferences"]


@pytest.fixture
def failures() -> list[tuple[str, str]]:
    """What jobs reported whose starter did not say what to do with an error."""
    return []


@pytest.fixture
def jobs(qapp: object, failures: list[tuple[str, str]]) -> Iterator[Jobs]:
    made = Jobs(lambda message, remedy: failures.append((message, remedy)))
    yield made
    made.close()
    assert not any(thread.isRunning() for thread in made.findChildren(QThread))
    bury(made)
