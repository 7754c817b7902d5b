from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.desktop.fixtures import needs
from tests.extensions import browsing
from tests.extensions.browsing import Browser, Pages, Program


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    needs("chromium")
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with browsing.program(tmp_path_factory.mktemp("program")) as made:
        yield made


@pytest.fixture(scope="module")
def browser(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browsing.chromium(playwright, tmp_path_factory.mktemp("profile")) as made:
        yield made


@pytest.fixture
def pages() -> Iterator[Pages]:
    made = Pages({})
    yield made
    made.close()
