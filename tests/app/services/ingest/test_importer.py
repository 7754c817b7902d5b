"""Imports through the gate into a real store: counted whole, never twice, stopped on request."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from app.errors import KnownError
from app.services.ingest.importer import BATCH, Importer, ImportReport
from app.services.preferences import Preferences
from app.store.store import Store
from collectors.history.readers import READERS
from tests.app.services.conftest import Clock

BASH = next(reader for reader in READERS if reader.name == "bash")


@pytest.fixture
def importer(opened: Store, preferences: Preferences, own_home: Path, clock: Clock) -> Importer:
    return Importer(opened, preferences, own_home, dict(os.environ), clock)


def history(path: Path, commands: list[str]) -> Path:
    path.write_text("".join(f"#{1_760_000_000 + number}\n{each}\n" for number, each in enumerate(commands)))
    return path


def run(importer: Importer, path: Path | None, cancelled: threading.Event | None = None) -> ImportReport:
    return importer.run(BASH, path, lambda _report: None, cancelled or threading.Event())


def test_everything_read_is_in_exactly_one_count(importer: Importer, preferences: Preferences, tmp_path: Path) -> None:
    preferences.change(excluded_apps=())
    file = history(tmp_path / "h", ["ls", " secret by its blank", "export TOKEN=ghp_" + "a1B2" * 9, "pwd"])
    report = run(importer, file)
    assert report.done
    assert report.read == report.stored + report.duplicates + report.rejected + sum(n for _, n in report.dropped)
    assert report.redacted == 1


def test_a_grown_file_brings_only_what_is_new(importer: Importer, tmp_path: Path) -> None:
    commands = [f"echo {number}" for number in range(1_200)]
    assert run(importer, history(tmp_path / "h", commands)).stored == 1_200
    grown = run(importer, history(tmp_path / "h", [*commands, "make"]))
    assert (grown.stored, grown.duplicates) == (1, 1_200)


def test_an_import_needs_neither_consent_nor_an_end_of_the_pause(
    importer: Importer, preferences: Preferences, tmp_path: Path
) -> None:
    preferences.change(consent=frozenset(), paused_until_us=2**62)
    assert run(importer, history(tmp_path / "h", ["ls"])).stored == 1


def test_exclusions_hold_for_imports(importer: Importer, preferences: Preferences, tmp_path: Path) -> None:
    preferences.change(excluded_apps=("bash",))
    report = run(importer, history(tmp_path / "h", ["ls", "pwd"]))
    assert report.stored == 0
    assert sum(number for _, number in report.dropped) == 2


def test_a_cancelled_import_keeps_what_was_stored(importer: Importer, opened: Store, tmp_path: Path) -> None:
    cancelled = threading.Event()
    file = history(tmp_path / "h", [f"echo {number}" for number in range(20 * BATCH)])
    report = importer.run(BASH, file, lambda _report: cancelled.set(), cancelled)
    assert report.cancelled
    assert report.stored == report.read == BATCH
    with opened.reader() as reader:
        assert reader.counts().actions == BATCH


def test_a_file_that_cannot_be_read_is_named_with_a_way_out(importer: Importer, tmp_path: Path) -> None:
    with pytest.raises(KnownError) as caught:
        run(importer, tmp_path / "no-such-history")
    assert "no-such-history" in caught.value.message
    assert caught.value.remedy


def test_of_several_files_found_a_broken_one_does_not_hide_the_others(
    importer: Importer, own_home: Path, tmp_path: Path
) -> None:
    history(own_home / ".bash_history", ["ls", "pwd"])
    assert run(importer, None).stored == 2
