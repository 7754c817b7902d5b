"""A run of the tests ends whatever fails in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.checkout import ROOT

LEFT_OPEN = """
import secrets
import pytest
from app.store.store import Store


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    return Store.create(tmp_path_factory.mktemp("shared") / "shared.db", secrets.token_bytes(32))


def test_one_that_fails_before_it_closes(tmp_path):
    opened = Store.create(tmp_path / "failed.db", secrets.token_bytes(32))
    raise ValueError(opened.path)


def test_one_that_forgets_to_close(tmp_path):
    Store.create(tmp_path / "forgotten.db", secrets.token_bytes(32))


def test_one_that_shares(shared):
    assert shared.path.exists()
"""


def test_a_store_that_was_left_open_is_closed_and_reported(tmp_path: Path) -> None:
    (tmp_path / "test_left_open.py").write_text(LEFT_OPEN)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.conftest"]
    options = ["--rootdir", str(tmp_path), "--basetemp", str(tmp_path / "base"), str(tmp_path)]
    root = ROOT
    ended = subprocess.run([*command, *options], cwd=root, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 1
    assert "failed.db" in ended.stdout
    assert "stores left open" in ended.stdout
    assert "forgotten.db" in ended.stdout
    assert "A store was left open, and is closed now" in ended.stderr
    assert "shared.db" in ended.stderr
